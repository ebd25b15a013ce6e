#!/usr/bin/env python3
"""From a key to the diagnostics: how long the editor waits, and what the server keeps meanwhile.

Usage: latency.py BUILD DIR... [-o PAGE] [--edits N] [--memory N]
Each DIR has a compile_commands.json and is copied before anything is run. The source of middle size
is opened; after the first index it is edited N times in each of three ways: in a comment behind the
code, by a line break above it, and in the code (a function gets a statement, and loses it again).
Then it is edited as often as --memory says, one in ten of them in the code, for the memory. Prints a
Markdown table, or writes it into PAGE.
"""
import argparse
import os
import random
import re
import statistics
import sys
import tempfile
import time

import bench
import measure

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'lsp'))
from client import Client  # noqa: E402 pylint: disable=wrong-import-position

INDEX_S = 600
BODY = re.compile(r'^(?:\{|[a-z_].*\) \{)\n', re.MULTILINE)  # of a function
STATEMENT = '    { static int times; times++; }\n'


class Editor:
    """One open document, of which the server is told all."""

    def __init__(self, client, name, text):
        self.client, self.name, self.text, self.version = client, name, text, 1
        self.open_at = time.monotonic()
        client.open(name, text)

    def replace(self, begin, end, new):
        """Sends the edit; gives the seconds until the diagnostics of the new text are there."""
        self.version += 1
        start = time.monotonic()
        self.client.change(self.name, self.version, [
            {'range': {'start': self.position(begin), 'end': self.position(end)}, 'text': new}])
        self.text = self.text[:begin] + new + self.text[end:]
        self.client.wait_for(self.name, self.version, INDEX_S)
        return time.monotonic() - start

    def position(self, offset):
        line = self.text.count('\n', 0, offset)
        return {'line': line, 'character': offset - (self.text.rfind('\n', 0, offset) + 1)}

    def type_comment(self, n):
        """A letter more at the end of a comment, n times; the comment is the text's last line."""
        end = ' */\n'
        if not self.text.endswith(end):
            at = len(self.text)
            self.replace(at, at, '\n/* x' + end)
        times = []
        for _ in range(n):
            at = len(self.text) - len(end)
            times.append(self.replace(at, at, 'y'))
        return times

    def type_lines(self, n):
        """One line more in front of all, n times."""
        return [self.replace(0, 0, '\n') for _ in range(n)]

    def type_code(self, n, chance):
        """A statement more in some function, and away again."""
        bodies = [match.end() for match in BODY.finditer(self.text)]
        times = []
        while len(times) < n:
            at = chance.choice(bodies)
            times.append(self.replace(at, at, STATEMENT))
            times.append(self.replace(at, at + len(STATEMENT), ''))
        return times


def tree_memory(pid):
    """Proportional memory of the process and its children together, in MB."""
    total = 0
    for one in [pid, *measure.children(pid)]:
        try:
            with open('/proc/%d/smaps_rollup' % one, encoding='ascii') as rollup:
                total += sum(int(line.split()[1]) for line in rollup if line.startswith('Pss:'))
        except OSError:
            pass
    return total / 1024


def milliseconds(times):
    ordered = sorted(times)
    p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    return '%.0f / %.0f' % (1000 * statistics.median(ordered), 1000 * p95)


def measure_program(snarl, program, n_edits, n_memory):
    program.pick_files()
    name = os.path.relpath(program.source, program.dir)
    with open(program.source, encoding='utf-8') as file:
        text = file.read()
    client = Client(snarl, os.path.realpath(program.dir), ['--db', program.db],
                    {'window': {'workDoneProgress': True}})
    try:
        editor = Editor(client, name, text)
        client.wait_for(name, 1, INDEX_S)
        first = time.monotonic() - editor.open_at
        while not any(n['method'] == '$/progress' and n['params']['value']['kind'] == 'end'
                      for n in client.notifications):
            client.take(INDEX_S)
        index = time.monotonic() - editor.open_at
        editor.replace(0, 0, '\n')  # waits for the analysis of the whole program
        comment = editor.type_comment(n_edits)
        lines = editor.type_lines(n_edits)
        code = editor.type_code(n_edits, random.Random(7))
        before = tree_memory(client.process.pid)
        chance = random.Random(11)
        for _ in range(n_memory // 20):
            editor.type_comment(18)
            editor.type_code(2, chance)
        after = tree_memory(client.process.pid)
    finally:
        client.kill()
    return [program.name, '`%s`' % name, '%.1f s' % first, '%.1f s' % index, milliseconds(comment),
            milliseconds(lines), milliseconds(code), '%.0f / %.0f MB' % (before, after)]


def main():
    parser = argparse.ArgumentParser(description='from a key to the diagnostics')
    parser.add_argument('build')
    parser.add_argument('programs', nargs='+')
    parser.add_argument('-o', '--page')
    parser.add_argument('--edits', type=int, default=100)
    parser.add_argument('--memory', type=int, default=500)
    args = parser.parse_args()
    snarl = os.path.realpath(os.path.join(args.build, 'bin', 'snarl'))
    rows = []
    with tempfile.TemporaryDirectory(prefix='snarl-latency-') as place:
        for original in args.programs:
            program = bench.Program(original, place, 'clang-19')
            rows.append(measure_program(snarl, program, args.edits, args.memory))
            print(rows[-1], file=sys.stderr)
    head = ['program', 'edited', 'first diagnostics', 'index', 'in a comment, median / p95 (ms)',
            'a line above (ms)', 'in the code (ms)', 'memory before / after %d edits' % args.memory]
    measure.put(args.page, 'latency', 'Measured on: %s. %d edits each way.\n\n%s' % (
        measure.machine(), args.edits, measure.table(head, rows)))


if __name__ == '__main__':
    main()
