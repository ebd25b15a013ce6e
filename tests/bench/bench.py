#!/usr/bin/env python3
"""snarl's time and memory against those of the compiler, on programs with a compile database.

Usage: bench.py BUILD DIR... [-o PAGE] [--rounds N] [--clang NAME] [--only PART]
BUILD is a build folder with bin/snarl and bin/parse_units; each DIR has a compile_commands.json and
is copied before anything is run. Prints a Markdown table for each, or writes them into PAGE.
"""
import argparse
import collections
import json
import os
import shlex
import shutil
import sqlite3
import subprocess
import tempfile

import measure

FLOOR = 'clang -fsyntax-only'
LIBCLANG = 'libclang, parsing only'


class Program:
    """A copy of a program that can be changed."""

    def __init__(self, original, place, clang):
        self.name = os.path.basename(os.path.normpath(original))
        self.dir = os.path.join(place, self.name)
        self.db = os.path.join(place, self.name + '.db')
        self.clang = clang
        shutil.copytree(original, self.dir, symlinks=True,
                        ignore=shutil.ignore_patterns('*.o', '*.a', '.git', '.snarl'))
        self.commands = self.move_database(os.path.realpath(original))
        self.source = None
        self.header = None

    def move_database(self, original):
        """Makes the copied database speak of the copy."""
        path = os.path.join(self.dir, 'compile_commands.json')
        with open(path, encoding='utf-8') as file:
            text = file.read().replace(original, self.dir)
        os.remove(path)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
        return json.loads(text)

    def compiler_args(self, entry, mode):
        """The entry's command line for clang, which only looks at it."""
        given = entry.get('arguments') or shlex.split(entry['command'])
        args = [self.clang, *mode, '-w']
        skip = False
        for arg in given[1:]:
            if not skip and arg not in ('-c', '-o'):
                args.append(arg)
            skip = arg == '-o'
        return args

    def run_clang(self):
        """-fsyntax-only over all commands: the CPU and wall time of all together."""
        cpu, wall = 0, 0
        for entry in self.commands:
            used = measure.run(self.compiler_args(entry, ['-fsyntax-only']), entry['directory'])
            cpu, wall = cpu + used.cpu, wall + used.wall
        return measure.Used(cpu, wall, 0, 0)

    def pick_files(self):
        """A source to change, of middle size, and the header that most units include."""
        sources = sorted((os.path.getsize(path), path) for path in map(self.path_of, self.commands))
        self.source = sources[len(sources) // 2][1]
        users = collections.Counter()
        for entry in self.commands:
            done = subprocess.run(self.compiler_args(entry, ['-MM']), cwd=entry['directory'],
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
            names = done.stdout.decode(errors='replace').replace('\\\n', ' ').split()[1:]
            paths = {os.path.realpath(os.path.join(entry['directory'], name)) for name in names}
            users.update(path for path in paths
                         if path.startswith(self.dir + '/') and path != self.path_of(entry))
        most = max(users.values(), default=0)
        self.header = min((path for path in users if users[path] == most), default=None)
        self.n_header_users = most

    def path_of(self, entry):
        return os.path.realpath(os.path.join(entry['directory'], entry['file']))

    def change(self, path, round_number):
        with open(path, 'a', encoding='utf-8') as file:
            file.write('\n/* round %d */\n' % round_number)


class Bench:
    """All that is measured of one program."""

    def __init__(self, options, program):
        self.program = program
        self.rounds = options.rounds
        self.parser = os.path.join(options.build, 'bin', 'parse_units')
        self.snarl = os.path.join(options.build, 'bin', 'snarl')
        self.seen = collections.defaultdict(list)

    def check_args(self, jobs):
        return [self.snarl, 'check', '-q', '-j%d' % jobs, '-p', self.program.dir,
                '--db=' + self.program.db]

    def forget(self):
        for end in ('', '-wal', '-shm', '-journal'):
            if os.path.exists(self.program.db + end):
                os.remove(self.program.db + end)

    def check(self, jobs, *more):
        used = measure.run([*self.check_args(jobs), *more], self.program.dir)
        if used.status not in (0, 1, 3):
            raise SystemExit('snarl ended with status %d' % used.status)
        return used

    def one_round(self, number):
        program, seen = self.program, self.seen
        seen[FLOOR].append(program.run_clang())
        seen[LIBCLANG].append(measure.run([self.parser, program.dir]))
        self.forget()
        seen['snarl, cold, -j1'].append(self.check(1))
        self.forget()
        seen['snarl, cold, -j2'].append(self.check(2))
        seen['snarl, warm'].append(self.check(2))
        seen['snarl, warm, analysed anew'].append(self.check(2, '--stats'))
        program.change(program.source, number)
        seen['snarl, one source changed'].append(self.check(2))
        seen['... parsing of that unit'].append(
            measure.run([self.parser, program.dir, program.source]))
        if program.header is not None:
            program.change(program.header, number)
            seen['snarl, one header changed'].append(self.check(2))

    def run(self):
        self.program.pick_files()
        for number in range(self.rounds):
            self.one_round(number)
        self.forget()
        self.memory = measure.peaks(self.check_args(2), self.program.dir)

    def counts(self):
        """What the last run says of the program's size."""
        with sqlite3.connect(self.program.db) as db:
            units = db.execute('SELECT count(DISTINCT path) FROM unit').fetchone()[0]
        return '%d units' % units

    def rows(self):
        floor = measure.median([used.cpu for used in self.seen[FLOOR]])
        for what, all_used in self.seen.items():
            cpu = measure.median([used.cpu for used in all_used])
            wall = measure.median([used.wall for used in all_used])
            yield [what, '%.2f s' % cpu, '%.3f' % (cpu / floor), '%.2f s' % wall]

    def report(self):
        program = self.program
        libclang = measure.median([used.peak_mb for used in self.seen[LIBCLANG]])
        changed = 'Changed: `%s`' % os.path.relpath(program.source, program.dir)
        if program.header is not None:
            changed += ', and `%s`, which %d units include' % (
                os.path.relpath(program.header, program.dir), program.n_header_users)
        memory = ('Peak memory: main process %.0f MB, biggest worker %.0f MB; libclang alone, in one '
                  'process for all units, %.0f MB.' % (*self.memory, libclang))
        return '### %s (%s)\n\n%s\n\n%s. %s' % (
            program.name, self.counts(),
            measure.table(['', 'CPU', 'of the compiler', 'wall'], self.rows()), changed, memory)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('build', type=os.path.abspath)
    parser.add_argument('dirs', nargs='+')
    parser.add_argument('-o', '--output', help='page with the marks <!-- bench: begin/end -->')
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--clang', default='clang-19')
    options = parser.parse_args()
    parts = ['Measured on: %s. %s; %s. Medians of %d rounds.' % (
        measure.machine(), measure.output([options.clang, '--version']).splitlines()[0],
        measure.output([os.path.join(options.build, 'bin', 'snarl'), '--version']),
        options.rounds)]

    for original in options.dirs:
        with tempfile.TemporaryDirectory(prefix='snarl-bench-') as place:
            bench = Bench(options, Program(original, os.path.realpath(place), options.clang))
            bench.run()
            parts.append(bench.report())
    measure.put(options.output, 'bench', '\n\n'.join(parts))


if __name__ == '__main__':
    main()
