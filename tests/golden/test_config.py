"""`snarl config`: the settings in force and where each is from."""

import json
import re
import unittest

from harness import GoldenTest

SETTINGS = '''# ours
confidence: low
rules:
  data-race: off
  toctou-file: true
  double-lock: high

library: shop
fn:
  shop_lock:   { acquire: 1, kind: mutex, blocks: lock }
  shop_peek:   { blocks: none, why: "says \\"no\\", at once" }
field: { "struct shop.on_sale": { runs: loop } }
blocks: { db: [shop_load, shop_save] }
active: [shop.h]
'''


def values(result):
    """{(key, name): (value, from, line, flag)} of its JSON."""
    return {(one["key"], one["name"]): (one["value"], one["from"], one["line"], one["flag"])
            for one in json.loads(result.out)["settings"]}


class Severity(GoldenTest):
    """A severity in `rules` counts for the order, the exit status and in every report."""

    def setUp(self):
        super().setUp()
        self.take_shop()

    def found(self, *args):
        """Rules in the order of the text, exit status, severities by rule in the JSON, and levels
        in SARIF."""
        result = self.snarl("check", *args, "-o", "text:-", "-o", "json:a.json", "-o", "sarif:a.sarif")
        findings = json.loads(self.project.read("a.json"))["findings"]
        results = json.loads(self.project.read("a.sarif"))["runs"][0]["results"]
        return (re.findall(r": (?:warning|note): .* \[([a-z-]+)\]$", result.out, re.MULTILINE),
                result.status, {one["rule"]: one["severity"] for one in findings},
                {one["ruleId"]: one["level"] for one in results})

    def test_order_and_exit_status(self):
        order, status, severities, levels = self.found("--fail-on=high")
        self.assertEqual(order[-1], "blocking-in-callback")
        self.assertEqual((severities["lock-order-cycle"], levels["lock-order-cycle"]),
                         ("high", "error"))
        self.assertEqual(status, 1)

        self.project.write(".snarl.yml", "rules: { lock-order-cycle: low, check-then-act: medium,"
                                         " blocking-in-callback: low }\n")
        order, status, severities, levels = self.found("--fail-on=high")
        self.assertEqual(order[0], "check-then-act")
        self.assertEqual(severities, {"lock-order-cycle": "low", "check-then-act": "medium",
                                      "blocking-in-callback": "low"})
        self.assertEqual(levels, {"lock-order-cycle": "note", "check-then-act": "warning",
                                  "blocking-in-callback": "note"})
        self.assertEqual(status, 0)
        self.assertEqual(self.found("--fail-on=medium")[1], 1)

        self.project.write(".snarl.yml", "fail_on: high\n"
                                         "rules: { lock-order-cycle: off, check-then-act: off,"
                                         " blocking-in-callback: high }\n")
        self.assertEqual(self.found(), (["blocking-in-callback"], 1,
                                        {"blocking-in-callback": "high"},
                                        {"blocking-in-callback": "error"}))

    def test_reload(self):
        """Kept answers don't outlive the settings."""
        self.assertEqual(self.snarl("check", "--fail-on=high").status, 1)
        self.project.write(".snarl.yml", "rules: { lock-order-cycle: low, check-then-act: low,"
                                         " blocking-in-callback: medium }\n")
        self.assertEqual(self.snarl("check", "--fail-on=high").status, 0)


class Config(GoldenTest):
    def test_without_a_file(self):
        result = self.snarl("config", "--format=json")
        self.assertEqual((result.status, json.loads(result.out)["file"]), (0, None))
        told = values(result)
        self.assertEqual(told["confidence", None], ("medium", "default", None, None))
        self.assertEqual(told["fail_on", None], ("low", "default", None, None))
        rules = [line.split()[0] for line in self.snarl("rules").out.splitlines()]
        self.assertEqual([name for key, name in told if key == "rules"], rules)
        self.assertIn("# no .snarl.yml here or in a folder above\n", self.snarl("config").out)

    def test_of_a_file(self):
        self.project.write(".snarl.yml", SETTINGS)
        self.assert_transcript("config", 0, "config", "--fail-on=high")
        told = values(self.snarl("config", "--format=json", "--fail-on=high"))
        self.assertEqual(told["confidence", None], ("low", "file", 2, None))
        self.assertEqual(told["fail_on", None], ("high", "flag", None, "--fail-on"))
        self.assertEqual(told["rules", "data-race"], ("off", "file", 4, None))
        self.assertEqual(told["rules", "toctou-file"], ("on", "file", 5, None))
        self.assertEqual(told["rules", "double-lock"], ("high", "file", 6, None))
        self.assertEqual(told["rules", "nested-loop"], ("on", "default", None, None))
        self.assertEqual(told["fn", "shop_peek"][1:], ("file", 11, None))
        self.assertEqual(told["active", None], ("[shop.h]", "file", 14, None))

    def test_a_flag_outranks_the_file(self):
        self.project.write(".snarl.yml", SETTINGS)
        told = values(self.snarl("config", "--format=json", "--confidence=high"))
        self.assertEqual(told["confidence", None], ("high", "flag", None, "--confidence"))

    def test_what_it_prints_is_a_file_that_says_the_same(self):
        self.project.write(".snarl.yml", SETTINGS)
        first = self.snarl("config").out
        self.project.write(".snarl.yml", first)
        second = self.snarl("config").out
        self.assertNotIn("# default", second)
        origin = re.compile(r" *# (default|\.snarl\.yml:\d+)$", re.MULTILINE)
        self.assertEqual(origin.sub("", first), origin.sub("", second))

    def test_file_of_a_folder_above(self):
        self.project.write(".snarl.yml", "confidence: high\n")
        self.project.write("sub/empty", "")
        self.assertIn("# settings file: $DIR/.snarl.yml\n", self.snarl("config", cwd="sub").out)

    def test_mistakes(self):
        self.project.write(".snarl.yml", "rules: { data-rase: off }\n")
        result = self.snarl("config")
        self.assertEqual((result.status, result.out), (2, ""))
        self.assertEqual(result.err, ".snarl.yml:1:10: error: unknown rule 'data-rase': "
                                     "did you mean 'data-race'?\n")
        for args, says in ((["--format=xml"], "unknown format 'xml': use text or json"),
                           (["src"], "Too many arguments")):
            result = self.snarl("config", *args)
            self.assertEqual((result.status, result.out), (2, ""))
            self.assertIn(says, result.err)


if __name__ == "__main__":
    unittest.main()
