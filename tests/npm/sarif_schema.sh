#!/bin/sh
# Validates SARIF files; exit status 77 when there is no node here to do it with.
# Usage: sarif_schema.sh WORK_DIR FILE...
# The packages of package.json are installed into WORK_DIR once.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$1
shift

for tool in node npm; do
  if ! command -v "$tool" >/dev/null; then
    echo "sarif_schema: no $tool here"
    exit 77
  fi
done

mkdir -p "$work"
if ! cmp -s "$here/package.json" "$work/installed.json"; then
  cp "$here/package.json" "$work/package.json"
  (cd "$work" && npm install --no-package-lock --ignore-scripts --no-audit --no-fund --loglevel=error)
  cp "$here/package.json" "$work/installed.json"
fi
exec node "$here/sarif_schema.js" "$work/node_modules" "$@"
