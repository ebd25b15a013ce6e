#!/bin/sh
# Runs a check of this folder with node; exit status 77 when there is no node here to do it with.
# Usage: run.sh WORK_DIR CHECK FILE...
# The packages of package.json are installed into WORK_DIR once; the checks wait for each other.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$1
check=$2
shift 2

for tool in node npm; do
  if ! command -v "$tool" >/dev/null; then
    echo "$check: no $tool here"
    exit 77
  fi
done

install_packages() {
  cp "$here/package.json" "$work/package.json"
  (cd "$work" && npm install --no-package-lock --ignore-scripts --legacy-peer-deps --no-audit \
    --no-fund --loglevel=error)
  chmod +x "$work"/node_modules/@microsoft/sarif-multitool-*/Sarif.Multitool
  cp "$here/package.json" "$work/installed.json"
}

mkdir -p "$work"
exec 9>"$work/lock"
flock 9
if ! cmp -s "$here/package.json" "$work/installed.json"; then
  install_packages
fi
flock -u 9
exec node "$here/$check.js" "$work/node_modules" "$@"
