"""Commands and their options: help, pages, wrong values, where the output goes, colours."""

import json
import os
import pty
import re
import subprocess
import unittest

from harness import SNARL, TIMEOUT_S, TOP, GoldenTest, environment

COMMANDS = ["check", "graph", "map", "why", "holds", "query", "ir", "config", "rules", "explain", "completion", "lsp"]


class Help(GoldenTest):
    def test_version(self):
        result = self.snarl("--version")
        self.assertEqual((result.status, result.err), (0, ""))
        self.assertRegex(result.out, r"^snarl \d+\.\d+\.\d+ \(libclang \d+[.\d]*\)\n$")

    def test_help(self):
        result = self.assert_transcript("help", 0, "--help")
        self.assertEqual(self.snarl("help").out, result.out)
        for command in COMMANDS:
            self.assertRegex(result.out, rf"(?m)^  {command} +\w")

    def test_help_of_each_command(self):
        for command in COMMANDS:
            with self.subTest(command):
                result = self.assert_transcript(f"help_{command}", 0, command, "--help")
                self.assertEqual(result.err, "")

    def test_no_command(self):
        result = self.snarl()
        self.assertEqual((result.status, result.out), (2, ""))
        self.assertEqual(result.err, self.snarl("--help").out)

    def test_unknown_command(self):
        result = self.snarl("chek")
        self.assertEqual((result.status, result.out), (2, ""))
        self.assertTrue(result.err.startswith("snarl: error: unknown command 'chek'\n"), result.err)


class Rules(GoldenTest):
    def ids(self):
        return [line.split()[0] for line in self.snarl("rules").out.splitlines()]

    def test_rules(self):
        self.assert_transcript("rules", 0, "rules")
        with open(os.path.join(TOP, "rules", "rules.def"), encoding="utf-8") as file:
            registered = re.findall(r'^RULE\(\w+, *"([^"]+)"', file.read(), re.MULTILINE)
        self.assertEqual(self.ids(), registered)

    def test_explain_prints_each_rules_page(self):
        for rule in self.ids():
            with self.subTest(rule):
                result = self.snarl("explain", rule)
                self.assertEqual((result.status, result.err), (0, ""))
                with open(os.path.join(TOP, "docs", "rules", f"{rule}.md"), encoding="utf-8") as page:
                    self.assertEqual(result.out, page.read())

    def test_explain_an_unknown_rule(self):
        self.assert_transcript("explain_unknown", 2, "explain", "nonsense")

    def test_explain_nothing_or_too_much(self):
        self.assertEqual(self.snarl("explain").status, 2)
        self.assertEqual(self.snarl("explain", "check-then-act", "lock-order-cycle").status, 2)
        self.assertEqual(self.snarl("rules", "check-then-act").status, 2)


class WrongOptions(GoldenTest):
    def check(self, *args, says):
        result = self.snarl(*args)
        self.assertEqual((result.status, result.out), (2, ""), result.transcript())
        self.assertIn(says, result.err)

    def test_unknown(self):
        for command in COMMANDS:
            with self.subTest(command):
                self.check(command, "--frobnicate", says="unrecognized option '--frobnicate'")

    def test_wrong_values(self):
        self.check("check", "--format=xml",
                   says="unknown format 'xml': use one of text json sarif html gitlab github junit")
        self.check("check", "--confidence=huge",
                   says="unknown confidence 'huge': use high, medium or low")
        self.check("check", "--fail-on=error",
                   says="unknown severity 'error': use high, medium, low or none")
        for value in ("0", "-1", "two", "", "1x", "99999999999999999999"):
            self.check("check", f"--jobs={value}", says="--jobs takes a whole number")
        self.check("check", "--max=0", says="--max takes a whole number")
        self.check("check", "--unit-timeout=0", says="--unit-timeout takes a whole number")

    def test_missing_values(self):
        self.check("check", "-o", says="option requires an argument -- 'o'")
        self.check("check", "--db", says="option '--db' requires an argument")

    def test_flags_without_files(self):
        self.check("check", "--", "-Iinclude", says="flags after '--' need the files they are for")

    def test_ir_wants_one_file(self):
        self.check("ir", says="'ir' takes one source file")

    def test_files_of_graph_need_flags(self):
        self.check("graph", "a.c", says="need their flags after '--'")

    def test_map_of_an_unknown_variable(self):
        self.take_shop()
        self.check("map", "seats_rihgt", says="no shared variable is called 'seats_rihgt'")


