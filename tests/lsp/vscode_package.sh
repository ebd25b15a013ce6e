#!/bin/sh
# Compiles, packages and unpacks the VS Code extension. Usage: vscode_package.sh WORK_DIR
# The packages it needs are installed into WORK_DIR once; WORK_DIR/unpacked is what a user gets.
set -eu
source=$(cd "$(dirname "$0")/../../editors/vscode" && pwd)
work=$1

mkdir -p "$work"
cd "$work"
exec 9>lock
flock 9
rm -rf src out unpacked ./*.vsix
cp -R "$source/src" "$source/package.json" "$source/tsconfig.json" "$source/README.md" \
  "$source/.vscodeignore" .
if ! cmp -s package.json installed.json; then
  npm install --no-package-lock --ignore-scripts --omit=optional --no-audit --no-fund \
    --loglevel=error
  cp package.json installed.json
fi
npm run --silent package
mkdir unpacked
python3 -m zipfile -e ./*.vsix unpacked
