"""The compile database as build systems write it, and where it is looked for."""

import json
import os
import unittest

from harness import GoldenTest


class Entries(GoldenTest):
    def setUp(self):
        super().setUp()
        self.project.take("shop")

    def check(self, *entries, database="compile_commands.json", **options):
        """All units of these entries are analysed, and with them the three hazards found."""
        self.project.write(database, json.dumps(entries))
        result = self.snarl("check", "--stats", "--db", ":memory:", **options)
        self.assertEqual(result.status, 1, result.transcript())
        self.assertIn("3 findings", result.out)
        self.assertIn("units        2 (2 parsed, ", result.err)
        return result

    def entry(self, file, **changes):
        return {"directory": self.project.dir, "file": file,
                "arguments": ["cc", "-Iinclude", "-c", file], **changes}

    def command(self, file, command):
        return {"directory": self.project.dir, "file": file, "command": command}

    def test_arguments_and_command(self):
        self.check(self.entry("src/main.c"),
                   self.command("src/clerk.c", "cc -Iinclude -c src/clerk.c"))

    def test_quotes_in_a_command(self):
        os.rename(self.project.path("include"), self.project.path("my include"))
        self.check(self.command("src/main.c", "cc '-Imy include' -DX='\"a b\"' -c src/main.c"),
                   self.command("src/clerk.c", 'cc -I"my include" -DX=\\"a\\" -c src/clerk.c'))

    def test_relative_directories(self):
        """A relative directory starts where the database lies."""
        flags = ["cc", "-I../include", "-c"]
        self.check({"directory": "src", "file": "main.c", "arguments": [*flags, "main.c"]},
                   {"directory": "src", "file": "../src/clerk.c",
                    "arguments": [*flags, "../src/clerk.c"]})

    def test_relative_directories_of_a_build_folder(self):
        flags = ["cc", "-I../include", "-c"]
        self.check({"directory": ".", "file": "../src/main.c",
                    "arguments": [*flags, "../src/main.c"]},
                   {"directory": "../src", "file": "clerk.c", "arguments": [*flags, "clerk.c"]},
                   database="build/compile_commands.json")

    def test_absolute_files(self):
        self.check(self.entry(self.project.path("src/main.c")),
                   self.entry(self.project.path("src/clerk.c")))

    def test_duplicates_count_once(self):
        result = self.check(self.entry("src/main.c"), self.entry("src/clerk.c"),
                            self.entry("src/main.c"), self.entry("./src/../src/main.c"),
                            self.entry(self.project.path("src/main.c")))
        self.assertNotIn("error:", result.err)

    def test_the_first_of_duplicates_counts(self):
        other = self.entry("src/main.c")
        other["arguments"] = ["cc", "-DPIC", "-Iwhere/else", "-c", "src/main.c"]
        self.check(self.entry("src/main.c"), other, self.entry("src/clerk.c"))

    def test_other_languages_are_left_out_with_a_note(self):
        for name in ("view.cpp", "view2.cc", "start.S"):
            self.project.write(f"src/{name}", "this is no C;\n")
        result = self.check(self.entry("src/main.c"), self.entry("src/view.cpp"),
                            self.entry("src/view2.cc"), self.entry("src/start.S"),
                            self.entry("src/clerk.c"))
        self.assertIn("snarl: note: 2 C++ and 1 assembler files are left out: snarl reads C\n",
                      result.err)

    def test_only_other_languages(self):
        self.project.write("src/view.cpp", "class View;\n")
        self.project.write("compile_commands.json", json.dumps([self.entry("src/view.cpp")]))
        self.assert_transcript("compdb_only_cxx", 3, "check")

    def test_compilers_words_in_front(self):
        self.check(self.command("src/main.c", "ccache gcc-12 -Iinclude -c src/main.c -o main.o"),
                   self.command("src/clerk.c", "/usr/bin/x86_64-linux-gnu-gcc -Iinclude "
                                               "-MD -MF clerk.d -o clerk.o -c src/clerk.c"))

    def test_response_file(self):
        self.project.write("flags.rsp", "-Iinclude\n-DX='a b'\n")
        self.check(self.command("src/main.c", "cc @flags.rsp -c src/main.c"),
                   self.entry("src/clerk.c"))


class Discovery(GoldenTest):
    """Without -p: the current folder, its build* folders, and the same for folders above."""

    def setUp(self):
        super().setUp()
        self.project.take("shop")

    def check(self, *args, cwd=""):
        result = self.snarl("check", "--db", ":memory:", *args, cwd=cwd)
        self.assertEqual(result.status, 1, result.transcript())
        self.assertIn("3 findings", result.out)

    def shop_in(self, folder):
        self.project.compdb("src/main.c", "src/clerk.c", folder=folder)

    def test_build_folders(self):
        for folder in ("build", "build-debug", "builddir"):
            with self.subTest(folder):
                self.shop_in(folder)
                self.check()
                os.unlink(self.project.path(f"{folder}/compile_commands.json"))

    def test_from_a_folder_below(self):
        self.project.write(".snarl.yml", "")  # marks the project's top
        self.shop_in("build")
        self.check(cwd="src")
        os.makedirs(self.project.path("src/deep/below"))
        self.check(cwd="src/deep/below")

    def test_top_before_build_folder(self):
        self.project.compdb("src/main.c", folder="build")
        self.shop_in("")
        self.check()

    def test_p_names_folder_or_file(self):
        self.project.compdb("src/main.c")
        self.shop_in("out/linux")
        self.check("-p", "out/linux")
        self.check("-p", "out/linux/compile_commands.json")
        self.check("--build-dir", self.project.path("out/linux"))
        self.check("-p", "../out/linux", cwd="src")


if __name__ == "__main__":
    unittest.main()
