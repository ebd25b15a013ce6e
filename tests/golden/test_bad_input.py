"""Bad input: a clear message, the right exit status, and all other files still analysed."""

import json
import os
import sqlite3
import unittest

from harness import GoldenTest

ALL_RULES = ["check-then-act", "lock-order-cycle", "blocking-in-callback"]


class CompileDatabase(GoldenTest):
    def test_there_is_none(self):
        self.assert_transcript("compdb_none", 3, "check")

    def test_none_where_p_says(self):
        self.take_shop()
        self.assert_transcript("compdb_none_at_p", 3, "check", "-p", "include")

    def test_not_json(self):
        self.project.write("compile_commands.json",
                           '[\n  {"directory": ".",\n   "file": main.c}\n]\n')
        result = self.assert_transcript("compdb_not_json", 3, "check")
        self.assertIn("compile_commands.json:3:12: error: ", result.err)

    def test_cut_off(self):
        self.project.write("compile_commands.json", '[\n  {"directory": "."')
        self.assert_transcript("compdb_cut_off", 3, "check")

    def test_empty_file(self):
        self.project.write("compile_commands.json", "")
        self.assert_transcript("compdb_empty", 3, "check")

    def test_names_nothing(self):
        """A build that had nothing to do leaves `[]`: that is not a clean program."""
        self.project.write("compile_commands.json", "[]\n")
        self.assert_transcript("compdb_no_entries", 3, "check")

    def test_an_entry_without_command(self):
        self.project.write("compile_commands.json", '[{"directory": ".", "file": "a.c"}]')
        self.assert_transcript("compdb_no_command", 3, "check")

    def test_names_files_that_do_not_exist(self):
        self.project.take("shop")
        self.project.compdb("src/main.c", "src/gone.c", "src/clerk.c", "src/also_gone.c")
        result = self.assert_messages("compdb_missing_files", 3, "check", "-q")
        self.assertIn("src/gone.c: error: ", result.err)
        self.assertIn("src/also_gone.c: error: ", result.err)
        self.assertIn("3 findings", result.out)


class Sources(GoldenTest):
    BROKEN = ('#include "shop.h"\n#include "no_such_header.h"\n\n'
              "void *second_auditor(void *arg)\n{\n    pthread_mutex_lock(&till);\n"
              "    cash = 0;\n    pthread_mutex_unlock(&till);\n    return arg;\n}\n\n"
              "int half(void)\n{\n    int x = ;\n    return x +\n}\n")

    def setUp(self):
        super().setUp()
        self.take_shop()

    def add_broken(self):
        self.project.write("src/broken.c", self.BROKEN)
        self.project.compdb("src/main.c", "src/broken.c", "src/clerk.c")

    def test_syntax_errors_leave_the_other_files(self):
        self.add_broken()
        result = self.assert_messages("source_syntax_error", 3, "check")
        self.assertIn("src/broken.c:2:10: error: 'no_such_header.h' file not found", result.err)
        for rule in ALL_RULES:
            self.assertIn(f"[{rule}]", result.out)

    def test_syntax_errors_leave_the_good_functions(self):
        """second_auditor() stands in the broken file, and its access is on the map."""
        self.add_broken()
        self.project.replace("src/main.c", "NULL, auditor, &sum", "NULL, second_auditor, &sum")
        self.project.replace("src/main.c", "int cash;", "int cash;\nvoid *second_auditor(void *);")
        result = self.snarl("map", "cash")
        self.assertEqual(result.status, 3)
        self.assertIn("thread 'second_auditor'", result.out)
        self.assertIn("holds {till}", result.out)

    def test_syntax_errors_are_told_on_every_run(self):
        """The facts database must not turn them into silence."""
        self.add_broken()
        self.project.replace("src/broken.c", '#include "no_such_header.h"', "")
        cold = self.snarl("check", "--stats")
        warm = self.snarl("check", "--stats")
        self.assertEqual((cold.status, warm.status), (3, 3))
        self.assertEqual((cold.parsed(), warm.parsed()), (3, 0))
        self.assertEqual(cold.out, warm.out)
        self.assertIn("src/broken.c:14:13: error: ", warm.err)

    def test_problems_are_in_json(self):
        self.add_broken()
        problems = json.loads(self.snarl("check", "--format=json").out)["problems"]
        self.assertEqual([(p["file"], p["line"], p["column"]) for p in problems],
                         [("src/broken.c", 2, 10)])

    def test_no_text_at_all(self):
        for name, content in {"empty": b"", "binary": bytes(range(256)) * 16,
                              "open_comment": b"/* never closed", "no_newline": b"int x;"}.items():
            with self.subTest(name):
                self.project.write(f"src/{name}.c", content)
                self.project.compdb("src/main.c", f"src/{name}.c", "src/clerk.c")
                result = self.snarl("check")
                bad = name in ("binary", "open_comment")
                self.assertEqual(result.status, 3 if bad else 1, result.transcript())
                self.assertIn("3 findings", result.out)

    @unittest.skipIf(os.geteuid() == 0, "root may read every file")
    def test_unreadable(self):
        self.project.write("src/secret.c", "int x;\n")
        os.chmod(self.project.path("src/secret.c"), 0)
        self.project.compdb("src/main.c", "src/secret.c", "src/clerk.c")
        result = self.snarl("check")
        self.assertEqual(result.status, 3, result.transcript())
        self.assertIn("src/secret.c: error: ", result.err)
        self.assertIn("3 findings", result.out)

    def test_compiled_with_unknown_flags(self):
        """Flags that only gcc knows are no reason to lose a file."""
        self.project.compdb("src/main.c", "src/clerk.c",
                            flags=("-Iinclude", "-fno-such-thing=7", "-mno-such-cpu", "-Wlogical-op"))
        result = self.snarl("check")
        self.assertEqual((result.status, result.err), (1, ""), result.transcript())


