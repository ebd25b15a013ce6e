"""The facts database as a cache: what is parsed again, and that nobody can tell from the findings."""

import glob
import json
import os
import pty
import re
import signal
import sqlite3
import subprocess
import threading
import time
import unittest

from harness import (SNARL, TIMEOUT_S, GoldenTest, children_of, environment, wait_for_end,
                     wait_for_progress)

MANY = 40  # units; enough that a run can be killed in the middle


class WhatIsParsedAgain(GoldenTest):
    def setUp(self):
        super().setUp()
        self.take_shop()
        self.project.write("src/apart.c", "int apart(void)\n{\n    return 1;\n}\n")
        self.units("src/main.c", "src/clerk.c", "src/apart.c")
        self.cold = self.snarl("check", "--stats")
        self.assertEqual((self.cold.status, self.cold.parsed()), (1, 3), self.cold.transcript())

    def units(self, *files, **options):
        self.project.compdb(*files, **options)

    def check_parsed(self, n):
        result = self.snarl("check", "--stats")
        self.assertEqual((result.parsed(), result.status), (n, 1), result.transcript())
        self.assertEqual(self.snarl("check", "--stats").parsed(), 0)
        return result

    def test_nothing(self):
        warm = self.check_parsed(0)
        self.assertEqual(warm.out, self.cold.out)

    def test_a_source(self):
        self.project.replace("src/apart.c", "return 1", "return 2")
        self.assertEqual(self.check_parsed(1).out, self.cold.out)

    def test_a_header_costs_those_that_include_it(self):
        self.project.replace("include/shop.h", "extern int cash;", "extern int cash; /* cents */")
        self.assertEqual(self.check_parsed(2).out, self.cold.out)

    def test_a_header_that_one_includes(self):
        self.project.replace("include/uv.h", "#pragma once", "#pragma once /* main.c only */")
        self.check_parsed(1)

    def test_time_alone_is_no_change(self):
        for name in ("src/main.c", "include/shop.h"):
            os.utime(self.project.path(name), (1, 1))
        self.check_parsed(0)

    def test_same_size_same_time_other_content(self):
        path = self.project.path("src/apart.c")
        before = os.stat(path)
        self.project.replace("src/apart.c", "return 1", "return 2")
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        self.check_parsed(1)

    def test_flags(self):
        self.units("src/main.c", "src/clerk.c", "src/apart.c", flags=("-Iinclude", "-DX=1"))
        self.assertEqual(self.check_parsed(3).out, self.cold.out)

    def test_flags_of_one(self):
        path = "compile_commands.json"
        entries = json.loads(self.project.read(path))
        entries[2]["arguments"].insert(1, "-DX=1")
        self.project.write(path, json.dumps(entries))
        self.check_parsed(1)

    def test_going_back_to_old_flags(self):
        """Two builds by turns don't push each other out."""
        self.units("src/main.c", "src/clerk.c", "src/apart.c", flags=("-Iinclude", "-DX=1"))
        self.check_parsed(3)
        self.units("src/main.c", "src/clerk.c", "src/apart.c")
        self.check_parsed(0)

    def test_another_unit(self):
        self.project.write("src/new.c", "int added;\n")
        self.units("src/main.c", "src/clerk.c", "src/apart.c", "src/new.c")
        self.check_parsed(1)

    def test_one_unit_less(self):
        self.units("src/main.c", "src/clerk.c")
        self.check_parsed(0)

    def test_models_are_no_reason(self):
        """The program stage reads them, the front end doesn't; they have their effect."""
        self.project.write(".snarl.yml", "fn:\n  print_receipt: { blocks: none, why: a small page }\n")
        result = self.check_parsed(0)
        self.assertNotIn("[blocking-in-callback]", result.out)

    def test_a_header_that_was_missing(self):
        """No file that was read has changed, yet the build may have made the header meanwhile."""
        self.project.replace("src/apart.c", "int apart", '#include "made.h"\nint apart')
        for _ in range(2):
            result = self.snarl("check", "--stats")
            self.assertEqual((result.status, result.parsed()), (3, 1), result.transcript())
        self.project.write("include/made.h", "/* by the build */\n")
        self.check_parsed(1)


class WhenNothingHasChanged(GoldenTest):
    """The last answer is given again, and only then."""

    def setUp(self):
        super().setUp()
        self.take_shop()
        self.first = self.snarl("check")
        self.assertEqual(self.first.status, 1, self.first.transcript())

    def mark(self):
        """Marks the answers that are kept: a run that gives one is seen to."""
        with sqlite3.connect(self.project.path(".snarl/facts.db")) as db:
            db.execute("UPDATE answer SET out = CAST('kept' || out AS BLOB)")

    def check_given(self, *args):
        self.mark()
        result = self.snarl("check", *args)
        self.assertTrue(result.out.startswith("kept"), result.transcript())
        return result

    def check_worked_out(self, *args):
        self.mark()
        result = self.snarl("check", *args)
        self.assertFalse(result.out.startswith("kept"), result.transcript())
        return result

    def test_nothing(self):
        again = self.check_given()
        self.assertEqual((again.status, again.out, again.err),
                         (self.first.status, "kept" + self.first.out, self.first.err))

    def test_to_a_file(self):
        self.mark()
        self.assertEqual(self.snarl("check", "-o", "report.txt").out, "")
        self.assertEqual(self.project.read("report.txt"), "kept" + self.first.out)

    def test_a_source(self):
        self.project.replace("src/main.c", "int main", "int other;\nint main")
        self.check_worked_out()
        self.check_given()

    def test_settings(self):
        self.project.write(".snarl.yml", "fn:\n  print_receipt: { blocks: none, why: a small page }\n")
        self.check_worked_out()
        self.check_given()
        self.project.write(".snarl.yml", "fn:\n  print_receipt: { blocks: sleep }\n")
        self.check_worked_out()

    def test_options(self):
        for option in ("--format=json", "--confidence=high", "-q"):
            with self.subTest(option=option):
                self.check_worked_out(option)
                self.check_given(option)
        self.check_worked_out("--stats")
        self.check_worked_out("src/main.c")

    def test_problems_are_told_again(self):
        self.project.replace("src/main.c", "int main", "int wrong = nonsense;\nint main")
        worked_out = self.check_worked_out()
        given = self.check_given()
        self.assertIn("nonsense", given.err)
        self.assertEqual((given.status, given.err), (3, worked_out.err))

    def test_a_missing_header_is_looked_for_again(self):
        self.project.replace("src/main.c", "#include", '#include "made.h"\n#include')
        self.check_worked_out()
        self.check_worked_out()


