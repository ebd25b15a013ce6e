"""Completion in the shells themselves, and the manual page."""

import os
import pty
import re
import select
import shutil
import subprocess
import time
import unittest

from harness import SNARL, TIMEOUT_S, GoldenTest, environment

BASH = """
source /dev/stdin <<<"$(snarl completion bash)"
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_snarl
printf '%s\\n' "${COMPREPLY[@]}"
"""

# What is typed, word by word -> what must be among the answers, what must not.
CASES = [
    (["snarl", "ch"], ["check"], ["graph"]),
    (["snarl", "check", "--conf"], ["--config", "--confidence"], ["--format"]),
    (["snarl", "explain", "check"], ["check-then-act"], ["data-race"]),
    (["snarl", "completion", "z"], ["zsh"], ["bash"]),
]


class Completion(GoldenTest):
    def setUp(self):
        super().setUp()
        self.env = environment(PATH=os.path.dirname(SNARL) + ":" + os.environ["PATH"], TERM="dumb")

    def ask(self, shell, *args):
        if shutil.which(shell) is None:
            self.skipTest(f"no {shell} here")
        done = subprocess.run([shell, *args], env=self.env, cwd=self.project.dir, check=False,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=TIMEOUT_S)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return [re.split(r"[\t=]", line)[0] for line in done.stdout.split("\n")]

    def check_answers(self, answers, has, lacks):
        for word in has:
            self.assertIn(word, answers)
        for word in lacks:
            self.assertNotIn(word, answers)

    def test_bash(self):
        split = [(["snarl", "check", "--format", "=", "sa"], ["sarif"], ["text"]),
                 (["snarl", "check", "--format", "="], ["sarif", "text"], []),
                 (["snarl", "check", "-o", "sa"], [], ["sarif"])]
        for words, has, lacks in CASES + split:
            with self.subTest(words):
                self.check_answers(self.ask("bash", "-c", BASH, "bash", *words), has, lacks)

    def test_fish(self):
        joined = [(["snarl", "check", "--format", "sa"], ["sarif"], ["text"]),
                  (["snarl", "check", "-q"], [], ["graph"])]
        for words, has, lacks in CASES + joined:
            with self.subTest(words):
                script = f"snarl completion fish | source; complete -C '{' '.join(words)}'"
                self.check_answers(self.ask("fish", "--no-config", "-c", script), has, lacks)

    @unittest.skipUnless(shutil.which("zsh"), "no zsh here")
    def test_zsh(self):
        """Its completion works at a prompt only: one is typed at."""
        for typed, shown in [("snarl ch\t", "snarl check"),
                             ("snarl check --format=sa\t", "--format=sarif"),
                             ("snarl explain gil-m\t", "gil-misuse")]:
            with self.subTest(typed):
                self.assertIn(shown, self.type_at_zsh(typed, shown))

    def type_at_zsh(self, typed, awaited):
        child, terminal = pty.fork()
        if child == 0:
            os.chdir(self.project.dir)
            os.execvpe("zsh", ["zsh", "-f", "-i"], self.env)
        try:
            os.write(terminal, b"PS1='ready '\"> \"; unsetopt zle_bracketed_paste; autoload -U compinit;"
                               b" compinit -D; source <(snarl completion zsh); echo sour''ced\n")
            seen = self.read_until(terminal, "sourced")
            self.assertIn("sourced", seen)
            os.write(terminal, typed.encode())
            return self.read_until(terminal, awaited)
        finally:
            os.close(terminal)
            os.kill(child, 9)
            os.waitpid(child, 0)

    @staticmethod
    def read_until(terminal, awaited):
        """What the terminal shows until `awaited` is among it, or time is up."""
        seen = ""
        end = time.monotonic() + TIMEOUT_S / 4
        while awaited not in seen and time.monotonic() < end:
            if select.select([terminal], [], [], 0.2)[0]:
                seen += os.read(terminal, 4096).decode("utf-8", "replace")
        return seen

    def test_unknown_shell(self):
        result = self.snarl("completion", "tcsh")
        self.assertEqual((result.status, result.out), (2, ""))
        self.assertIn("bash, fish or zsh", result.err)


class Manual(GoldenTest):
    def test_names_all_commands_and_options(self):
        page = self.snarl("--man").out.replace("\\-", "-")
        for command in re.findall(r"(?m)^  (\w+) ", self.snarl("--help").out):
            self.assertIn(f'.SS "snarl {command}', page)
            for option in re.findall(r"--([a-z-]+)", self.snarl(command, "--help").out):
                if option not in ("usage", "version"):
                    self.assertIn(f"--{option}", page)

    @unittest.skipUnless(shutil.which("groff"), "no groff here")
    def test_groff_has_no_complaint(self):
        page = self.snarl("--man").out
        done = subprocess.run(["groff", "-man", "-ww", "-z"], input=page, capture_output=True,
                              text=True, timeout=TIMEOUT_S, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
