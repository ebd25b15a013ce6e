"""Ctrl-C and its kin in the middle of a run: what is parsed is kept, no process is left behind."""

import os
import pty
import re
import signal
import subprocess
import unittest

from harness import (SNARL, TIMEOUT_S, GoldenTest, children_of, environment, wait_for_end,
                     wait_for_progress)
from test_lost_units import HANG


class Interrupted(GoldenTest):
    """Two units are done, the third never ends: there the signal comes."""

    def setUp(self):
        super().setUp()
        self.project.take("shop")
        self.project.write("src/hang.c", HANG)
        self.project.compdb("src/main.c", "src/clerk.c", "src/hang.c")

    def interrupt(self, number, to_group=False, command=(SNARL, "check", "-j1"), **options):
        """Runs snarl up to there, sends signal `number`; what it says on stdout, and its status."""
        here, there = pty.openpty()
        with subprocess.Popen(command, cwd=self.project.dir, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=there, env=environment(),
                              start_new_session=True, **options) as process:
            os.close(there)
            wait_for_progress(here, 2)
            workers = children_of(process.pid)
            self.assertEqual(len(workers), 1)
            send = os.killpg if to_group else os.kill
            send(process.pid, number)
            out, _ = process.communicate(timeout=TIMEOUT_S)
            status = process.returncode
        os.close(here)
        wait_for_end(workers)
        return out.decode(), status

    def check_next_run(self):
        """Goes on where the other was stopped."""
        self.project.write("src/hang.c", "int found;\n")
        result = self.snarl("check", "--stats")
        self.assertEqual((result.status, result.parsed()), (1, 1), result.transcript())
        self.assertIn("3 findings", result.out)
        self.assertNotIn("note:", result.err)

    def test_ends_by_the_signal(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number.name):
                self.assertEqual(self.interrupt(number), ("", -number))
                os.unlink(self.project.path(".snarl/facts.db"))

    def test_what_is_parsed_is_kept(self):
        self.interrupt(signal.SIGINT)
        self.check_next_run()

    def test_ctrl_c_reaches_the_workers_too(self):
        self.assertEqual(self.interrupt(signal.SIGINT, to_group=True), ("", -signal.SIGINT))
        self.check_next_run()

    def test_a_shell_sees_status_130(self):
        script = 'trap : INT; "$0" check -j1; echo $?'
        here, there = pty.openpty()
        with subprocess.Popen(["sh", "-c", script, SNARL], cwd=self.project.dir,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=there,
                              env=environment(), start_new_session=True) as shell:
            os.close(there)
            wait_for_progress(here, 2)
            os.killpg(shell.pid, signal.SIGINT)
            out, _ = shell.communicate(timeout=TIMEOUT_S)
        os.close(here)
        self.assertEqual(out, b"130\n")

    def test_nohup(self):
        """A signal that is ignored from the start stays so: the run goes to its end."""
        out, status = self.interrupt(
            signal.SIGHUP, command=(SNARL, "check", "-j1", "--unit-timeout=2"),
            preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
        self.assertEqual(status, 3)
        self.assertTrue(re.search(r"(?m)^3 findings", out), out)


if __name__ == "__main__":
    unittest.main()
