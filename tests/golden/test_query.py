"""snarl query: rows in each format, what is refused, results that are out of date; docs/queries.md."""

import csv
import io
import json
import os
import re
import sqlite3
import subprocess

import unittest

from harness import SNARL, TIMEOUT_S, TOP, GoldenTest, Project, environment

ABOUT_IT = "SELECT entry, kind, where_line FROM contexts ORDER BY id"


class Query(GoldenTest):
    def check(self):
        self.assertEqual(self.snarl("check").status, 1)

    def query(self, *args, status=0, err=""):
        result = self.snarl("query", *args)
        self.assertEqual((result.status, result.err), (status, err), result.transcript())
        return result.out

    def refused(self, sql, says, line=1, column=1):
        result = self.snarl("query", sql)
        self.assertEqual((result.status, result.out), (2, ""), result.transcript())
        first, *excerpt = result.err.splitlines()
        self.assertEqual(first, f"SQL:{line}:{column}: error: {says}")
        self.assertEqual(excerpt, [f"{line:5} | {sql.splitlines()[line - 1] if sql else ''}",
                                   f"      | {'^':>{column}}"])


class OfOneCheck(Query):
    """The shop is checked once; nothing changes it."""

    @classmethod
    def setUpClass(cls):
        cls.shop = Project()
        cls.addClassCleanup(cls.shop.remove)
        cls.shop.take("shop")
        cls.shop.compdb("src/main.c", "src/clerk.c")
        result = cls.shop.snarl("check")
        assert result.status == 1, result.transcript()

    def setUp(self):
        self.project = self.shop
        self.snarl = self.project.snarl


