#!/bin/sh
# Fails when clang-format would change a C file; 77 when there is no clang-format-19.
# Usage: format.sh TOP
set -eu
cd "$1"

if ! command -v clang-format-19 >/dev/null; then
  echo "style.format: no clang-format-19 here"
  exit 77
fi

list_files() {
  if git rev-parse --git-dir >/dev/null 2>&1; then
    # Files not added yet count too; deleted ones (in the index only) don't.
    git ls-files --cached --others --exclude-standard '*.c' '*.h' | while read -r file; do
      [ ! -f "$file" ] || printf '%s\n' "$file"
    done
  else # an unpacked archive
    find analyzer rules tests fixtures -name '*.[ch]' -type f
  fi
}

files=$(list_files)
if [ -z "$files" ]; then
  echo "style.format: no C files found in $1"
  exit 1
fi
printf '%s\n' "$files" | xargs -d '\n' clang-format-19 --dry-run -Werror
