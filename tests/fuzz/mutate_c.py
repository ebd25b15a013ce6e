#!/usr/bin/env python3
"""Feeds snarl with real C that was broken a little, token by token, and tells what it can't stand.

Usage: mutate_c.py --snarl SNARL [--seconds N] [--seed N] [--keep DIR] FOLDER... [-- CFLAGS...]

The sources are the .c files of the FOLDERs; one with a compile_commands.json says itself how they
are compiled, the others are compiled with CFLAGS. Each round, a few of them are mutated and checked
as one program. What counts as a finding:

- snarl itself ends by a signal or a sanitizer, takes too long, or exits with 2 or 4;
- a unit is lost, and `snarl ir` shows snarl's own code, not libclang, at the crash;
- a unit is lost and nothing says so.

Units that make libclang crash or run too long are counted: that they cost themselves only is what
the workers are for. SNARL should be built with sanitizers. Inputs of findings are kept in DIR. The
same seed and sources give the same inputs. Exit status: 0 no finding, 1 findings.
"""

import argparse
import json
import os
import random
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple

TOKEN = re.compile(r"""/\*.*?\*/ | //[^\n]* | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*'
                       | [A-Za-z_]\w* | \.?\d(?:[eEpP][+-]|[\w.])* | \s+
                       | <<=|>>=|\.\.\.|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|\#\#
                       | .""", re.VERBOSE | re.DOTALL)

# What a mutation may put in, where no other token of the file will do.
SPICE = """( ) { } [ ] ; , : ? . -> * & && || = == += ++ -- ! ~ ... # ## 0 1 -1 0x7fffffffffffffff
1e308 'x' "" L"s" int void char _Bool struct union enum typedef static extern const volatile
_Atomic _Thread_local __auto_type typeof sizeof _Alignof _Generic if else for while do switch case
default break continue goto return asm __asm__ __attribute__((cleanup(f))) __attribute__((packed))
__label__ __extension__ __builtin_choose_expr __builtin_offsetof __builtin_va_arg
__builtin_unreachable() __builtin_types_compatible_p &&label ({ }) (int){0} (struct s){.a=1}
[0 ... 3]=1 case 1 ... 5: inline _Noreturn register __func__ __int128 _Complex
__atomic_load_n __sync_fetch_and_add pthread_mutex_lock pthread_mutex_unlock
pthread_create __VA_OPT__ __typeof__ __thread""".split()

FLAGS_WITH_FILES = re.compile(r"^-(c|o|M[A-Z]*)$")
ROUND_FILES = 8
UNIT_TIMEOUT_S = 10
ROUND_TIMEOUT_S = 300
SUMMARY = re.compile(r"^units +\d+ \(\d+ parsed, \d+ from the facts database, (\d+) lost\)$",
                     re.MULTILINE)
LOST = re.compile(r"^(.*?): error: (libclang (?:crashed|ended|was killed|ran for|needed|gave).*)$",
                  re.MULTILINE)


class Source(NamedTuple):
    path: str
    directory: str
    flags: tuple  # of the compiler, without input and output


def plain_flags(words, file):
    """A command's flags without the compiler, -c, -o X and the input."""
    flags, skip = [], False
    for word in words[1:]:
        if skip:
            skip = False
        elif FLAGS_WITH_FILES.match(word):
            skip = word in ("-o", "-MF", "-MT", "-MQ")
        elif word != file and os.path.basename(word) != os.path.basename(file):
            flags.append(word)
    return tuple(flags)


def database_sources(folder):
    with open(os.path.join(folder, "compile_commands.json"), encoding="utf-8") as file:
        entries = json.load(file)
    for entry in entries:
        words = entry.get("arguments") or shlex.split(entry["command"])
        directory = os.path.join(folder, entry["directory"])
        path = os.path.join(directory, entry["file"])
        if path.endswith(".c") and os.path.exists(path):
            yield Source(path, directory, plain_flags(words, entry["file"]))


def sources_of(folders, cflags):
    found = []
    for folder in map(os.path.abspath, folders):
        if os.path.exists(os.path.join(folder, "compile_commands.json")):
            found += database_sources(folder)
            continue
        for here, _, names in os.walk(folder):
            found += [Source(os.path.join(here, name), here, tuple(cflags))
                      for name in names if name.endswith(".c")]
    return sorted(set(found))


class Mutator:
    """Breaks texts; all its choices come from one random number generator."""

    def __init__(self, rng):
        self.rng = rng

    def any_token(self, tokens):
        """One that means something: spaces would change nothing."""
        token = self.rng.choice(tokens)
        return self.rng.choice(SPICE) if token.isspace() or self.rng.random() < 0.3 else token

    def span(self, tokens):
        start = self.rng.randrange(len(tokens))
        return start, min(len(tokens), start + int(self.rng.paretovariate(0.8)))

    def mutate_once(self, tokens):
        start, end = self.span(tokens)
        what = self.rng.randrange(7)
        if what == 0:  # take away
            tokens[start:end] = []
        elif what == 1:  # once more
            tokens[end:end] = tokens[start:end]
        elif what == 2:  # elsewhere
            moved = tokens[start:end]
            tokens[start:end] = []
            at = self.rng.randrange(len(tokens) + 1)
            tokens[at:at] = moved
        elif what == 3:  # something else
            tokens[start] = " " + self.any_token(tokens) + " "
        elif what == 4:  # something more
            tokens[start:start] = [" ", self.any_token(tokens), " "]
        elif what == 5:  # one identifier for another, which keeps more of it C
            names = [i for i, token in enumerate(tokens) if token[0].isalpha()]
            if names:
                tokens[self.rng.choice(names)] = tokens[self.rng.choice(names)]
        else:  # the rest is missing
            if self.rng.random() < 0.1:
                tokens[end:] = []

    def mutate(self, text):
        tokens = TOKEN.findall(text) or [" "]
        for _ in range(1 + int(self.rng.expovariate(0.15))):
            self.mutate_once(tokens)
            tokens = tokens or [" "]
        return "".join(tokens)


