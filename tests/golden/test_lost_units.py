"""A source that libclang can't take costs itself only: it crashes, never ends or needs too much."""

import json
import sqlite3
import string
import unittest

from harness import GoldenTest, is_sanitized

ALL_RULES = ["check-then-act", "lock-order-cycle", "blocking-in-callback"]

# What clang itself offers to test its crash handling with.
CRASH = "#pragma clang __debug llvm_fatal_error\n"


def eightfold(n, first, between, use):
    """A name that stands for 8^n copies of `first`, in a short source."""
    lines = [f"#define A {first}"]
    for name, last in zip(LETTERS[1:n + 1], LETTERS):
        lines.append(f"#define {name} {between.join(8 * last)}")
    return "\n".join([*lines, use.replace("@", LETTERS[n]), ""])


LETTERS = string.ascii_uppercase

# Of 2^36 terms; needs no memory. Small, because the biggest sources are parsed first.
HANG = eightfold(12, "0", "+", "#if @\n#endif")
# Of 2^27 elements.
HUGE = eightfold(9, "1", ",", "int huge[] = { @ };")
# Recursion without end but that of the stack.
DEEP = f"int deep = {'- ' * 2000000}1;\n"


class LostUnits(GoldenTest):
    def setUp(self):
        super().setUp()
        self.project.take("shop")
        self.project.compdb("src/main.c", "src/lost.c", "src/clerk.c")

    def check(self, source, says, *args):
        """Only src/lost.c is lost, in the first run and in the next one; cured, it is analysed."""
        self.project.write("src/lost.c", source)
        for parsed in (3, 1):
            result = self.snarl("check", "--stats", *args)
            self.assertEqual((result.status, result.parsed(), result.lost()), (3, parsed, 1),
                             result.transcript())
            self.assertRegex(result.err, rf"(?m)^src/lost\.c: error: {says}$")
            self.assertEqual(result.err.count("error:"), 1, result.err)
            self.assertIn("3 findings", result.out)
            self.check_database()
        self.project.write("src/lost.c", "int found;\n")
        cured = self.snarl("check", "--stats", *args)
        self.assertEqual((cured.status, cured.parsed(), cured.lost()), (1, 1, 0))
        self.assertEqual(cured.out, result.out)

    def check_database(self):
        """It is whole, and holds the other units and no half of the lost one."""
        database = sqlite3.connect(self.project.path(".snarl/facts.db"))
        self.addCleanup(database.close)
        self.assertEqual(database.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
        paths = sorted(path for path, in database.execute("SELECT path FROM unit"))
        self.assertEqual(paths, [self.project.path(f"src/{name}.c") for name in ("clerk", "main")])

    def test_a_crash(self):
        self.check(CRASH, r"libclang crashed \(SIGABRT\)")

    def test_a_source_nested_too_deeply(self):
        self.check(DEEP, r"libclang (crashed \(SIG\w+\)|ended the worker \(exit status 1\))")

    def test_a_source_that_takes_for_ever(self):
        self.check(HANG, "libclang ran for more than 2 s", "--unit-timeout=2")

    @unittest.skipIf(is_sanitized(), "AddressSanitizer needs the memory itself")
    def test_a_source_that_needs_too_much_memory(self):
        self.check(HUGE, "libclang needed more than the memory limit of 200 MB",
                   "--unit-memory=200")

    def test_several_at_once(self):
        """As many as there are workers, and more."""
        files = [f"src/lost{i}.c" for i in range(6)]
        for i, file in enumerate(files):
            self.project.write(file, CRASH if i % 2 else HANG)
        self.project.compdb("src/main.c", *files, "src/clerk.c")
        result = self.snarl("check", "-j2", "--stats", "--unit-timeout=1")
        self.assertEqual((result.status, result.lost()), (3, 6), result.transcript())
        self.assertIn("3 findings", result.out)

    def test_what_is_said(self):
        self.project.write("src/lost.c", CRASH)
        self.assert_messages("unit_lost", 3, "check")

    def test_ir_is_read_in_a_worker_too(self):
        self.project.write("src/lost.c", CRASH)
        self.assert_transcript("ir_unit_lost", 3, "ir", "src/lost.c")
        self.project.write("src/lost.c", HANG)
        result = self.snarl("ir", "src/lost.c", "--unit-timeout=1")
        self.assertEqual((result.status, result.out), (3, ""))
        self.assertEqual(result.err, "src/lost.c: error: libclang ran for more than 1 s\n")

    def test_json_names_it(self):
        self.project.write("src/lost.c", CRASH)
        result = self.snarl("check", "--format=json")
        self.assertEqual(self.rules_of(result), ALL_RULES)
        problem, = json.loads(result.out)["problems"]
        self.assertEqual((problem["file"], problem["message"]),
                         ("src/lost.c", "libclang crashed (SIGABRT)"))


if __name__ == "__main__":
    unittest.main()
