"""Real editors: they open a file with a hazard, show it, apply the cure, and it is gone."""

import os
import shutil
import unittest

from editor_case import HERE, EditorCase


class Editors(EditorCase):
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