class FactsDatabase(GoldenTest):
    """Whatever lies there, the findings are the same, and a note says what was done about it."""

    FILE = ".snarl/facts.db"

    def setUp(self):
        super().setUp()
        self.take_shop()
        self.clean = self.snarl("check")
        self.assertEqual((self.clean.status, self.clean.err), (1, ""))

    def bytes(self):
        with open(self.project.path(self.FILE), "rb") as file:
            return file.read()

    def check_rebuilt(self, note):
        """The next run says `note` and parses all, the one after it is warm and silent."""
        repaired = self.snarl("check", "--stats")
        self.assertEqual((repaired.status, repaired.out), (1, self.clean.out), repaired.transcript())
        self.assertIn(f"snarl: note: {note}\n", repaired.err)
        self.assertEqual(repaired.parsed(), 2)
        warm = self.snarl("check", "--stats")
        self.assertEqual((warm.status, warm.out, warm.parsed()), (1, self.clean.out, 0))
        self.assertNotIn("note:", warm.err)

    def test_garbage(self):
        self.project.write(self.FILE, "this is no database\n" * 1000)
        self.check_rebuilt(f"{self.FILE} was no facts database: it is made anew, the old file is "
                           f"kept as {self.FILE}.old")
        self.assertIn("this is no database", self.project.read(f"{self.FILE}.old"))

    def test_cut_off(self):
        self.project.write(self.FILE, self.bytes()[:5000])
        self.check_rebuilt(f"{self.FILE} was damaged: it is made anew")

    def test_overwritten_pages(self):
        good = self.bytes()
        self.project.write(self.FILE, good[:4096] + b"\xff" * (len(good) - 4096))
        self.check_rebuilt(f"{self.FILE} was damaged: it is made anew")

    def test_of_another_version(self):
        database = sqlite3.connect(self.project.path(self.FILE))
        database.execute("PRAGMA user_version = 1")
        database.close()
        self.check_rebuilt(f"{self.FILE} was of another version of snarl: it is made anew")

    def test_empty(self):
        self.project.write(self.FILE, "")
        result = self.snarl("check", "--stats")
        self.assertEqual((result.status, result.out, result.parsed()), (1, self.clean.out, 2))

    def test_every_unit_damaged(self):
        """Good pages with bad content: the units are parsed again."""
        database = sqlite3.connect(self.project.path(self.FILE))
        database.execute("UPDATE unit SET ir = substr(ir, 1, length(ir) / 2)")
        database.commit()
        database.close()
        result = self.snarl("check", "--stats")
        self.assertEqual((result.status, result.out, result.parsed()), (1, self.clean.out, 2))

    def test_of_another_program(self):
        """Somebody's data is not ours to rebuild."""
        database = sqlite3.connect(self.project.path("theirs.db"))
        database.execute("CREATE TABLE letters (text)")
        database.execute("INSERT INTO letters VALUES ('dear Ada')")
        database.commit()
        database.close()
        result = self.assert_messages("facts_of_another_program", 1, "check", "--db", "theirs.db")
        self.assertEqual(result.out, self.clean.out)
        database = sqlite3.connect(self.project.path("theirs.db"))
        self.assertEqual(database.execute("SELECT text FROM letters").fetchall(), [("dear Ada",)])
        database.close()