class Rows(OfOneCheck):
    def test_text(self):
        self.assertEqual(self.query(ABOUT_IT),
                         "entry    kind    where_line\n"
                         "-------  ------  ----------\n"
                         "main     main          NULL\n"
                         "clerk    thread          43\n"
                         "auditor  thread          45\n"
                         "3 rows\n")

    def test_no_rows(self):
        self.assertEqual(self.query("SELECT id FROM locks WHERE 0"), "id\n--\n0 rows\n")
        self.assertEqual(self.query("--format=csv", "SELECT id FROM locks WHERE 0"), "id\n")
        self.assertEqual(json.loads(self.query("--format=json", "SELECT 1 WHERE 0")), [])

    def test_text_keeps_to_its_lines(self):
        out = self.query("SELECT 'a' || char(10) || 'b' AS x, char(27) || '[31m' AS y, 'ä€' AS z, 1")
        self.assertEqual(len(out.splitlines()), 4, out)
        self.assertNotIn("\x1b", out)
        self.assertTrue(out.splitlines()[2].endswith("  ä€  1"), out)

    def test_json(self):
        rows = json.loads(self.query("--format=json", ABOUT_IT))
        self.assertEqual(rows[0], {"entry": "main", "kind": "main", "where_line": None})
        self.assertEqual(rows[1], {"entry": "clerk", "kind": "thread", "where_line": 43})

    def test_json_of_all_kinds(self):
        rows = json.loads(self.query("--format=json", "SELECT -1 AS a, 2.5 AS a, 'ä\"' AS b, "
                                     "x'00ff' AS c, 9e999 AS d, 9007199254740993 AS e"))
        self.assertEqual(rows, [{"a": -1, "a_2": 2.5, "b": 'ä"', "c": "x'00ff'", "d": None,
                                 "e": 9007199254740993}])

    def test_csv_as_a_reader_takes_it(self):
        out = self.query("--format=csv", "SELECT 'a,\"b\"' AS x, 'c' || char(10) || 'd' AS y, NULL "
                         "AS n, '' AS e, 3 AS i, ' s' AS s")
        self.assertEqual(list(csv.reader(io.StringIO(out))),
                         [["x", "y", "n", "e", "i", "s"], ['a,"b"', "c\nd", "", "", "3", " s"]])
        self.assertIn(',,"",3,', out)  # NULL and the empty text are told apart

    def test_from_standard_input(self):
        done = subprocess.run([SNARL, "query", "-"], cwd=self.project.dir, env=environment(),
                              input=b"SELECT count(*) AS n\nFROM locks;\n", capture_output=True,
                              timeout=TIMEOUT_S, check=False)
        self.assertEqual((done.stdout, done.returncode), (b"n\n-\n2\n1 row\n", 0))

    def test_table_valued_functions(self):
        self.assertEqual(self.query("SELECT value AS v FROM json_each('[7, 8]')"),
                         "v\n-\n7\n8\n2 rows\n")

    def test_without_sql_the_tables(self):
        out = self.query()
        for table in ("run", "contexts", "callbacks", "findings"):
            self.assertIn(f"CREATE TABLE {table} (", out)
        self.assertIn("CREATE VIEW uses AS", out)
        self.assertNotIn("CREATE TABLE unit", out)
        self.assertNotIn("CREATE TABLE answer", out)

    def test_the_run(self):
        rows = json.loads(self.query("--format=json", "SELECT * FROM run"))
        self.assertEqual(len(rows), 1)
        self.assertRegex(rows[0].pop("at"), r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$")
        self.assertRegex(rows[0].pop("snarl"), r"^\d+\.\d+\.\d+$")
        self.assertEqual(rows[0], {"root": "$DIR", "compile_commands": "$DIR/compile_commands.json",
                                   "settings": None, "units": 2, "problems": 0})


class Refused(OfOneCheck):
    def test_names(self):
        self.refused("SELECT * FROM lock", "there is no table 'lock': did you mean 'locks'?", 1, 15)
        self.refused("SELECT entri FROM contexts",
                     "there is no column 'entri': did you mean 'entry'?", 1, 8)
        self.refused("SELECT id,\n  c.nam FROM locks c",
                     "there is no column 'c.nam': did you mean 'name'?", 2, 3)
        self.refused("SELECT * FROM elephants", "there is no table 'elephants'", 1, 15)

    def test_syntax(self):
        self.refused("SELEC 1", 'near "SELEC": syntax error')
        self.refused("", "there is no statement here")

    def test_a_second_statement(self):
        self.refused("SELECT 1; SELECT 2",
                     "one statement can be asked at a time: a second one starts here", 1, 11)
        self.query("SELECT 1; -- and no more\n")

    def test_what_does_not_read(self):
        before = self.project_bytes()
        for sql in ("DELETE FROM locks", "INSERT INTO locks VALUES (1, 2, 3)", "DROP TABLE unit",
                    "UPDATE findings SET rule = 'x'", "CREATE VIEW x AS SELECT 1", "CREATE TEMP TABLE x(y)", "VACUUM",
                    "VACUUM INTO 'copy.db'", "ATTACH 'other.db' AS other", "BEGIN", "REINDEX",
                    "PRAGMA user_version = 3", "PRAGMA query_only = 0",
                    "PRAGMA journal_mode = DELETE", "WITH x AS (SELECT 1) DELETE FROM locks"):
            with self.subTest(sql):
                self.refused(sql, "this does not only read: a query is a SELECT over the tables "
                                  "that `snarl query` without SQL lists")
        result = self.snarl("query", "SELECT load_extension('x.so')")
        self.assertEqual((result.status, result.out), (2, ""), result.transcript())
        self.assertEqual(before, self.project_bytes())
        self.assertFalse(os.path.exists(self.project.path("copy.db")))
        self.assertFalse(os.path.exists(self.project.path("other.db")))

    def project_bytes(self):
        with open(self.project.path(".snarl/facts.db"), "rb") as file:
            return file.read()

    def test_command_line(self):
        for args, says in ((("a", "b"), "put it between quotes"),
                           (("--format=xml", "SELECT 1"), "unknown format 'xml'")):
            result = self.snarl("query", *args)
            self.assertEqual((result.status, result.out), (2, ""), result.transcript())
            self.assertIn(says, result.err)


class WhatTheyAreWorth(Query):
    def setUp(self):
        super().setUp()
        self.take_shop()

    FIRST = ("error: there are no results yet: run `snarl check` first, or name its database with "
             "--db\n")

    def stale(self, why, *args, again="snarl check"):
        self.project.read("compile_commands.json")
        result = self.snarl("query", "SELECT 1 AS one", *args)
        self.assertEqual((result.status, result.out), (3, "one\n---\n  1\n1 row\n"),
                         result.transcript())
        self.assertRegex(result.err, f"^snarl: note: {re.escape(why)} changed since this check "
                                     rf"\([-\d :]* UTC\): run `{again}` again\n$")

    def test_none_yet(self):
        self.query("SELECT 1", status=2, err=".snarl/facts.db: " + self.FIRST)
        self.query("SELECT 1", "--db=no/such.db", status=2, err="no/such.db: " + self.FIRST)
        self.query("SELECT 1", "--db=:memory:", status=2, err="snarl: error: with --db=:memory: no "
                   "results are kept that could be asked\n")
        self.assertFalse(os.path.exists(self.project.path(".snarl")))

    def test_facts_but_no_results(self):
        self.assertEqual(self.snarl("graph").status, 0)
        self.query("SELECT 1", status=2, err=".snarl/facts.db: error: there are no results yet: "
                   "run `snarl check` first\n")

    def test_no_database_of_snarl(self):
        self.query("SELECT 1", "--db=src/main.c", status=2, err="src/main.c: error: this is no "
                   "facts database, or a damaged one: run `snarl check` first, or name its "
                   "database with --db\n")
        other = sqlite3.connect(self.project.path("other.db"))
        other.execute("CREATE TABLE x (y)")
        other.close()
        self.query("SELECT 1", "--db=other.db", status=2, err="other.db: error: this is a database "
                   "of another program: name snarl's with --db\n")

    def test_of_another_version(self):
        self.check()
        with sqlite3.connect(self.project.path(".snarl/facts.db")) as db:
            db.execute("PRAGMA user_version = 7")
        self.query("SELECT 1", status=2, err=".snarl/facts.db: error: another version of snarl "
                   "made this database: run `snarl check` again\n")

    def test_sources_that_changed(self):
        self.check()
        self.query("SELECT 1")
        before = self.project.read("src/clerk.c")
        self.project.write("src/clerk.c", before + "\n")
        self.stale("src/clerk.c")
        self.stale("src/clerk.c", "--db=.snarl/facts.db",
                   again="snarl check --db .snarl/facts.db")
        self.project.replace("include/shop.h", "extern int cash;", "extern int cash; /* cents */")
        self.stale("include/shop.h and 1 more file")
        self.assertEqual(self.query("-q", "SELECT 1 AS one", status=3), "one\n---\n  1\n1 row\n")
        self.check()
        self.query("SELECT 1")
        self.project.write("src/clerk.c", before)
        self.stale("src/clerk.c")

    def test_settings_that_came_changed_and_went(self):
        self.check()
        self.project.write(".snarl.yml", "confidence: high\n")
        self.stale(".snarl.yml")
        self.check()
        self.query("SELECT 1")
        self.project.write(".snarl.yml", "confidence: low\n")
        self.stale(".snarl.yml")
        os.remove(self.project.path(".snarl.yml"))
        self.stale(".snarl.yml")

    def test_the_compile_database(self):
        self.check()
        self.project.compdb("src/main.c", "src/clerk.c", flags=("-Iinclude", "-DX"))
        self.stale("compile_commands.json")

    def test_of_another_build(self):
        self.check()
        self.query("SELECT 1", "-p", ".")
        self.project.compdb("src/main.c", "src/clerk.c", folder="debug")
        result = self.snarl("query", "SELECT 1", "-p", "debug")
        self.assertEqual((result.status, result.err),
                         (3, "snarl: note: these are results of another build, "
                             "$DIR/compile_commands.json: run `snarl check -p debug` first\n"))

    def test_of_a_check_that_was_not_whole(self):
        self.project.replace("src/clerk.c", "seats_left--", "seats_left-- +")
        self.assertEqual(self.snarl("check").status, 3)
        result = self.snarl("query", "SELECT problems FROM run")
        self.assertEqual(result.status, 3, result.transcript())
        self.assertRegex(result.err, r"could not analyse everything: 1 problem, which `snarl check`"
                                     r" names\n$")


class Page(GoldenTest):
    """docs/queries.md tells the truth."""

    def setUp(self):
        super().setUp()
        with open(os.path.join(TOP, "docs", "queries.md"), encoding="utf-8") as page:
            self.page = page.read()
        self.project.take("kiosk")
        self.project.compdb("kiosk.c", flags=("-I.",))
        self.assertEqual(self.snarl("check").status, 1)

    def test_every_query(self):
        queries = re.findall(r"^(\d+\. [^\n]*)\n\n```sql\n(.*?)```", self.page,
                             re.MULTILINE | re.DOTALL)
        self.assertEqual(len(queries), self.page.count("```sql"))
        self.assertGreaterEqual(len(queries), 10)
        text = ""
        for title, sql in queries:
            result = self.snarl("query", sql)
            self.assertEqual((result.status, result.err), (0, ""), result.transcript())
            self.assertNotIn("\n0 rows", result.out, f"{title}: shows nothing on the example")
            text += f"{title}\n{result.out}\n"
        self.assert_golden("queries.txt", text)

    def test_every_column(self):
        rows = json.loads(self.snarl(
            "query", "--format=json", "SELECT t.name AS tab, c.name AS col FROM sqlite_schema t, "
            "pragma_table_info(t.name) c WHERE t.type IN ('table', 'view')").out)
        lines = {line.split("`")[1]: line for line in self.page.splitlines()
                 if line.startswith("| `")}
        tables = {row["tab"] for row in rows} - {"file", "unit", "answer", "sqlite_sequence"}
        self.assertEqual(set(lines), tables)
        for row in rows:
            if row["tab"] in tables:
                self.assertIn(f"`{row['col']}`", lines[row["tab"]])


if __name__ == "__main__":
    unittest.main()
