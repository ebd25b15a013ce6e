"""What a run leaves: reports in their formats, the graph, the map, the IR, the result tables."""

import json
import os
import re
import shutil
import sqlite3
import unittest
import xml.etree.ElementTree

from harness import GoldenTest

SHOP_RULES = ["check-then-act", "lock-order-cycle", "blocking-in-callback"]


class Reports(GoldenTest):
    """The shop has one hazard of each rule, and each of them lies in both files."""

    def setUp(self):
        super().setUp()
        self.take_shop()

    def test_text(self):
        self.assert_transcript("check_text", 1, "check")

    def test_json(self):
        result = self.snarl("check", "--format=json")
        self.assertEqual((result.status, result.err), (1, ""))
        self.assertEqual(self.rules_of(result), SHOP_RULES)
        self.assert_golden("check.json", result.out)

    def test_sarif(self):
        result = self.snarl("check", "--format=sarif")
        self.assertEqual((result.status, result.err), (1, ""))
        run, = json.loads(result.out)["runs"]
        self.assertEqual([found["ruleId"] for found in run["results"]], SHOP_RULES)
        for rule in run["tool"]["driver"]["rules"]:
            self.assertIn("## How snarl decides", rule["help"]["markdown"])
        pages = re.compile(r'("help": \{\s*"text": )".*?",(\s*"markdown": )".*?"\n')
        self.assert_golden("check.sarif", pages.sub(r'\1"...",\2"..."\n', result.out))

    def test_reports_for_services(self):
        """Their schemas are tests/npm's; here it is that they come, and stay as they are."""
        for form, name in (("gitlab", "check_gitlab.json"), ("github", "check_github.txt"),
                           ("junit", "check_junit.xml")):
            with self.subTest(form):
                result = self.snarl("check", f"--format={form}")
                self.assertEqual((result.status, result.err), (1, ""))
                self.assert_golden(name, result.out)

    def test_junit_knows_the_settings(self):
        self.project.write(".snarl.yml", "rules: { data-race: off }\nfail_on: none\n")
        result = self.snarl("check", "--format=junit")
        self.assertEqual(result.status, 0)
        suites = xml.etree.ElementTree.fromstring(result.out)
        self.assertNotIn("data-race", [suite.get("name") for suite in suites])
        self.assertEqual((suites.get("failures"), len(suites.findall(".//system-out"))), ("0", 3))
        self.assertEqual(len(suites.findall(".//testcase")), int(suites.get("tests")))

    def test_several_reports_of_one_run(self):
        result = self.snarl("check", "-o", "text:-", "-o", "sarif:a.sarif", "-o", "json:b.json")
        self.assertEqual(result.status, 1)
        self.assertIn("3 findings", result.out)
        run, = json.loads(self.project.read("a.sarif"))["runs"]
        self.assertEqual([found["ruleId"] for found in run["results"]], SHOP_RULES)
        findings = json.loads(self.project.read("b.json"))["findings"]
        self.assertEqual([finding["rule"] for finding in findings], SHOP_RULES)

    def test_stories_lead_through_both_files(self):
        for finding in json.loads(self.snarl("check", "--format=json").out)["findings"]:
            files = {step["file"] for thread in finding["threads"] for step in thread["steps"]}
            titles = "".join(thread["title"] for thread in finding["threads"])
            self.assertIn("src/clerk.c", files, finding["rule"])
            self.assertTrue("src/main.c" in files or "src/main.c" in titles, finding["rule"])

    def test_fingerprints_survive_moved_lines(self):
        def fingerprints():
            found = json.loads(self.snarl("check", "--format=json").out)["findings"]
            return [(finding["rule"], finding["fingerprint"]) for finding in found]

        before = fingerprints()
        self.assertEqual(len(set(before)), 3)
        for name in ("src/main.c", "src/clerk.c"):
            self.project.write(name, "\n\n\n" + self.project.read(name))
        self.assertEqual(fingerprints(), before)

    def test_paths_with_odd_characters(self):
        self.project.write("src/größe 'und' \"so\".c", self.project.read("src/clerk.c"))
        self.project.compdb("src/main.c", "src/größe 'und' \"so\".c")
        for form in ("json", "sarif", "text"):
            result = self.snarl("check", f"--format={form}")
            self.assertEqual(result.status, 1, result.transcript())
            if form != "text":
                json.loads(result.out)


