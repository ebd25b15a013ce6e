"""`snarl config`: the settings in force and where each is from."""

import json
import os
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


RACE = '''#include <pthread.h>
static int hits;
static void *bump(void *arg) { hits++; return arg; }
void start_bumping(void)
{
    pthread_t threads[2];
    pthread_create(&threads[0], NULL, bump, NULL);
    pthread_create(&threads[1], NULL, bump, NULL);
}
'''


class Paths(GoldenTest):
    """Only findings in the project's own files are shown; the others are analysed and counted."""

    def setUp(self):
        super().setUp()
        self.take_shop()
        os.mkdir(self.project.path("deps"))
        os.rename(self.project.path("src/clerk.c"), self.project.path("deps/clerk.c"))
        self.project.write("src/extra.c", RACE)
        self.project.compdb("src/main.c", "src/extra.c", "deps/clerk.c")

    def found(self, *args, **options):
        """Files of the findings shown, how many others there are, exit status."""
        result = self.snarl("check", "--format=json", *args, **options)
        told = json.loads(result.out)
        return ([one["file"] for one in told["findings"]], told["foreign"], result.status)

    def test_what_is_vendored_is_counted(self):
        every = self.found("--all-files")
        self.assertEqual((every[1:], len(every[0])), ((0, 1), 4))
        vendored = [file for file in every[0] if file.startswith("deps/")]
        own = [file for file in every[0] if file.startswith("src/")]
        self.assertTrue(own and vendored)
        self.assertEqual(self.found(), (own, len(vendored), 1))
        self.assertEqual(self.found(cwd="src", LC_ALL="C")[1:], (len(vendored), 1))

    def test_summary(self):
        self.project.write(".snarl.yml", "paths: { report: [include] }\n")
        result = self.snarl("check")
        self.assertEqual((result.status, result.out),
                         (0, "0 findings; 4 in files that are not the project's own are not shown "
                             "(--all-files shows them)\n"))
        self.project.write(".snarl.yml", "rules: { blocking-in-callback: off, lock-order-cycle: off,"
                                         " check-then-act: off }\n"
                                         "paths: { report: [include] }\n")
        self.assertEqual(self.snarl("check").out,
                         "0 findings; 1 in files that are not the project's own is not shown "
                         "(--all-files shows it)\n")

    def test_settings(self):
        every = self.found("--all-files")[0]
        for settings, prefix in (("hide: []", ""), ("hide: [src]", "deps/"), ("hide: ['*.c']", "-"),
                                 ("report: [src]", "src/"), ("report: [., deps]", ""),
                                 ("report: [deps/clerk.c]", "deps/"), ("report: [deps/*.h]", "-")):
            with self.subTest(settings):
                self.project.write(".snarl.yml", "paths: { %s }\n" % settings)
                shown = [file for file in every if file.startswith(prefix)]
                self.assertEqual(self.found(),
                                 (shown, len(every) - len(shown), 1 if shown else 0))

    def test_files_that_are_asked_for(self):
        self.assertTrue(any(file == "deps/clerk.c" for file in self.found("deps/clerk.c")[0]))

    def test_which_they_are(self):
        told = values(self.snarl("config", "--format=json"))
        self.assertEqual(told["paths", "report"], ("[\".\"]", "default", None, None))
        self.assertIn("deps", told["paths", "hide"][0])
        self.project.write(".snarl.yml", "paths:\n  report: [src, 'a b']\n  hide: src/gen\n")
        told = values(self.snarl("config", "--format=json"))
        self.assertEqual(told["paths", "report"], ('[src, "a b"]', "file", 2, None))
        self.assertEqual(told["paths", "hide"], ("[src/gen]", "file", 3, None))

    def test_mistakes(self):
        for text, says in (("paths: { repport: [] }", "1:10: error: unknown key 'repport': "
                                                      "did you mean 'report'?"),
                           ("paths: [src]", "1:8: error: expected a map here, with keys like "
                                            "'report': { report: ... }"),
                           ("paths: { hide: [[a]] }", "1:17: error: expected a single text here")):
            self.project.write(".snarl.yml", text + "\n")
            result = self.snarl("check")
            self.assertEqual((result.status, result.err), (2, f".snarl.yml:{says}\n"))


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
