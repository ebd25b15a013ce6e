"""harness.py - what the golden tests have in common.

A test has a project in a folder of its own, runs snarl there, and compares what it says with a file
in expected/. UPDATE_GOLDEN=1 rewrites those files: read the diff. The environment names the
program: SNARL, and the build folder it comes from: SNARL_BUILD.
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
import time
import unittest
from typing import NamedTuple

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
SNARL = os.path.abspath(os.environ.get("SNARL", "snarl"))
TIMEOUT_S = 60

# What `snarl check --stats` says of the units.
UNITS = re.compile(r"^units +(\d+) \((\d+) parsed, (\d+) from the facts database, (\d+) lost\)$",
                   re.MULTILINE)


def environment(**changes):
    """The tests' own settings must not colour what snarl says; a value of None takes one away."""
    env = dict(os.environ, LC_ALL="C", TERM="xterm")
    env.setdefault("LSAN_OPTIONS",
                   f"suppressions={TOP}/tests/lsan.supp:print_suppressions=0")
    for name, value in {"NO_COLOR": None, "ARGP_HELP_FMT": None, **changes}.items():
        env.pop(name, None)
        if value is not None:
            env[name] = value
    return env


def is_sanitized():
    """Is the program built with AddressSanitizer? It then reserves more memory than any limit."""
    try:
        with open(os.path.join(os.environ["SNARL_BUILD"], "CMakeCache.txt"),
                  encoding="utf-8") as file:
            return re.search(r"^SNARL_SANITIZE:\w+=.*(address|thread)", file.read(),
                             re.MULTILINE) is not None
    except (KeyError, OSError):
        return False


class Result(NamedTuple):
    command: str
    status: int
    out: str
    err: str

    def messages(self):
        """Command, stderr and exit status."""
        text = f"--- stderr\n{self.err}" if self.err else ""
        return f"$ {self.command}\n{text}--- exit {self.status}\n"

    def transcript(self):
        """The same with stdout: what a person sees."""
        return self.messages().replace("\n", f"\n{self.out}", 1)

    def parsed(self):
        """How many units were parsed, by --stats."""
        return int(UNITS.search(self.err).group(2))

    def lost(self):
        """How many units were lost, by --stats."""
        return int(UNITS.search(self.err).group(4))


class Project:
    """A folder with sources and a compile database; its own path never shows in a Result."""

    def __init__(self):
        self.dir = os.path.realpath(tempfile.mkdtemp(prefix="snarl-golden-"))

    def remove(self):
        shutil.rmtree(self.dir)

    def path(self, name=""):
        return os.path.join(self.dir, name)

    def write(self, name, content):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def replace(self, name, old, new):
        text = self.read(name)
        assert old in text, f"{name} has no '{old}'"
        self.write(name, text.replace(old, new))

    def take(self, program):
        """Copies a program of programs/ into the project."""
        shutil.copytree(os.path.join(HERE, "programs", program), self.dir, dirs_exist_ok=True)

    def compdb(self, *files, flags=("-Iinclude",), folder=""):
        """Writes a compile database in `folder` that compiles `files` from the project's top."""
        entries = [{"directory": self.dir, "file": file,
                    "arguments": ["cc", *flags, "-c", file]} for file in files]
        self.write(os.path.join(folder, "compile_commands.json"), json.dumps(entries, indent=1))

    def snarl(self, *args, cwd="", **env):
        done = subprocess.run([SNARL, *args], cwd=self.path(cwd), env=environment(**env),
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT_S,
                              check=False)
        return Result(self.hide_path(" ".join(["snarl", *args])), done.returncode,
                      self.hide_path(done.stdout.decode()), self.hide_path(done.stderr.decode()))

    def hide_path(self, text):
        return text.replace(self.dir, "$DIR")


def wait_for_progress(terminal, n):
    """Reads until "[K/...]" with K >= n was shown, or the other end has gone."""
    text = b""
    while True:
        try:
            more = os.read(terminal, 4096)
        except OSError:
            return  # the other end has gone
        text += more
        shown = re.findall(rb"\[(\d+)/\d+\]", text)
        if not more or (shown and int(shown[-1]) >= n):
            return


def children_of(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return [int(child) for child in file.read().split()]
    except OSError:
        return []


def is_running(pid):
    """Zombies have ended, though nobody may have asked for them."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def wait_for_end(pids):
    """Workers end when nobody listens to them any more."""
    end = time.monotonic() + 20
    while any(is_running(pid) for pid in pids):
        assert time.monotonic() < end, f"workers {pids} outlive the run by 20 s"
        time.sleep(0.02)


class GoldenTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.project = Project()
        self.addCleanup(self.project.remove)
        self.snarl = self.project.snarl

    def take_shop(self):
        self.project.take("shop")
        self.project.compdb("src/main.c", "src/clerk.c")

    def assert_golden(self, name, text):
        """`text` is what expected/NAME says."""
        path = os.path.join(HERE, "expected", name)
        if os.environ.get("UPDATE_GOLDEN") == "1":
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            return
        with open(path, encoding="utf-8") as file:
            self.assertEqual(text, file.read(),
                             f"not as in {path}; UPDATE_GOLDEN=1 rewrites it")

    def assert_transcript(self, name, status, *args, **options):
        """snarl ends with `status` and says what expected/NAME.txt says."""
        result = self.snarl(*args, **options)
        self.assertEqual(result.status, status, result.transcript())
        self.assert_golden(f"{name}.txt", result.transcript())
        return result

    def assert_messages(self, name, status, *args, **options):
        """The same, but for what it says on stdout."""
        result = self.snarl(*args, **options)
        self.assertEqual(result.status, status, result.transcript())
        self.assert_golden(f"{name}.txt", result.messages())
        return result

    def rules_of(self, result):
        """Rules of the findings in JSON output, in its order."""
        return [finding["rule"] for finding in json.loads(result.out)["findings"]]

    def check_rules(self, *args, **options):
        """Runs `snarl check` and gives the rules reported, each as often as it is."""
        result = self.snarl("check", "--format=json", *args, **options)
        self.assertIn(result.status, (0, 1), result.transcript())
        return self.rules_of(result)
