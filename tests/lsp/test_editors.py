"""Real editors: they open a file with a hazard, show it, apply the cure, and it is gone."""

import json
import os
import shutil
import subprocess
import tempfile
import unittest

from test_features import BANK

HERE = os.path.dirname(os.path.abspath(__file__))
SNARL = os.environ["SNARL"]


class Editors(unittest.TestCase):
    def setUp(self):
        self.dir = os.path.realpath(tempfile.mkdtemp(prefix="snarl-editor-"))
        self.addCleanup(shutil.rmtree, self.dir)
        with open(os.path.join(self.dir, "bank.c"), "w", encoding="utf-8") as file:
            file.write(BANK)
        with open(os.path.join(self.dir, "compile_commands.json"), "w", encoding="utf-8") as file:
            json.dump([{"directory": self.dir, "file": "bank.c",
                        "arguments": ["cc", "-c", "bank.c"]}], file)

    def run_editor(self, *command, **env):
        done = subprocess.run(command, cwd=self.dir, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=120, check=False,
                              env={**os.environ, "SNARL": SNARL, "HOME": self.dir, **env})
        return done.stdout, done.stdout + done.stderr

    def check_seen(self, seen, log, hazard):
        shown = [line for line in seen.splitlines() if line.startswith("shown: ")]
        left = [line for line in seen.splitlines() if line.startswith("left: ")]
        self.assertIn(hazard, "\n".join(shown), log)
        self.assertIn("action: test again after the wait: 'while' for 'if'\n", seen, log)
        self.assertIn("missing-unlock", "\n".join(left), log)
        self.assertNotIn(hazard, "\n".join(left), log)
        self.assertIn("while (left < n) {", seen, log)

    @unittest.skipUnless(shutil.which("nvim"), "no Neovim here")
    def test_neovim(self):
        path = os.path.join(self.dir, "seen")
        _, log = self.run_editor("nvim", "--headless", "--clean", "-S",
                                 os.path.join(HERE, "nvim.lua"), SNARL_SEEN=path)
        with open(path, encoding="utf-8") as file:
            self.check_seen(file.read(), log, "wait-no-loop")

    @unittest.skipUnless(shutil.which("emacs"), "no Emacs here")
    def test_emacs(self):
        seen, log = self.run_editor("emacs", "--batch", "-l", "package", "-f", "package-initialize",
                                    "-l", os.path.join(HERE, "emacs.el"))
        self.check_seen(seen, log, "[wait-no-loop]")


if __name__ == "__main__":
    unittest.main()