class Output(GoldenTest):
    def setUp(self):
        super().setUp()
        self.take_shop()

    def test_into_a_file(self):
        shown = self.snarl("check")
        written = self.snarl("check", "-o", "findings.txt")
        self.assertEqual((written.status, written.out, written.err), (1, "", ""))
        self.assertEqual(self.project.read("findings.txt"), shown.out)

    def test_into_a_place_that_cannot_be_written(self):
        for command in ("check", "graph"):
            self.assert_transcript(f"output_no_folder_{command}", 4, command, "-o", "none/file")
            self.assert_transcript(f"output_is_folder_{command}", 4, command, "-o", "src")

    @unittest.skipUnless(os.path.exists("/dev/full"), "no /dev/full here")
    def test_into_a_full_disk(self):
        for args in (["check"], ["check", "--format=sarif"], ["graph"], ["map"],
                     ["ir", "src/main.c"], ["rules"], ["explain", "check-then-act"], ["--version"]):
            with self.subTest(args), open("/dev/full", "wb") as full:
                done = subprocess.run([SNARL, *args], cwd=self.project.dir, env=environment(),
                                      stdout=full, stderr=subprocess.PIPE, timeout=TIMEOUT_S,
                                      check=False)
                self.assertEqual(done.returncode, 4, done.stderr)
                self.assertEqual(done.stderr.count(b"No space left on device"), 1, done.stderr)

    def test_confidence(self):
        self.assertEqual(self.snarl("check", "--confidence=low").status, 1)
        self.project.write(".snarl.yml", "confidence: high\n")
        high = self.snarl("check")
        self.assertEqual(high.out, self.snarl("check", "--confidence=high").out)

    def test_what_makes_a_run_fail(self):
        self.project.write(".snarl.yml", "rules: { lock-order-cycle: off, check-then-act: off }\n")
        self.project.replace("src/clerk.c", "usleep(30 * 1000)", 'open("receipt", 0)')
        self.project.replace("src/clerk.c", "#include", "#include <fcntl.h>\n#include")
        medium = self.snarl("check", "--format=json")
        self.assertEqual([finding["severity"] for finding in json.loads(medium.out)["findings"]],
                         ["medium"])
        for level, status in (("low", 1), ("medium", 1), ("high", 0), ("none", 0)):
            with self.subTest(level):
                result = self.snarl("check", f"--fail-on={level}", "--format=json")
                self.assertEqual((result.status, result.out), (status, medium.out))
        self.project.write(".snarl.yml", "fail_on: none\n")
        self.assertEqual(self.snarl("check").status, 0)
        self.assertEqual(self.snarl("check", "--fail-on=high").status, 1)
        self.project.compdb("src/main.c", "src/clerk.c", "src/gone.c")
        self.assertEqual(self.snarl("check").status, 3)

    def test_only_the_worst(self):
        self.project.replace("src/clerk.c", "usleep(30 * 1000)", 'open("receipt", 0)')
        self.project.replace("src/clerk.c", "#include", "#include <fcntl.h>\n#include")
        every = self.snarl("check").out
        result = self.snarl("check", "--max=2", "-o", "text:-", "-o", "json:all.json")
        self.assertEqual(result.status, 1)
        self.assertNotIn("[blocking-in-callback]", result.out)
        self.assertEqual(result.out.count(" warning: "), 2)
        self.assertIn("; the worst 2 are told, 1 more is left out by --max\n", result.out)
        self.assertEqual(len(json.loads(self.project.read("all.json"))["findings"]), 3)
        self.assertEqual(self.snarl("check", "--max=3").out, every)
        self.assertEqual(self.snarl("check", "--max=1", "--fail-on=medium").status, 1)

    def test_nothing_found(self):
        self.project.compdb("src/clerk.c")
        result = self.snarl("check")
        self.assertEqual((result.status, result.out, result.err), (0, "0 findings\n", ""))

    def test_rule_switched_off(self):
        self.project.write(".snarl.yml", "rules: { check-then-act: off }\n")
        self.assertEqual(self.check_rules(), ["lock-order-cycle", "blocking-in-callback"])

    def test_stats(self):
        err = self.snarl("check", "--stats").err
        self.assert_golden("stats.txt", re.sub(r"\d+\.\d\d", "N.NN", err))