class NoPlaceForFacts(GoldenTest):
    """Folders that can't be made, also not by root: something else stands in the way."""

    def setUp(self):
        super().setUp()
        self.take_shop()

    def test_a_file_instead_of_the_folder(self):
        self.project.write(".snarl", "")
        result = self.assert_messages("facts_no_folder", 1, "check")
        self.assertIn("snarl: note: .snarl/facts.db can't be used, so nothing is kept: ", result.err)
        self.assertEqual(self.project.read(".snarl"), "")

    def test_a_folder_instead_of_the_file(self):
        os.makedirs(self.project.path(".snarl/facts.db"))
        result = self.assert_messages("facts_folder_as_file", 1, "check")
        self.assertIn("3 findings", result.out)

    def test_quiet(self):
        self.project.write(".snarl", "")
        result = self.snarl("check", "-q")
        self.assertEqual((result.status, result.err), (1, ""))

    @unittest.skipIf(os.geteuid() == 0, "root may write everywhere")
    def test_no_permission(self):
        os.chmod(self.project.path(), 0o555)
        self.addCleanup(os.chmod, self.project.path(), 0o755)
        result = self.snarl("check")
        self.assertEqual(result.status, 1, result.transcript())
        self.assertIn("can't be used, so nothing is kept: Permission denied", result.err)

    def test_none_is_wanted(self):
        result = self.snarl("check", "--db", ":memory:")
        self.assertEqual((result.status, result.err), (1, ""))
        self.assertFalse(os.path.exists(self.project.path(".snarl")))
        self.assertFalse(os.path.exists(self.project.path(":memory:")))


class Settings(GoldenTest):
    """A bad .snarl.yml stops the run, for what it meant can't be guessed."""

    def setUp(self):
        super().setUp()
        self.take_shop()

    def check(self, name, text, place):
        self.project.write(".snarl.yml", text)
        result = self.assert_transcript(f"settings_{name}", 2, "check")
        self.assertEqual(result.out, "")
        self.assertTrue(result.err.startswith(f".snarl.yml:{place}: error: "), result.err)

    def test_unknown_word(self):
        self.check("unknown_word", "fn:\n  my_lock: { aquire: 1 }\n", "2:14")

    def test_unknown_table(self):
        self.check("unknown_table", "confidnce: high\n", "1:1")

    def test_unknown_rule(self):
        self.check("unknown_rule", "rules:\n  lock-order-cyle: off\n", "2:3")

    def test_unknown_value(self):
        self.check("unknown_value", "rules:\n  lock-order-cycle: of\n", "2:21")

    def test_not_yaml(self):
        self.check("not_yaml", "fn: [\n", "2:1")

    def test_a_name_twice(self):
        self.check("twice", "fn:\n  a: { acquire: 1 }\n  a: { release: 1 }\n", "3:3")

    def test_named_file_is_not_there(self):
        self.assert_transcript("settings_no_file", 2, "check", "--config", "none.yml")

    def test_empty_is_no_mistake(self):
        self.project.write(".snarl.yml", "")
        self.assertEqual(self.snarl("check").status, 1)

    def test_found_from_a_folder_below(self):
        self.project.write(".snarl.yml", "rules:\n  lock-order-cycle: off\n")
        self.assertEqual(self.check_rules(cwd="src"), ["check-then-act", "blocking-in-callback"])


if __name__ == "__main__":
    unittest.main()
