"""What tests of real editors share: a project with a hazard, and what is to be seen of its cure."""

import json
import os
import shutil
import subprocess
import tempfile
import unittest

from test_features import BANK

HERE = os.path.dirname(os.path.abspath(__file__))
SNARL = os.environ["SNARL"]


class EditorCase(unittest.TestCase):
    build = "."  # where the compile database is, in the project's folder

    def setUp(self):
        self.dir = os.path.realpath(tempfile.mkdtemp(prefix="snarl-editor-"))
        self.addCleanup(shutil.rmtree, self.dir)
        with open(os.path.join(self.dir, "bank.c"), "w", encoding="utf-8") as file:
            file.write(BANK)
        build = os.path.join(self.dir, self.build)
        os.makedirs(build, exist_ok=True)
        with open(os.path.join(build, "compile_commands.json"), "w", encoding="utf-8") as file:
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