class GraphAndMap(GoldenTest):
    def setUp(self):
        super().setUp()
        self.take_shop()

    def test_graph(self):
        result = self.snarl("graph")
        self.assertEqual((result.status, result.err), (0, ""))
        self.assert_golden("graph.dot", result.out)
        self.assertEqual(self.snarl("graph", "-o", "locks.dot").status, 0)
        self.assertEqual(self.project.read("locks.dot"), result.out)

    @unittest.skipUnless(shutil.which("dot"), "Graphviz is not installed")
    def test_graph_as_svg(self):
        result = self.snarl("graph", "-o", "locks.svg")
        self.assertEqual((result.status, result.out, result.err), (0, "", ""))
        root = xml.etree.ElementTree.parse(self.project.path("locks.svg")).getroot()
        self.assertEqual(root.tag, "{http://www.w3.org/2000/svg}svg")
        text = "".join(root.itertext())
        self.assertIn("desk", text)
        self.assertIn("till", text)

    def test_graph_as_svg_without_graphviz(self):
        os.makedirs(self.project.path("no-programs"))
        result = self.assert_transcript("graph_without_dot", 4, "graph", "-o", "locks.svg",
                                        PATH=self.project.path("no-programs"))
        self.assertFalse(os.path.exists(self.project.path("locks.svg")), result)

    def test_map(self):
        self.assert_transcript("map", 0, "map")
        result = self.snarl("map", "cash")
        self.assertIn("cash: guard ", result.out)
        self.assertNotIn("seats_left", result.out)

    def test_both_tell_what_was_not_analysed(self):
        self.project.compdb("src/main.c", "src/clerk.c", "src/gone.c")
        for command in ("graph", "map"):
            result = self.snarl(command)
            self.assertEqual(result.status, 3, command)
            self.assertTrue(result.err.startswith("src/gone.c: error: "), result.err)


class Ir(GoldenTest):
    SOURCE = ("#include <pthread.h>\n\n"
              "struct counter {\n    pthread_mutex_t mu;\n    int n;\n};\n"
              "static struct counter hits;\n\n"
              "int count(int by)\n{\n"
              "    pthread_mutex_lock(&hits.mu);\n    hits.n += by;\n"
              "    int seen = hits.n;\n    pthread_mutex_unlock(&hits.mu);\n"
              "    return seen > 100 ? 100 : seen;\n}\n\n"
              "void reset(void)\n{\n    hits.n = 0;\n}\n")

    def setUp(self):
        super().setUp()
        self.project.write("hits.c", self.SOURCE)
        self.project.compdb("hits.c")

    def test_a_file(self):
        self.assert_transcript("ir", 0, "ir", "hits.c")

    def test_a_function(self):
        result = self.snarl("ir", "hits.c", "-f", "reset")
        self.assertIn("fn reset()", result.out)
        self.assertNotIn("fn count", result.out)

    def test_with_flags(self):
        os.unlink(self.project.path("compile_commands.json"))
        result = self.snarl("ir", "hits.c", "--", "-DX")
        self.assertEqual((result.status, result.err), (0, ""))
        self.assertIn("fn reset()", result.out)

    def test_errors_are_told(self):
        self.project.write("hits.c", self.SOURCE + "int half( {\n")
        result = self.assert_messages("ir_errors", 3, "ir", "hits.c")
        self.assertIn("fn count(by)", result.out)

    def test_a_file_of_no_unit(self):
        self.project.write("other.c", "int x;\n")
        self.assert_transcript("ir_no_unit", 3, "ir", "other.c")
        self.assert_transcript("ir_no_file", 3, "ir", "none.c")