class SameFindings(GoldenTest):
    """The same bytes for any number of workers, from any state of the database."""

    reference = None  # what the first run found

    def setUp(self):
        super().setUp()
        self.project.take("shop")
        files = [f"gen/part{i}.c" for i in range(MANY)]
        for i, file in enumerate(files):
            self.project.write(file, PART.replace("@", str(i)))
        self.project.compdb("src/main.c", "src/clerk.c", *files)
        SameFindings.reference = self.reference or self.snarl("check", "-j1", "--db", ":memory:")
        self.assertIn(f"{MANY + 3} findings", self.reference.out, self.reference.err)

    def check(self, *args):
        result = self.snarl("check", "--stats", *args)
        self.assertEqual((result.status, result.out), (1, self.reference.out), result.err)
        return result

    def test_cold_and_warm_with_one_and_two_workers(self):
        for cold, warm in (("-j1", "-j2"), ("-j2", "-j1")):
            with self.subTest(cold=cold):
                database = f"{cold}.db"
                self.assertEqual(self.check(cold, "--db", database).parsed(), MANY + 2)
                self.assertEqual(self.check(warm, "--db", database).parsed(), 0)

    def test_killed_half_way(self):
        wait_for_end(self.kill_half_way())
        self.check("-j2")
        self.assertEqual(self.check("-j2").parsed(), 0)

    def test_killed_at_any_moment(self):
        """Early, while results are stored, in the middle of writing: the next run gets over it."""
        start = time.monotonic()
        self.check("-j2", "--db", "time.db")
        whole = time.monotonic() - start
        for part in (0.02, 0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 1):
            with self.subTest(part=part), subprocess.Popen(
                    [SNARL, "check", "-j2"], cwd=self.project.dir, stderr=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL, env=environment()) as process:
                time.sleep(whole * part)
                workers = children_of(process.pid)
                process.kill()
                process.wait()
                wait_for_end(workers)
                self.assertNotIn("note:", self.check("-j2").err)
            for path in glob.glob(self.project.path(".snarl/*")):
                os.unlink(path)

    def test_two_at_once(self):
        both = [subprocess.Popen([SNARL, "check", "-q"], cwd=self.project.dir, env=environment(),
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)]
        for process in both:
            out, err = process.communicate(timeout=TIMEOUT_S)
            self.assertEqual((process.returncode, out.decode(), err.decode()),
                             (1, self.reference.out, ""))
        self.check()

    def kill_half_way(self):
        """Kills a cold run when its progress line tells half; gives its workers' process ids."""
        for _ in range(5):
            here, there = pty.openpty()
            process = subprocess.Popen([SNARL, "check", "-j2"], cwd=self.project.dir, stderr=there,
                                       stdout=subprocess.DEVNULL, env=environment())
            os.close(there)
            watchdog = threading.Timer(TIMEOUT_S, process.kill)
            watchdog.start()
            wait_for_progress(here, MANY // 2)
            workers = children_of(process.pid)
            process.send_signal(signal.SIGKILL)
            status = process.wait()
            watchdog.cancel()
            os.close(here)
            if status == -signal.SIGKILL and workers:
                return workers
            for path in glob.glob(self.project.path(".snarl/*")):
                os.unlink(path)  # it was faster than we: again
        self.fail("no run could be killed half-way")


# One finding each.
PART = '''#include "shop.h"

static pthread_mutex_t a@ = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t b@ = PTHREAD_MUTEX_INITIALIZER;
static int n@;

static void *ab@(void *arg)
{
    pthread_mutex_lock(&a@);
    pthread_mutex_lock(&b@);
    n@++;
    pthread_mutex_unlock(&b@);
    pthread_mutex_unlock(&a@);
    return arg;
}

static void *ba@(void *arg)
{
    pthread_mutex_lock(&b@);
    pthread_mutex_lock(&a@);
    n@--;
    pthread_mutex_unlock(&a@);
    pthread_mutex_unlock(&b@);
    return arg;
}

void start@(void)
{
    pthread_t threads[2];
    pthread_create(&threads[0], NULL, ab@, NULL);
    pthread_create(&threads[1], NULL, ba@, NULL);
}
'''


if __name__ == "__main__":
    unittest.main()
