"""`snarl check --explain-flags FILE`: what libclang is told of a compiler's command line, and why
the rest is left out; and that command lines of all kinds lead to findings."""

import json
import os
import re
import unittest

from harness import GoldenTest
from test_lost_units import CRASH

# Changes with libclang's place on the machine.
RESOURCES = re.compile(r"^    -resource-dir .*\n", re.MULTILINE)


class Explained(GoldenTest):
    def setUp(self):
        super().setUp()
        self.project.take("shop")

    def entries(self, *commands):
        """Writes a database; each command compiles its last word."""
        self.project.write("compile_commands.json", json.dumps(
            [{"directory": self.project.dir, "file": command.split()[-1], "command": command}
             for command in commands]))

    def check(self, name, *args, status=0, **options):
        """What is said is what expected/NAME.txt says."""
        result = self.snarl("check", "--explain-flags", *args, **options)
        self.assertEqual(result.status, status, result.transcript())
        self.assert_golden(f"{name}.txt", RESOURCES.sub("", result.transcript()))
        self.assertFalse(os.path.exists(self.project.path(".snarl")))
        return result.out

    def test_a_build(self):
        self.project.write("flags.rsp", "-Iinclude '-DNAME=\"a b\"' @gone.rsp")
        self.entries("ccache gcc-12 -std=gnu11 -O2 -g -Wall -Wlogical-op -fipa-pta -D A=1 "
                     "-include include/shop.h @flags.rsp -Wp,-MD,x.d,-DB -MF x.d -unknown "
                     "-o x.o -c src/main.c", "cc -c src/clerk.c")
        self.check("flags_build", "src/main.c")

    def test_a_cross_compiler(self):
        self.entries("/opt/bin/arm-none-eabi-gcc-12.2 -mcpu=cortex-m3 -mthumb -Iinclude "
                     "-c src/main.c")
        self.assertIn("\n    --target=arm-none-eabi\n", self.check("flags_cross", "src/main.c"))

    def test_a_cpu_that_clang_does_not_know(self):
        self.entries("sh-elf-gcc -m2 -mb -Iinclude -c src/main.c")
        self.check("flags_unknown_cpu", "src/main.c")

    def test_flags_that_libclang_refuses(self):
        """It is given them all the same: another version may know them."""
        self.entries("gcc -march=z9000 -std=c99 -fsigned-char -Iinclude -c src/main.c")
        out = self.check("flags_refused", "src/main.c")
        self.assertIn("\n  said by libclang:\n", out)
        self.assertIn("'-march=z9000'", out)
        self.project.write("src/main.c", CRASH)
        self.assertIn("libclang crashed", self.snarl("check", "--explain-flags", "src/main.c").out)

    def test_entries_that_do_not_count(self):
        self.entries("cc -DFIRST -c src/main.c", "cc -DSECOND -c src/main.c",
                     "g++ -c src/main.c", "cc -x assembler -c src/main.c", "cc -c src/clerk.c")
        self.check("flags_entries", "src/main.c")

    def test_other_files(self):
        self.project.write("src/view.cpp", "class View;\n")
        self.project.write("src/start.S", "nop\n")
        self.entries("c++ -c src/view.cpp", "cc -c src/start.S", "cc -c src/gone.c")
        self.assertIn("left out: not C", self.check("flags_cxx", "src/view.cpp"))
        self.assertIn("left out: assembler", self.check("flags_asm", "src/start.S"))
        self.assertIn("there is no such file", self.check("flags_missing", "src/gone.c"))

    def test_names_of_the_file(self):
        self.entries("cc -DA -c src/main.c")
        os.symlink("src", self.project.path("link"))
        for name in (self.project.path("src/main.c"), "./src/../src/main.c", "link/main.c"):
            with self.subTest(name):
                self.assertIn("    -DA\n", self.snarl("check", "--explain-flags", name).out)

    def test_flags_of_the_command_line(self):
        self.check("flags_typed", "src/main.c", "--", "-Iinclude", "-O2", "-Wall")

    def test_no_entry(self):
        self.entries("cc -c src/main.c")
        self.check("flags_no_entry", "src/clerk.c", status=3)

    def test_no_database(self):
        self.assertEqual(self.snarl("check", "--explain-flags", "src/main.c").status, 3)


class Compiled(GoldenTest):
    """However src/main.c is compiled, the shop's three hazards are found."""

    def setUp(self):
        super().setUp()
        self.project.take("shop")

    def check(self, *flags, compiler=("cc",)):
        entries = [{"directory": self.project.dir, "file": "src/main.c",
                    "arguments": [*compiler, "-Iinclude", *flags, "-c", "src/main.c"]},
                   {"directory": self.project.dir, "file": "src/clerk.c",
                    "arguments": ["cc", "-Iinclude", "-c", "src/clerk.c"]}]
        self.project.write("compile_commands.json", json.dumps(entries))
        result = self.snarl("check", "--db", ":memory:")
        self.assertEqual((result.status, result.err), (1, ""), result.transcript())
        self.assertIn("3 findings", result.out)

    def test_launchers(self):
        self.check(compiler=("ccache", "gcc-12"))
        self.check(compiler=("distcc", "gcc"))
        self.check(compiler=("env", "CCACHE_DIR=/x", "nice", "-n", "5", "/usr/bin/sccache", "clang"))

    def test_a_header_by_include(self):
        """Without it src/main.c does not compile."""
        self.project.replace("src/main.c", '#include "shop.h"\n', "")
        self.check("-include", "shop.h")
        self.check("-include", "include/shop.h")
        self.check(f"-include{self.project.path('include/shop.h')}")

    def test_macros_by_imacros(self):
        self.project.write("include/names.h", "#define SHOP_HEADER \"shop.h\"\n")
        self.project.replace("src/main.c", '"shop.h"', "SHOP_HEADER")
        self.check("-imacros", "names.h")

    def test_a_processor(self):
        self.check("-m64", "-march=haswell", "-mno-avx512f", "-mtune=generic")

    def test_a_cross_compiler(self):
        """A source that only compiles where a cross compiler of this name compiles it for."""
        self.project.write("board.c", "#if !defined(__arm__) || __SIZEOF_POINTER__ != 4\n"
                                      "#error not for this board\n#endif\nint led;\n")
        self.project.write("compile_commands.json", json.dumps(
            [{"directory": self.project.dir, "file": "board.c",
              "command": "distcc /opt/arm/bin/arm-none-eabi-gcc -mcpu=cortex-m3 -c board.c"}]))
        result = self.snarl("check")
        self.assertEqual((result.status, result.err), (0, ""), result.transcript())


if __name__ == "__main__":
    unittest.main()