class ResultTables(GoldenTest):
    """facts.db holds what the last run found, for questions in SQL."""

    def setUp(self):
        super().setUp()
        self.take_shop()
        self.result = self.snarl("check", "--format=json")

    def ask(self, query):
        database = sqlite3.connect(self.project.path(".snarl/facts.db"))
        try:
            return database.execute(query).fetchall()
        finally:
            database.close()

    def line(self, file, text):
        """The number of the only line that has `text`."""
        lines = self.project.read(file).splitlines()
        found = [number for number, line in enumerate(lines, 1) if text in line]
        self.assertEqual(len(found), 1, text)
        return found[0]

    def test_all_rows(self):
        """As text, so that a change shows in a diff."""
        text = ""
        for table in ("contexts", "callbacks", "locks", "lock_edges", "variables", "accesses",
                      "blocking", "findings"):
            text += f"{table}\n"
            for row in self.ask(f"SELECT * FROM {table}"):
                text += "  " + " | ".join("NULL" if value is None else str(value)
                                          for value in row) + "\n"
        self.assert_golden("result_tables.txt", text)

    def test_contexts(self):
        rows = self.ask("SELECT kind, entry, where_file, where_line, many FROM contexts"
                        " ORDER BY kind, entry")
        start = self.line("src/main.c", "NULL, auditor, &sum")
        self.assertEqual(rows[:2], [("main", "main", None, None, 0),
                                    ("thread", "auditor", "src/main.c", start, 0)])
        first = self.line("src/main.c", "&threads[0]")
        self.assertEqual(rows[2:], [("thread", "clerk", "src/main.c", first, 1)])

    def test_locks(self):
        self.assertEqual(self.ask("SELECT name, kind FROM locks ORDER BY name"),
                         [("desk", "object"), ("till", "object")])

    def test_lock_edges(self):
        rows = self.ask("SELECT f.name, t.name, c.entry, function, file, line FROM lock_edges e"
                        " JOIN locks f ON f.id = from_lock JOIN locks t ON t.id = to_lock"
                        " JOIN contexts c ON c.id = context ORDER BY file")
        self.assertEqual(rows, [
            ("desk", "till", "clerk", "clerk", "src/clerk.c",
             self.line("src/clerk.c", "pthread_mutex_lock(&till)")),
            ("till", "desk", "auditor", "auditor", "src/main.c",
             self.line("src/main.c", "pthread_mutex_lock(&till)") + 1)])

    def test_variables(self):
        self.assertEqual(self.ask("SELECT name, reads, writes FROM variables ORDER BY name"),
                         [("cash", 1, 1), ("seats_left", 2, 1)])
        self.assertEqual(self.ask("SELECT guard FROM variables WHERE name = 'seats_left'"),
                         [("desk",)])

    def test_accesses(self):
        rows = self.ask("SELECT c.entry, function, file, line, a.kind, tokens FROM accesses a"
                        " JOIN variables v ON v.id = variable JOIN contexts c ON c.id = context"
                        " WHERE v.name = 'seats_left' ORDER BY file, line")
        self.assertEqual(rows, [
            ("clerk", "clerk", "src/clerk.c", self.line("src/clerk.c", "seats_left--"), "rmw",
             "desk"),
            ("auditor", "auditor", "src/main.c", self.line("src/main.c", "seats_left + cash"), "read",
             "desk, till"),
            ("clerk", "look_at_seats", "src/main.c", self.line("src/main.c", "int seen ="), "read",
             "desk")])

    def test_atomic_accesses(self):
        self.project.replace("include/shop.h", "extern int cash", "extern _Atomic int cash")
        self.project.replace("src/main.c", "int cash", "_Atomic int cash")
        self.snarl("check")
        kinds = self.ask("SELECT DISTINCT a.kind FROM accesses a JOIN variables v"
                         " ON v.id = variable WHERE v.name = 'cash' ORDER BY 1")
        self.assertEqual(kinds, [("atomic read",), ("atomic rmw",)])

    def test_blocking(self):
        self.assertEqual(self.ask("SELECT callback, function, callee, what, file, line"
                                  " FROM blocking"),
                         [("on_print", "print_receipt", "usleep", "sleep", "src/clerk.c",
                           self.line("src/clerk.c", "usleep"))])

    def test_findings_are_those_reported(self):
        found = json.loads(self.result.out)["findings"]
        keys = ("rule", "severity", "confidence", "file", "line", "column", "message",
                "fingerprint")
        columns = ", ".join(f'"{key}"' for key in keys)
        self.assertEqual(self.ask(f"SELECT {columns} FROM findings"),
                         [tuple(finding[key] for key in keys) for finding in found])

    def test_findings_that_are_not_shown_are_there(self):
        self.snarl("check", "src/none.c")
        self.assertEqual(self.ask("SELECT count(*) FROM findings"), [(3,)])

    def test_the_last_run_replaces_the_one_before(self):
        self.project.compdb("src/main.c")
        self.snarl("check")
        self.assertEqual(self.ask("SELECT count(*) FROM findings"), [(0,)])
        self.assertEqual(self.ask("SELECT count(*) FROM lock_edges"), [(1,)])


if __name__ == "__main__":
    unittest.main()