class Files(GoldenTest):
    """FILES say what is shown; the whole program is analysed all the same."""

    def setUp(self):
        super().setUp()
        self.take_shop()
        self.project.replace("src/clerk.c", "#include <unistd.h>", SECOND_CYCLE)

    def cycles(self, *args, **options):
        """How many lock-order cycles are shown: one runs through both files, one through clerk.c."""
        return self.check_rules(*args, **options).count("lock-order-cycle")

    def test_findings_that_touch_the_file(self):
        self.assertEqual(self.cycles(), 2)
        self.assertEqual(self.cycles("src/clerk.c"), 2)
        self.assertEqual(self.cycles("src/main.c"), 1)
        self.assertEqual(self.cycles("src/main.c", "src/clerk.c"), 2)

    def test_names_of_the_file(self):
        os.symlink("src", self.project.path("link"))
        for name in ("src/../src/main.c", self.project.path("src/main.c"), "link/main.c"):
            with self.subTest(name):
                self.assertEqual(self.cycles(name), 1)
        self.assertEqual(self.cycles("main.c", cwd="src"), 1)

    def test_a_header(self):
        self.assertEqual(self.check_rules("include/shop.h"), [])

    def test_unknown_files_are_told(self):
        self.project.write("src/new.c", "int fresh;\n")
        result = self.assert_messages("files_unknown", 3, "check", "src/none.c", "src/new.c",
                                      "src/main.c")
        self.assertIn("[lock-order-cycle]", result.out)

    def test_flags_need_no_database(self):
        os.unlink(self.project.path("compile_commands.json"))
        self.assertEqual(self.cycles("src/main.c", "src/clerk.c", "--", "-Iinclude"), 2)

    def test_flags_and_a_file_that_is_not_there(self):
        result = self.assert_messages("files_not_there", 3, "check", "src/none.c", "src/main.c",
                                      "src/clerk.c", "--", "-Iinclude")
        self.assertIn("4 findings", result.out)


# A cycle whose steps all lie in clerk.c.
SECOND_CYCLE = '''#include <unistd.h>

static pthread_mutex_t left = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t right = PTHREAD_MUTEX_INITIALIZER;

static void *to_the_right(void *arg)
{
    pthread_mutex_lock(&left);
    pthread_mutex_lock(&right);
    pthread_mutex_unlock(&right);
    pthread_mutex_unlock(&left);
    return arg;
}

static void *to_the_left(void *arg)
{
    pthread_mutex_lock(&right);
    pthread_mutex_lock(&left);
    pthread_mutex_unlock(&left);
    pthread_mutex_unlock(&right);
    return arg;
}

void start_both(void)
{
    pthread_t threads[2];
    pthread_create(&threads[0], NULL, to_the_right, NULL);
    pthread_create(&threads[1], NULL, to_the_left, NULL);
}
'''


class Terminal(GoldenTest):
    """Colours and the progress line are for people who look on."""

    def setUp(self):
        super().setUp()
        self.take_shop()

    def run_on_terminal(self, *args, stream, **env):
        """What arrives on a terminal that is snarl's `stream`; the other one is thrown away."""
        here, there = pty.openpty()
        streams = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, stream: there}
        with subprocess.Popen([SNARL, *args], cwd=self.project.dir, env=environment(**env),
                              stdin=subprocess.DEVNULL, **streams) as process:
            os.close(there)
            text = b""
            try:
                while more := os.read(here, 4096):
                    text += more
            except OSError:
                pass  # Linux' way to say that the other end has gone
            self.assertEqual(process.wait(TIMEOUT_S), 1)
        os.close(here)
        return text.decode().replace("\r\n", "\n")

    def test_colours(self):
        shown = self.run_on_terminal("check", stream="stdout")
        self.assertIn("\x1b[1;35mwarning:\x1b[0m", shown)
        self.assertEqual(re.sub(r"\x1b\[[\d;]*m", "", shown), self.snarl("check").out)

    def test_no_colours(self):
        plain = self.snarl("check").out
        self.assertNotIn("\x1b", plain)
        self.assertEqual(self.run_on_terminal("check", stream="stdout", NO_COLOR="1"), plain)
        self.assertIn("\x1b", self.run_on_terminal("check", stream="stdout", NO_COLOR=""))
        json = self.run_on_terminal("check", "--format=json", stream="stdout")
        self.assertNotIn("\x1b", json)

    def test_progress(self):
        shown = self.run_on_terminal("check", stream="stderr")
        lines = shown.split("\r\x1b[K")
        self.assertRegex(lines[1], r"^\[0/2\] -{20} 0\.0/s src/(main|clerk)\.c$")
        halves = [line for line in lines if line.startswith("[1/2] #")]
        self.assertRegex(halves[-1], r"^\[1/2\] #{10}-{10} [\d.]+/s src/(main|clerk)\.c$")
        self.assertRegex(lines[-4], r"^\[2/2\] #{20} [\d.]+/s $")
        self.assertEqual(lines[-3:], ["", "joining 2 files", ""])
        self.assertEqual(self.run_on_terminal("check", stream="stderr"), "")  # nothing to wait for

    def test_no_progress(self):
        self.assertEqual(self.snarl("check").err, "")
        os.unlink(self.project.path(".snarl/facts.db"))
        self.assertEqual(self.run_on_terminal("check", "-q", stream="stderr"), "")


if __name__ == "__main__":
    unittest.main()
