#!/usr/bin/env python3
"""Does clang take our sources as well, without a warning? The builds that fuzz need it to.

Usage: clang.py SOURCE_DIR BUILD. Takes the commands of BUILD's compile_commands.json, and only looks
at what they compile. Exits with 77 where there is no clang.
"""
import concurrent.futures
import json
import os
import shlex
import shutil
import subprocess
import sys

FOLDERS = ('analyzer', 'rules', 'tests')


def arguments_of(entry):
    """What the compiler was given, without what it was to write."""
    given = shlex.split(entry['command'])[1:]
    kept = []
    while given:
        word = given.pop(0)
        if word == '-o':
            given.pop(0)
        elif word != '-c':
            kept.append(word)
    return kept


def look_at(clang, entry):
    done = subprocess.run([clang, '-fsyntax-only', *arguments_of(entry)], cwd=entry['directory'],
                          stderr=subprocess.PIPE, text=True, check=False)
    return done.returncode, done.stderr


def main():
    source, build = map(os.path.realpath, sys.argv[1:3])
    clang = shutil.which('clang-19') or shutil.which('clang')
    if clang is None:
        print('no clang here')
        return 77
    with open(os.path.join(build, 'compile_commands.json'), encoding='utf-8') as file:
        entries = json.load(file)
    ours = [entry for entry in entries
            if os.path.relpath(entry['file'], source).split(os.sep)[0] in FOLDERS]
    status = 0 if ours else 1
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for code, text in pool.map(lambda entry: look_at(clang, entry), ours):
            status = status or code
            sys.stderr.write(text)
    print('%d sources' % len(ours))
    return status


if __name__ == '__main__':
    sys.exit(main())
