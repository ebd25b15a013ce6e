"""Baselines: what was known, what is gone, and what is new, whatever the lines do in between."""

import json
import unittest

from harness import GoldenTest

# Of the identity of clerk's, but another finding.
PAIR = """    if (seats_seen() > 1) {
        pthread_mutex_lock(&desk);
        seats -= 2;
        pthread_mutex_unlock(&desk);
    }
"""
SINGLE = """    if (seats_seen() > 0) {
        pthread_mutex_lock(&desk);
        seats--;
        pthread_mutex_unlock(&desk);
    }
"""


class Baseline(GoldenTest):
    def setUp(self):
        super().setUp()
        self.project.take("office")
        self.project.compdb("office.c")
        wrote = self.snarl("check", "--write-baseline=known.json")
        self.assertEqual((wrote.status, wrote.out.splitlines()[-1], wrote.err),
                         (0, "0 findings; 2 known",
                          "snarl: note: known.json now has 2 findings\n"), wrote.transcript())

    def known(self):
        return json.loads(self.project.read("known.json"))["findings"]

    def compare(self):
        """(lines that are new, how many are known, how many of the baseline are gone)."""
        result = self.snarl("check", "--baseline=known.json", "--format=json")
        told = json.loads(result.out)
        self.assertEqual(result.status, 1 if told["findings"] else 0, result.transcript())
        lines = self.project.read("office.c").splitlines() if told["findings"] else []
        return ([lines[finding["line"] - 1].strip() for finding in told["findings"]],
                told["known"], told["gone"])

    def test_the_same(self):
        self.assertEqual(self.compare(), ([], 2, 0))
        self.assertEqual(self.compare(), ([], 2, 0))  # the kept answer

    def test_moved(self):
        self.project.replace("office.c", "int seats", "/* what is\n   left\n   of them */\nint seats")
        self.assertEqual(self.compare(), ([], 2, 0))

    def test_moved_to_another_file(self):
        self.project.write("src/hall.c", self.project.read("office.c"))
        self.project.compdb("src/hall.c")
        self.assertEqual(self.compare(), ([], 2, 0))

    def test_reformatted(self):
        self.project.replace("office.c", "        seats--;", "\t  seats--;")
        self.project.replace("office.c", "if (seats_seen() > 0) {", "if (seats_seen() > 0)\n  {")
        self.assertEqual(self.compare(), ([], 2, 0))

    def test_renamed_elsewhere(self):
        self.project.replace("office.c", "int seen = seats;\n", "int found = seats, seen = found;\n")
        self.project.replace("office.c", "threads", "clerks")
        self.assertEqual(self.compare(), ([], 2, 0))

    def test_rewritten_line(self):
        self.project.replace("office.c", "seats--;", "seats = seats - 1;")
        self.assertEqual(self.compare(), ([], 2, 0))

    def test_fixed(self):
        self.project.replace("office.c", "seats_seen() > 0", "arg != NULL")
        self.assertEqual(self.compare(), ([], 1, 1))
        text = self.snarl("check", "--baseline=known.json")
        self.assertEqual(text.out, "0 findings; 1 known; 1 of the baseline is gone\n")

    def test_new(self):
        self.project.replace("office.c", "meals_seen() > 0", "meals_seen() + seats_seen() > 0")
        self.project.replace("office.c", "        meals--;", "        meals--;\n        seats--;")
        self.assertEqual(self.compare(), (["seats--;"], 2, 0))

    def test_new_before_an_old_one_of_its_kind(self):
        self.project.replace("office.c", SINGLE, PAIR + SINGLE)
        self.assertEqual(self.compare(), (["seats -= 2;"], 2, 0))

    def test_new_behind_an_old_one_of_its_kind(self):
        self.project.replace("office.c", SINGLE, SINGLE + PAIR)
        self.assertEqual(self.compare(), (["seats -= 2;"], 2, 0))

    def test_another_baseline_is_another_question(self):
        self.assertEqual(self.compare(), ([], 2, 0))
        told = json.loads(self.project.read("known.json"))
        del told["findings"][0]
        self.project.write("known.json", json.dumps(told))
        self.assertEqual(self.compare()[1:], (1, 0))

    def test_rewriting_drops_what_was_fixed_and_takes_nothing_new(self):
        self.project.replace("office.c", "meals_seen() > 0", "arg != NULL")
        self.project.replace("office.c", SINGLE, PAIR + SINGLE)
        both = self.snarl("check", "--baseline=known.json", "--write-baseline=known.json")
        self.assertEqual(both.status, 1, both.transcript())
        self.assertEqual([finding["source"] for finding in self.known()], ["seats--;"])
        self.snarl("check", "--write-baseline=known.json")
        self.assertEqual([finding["source"] for finding in self.known()], ["seats -= 2;", "seats--;"])

    def test_what_it_looks_like(self):
        self.assert_golden("baseline.json", self.project.read("known.json"))

    def test_files_narrow_what_is_shown_not_what_is_known(self):
        result = self.snarl("check", "--baseline=known.json", "office.c")
        self.assertEqual(result.out, "0 findings; 2 known\n")
        self.assert_messages("baseline_files", 2, "check", "--write-baseline=known.json", "office.c")


class BadBaselines(GoldenTest):
    def setUp(self):
        super().setUp()
        self.take_shop()

    def test_each_is_told(self):
        bad = {"cut.json": '{ "tool": "snarl",\n  "version',
               "other.json": '{ "runs": [] }',
               "list.json": "[]",
               "newer.json": '{ "tool": "snarl", "version": 7, "findings": [] }',
               "entry.json": '{ "tool": "snarl", "version": 1, "findings": [ { "rule": "x" } ] }'}
        text = ""
        for name in sorted(bad):
            self.project.write(name, bad[name])
        for name in [*sorted(bad), "none.json"]:
            result = self.snarl("check", f"--baseline={name}")
            self.assertEqual((result.status, result.out), (2, ""), result.transcript())
            text += result.messages()
        self.assert_golden("baseline_bad.txt", text)

    def test_rules_that_are_gone_and_other_bytes(self):
        self.project.write("old.json", json.dumps(
            {"tool": "snarl", "version": 1, "findings": [
                dict.fromkeys(("rule", "file", "message", "identity", "source", "fingerprint"), "x")]}))
        result = self.snarl("check", "--baseline=old.json", "--format=json")
        self.assertEqual((result.status, json.loads(result.out)["gone"]), (1, 0))

    def test_nowhere_to_write(self):
        result = self.snarl("check", "--write-baseline=no/where.json")
        self.assertEqual(result.status, 4, result.transcript())
        self.assertIn("no/where.json: error: can't write this baseline: No such file", result.err)


if __name__ == "__main__":
    unittest.main()
