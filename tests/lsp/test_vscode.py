"""The VS Code extension, as it is packaged: compiled, packed, unpacked, and run under node.

What stands in for the editor is vscode_standin.js; the language client is the real one. Ends with
status 77 where there is no node or npm. Usage: test_vscode.py WORK_DIR
"""

import os
import shutil
import subprocess
import sys
import unittest

from editor_case import HERE, SNARL, EditorCase
from test_features import RULES

WORK = os.path.abspath(sys.argv.pop(1))
EXTENSION = os.path.join(WORK, "unpacked", "extension")


class Packaged(EditorCase):
    build = "out"

    @classmethod
    def setUpClass(cls):
        subprocess.run([os.path.join(HERE, "vscode_package.sh"), WORK], check=True)

    def test_what_is_in_the_package(self):
        for name in ["package.json", "readme.md", "out/extension.js", "out/server.js",
                     "node_modules/vscode-languageclient/node.js"]:
            self.assertTrue(os.path.exists(os.path.join(EXTENSION, name)), name)
        for _, _, names in os.walk(EXTENSION):
            self.assertEqual([name for name in names if name.endswith((".ts", ".map"))], [])
        self.assertFalse(os.path.exists(os.path.join(EXTENSION, "node_modules/typescript")))

    def test_how_the_server_is_started(self):
        _, log = self.run_editor("node", os.path.join(HERE, "vscode_options.js"), EXTENSION, SNARL)
        self.assertEqual(log, "all as it should be\n")

    def test_a_hazard_and_its_cure(self):
        seen, log = self.run_editor("node", os.path.join(HERE, "vscode.js"), EXTENSION, SNARL)
        self.check_seen(seen, log, "wait-no-loop")
        self.assertIn("refused: snarl: can't run '/no/such/snarl' (ENOENT)", seen, log)
        self.assertIn("providers: CallHierarchy CodeActions CodeLens Hover InlayHints\n", seen, log)
        self.assertIn("left: %s\n" % " ".join(RULES[:-1]), seen, log)  # each of them once
        self.assertIn("\nafter: \n", seen, log)


if __name__ == "__main__":
    if not (shutil.which("node") and shutil.which("npm")):
        print("lsp.vscode: no node or npm here")
        sys.exit(77)
    unittest.main()
