"""The IR of each form of C: ir/NAME.c and what `snarl ir` prints of it, ir/NAME.ir."""

import os
import unittest

import harness
from harness import GoldenTest

SOURCES = os.path.join(harness.HERE, "ir")
FLAGS = ("--", "-std=gnu17", "--target=x86_64-linux-gnu")
MORE_FLAGS = {"c23": ("-std=gnu23",)}
INCOMPLETE = ("nested_function_lost",)  # sources that don't parse


def names(extension):
    return sorted(file[:-len(extension)] for file in os.listdir(SOURCES)
                  if file.endswith(extension))


class Forms(GoldenTest):
    def check(self, name):
        with open(os.path.join(SOURCES, name + ".c"), "rb") as file:
            self.project.write(name + ".c", file.read())
        result = self.snarl("ir", name + ".c", *FLAGS, *MORE_FLAGS.get(name, ()))
        self.assertEqual(result.status, 3 if name in INCOMPLETE else 0, result.transcript())
        self.assertEqual(result.err == "", name not in INCOMPLETE, result.err)
        self.assert_golden(os.path.join("..", "ir", name + ".ir"), result.out)

    def test_each_form(self):
        for name in names(".c"):
            with self.subTest(form=name):
                self.check(name)

    def test_no_text_is_left_over(self):
        self.assertEqual(names(".ir"), names(".c"))

    def test_the_table_names_each_form(self):
        with open(os.path.join(SOURCES, "README.md"), encoding="utf-8") as file:
            cells = [line.rsplit("|", 2)[1].strip() for line in file if line.startswith("|")]
        self.assertEqual(sorted(set(cells) - {"test", "---"}), names(".c"))

    def test_functions_inside_functions_are_told(self):
        with open(os.path.join(SOURCES, "nested_function_lost.c"), "rb") as file:
            self.project.write("nested.c", file.read())
        result = self.snarl("ir", "nested.c", *FLAGS)
        self.assertIn("nested.c:15:5: error: a function inside a function (a GCC extension) is "
                      "left out", result.err)

    def test_one_function(self):
        self.project.write("two.c", "int a(void) { return 1; }\nint b(void) { return 2; }\n")
        self.assertEqual(self.snarl("ir", "two.c", "--function=b", "--").out.splitlines()[0],
                         "fn b()")

    def test_notes_of_headers(self):
        """Those of the project's own headers count, each once, those of system headers don't."""
        self.project.write("system/sys.h", "extern int s; // snarl: of the system\n")
        self.project.write("own.h", "extern int o; // snarl: guarded_by(mu)\n")
        self.project.write("notes.c", '#include <sys.h>\n#include "own.h"\n#include "own.h"\n'
                           "// snarl: allow(data-race) a count for show\nint x;\n")
        result = self.snarl("ir", "notes.c", "--", "-isystem", "system")
        self.assertEqual(result.out, "notes\n    notes.c:4:1 alone: allow(data-race) a count for show\n"
                         "    own.h:1:15: guarded_by(mu)\n")


if __name__ == "__main__":
    unittest.main()
