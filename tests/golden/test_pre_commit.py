"""The hook, run by pre-commit itself: a staged change that causes a hazard is held up."""

import os
import shutil
import subprocess
import unittest

import harness
from harness import SNARL, TOP, GoldenTest

GIT = ["git", "-c", "user.name=a", "-c", "user.email=a@b"]


def hook():
    """The keys of .pre-commit-hooks.yaml; its values are one word or list each."""
    keys = {}
    with open(os.path.join(TOP, ".pre-commit-hooks.yaml"), encoding="utf-8") as file:
        for line in file:
            if not line.startswith("#"):
                key, _, value = line.lstrip("- ").rstrip("\n").partition(": ")
                keys[key] = value
    return keys


@unittest.skipUnless(shutil.which("pre-commit") and shutil.which("git"), "no pre-commit here")
class PreCommit(GoldenTest):
    def setUp(self):
        super().setUp()
        self.take_shop()
        lines = "".join(f"        {key}: {value}\n" for key, value in hook().items())
        self.project.write(".pre-commit-config.yaml",
                           "repos:\n  - repo: local\n    hooks:\n      -\n" + lines)
        self.project.write(".gitignore", ".snarl/\n")
        self.env = harness.environment(PATH=os.path.dirname(SNARL) + ":" + os.environ["PATH"],
                                       HOME=self.project.path("home"),
                                       PRE_COMMIT_HOME=self.project.path("home/cache"))
        self.run_tool("git", "init", "-q", ".")
        self.stage_all()
        self.run_tool(*GIT, "commit", "-q", "-m", "the shop, hazards and all")

    def run_tool(self, *args):
        done = subprocess.run(args, cwd=self.project.dir, env=self.env, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=harness.TIMEOUT_S, check=False)
        return done.returncode, done.stdout

    def stage_all(self):
        self.run_tool("git", "add", "src", "include", "compile_commands.json", ".gitignore",
                      ".pre-commit-config.yaml")

    def test_a_good_and_a_bad_change(self):
        self.project.write("src/clerk.c", self.project.read("src/clerk.c") + "\n/* well */\n")
        self.stage_all()
        status, said = self.run_tool("pre-commit", "run")
        self.assertEqual(status, 0, said)
        self.assertIn("Passed", said)
        self.project.write("src/clerk.c", self.project.read("src/clerk.c") + """
#include <pthread.h>
static pthread_mutex_t drawer = PTHREAD_MUTEX_INITIALIZER;
int open_drawer(int n)
{
    pthread_mutex_lock(&drawer);
    if (n > 3)
        return -1;
    pthread_mutex_unlock(&drawer);
    return 0;
}
""")
        self.stage_all()
        status, said = self.run_tool("pre-commit", "run")
        self.assertEqual(status, 1, said)
        self.assertIn("[missing-unlock]", said)
        self.assertIn("1 finding (", said)  # and none of those that were there


if __name__ == "__main__":
    unittest.main()
