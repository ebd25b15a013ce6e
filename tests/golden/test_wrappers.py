"""Locks behind a user's own functions: seen through where there is source, told where there is not."""

import unittest

from harness import GoldenTest

ORDER = "lock-order-cycle"
CHECK = "check-then-act"

# One order everywhere.
PORTER = ("    {0}lock({1}back);\n    {0}lock({1}front);\n    coats--;",
          "    {0}lock({1}front);\n    {0}lock({1}back);\n    coats--;")
# The lock is kept from look to sale.
SELLER = ("    {0}unlock({1}front);\n    if (seen > 0) {{\n        {0}lock({1}front);\n"
          "        seats--;\n        {0}unlock({1}front);\n    }}\n",
          "    if (seen > 0) {{\n        seats--;\n    }}\n    {0}unlock({1}front);\n")


class WrapperTest(GoldenTest):
    words = ()  # beginning of the lock functions' names, what stands before a lock's name

    def cure(self, change):
        self.project.replace("main.c", *(text.format(*self.words) for text in change))


class WithSource(WrapperTest):
    """my_lock(struct my *) calls pthread: no configuration."""

    words = ("my_", "&")

    def setUp(self):
        super().setUp()
        self.project.take("own_wrapper")
        self.project.compdb("main.c", "lock.c")

    def test_bad(self):
        self.assertEqual(sorted(self.check_rules()), [CHECK, ORDER])
        self.assertIn("'back.mu' and 'front.mu' are taken in different orders",
                      self.snarl("check").out.replace("'front.mu' and 'back.mu'",
                                                      "'back.mu' and 'front.mu'"))

    def test_cured(self):
        self.cure(PORTER)
        self.assertEqual(self.check_rules(), [CHECK])
        self.cure(SELLER)
        self.assertEqual(self.check_rules(), [])

    def test_map(self):
        self.cure(SELLER)
        self.assertIn("seats: guard front.mu (4 of 4 accesses)\n", self.snarl("map", "seats").out)


class WithoutSource(WrapperTest):
    """ext_lock() of a library: two lines of .snarl.yml."""

    words = ("ext_", "")
    TWO_LINES = "  ext_lock: { acquire: 1, kind: mutex, blocks: lock }\n  ext_unlock: { release: 1 }\n"

    def setUp(self):
        super().setUp()
        self.project.take("library_wrapper")
        self.project.compdb("main.c")

    def configure(self):
        self.project.write(".snarl.yml", "fn:\n" + self.TWO_LINES)

    def test_bad_without_the_lines(self):
        self.assertNotIn(ORDER, self.check_rules())

    def test_bad(self):
        self.configure()
        self.assertEqual(sorted(self.check_rules()), [CHECK, ORDER])

    def test_cured(self):
        self.configure()
        self.cure(PORTER)
        self.assertEqual(self.check_rules(), [CHECK])
        self.cure(SELLER)
        self.assertEqual(self.check_rules(), [])

    def test_map(self):
        """Who knows the lock knows the guard."""
        self.cure(SELLER)
        self.assertIn("seats: no guard\n", self.snarl("map", "seats").out)
        self.configure()
        self.assertRegex(self.snarl("map", "seats").out, r"seats: guard \S*front\S* \(4 of 4")

    def test_one_of_two_lines_is_not_enough_to_be_wrong(self):
        """A lock that nobody gives back is not held for ever after: no finding is made of it."""
        self.project.write(".snarl.yml", "fn:\n" + self.TWO_LINES.splitlines()[1] + "\n")
        self.assertNotIn(ORDER, self.check_rules())


if __name__ == "__main__":
    unittest.main()
