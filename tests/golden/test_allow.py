"""Comments that allow findings, and what is said of those that are no good."""

import unittest

from harness import GoldenTest


class Allow(GoldenTest):
    def setUp(self):
        super().setUp()
        self.project.take("office")
        self.project.compdb("office.c")

    def seats(self, before="", behind=""):
        self.project.replace("office.c", "        seats--;", f"{before}        seats--;{behind}")

    def check(self, out, err="", status=1):
        """The last line and stderr; the first run and the one that has a kept answer."""
        for _ in range(2):
            result = self.snarl("check")
            self.assertEqual((result.status, result.out.splitlines()[-1], result.err),
                             (status, out, err), result.transcript())

    ONE = "1 finding (1 of high confidence); 1 allowed by comments"
    TWO = "2 findings (2 of high confidence)"

    def test_each_form(self):
        forms = [{"behind": " // snarl: allow(check-then-act) only shown"},
                 {"before": "        // snarl: allow(data-race, check-then-act) only shown\n"
                            "        /* snarl: allow(check-then-act) twice */\n"},
                 {"behind": " // NOLINT(snarl-check-then-act) only shown"},
                 {"behind": " /* counts only. NOLINT(bugprone-x, snarl-check-then-act): shown */"},
                 {"before": "        // NOLINTNEXTLINE(snarl-check-then-act) only shown\n"}]
        whole = self.project.read("office.c")
        for form in forms:
            with self.subTest(form):
                self.project.write("office.c", whole)
                self.seats(**form)
                result = self.snarl("check")
                self.assertEqual(result.out.splitlines()[-1], self.ONE, result.transcript())

    def test_others_nolint_is_not_ours(self):
        self.seats(behind=" // NOLINT(bugprone-x) y")
        self.check(self.TWO)
        self.project.replace("office.c", "NOLINT(bugprone-x) y", "NOLINT")
        self.check(self.TWO)

    def test_no_reason(self):
        self.seats(behind=" // NOLINT(snarl-check-then-act)")
        self.check(self.TWO, "office.c:27:18: warning: NOLINT(snarl-check-then-act) allows nothing "
                             "without a reason: write it behind the bracket\n")

    def test_no_such_rule(self):
        self.seats(behind=" // snarl: allow(check-than-act) x")
        self.check(self.TWO, "office.c:27:18: warning: allow(check-than-act) names no rule: did you "
                             "mean 'check-then-act'?\n")
        self.project.replace("office.c", "allow(check-than-act)", "allow(everything)")
        self.check(self.TWO, "office.c:27:18: warning: allow(everything) names no rule: `snarl "
                             "rules` lists them\n")

    def test_unused(self):
        self.seats(behind=" // snarl: allow(data-race, check-then-act) x")
        unused = ("office.c:27:18: warning: allow(data-race) allows nothing here: remove it\n")
        self.check(self.ONE, unused)
        self.assertEqual(self.snarl("check", "--quiet").err, "")
        self.project.write(".snarl.yml", "rules: { data-race: off }\n")
        self.check(self.ONE)

    def test_unused_is_not_said_where_something_is_missing(self):
        self.seats(behind=" // snarl: allow(data-race) x")
        self.project.compdb("office.c", "gone.c")
        result = self.snarl("check")
        self.assertEqual(result.status, 3)
        self.assertNotIn("remove it", result.err)

    def test_a_header_says_it_once(self):
        self.project.write("a.h", "int a; // snarl: allow(data-race) x\n")
        for name in ("b.c", "c.c"):
            self.project.write(name, f'#include "a.h"\nint {name[0]};\n')
        self.project.compdb("b.c", "c.c")
        self.check("0 findings", "a.h:1:8: warning: allow(data-race) allows nothing here: remove "
                                 "it\n", 0)


if __name__ == "__main__":
    unittest.main()
