"""snarl why, snarl holds: answers about the kiosk, in text and JSON; words that name nothing."""

import json
import unittest

from harness import GoldenTest, Project


class OfTheKiosk(GoldenTest):
    @classmethod
    def setUpClass(cls):
        cls.kiosk = Project()
        cls.addClassCleanup(cls.kiosk.remove)
        cls.kiosk.take("kiosk")
        cls.kiosk.write("other.c", "void note(void)\n{\n}\nstatic int seats(void)\n{\n"
                                   "    note();\n    return 1;\n}\nint first(void)\n{\n"
                                   "    return seats();\n}\n")
        cls.kiosk.write("more/other.c", "static int seats(void)\n{\n    return 2;\n}\n"
                                        "int second(void)\n{\n    return seats();\n}\n")
        cls.kiosk.compdb("kiosk.c", "other.c", "more/other.c", flags=("-I.",))

    def setUp(self):
        self.project = self.kiosk
        self.snarl = self.project.snarl

    def refused(self, says, *args):
        result = self.snarl(*args)
        self.assertEqual((result.status, result.out), (2, ""), result.transcript())
        self.assertEqual(result.err, says + "\n")


class Why(OfTheKiosk):
    def test_two_threads(self):
        self.assert_transcript("why_threads", 0, "why", "seller", "auditor")

    def test_a_lock_around_both(self):
        self.assert_transcript("why_lock", 0, "why", "note_sale", "note_sale")

    def test_callbacks_of_one_loop(self):
        self.assert_transcript("why_loop", 0, "why", "show_seats", "print_tickets")

    def test_a_signal_handler(self):
        self.assert_transcript("why_handler", 0, "why", "close_kiosk", "print_tickets")

    def test_nobody_comes(self):
        result = self.snarl("why", "first", "main")
        self.assertEqual((result.status, result.out, result.err),
                         (0, "can 'first' and 'main' run at the same time? not known\n"
                          "no thread, callback or handler is seen to come to one of them\n", ""))

    def test_what_the_settings_say(self):
        self.project.write("apart.yml", "never_together: [seller, auditor]\n")
        result = self.snarl("why", "seller", "auditor", "--config=apart.yml")
        self.assertEqual(result.out.splitlines()[:3],
                         ["can 'seller' and 'auditor' run at the same time? no", "",
                          "no: the settings say so, with 'never_together'"], result.transcript())

    def test_json(self):
        result = self.snarl("why", "--format=json", "note_sale", "auditor")
        answer = json.loads(result.out)
        self.assertEqual((result.status, answer["answer"], len(answer["pairs"])), (0, "yes", 1))
        pair = answer["pairs"][0]
        self.assertEqual((pair["at_once"], pair["apart"], pair["common"]),
                         (True, None, "desk, till"))
        self.assertEqual([side["entry"] for side in (pair["a"], pair["b"])],
                         ["seller", "auditor"])
        self.assertEqual(pair["a"]["way"][1]["text"], "calls 'note_sale'")

    def test_names(self):
        self.refused("snarl: error: no function of the program is called 'selle': did you mean "
                     "'seller'?", "why", "selle", "main")
        self.refused("snarl: error: several functions are called 'seats', at more/other.c:1 and "
                     "other.c:4: say which as FILE:seats", "why", "main", "seats")
        self.assertEqual(self.snarl("why", "main", "more/other.c:seats").status, 0)
        self.refused("snarl: error: 'why' takes the names of two functions: snarl why FUNCTION "
                     "FUNCTION", "why", "main")
        self.refused("snarl: error: 'why' takes the names of two functions: snarl why FUNCTION "
                     "FUNCTION", "why", "main", "seller", "auditor")

    def test_with_flags(self):
        result = self.snarl("why", "seller", "auditor", "kiosk.c", "--", "-I.")
        self.assertEqual(result.status, 0, result.transcript())
        self.assertTrue(result.out.startswith("can 'seller' and 'auditor' run at the same time? "
                                              "yes\n"), result.out)


class Holds(OfTheKiosk):
    def line(self, text):
        lines = self.project.read("kiosk.c").splitlines()
        return 1 + next(i for i, line in enumerate(lines) if text in line)

    def test_a_line(self):
        self.assert_transcript("holds", 0, "holds", f"kiosk.c:{self.line('pages++')}")

    def test_nothing_held(self):
        result = self.snarl("holds", f"kiosk.c:{self.line('usleep')}")
        self.assertEqual((result.status, result.out),
                         (0, f"kiosk.c:{self.line('usleep')} in 'print_tickets'\n"
                             "  main thread 'main' holds nothing\n"))

    def test_nobody_comes(self):
        result = self.snarl("holds", "./other.c:6")
        self.assertEqual((result.status, result.out),
                         (0, "other.c:6 in 'seats'\n  no thread, callback or handler is seen to "
                             "come here\n"))

    def test_the_file_here_before_others(self):
        self.assertEqual(self.snarl("holds", "other.c:6").status, 0)
        self.assertEqual(self.snarl("holds", "more/other.c:7").status, 0)

    def test_json(self):
        line = self.line("account->balance")
        result = self.snarl("holds", "--format=json", f"kiosk.c:{line}")
        answer = json.loads(result.out)
        self.assertEqual((result.status, answer["file"], answer["line"]), (0, "kiosk.c", line))
        self.assertEqual(answer["contexts"][0]["held"],
                         [{"lock": "account.mu", "shared": False, "always": True,
                           "file": "kiosk.c", "line": line - 1}])

    def test_places(self):
        self.refused("kiosk.c:2: error: nothing happens on this line; line 29 is the nearest where "
                     "something does", "holds", "kiosk.c:2")
        self.refused("none.c: error: no source of the program is, or includes, this file",
                     "holds", "none.c:2")
        self.refused("uv.h:3: error: no function of the program is in this file", "holds", "uv.h:3")
        for word in ("kiosk.c", "kiosk.c:", "kiosk.c:x", "kiosk.c:0", "kiosk.c:3x"):
            self.refused("snarl: error: 'holds' takes a line of a source file, FILE:LINE, not "
                         f"'{word}'", "holds", word)


if __name__ == "__main__":
    unittest.main()
