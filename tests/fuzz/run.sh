#!/bin/sh
# Fuzzes for a time and says what came of it. Usage: run.sh BUILD SECONDS [TARGET...]
# BUILD was made with `cmake --preset fuzz`. What is learnt stays in BUILD/fuzz/TARGET/corpus; an
# input that breaks the target is left in BUILD/fuzz/TARGET, and the exit status is 1.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
seconds=$2
shift 2
[ $# -gt 0 ] || set -- facts compdb flags messages settings

# The words of the target's language; facts have none.
dictionary_of() {
  case $1 in
    compdb | messages) echo "-dict=$here/json.dict" ;;
    flags) echo "-dict=$here/flags.dict" ;;
    settings) echo "-dict=$here/yaml.dict" ;;
  esac
}

seeds_of() {
  if [ "$1" = facts ]; then
    (cd "$build" && ctest -Q -R '^fuzz\.facts_seeds$')
    echo "$build/tests/fuzz/seeds/facts"
  else
    echo "$here/seeds/$1"
  fi
}

status=0
for target; do
  work=$build/fuzz/$target
  mkdir -p "$work/corpus"
  seeds=$(seeds_of "$target")
  echo "fuzz_$target for $seconds s"
  # Leaks are looked for at the end of each input, which costs nothing where there are none.
  # shellcheck disable=SC2046 # no word or one
  LSAN_OPTIONS="suppressions=$here/../lsan.supp:print_suppressions=0" \
    "$build/tests/fuzz/fuzz_$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
    -max_len=16384 -print_final_stats=1 -artifact_prefix="$work/" $(dictionary_of "$target") \
    "$work/corpus" "$seeds" </dev/null >"$work/log" 2>&1 || status=1
  grep -E '^(#[0-9]+.DONE|stat::number_of_executed_units|SUMMARY|ERROR|==.*ERROR)' "$work/log" || true
done
ls "$build"/fuzz/*/crash-* "$build"/fuzz/*/leak-* "$build"/fuzz/*/oom-* \
  "$build"/fuzz/*/timeout-* 2>/dev/null || true
exit $status
