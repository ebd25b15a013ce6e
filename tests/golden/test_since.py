"""--since REV: what a change causes, and nothing else."""

import json
import os
import subprocess
import unittest

from harness import GoldenTest, environment

# What guard.c does in the second commit: the vault, then the book.
BAD = """    pthread_mutex_lock(&book);
    rounds++;
    pthread_mutex_unlock(&book);
"""
FILES = ("main.c", "teller.c", "guard.c")


class SinceTest(GoldenTest):
    def setUp(self):
        super().setUp()
        self.project.take("bank")
        self.project.compdb(*FILES)
        self.project.write(".gitignore", ".snarl/\ncompile_commands.json\n")
        self.git("init", "-q")
        self.commit()

    def git(self, *args, cwd=""):
        settings = {f"GIT_{who}_{what}": "x@y" for who in ("AUTHOR", "COMMITTER")
                    for what in ("NAME", "EMAIL")}
        subprocess.run(["git", *args], cwd=self.project.path(cwd), check=True,
                       env=environment(GIT_CONFIG_GLOBAL="/dev/null", **settings),
                       capture_output=True)

    def commit(self):
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "x")

    def close_the_cycle(self):
        self.project.replace("guard.c", "    rounds++;\n", BAD)

    def since(self, rev, *args, **options):
        """(rule, file) of what is shown; twice, for the second run has all of it kept."""
        runs = []
        for _ in range(2):
            result = self.snarl("check", f"--since={rev}", "--format=json", "--quiet", *args,
                                **options)
            self.assertIn(result.status, (0, 1), result.transcript())
            told = json.loads(result.out)["findings"]
            self.assertEqual(result.status, 1 if told else 0)
            runs.append([(f["rule"], os.path.basename(f["file"])) for f in told])
        self.assertEqual(*runs)
        return runs[0]

    def rules_since(self, rev, *args, **options):
        return [rule for rule, _ in self.since(rev, *args, **options)]


class Since(SinceTest):
    def test_second_commit_closes_a_cycle_whose_other_edge_is_in_an_untouched_file(self):
        self.close_the_cycle()
        self.commit()
        self.assertEqual(self.rules_since("HEAD~1"), ["lock-order-cycle"])
        self.assertEqual(self.rules_since("HEAD"), [])
        text = self.snarl("check", "--since=HEAD~1").out
        self.assertIn("teller.c", text)
        self.assertIn("guard.c", text)

    def test_not_yet_committed(self):
        self.close_the_cycle()
        self.assertEqual(self.rules_since("HEAD"), ["lock-order-cycle"])

    def test_what_was_there_before(self):
        self.close_the_cycle()
        self.commit()
        self.project.replace("teller.c", "/* The book, then the vault. */", "\n\n")
        self.assertEqual(self.rules_since("HEAD"), [])
        self.project.replace("guard.c", BAD, "    rounds++;\n")
        self.assertEqual(self.rules_since("HEAD"), [])  # mended
        self.close_the_cycle()
        self.assertEqual(self.rules_since("HEAD"), [])

    def test_a_changed_header(self):
        self.project.write("way.h", "#define ORDER(a, b) pthread_mutex_lock(a)\n")
        self.project.replace("guard.c", "bank.h\"", "bank.h\"\n#include \"way.h\"")
        self.project.replace("guard.c", "pthread_mutex_lock(&vault)", "ORDER(&vault, &book)")
        self.commit()
        self.project.write("way.h", "#define ORDER(a, b) (pthread_mutex_lock(a), "
                                    "pthread_mutex_lock(b), pthread_mutex_unlock(b))\n")
        self.assertEqual(self.rules_since("HEAD"), ["lock-order-cycle"])

    def test_an_added_file(self):
        for name in ("untracked", "committed"):
            with self.subTest(name):
                self.project.write("more.c", "#include \"bank.h\"\nvoid more(void)\n{\n"
                                   "    pthread_mutex_lock(&book);\n}\n"
                                   "void much(int n)\n{\n    pthread_mutex_lock(&book);\n"
                                   "    if (n) {\n        return;\n    }\n"
                                   "    pthread_mutex_unlock(&book);\n}\n")
                self.project.compdb(*FILES, "more.c")
                self.assertEqual(self.rules_since("HEAD"), ["missing-unlock"])
        self.commit()
        self.assertEqual(self.rules_since("HEAD"), [])
        self.assertEqual(self.rules_since("HEAD~1"), ["missing-unlock"])

    def test_a_renamed_file(self):
        self.close_the_cycle()
        self.commit()
        self.git("mv", "guard.c", "watch.c")
        self.project.compdb("main.c", "teller.c", "watch.c")
        self.assertEqual(self.rules_since("HEAD"), [])

    def test_only_what_sees_a_change_is_parsed(self):
        self.snarl("check")
        self.close_the_cycle()
        first = self.snarl("check", "--since=HEAD", "--stats")
        self.assertEqual(first.parsed(), 1, first.transcript())
        again = self.snarl("check", "--since=HEAD", "--stats")
        self.assertEqual(again.parsed(), 0, again.transcript())

    def test_from_a_folder_below_and_a_build_folder_outside(self):
        self.close_the_cycle()
        self.project.write("sub/x", "")
        os.remove(self.project.path("compile_commands.json"))
        self.project.compdb(*FILES, folder="out")
        self.assertEqual(self.rules_since("HEAD", "-p", "../out", cwd="sub"),
                         ["lock-order-cycle"])

    def test_a_linked_work_tree(self):
        self.git("worktree", "add", "-q", "tree")
        self.project.write("tree/guard.c", self.project.read("guard.c").replace(
            "    rounds++;\n", BAD))
        entries = json.loads(self.project.read("compile_commands.json"))
        for entry in entries:
            entry["directory"] = self.project.path("tree")
        self.project.write("tree/compile_commands.json", json.dumps(entries))
        self.assertEqual(self.rules_since("HEAD", cwd="tree"), ["lock-order-cycle"])

    def test_with_a_baseline(self):
        self.close_the_cycle()
        self.snarl("check", "--write-baseline=known.json")
        self.assertEqual(self.rules_since("HEAD", "--baseline=known.json"), [])


class NoSince(SinceTest):
    def test_no_such_revision(self):
        self.assert_messages("since_revision", 2, "check", "--since=nowhere")

    def test_options_are_no_revisions(self):
        self.assertEqual(self.snarl("check", "--since=--help").status, 2)

    def test_no_git(self):
        result = self.snarl("check", "--since=HEAD", PATH="")
        self.assertEqual(result.status, 2, result.transcript())

    def test_no_repository(self):
        self.assert_messages("since_no_repository", 2, "check", "--since=HEAD",
                             GIT_DIR=self.project.path("none"))


if __name__ == "__main__":
    unittest.main()