class Fuzzer:
    def __init__(self, options, cflags):
        self.options = options
        self.rng = random.Random(options.seed)
        self.mutator = Mutator(self.rng)
        self.sources = sources_of(options.folders, cflags)
        self.work = tempfile.mkdtemp(prefix="snarl-mutate-")
        self.n_files = self.n_rounds = self.n_findings = 0
        self.lost = {}  # what libclang did -> how often
        self.env = dict(os.environ)
        supp = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lsan.supp")
        self.env.setdefault("LSAN_OPTIONS", f"suppressions={supp}:print_suppressions=0")
        self.env.setdefault("UBSAN_OPTIONS", "halt_on_error=1:print_stacktrace=1")

    def run(self, *args, timeout, **env):
        """Exit status (None: took too long), stderr. stdout is for findings, and thrown away."""
        try:
            done = subprocess.run([self.options.snarl, *args], cwd=self.work,
                                  env={**self.env, **env},
                                  stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.PIPE, timeout=timeout, check=False)
        except subprocess.TimeoutExpired:
            return None, ""
        return done.returncode, done.stderr.decode(errors="replace")

    def write_round(self):
        """A program of mutated files, with its compile database."""
        entries = []
        for i in range(ROUND_FILES):
            source = self.rng.choice(self.sources)
            with open(source.path, encoding="latin-1") as file:
                text = self.mutator.mutate(file.read())
            path = os.path.join(self.work, f"m{i}.c")
            with open(path, "w", encoding="latin-1") as file:
                file.write(text)
            beside = "-I" + os.path.dirname(source.path)  # for #include "x.h"
            entries.append({"directory": source.directory, "file": path,
                            "arguments": ["cc", *source.flags, beside, "-c", path]})
        with open(os.path.join(self.work, "compile_commands.json"), "w", encoding="utf-8") as file:
            json.dump(entries, file, indent=1)
        self.n_files += ROUND_FILES

    def finding(self, what, err):
        self.n_findings += 1
        print(f"FINDING {self.n_findings} (round {self.n_rounds}): {what}\n{err[-6000:]}", flush=True)
        if self.options.keep:
            shutil.copytree(self.work, os.path.join(self.options.keep, f"finding{self.n_findings}"),
                            dirs_exist_ok=True)

    def judge_lost(self, name, why):
        """Who crashed: with SNARL_DEBUG the worker says it on stderr."""
        _, err = self.run("ir", "-p", self.work, os.path.join(self.work, name),
                          timeout=6 * UNIT_TIMEOUT_S, SNARL_DEBUG="1")
        frames = re.findall(r"^ *#\d+ 0x[0-9a-f]+ (.*)$", err, re.MULTILINE)
        first = next((frame for frame in frames
                      if not re.search(r"sanitizer|interceptor|asan|libc\.so|libc\+\+", frame)), "")
        if "/analyzer/" in first or "Assertion `" in err or "runtime error:" in err:
            self.finding(f"{name}: {why}", err)
            return
        self.lost[why] = self.lost.get(why, 0) + 1

    def round(self):
        self.n_rounds += 1
        self.write_round()
        status, err = self.run("check", "-p", self.work, "--db", ":memory:", "-j1", "--stats",
                               "--confidence=low", f"--unit-timeout={UNIT_TIMEOUT_S}",
                               timeout=ROUND_TIMEOUT_S)
        summary = SUMMARY.search(err)
        lost = LOST.findall(err)
        if status is None:
            self.finding(f"takes more than {ROUND_TIMEOUT_S} s", err)
        elif status not in (0, 1, 3) or "Sanitizer" in err or summary is None:
            self.finding(f"exit status {status}", err)
        elif int(summary.group(1)) != len(lost) or (lost and status != 3):
            self.finding(f"{summary.group(1)} units are lost, {len(lost)} are told", err)
        for name, why in lost:
            self.judge_lost(os.path.basename(name), why)

    def fuzz(self):
        end = time.monotonic() + self.options.seconds
        while time.monotonic() < end:
            self.round()
        shutil.rmtree(self.work)
        told = "".join(f", {n} times: {why}" for why, n in sorted(self.lost.items()))
        print(f"{self.n_files} mutated files of {len(self.sources)} sources in {self.n_rounds} "
              f"programs: {self.n_findings} findings{told}")
        return 1 if self.n_findings else 0


def main():
    words = sys.argv[1:]
    cut = words.index("--") if "--" in words else len(words)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--snarl", required=True, type=os.path.abspath)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=os.path.abspath, help="folder for the inputs of findings")
    parser.add_argument("folders", nargs="+", metavar="FOLDER")
    fuzzer = Fuzzer(parser.parse_args(words[:cut]), words[cut + 1:])
    if not fuzzer.sources:
        parser.error("no .c file in these folders")
    return fuzzer.fuzz()


if __name__ == "__main__":
    sys.exit(main())
