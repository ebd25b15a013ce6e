"""`cmake --install` puts a program into a prefix that needs nothing of the checkout."""

import os
import shutil
import subprocess
import unittest

import harness
from harness import GoldenTest


@unittest.skipUnless("SNARL_BUILD" in os.environ and shutil.which("cmake"),
                     "no build folder to install from")
class Install(GoldenTest):
    def setUp(self):
        super().setUp()
        self.take_shop()
        done = subprocess.run(["cmake", "--install", os.environ["SNARL_BUILD"],
                               "--prefix", self.project.path("prefix")],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=harness.TIMEOUT_S, check=False)
        self.assertEqual(done.returncode, 0, done.stdout)
        os.rename(self.project.path("prefix"), self.project.path("elsewhere"))
        before = harness.SNARL
        self.addCleanup(setattr, harness, "SNARL", before)
        harness.SNARL = self.project.path("elsewhere/bin/snarl")

    def test_finds_the_hazards_from_elsewhere(self):
        """Models and pages are in the program; neither PATH nor HOME is asked."""
        env = {"PATH": "/nonexistent", "HOME": "/nonexistent"}
        result = self.snarl("check", **env)
        self.assertEqual((result.status, result.err), (1, ""), result.transcript())
        self.assertIn("3 findings", result.out)
        self.assertIn("# check-then-act", self.snarl("explain", "check-then-act", **env).out)

    def test_found_by_path(self):
        """Workers are the same program: its name alone must do."""
        done = subprocess.run(["snarl", "check", "-q"], cwd=self.project.dir, check=False,
                              env=harness.environment(PATH=self.project.path("elsewhere/bin")),
                              capture_output=True, text=True, timeout=harness.TIMEOUT_S)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("3 findings", done.stdout)

    def test_manual_and_completion(self):
        for name, says in [("share/man/man1/snarl.1", ".TH SNARL 1"),
                           ("share/bash-completion/completions/snarl.bash", "complete -o"),
                           ("share/fish/vendor_completions.d/snarl.fish", "complete -c snarl"),
                           ("share/zsh/site-functions/_snarl", "#compdef snarl"),
                           ("share/snarl/snarl.schema.json", '"never_together"')]:
            self.assertIn(says, self.project.read(os.path.join("elsewhere", name)))


@unittest.skipUnless("SNARL_BUILD" in os.environ and shutil.which("cpack") and
                     shutil.which("dpkg-deb"), "no build folder, or no Debian, to package from")
class Package(GoldenTest):
    def run_tool(self, *args):
        done = subprocess.run(args, cwd=self.project.dir, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=harness.TIMEOUT_S,
                              check=False)
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout

    def test_what_is_in_it(self):
        config = os.path.join(os.environ["SNARL_BUILD"], "CPackConfig.cmake")
        self.run_tool("cpack", "-G", "DEB", "--config", config, "-B", self.project.path())
        name, = [name for name in os.listdir(self.project.dir) if name.endswith(".deb")]
        self.assertRegex(name, r"^snarl_[\d.]+_\w+\.deb$")
        files = self.run_tool("dpkg-deb", "-c", name)
        for path in ("./usr/bin/snarl", "./usr/share/man/man1/snarl.1",
                     "./usr/share/zsh/vendor-completions/_snarl"):
            self.assertIn(path + "\n", files)
        needs = self.run_tool("dpkg-deb", "-f", name, "Depends")
        for package in ("libclang1-", "libclang-common-", "libsqlite3-0", "libjansson4"):
            self.assertIn(package, needs)


if __name__ == "__main__":
    unittest.main()
