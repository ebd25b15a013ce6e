"""Event loops of the program's own: the map of them, and what waits far below a handler."""

import unittest

from harness import GoldenTest

RULE = "blocking-in-callback"


class OwnLoop(GoldenTest):
    """Loop, handler and what it waits for are in three files; four calls, one through a pointer that
    main.c has set."""

    def setUp(self):
        super().setUp()
        self.project.take("own_loop")
        self.project.compdb("main.c", "loop.c", "line.c")

    def test_the_way_is_told(self):
        self.assert_transcript("loops_check", 1, "check")

    def test_the_map(self):
        self.assert_transcript("loops_map", 0, "map", "--loops")

    def test_same_bytes_from_any_order_and_any_number_of_workers(self):
        want = self.snarl("map", "--loops", "-j1").out
        self.project.compdb("line.c", "loop.c", "main.c")
        self.assertEqual(self.snarl("map", "--loops", "-j4", "--db=other.db").out, want)

    def test_another_line_is_quick(self):
        self.project.replace("main.c", ".dial = serial_dial", ".dial = 0")
        self.assertEqual(self.check_rules(), [])

    def test_no_loop(self):
        """One turn is no loop: nothing is kept waiting."""
        self.project.replace("loop.c", "while (!loop->stopped)", "if (!loop->stopped)")
        self.assertEqual(self.check_rules(), [])
        self.assertEqual(self.snarl("map", "--loops").out,
                         "0 loops: 0 of the program's own, 0 of libraries; 0 callbacks\n")


if __name__ == "__main__":
    unittest.main()
