"""docs/ci.md and the action: each `snarl check` in them is one that snarl takes."""

import os
import re
import unittest

from harness import TOP, GoldenTest

FILES = ("docs/ci.md", ".github/actions/snarl/action.yml")
COMMAND = re.compile(r"^[ -]*(?:run: )?(snarl check .*)$", re.MULTILINE)


def read(name):
    with open(os.path.join(TOP, name), encoding="utf-8") as file:
        return file.read()


class CiDocs(GoldenTest):
    def setUp(self):
        super().setUp()
        self.help = self.snarl("check", "--help").out
        self.formats = re.search(r"one of\s+([a-z ]+)\n", self.help).group(1).split()

    def test_options_and_formats_are_there(self):
        found = 0
        for command in (match for name in FILES for match in COMMAND.findall(read(name))):
            found += 1
            with self.subTest(command):
                for option in re.findall(r" (--[a-z-]+)", command):
                    self.assertRegex(self.help, rf"{option}\b")
                for form in re.findall(r"-o \"?([a-z]+):", command):
                    self.assertIn(form, self.formats)
        self.assertEqual(found, 5)

    def test_yaml(self):
        try:
            import yaml  # pylint: disable=import-outside-toplevel
        except ImportError:
            self.skipTest("no python3-yaml here")
        texts = re.findall(r"```yaml\n(.*?)```", read(FILES[0]), re.DOTALL) + [read(FILES[1])]
        self.assertEqual(len(texts), 3)
        for text in texts:
            self.assertIsInstance(yaml.safe_load(text), dict)


if __name__ == "__main__":
    unittest.main()
