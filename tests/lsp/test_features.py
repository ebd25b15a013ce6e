"""What the server answers: each feature by a client of the protocol."""

import json
import os
import shutil
import signal
import tempfile
import time
import unittest

from client import Client

SNARL = os.environ["SNARL"]
PROGRAMS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "golden", "programs")

BANK = """\
#include <pthread.h>
#include <stddef.h>

static pthread_mutex_t desk = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t paid = PTHREAD_COND_INITIALIZER;
static int left = 10;

int take(int n)
{
    pthread_mutex_lock(&desk);
    if (n > 5)
        return -1;
    if (left < n) {
        pthread_cond_wait(&paid, &desk);
    }
    left -= n;
    pthread_mutex_unlock(&desk);
    return 0;
}

static void split(void)
{
    int seen;
    pthread_mutex_lock(&desk);
    seen = left;
    pthread_mutex_unlock(&desk);
    pthread_mutex_lock(&desk);
    left = seen - 1;
    pthread_mutex_unlock(&desk);
}

static void *teller(void *arg)
{
    take(1);
    split();
    pthread_mutex_lock(&desk);
    left++;
    pthread_cond_signal(&paid);
    pthread_mutex_unlock(&desk);
    return arg;
}

int main(void)
{
    pthread_t t[2];
    for (int i = 0; i < 2; i++)
        pthread_create(&t[i], NULL, teller, NULL);
    for (int i = 0; i < 2; i++)
        pthread_join(t[i], NULL);
    return 0;
}
"""

# What is in it; a thread that leaves by `return -1` then waits for the lock it holds.
RULES = ["check-then-act", "double-lock", "double-lock", "missing-unlock", "wait-no-loop"]


class Features(unittest.TestCase):
    def setUp(self):
        self.dir = os.path.realpath(tempfile.mkdtemp(prefix="snarl-lsp-"))
        self.addCleanup(shutil.rmtree, self.dir)
        self.write("bank.c", BANK)
        self.database("bank.c")
        self.client = None

    def write(self, name, text):
        with open(os.path.join(self.dir, name), "w", encoding="utf-8") as file:
            file.write(text)

    def database(self, *names):
        self.write("compile_commands.json", json.dumps([
            {"directory": self.dir, "file": name, "arguments": ["cc", "-c", name]}
            for name in names]))

    def start(self, **more):
        self.client = Client(SNARL, self.dir, **more)
        self.addCleanup(self.client.kill)
        return self.client

    def opened(self, name="bank.c", **more):
        client = self.start(**more)
        client.open(name)
        return client, client.wait_for(name, 1)

    def place(self, text, word, line_with, name="bank.c"):
        """params for `word` on the first line that has `line_with`."""
        for number, line in enumerate(text.splitlines()):
            if line_with in line:
                return {"textDocument": {"uri": self.client.uri(name)},
                        "position": {"line": number, "character": line.index(word)}}
        raise AssertionError(line_with)

    def rules(self, diagnostics):
        return sorted(one["code"] for one in diagnostics if "code" in one)

    def lines(self, diagnostics):
        return sorted(one["range"]["start"]["line"] for one in diagnostics)

    def test_diagnostics_tell_the_story(self):
        client, found = self.opened()
        self.assertEqual(self.rules(found), RULES)
        stale = next(one for one in found if one["code"] == "check-then-act")
        self.assertEqual(stale["range"]["start"]["line"], 27)
        self.assertTrue(any("teller" in place["message"] for place in stale["relatedInformation"]))
        self.assertEqual(client.close(), 0)

    def test_pulled_diagnostics_are_of_the_newest_text(self):
        client, _ = self.opened()
        client.change("bank.c", 2, [{"text": BANK.replace("if (left < n)", "while (left < n)")}])
        report = client.request("textDocument/diagnostic",
                                {"textDocument": {"uri": client.uri("bank.c")}})
        self.assertEqual(self.rules(report["items"]), RULES[:-1])

    def test_who_takes_pushed_diagnostics_is_not_offered_them_twice(self):
        self.assertIn("diagnosticProvider", self.start().result["capabilities"])
        both = {"textDocument": {"publishDiagnostics": {}, "diagnostic": {}}}
        client, found = self.opened(capabilities=both)
        self.assertNotIn("diagnosticProvider", client.result["capabilities"])
        self.assertEqual(self.rules(found), RULES)

    def test_hover(self):
        client, _ = self.opened()
        lock = client.request("textDocument/hover", self.place(BANK, "desk", "desk = "))
        self.assertIn("guards `left`", lock["contents"]["value"])
        variable = client.request("textDocument/hover", self.place(BANK, "left", "left -= n"))
        self.assertIn("guarded by `desk`", variable["contents"]["value"])
        function = client.request("textDocument/hover", self.place(BANK, "take", "int take"))
        self.assertIn("teller", function["contents"]["value"])
        self.assertIsNone(client.request("textDocument/hover",
                                         self.place(BANK, "  ", "left -= n")))

    def test_lenses_and_hints(self):
        client, _ = self.opened()
        lenses = client.request("textDocument/codeLens",
                                {"textDocument": {"uri": client.uri("bank.c")}})
        self.assertIn({"line": 7, "title": "runs on: several threads"},
                      [{"line": lens["range"]["start"]["line"], "title": lens["command"]["title"]}
                       for lens in lenses])
        self.assertNotIn("inlayHintProvider", client.result["capabilities"])
        hints = client.request("textDocument/inlayHint", {
            "textDocument": {"uri": client.uri("bank.c")},
            "range": {"start": {"line": 0, "character": 0}, "end": {"line": 60, "character": 0}}})
        self.assertIn((9, " holds {desk}"),
                      [(hint["position"]["line"], hint["label"]) for hint in hints])

    def test_call_hierarchy_begins_with_the_threads(self):
        client, _ = self.opened()
        item, = client.request("textDocument/prepareCallHierarchy",
                               self.place(BANK, "teller", "*teller"))
        callers = client.request("callHierarchy/incomingCalls", {"item": item})
        self.assertTrue(any("thread 'teller'" in call["from"]["name"] for call in callers), callers)
        called = client.request("callHierarchy/outgoingCalls", {"item": item})
        self.assertEqual(sorted({call["to"]["name"] for call in called}), ["split", "take"])

    def cure(self, rule, title):
        """Applies the action of this title; gives the rules that are left."""
        client, found = self.opened()
        diagnostic = next(one for one in found if one["code"] == rule)
        actions = client.request("textDocument/codeAction", {
            "textDocument": {"uri": client.uri("bank.c")}, "range": diagnostic["range"],
            "context": {"diagnostics": [diagnostic]}})
        action = next(one for one in actions if title in one["title"])
        edits, = action["edit"]["changes"].values()
        client.change("bank.c", 2, [{"range": edit["range"], "text": edit["newText"]}
                                    for edit in reversed(edits)])
        return self.rules(client.wait_for("bank.c", 2))

    def test_cures(self):
        for rule, title in [("missing-unlock", "give the lock back"), ("wait-no-loop", "'while'"),
                            ("check-then-act", "hold the lock"), ("wait-no-loop", "allow")]:
            with self.subTest(rule=rule, title=title):
                self.assertNotIn(rule, self.cure(rule, title))

    def actions(self, client, diagnostic):
        return client.request("textDocument/codeAction", {
            "textDocument": {"uri": client.uri("bank.c")}, "range": diagnostic["range"],
            "context": {"diagnostics": [diagnostic]}})

    def test_cures_for_who_gives_no_data_back(self):
        client, found = self.opened()
        diagnostic = next(one for one in found if one["code"] == "wait-no-loop")
        bare = {key: diagnostic[key] for key in ("range", "message", "code")}
        titles = [one["title"] for one in self.actions(client, bare)]
        self.assertTrue(any("'while'" in title for title in titles), titles)

    def settings_with(self, before, **more):
        """The settings file, which held `before`, once a stale test's assumption is denied."""
        if before is not None:
            self.write(".snarl.yml", before)
        client, found = self.opened(**more)
        stale = next(one for one in found if one["code"] == "check-then-act")
        action = next((one for one in self.actions(client, stale)
                       if one["title"].startswith("say in the settings")), None)
        if action is None:
            return None
        if before is None:
            make, change = action["edit"]["documentChanges"]
            self.assertEqual(make["kind"], "create")
            edits = change["edits"]
        else:
            edits, = action["edit"]["changes"].values()
        lines = (before or "").splitlines(keepends=True)
        lines.insert(edits[0]["range"]["start"]["line"], edits[0]["newText"])
        return "".join(lines)

    def test_an_assumption_is_denied(self):
        entry = "entry:\n  - { function: teller, many: false }\n"
        creates = {"workspace": {"workspaceEdit": {"resourceOperations": ["create"]}}}
        self.assertIsNone(self.settings_with(None))
        self.assertEqual(self.settings_with(None, capabilities=creates), entry)
        self.assertEqual(self.settings_with("fail_on: low\n"), "fail_on: low\n" + entry)
        self.assertEqual(self.settings_with("entry: # more\n  - { function: main, many: false }\n"),
                         "entry: # more\n  - { function: teller, many: false }\n"
                         "  - { function: main, many: false }\n")
        self.assertIsNone(self.settings_with("entry: { function: main, many: false }\n"))

    def test_a_denied_assumption_is_heard(self):
        self.write(".snarl.yml", self.settings_with("fail_on: low\n"))
        found = self.client.wait_for("bank.c", 1, until=lambda found: "check-then-act" not in
                                     self.rules(found))
        self.assertNotIn("check-then-act", self.rules(found))

    def children(self):
        pid = self.client.process.pid
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as listed:
            return listed.read().split()

    def one_child(self):
        """The process that answers, when those that read files have ended."""
        for _ in range(1000):
            children = self.children()
            if len(children) == 1:
                break
            time.sleep(0.01)
        return children

    def test_a_comment_costs_no_analysis(self):
        client, found = self.opened()
        before = self.one_child()
        changed = BANK.replace("int left = 10;", "int left = 10; /* seats */") + "/* the end */\n"
        client.change("bank.c", 2, [{"text": changed}])
        self.assertEqual(client.wait_for("bank.c", 2), found)
        self.assertEqual(self.one_child(), before)  # the process that analysed the text before
        diagnostic = next(one for one in found if one["code"] == "wait-no-loop")
        action = next(one for one in self.actions(client, diagnostic) if "allow" in one["title"])
        edits, = action["edit"]["changes"].values()
        client.change("bank.c", 3, [{"range": edits[0]["range"], "text": edits[0]["newText"]}])
        self.assertEqual(self.rules(client.wait_for("bank.c", 3)), RULES[:-1])

    def test_lines_above_cost_no_linking(self):
        client, found = self.opened()
        before = self.one_child()
        client.change("bank.c", 2, [{"text": "/* a bank */\n\n" + BANK}])
        moved = client.wait_for("bank.c", 2)
        self.assertEqual(self.lines(moved), [line + 2 for line in self.lines(found)])
        self.assertEqual(self.rules(moved), RULES)
        self.assertIn("can have changed since line 27,", json.dumps(moved))
        self.assertEqual(self.one_child(), before)  # the process that linked the text before
        diagnostic = next(one for one in moved if one["code"] == "missing-unlock")
        action = next(one for one in self.actions(client, diagnostic) if "unlock" in one["title"])
        edits, = action["edit"]["changes"].values()
        self.assertEqual(edits[0]["range"]["start"]["line"], 13)
        client.change("bank.c", 3, [{"text": "/* a bank */" + BANK}])
        self.assertEqual(self.lines(client.wait_for("bank.c", 3)), self.lines(found))

    def test_a_process_that_dies_over_an_edit_is_replaced(self):
        client, found = self.opened()
        text, version = BANK, 1

        def change(new):
            client.change("bank.c", version, [{"text": new}])

        for i in range(6):
            answers = int(self.one_child()[0])
            text = text.replace("int main(void)\n{\n", "int main(void)\n{\n    left++;\n", 1)
            version += 1
            change(text)
            time.sleep(0.04 * i)  # it dies at what it is at then, or when all is told
            os.kill(answers, signal.SIGKILL)
            version += 1
            change(text + "\n")
            self.assertTrue(client.wait_for("bank.c", version))
        os.kill(int(self.one_child()[0]), signal.SIGKILL)
        take = self.place(text + "\n", "take", "int take(int n)")
        answer = client.answer(client.begin("textDocument/hover", take))
        if "error" in answer:  # it died while it was asked
            answer = client.answer(client.begin("textDocument/hover", take))
        self.assertIn("teller", json.dumps(answer["result"]))
        version += 1
        change(BANK)
        self.assertEqual(client.wait_for("bank.c", version), found)

    def test_a_claim_moves_with_what_it_is_about(self):
        claimed = BANK.replace("static int left", "/* snarl: guarded_by(paid) */\nstatic int left")
        self.write("bank.c", claimed)
        client, found = self.opened()
        self.assertIn("broken-claim", self.rules(found))
        apart = claimed.replace("/* snarl: guarded_by(paid) */\n",
                                "/* snarl: guarded_by(paid) */\n\n\n\n\n\n")
        client.change("bank.c", 2, [{"text": apart}])
        self.assertNotIn("broken-claim", self.rules(client.wait_for("bank.c", 2)))
        client.change("bank.c", 3, [{"text": claimed}])
        self.assertEqual(self.rules(client.wait_for("bank.c", 3)), self.rules(found))

    def two_files(self):
        """bank.c has counter.c count; gives the text of bank.c."""
        bank = BANK.replace("static void *teller(void *arg)\n{",
                            "int served;\nvoid serve(void);\n"
                            "static void *teller(void *arg)\n{\n    serve();")
        self.write("bank.c", bank)
        self.write("counter.c", "extern int served;\nvoid serve(void) { served++; }\n")
        self.database("bank.c", "counter.c")
        return bank

    def test_two_edits_while_the_process_is_busy(self):
        bank = self.two_files()
        client, _ = self.opened()
        client.open("counter.c")
        self.assertEqual(self.rules(client.wait_for("counter.c", 1)), ["data-race"])
        answers = self.one_child()
        os.kill(int(answers[0]), signal.SIGSTOP)
        client.change("counter.c", 2, [{"text": "extern int served;\nvoid serve(void) { }\n"}])
        time.sleep(1)  # the server has told it
        client.change("bank.c", 2, [{"text": bank.replace("if (left < n)", "while (left < n)")}])
        time.sleep(1)
        os.kill(int(answers[0]), signal.SIGCONT)
        self.assertEqual(self.rules(client.wait_for("bank.c", 2)), RULES[:-1])
        self.assertEqual(self.rules(client.wait_for("counter.c", 2)), [])
        self.assertNotEqual(self.one_child(), answers)  # two units at once are linked anew

    def test_files_that_are_not_open_follow(self):
        shop = self.two_files()
        client, found = self.opened()
        self.assertNotIn("data-race", self.rules(found))

        def race_elsewhere():
            known = client.diagnostics.get(client.uri("counter.c"), {"diagnostics": []})
            return self.rules(known["diagnostics"]) == ["data-race"]

        while not race_elsewhere():
            client.take(60)
        client.change("bank.c", 2, [{"text": shop.replace("    serve();", "")}])
        client.wait_for("bank.c", 2)
        while race_elsewhere():
            client.take(60)
        client.change("bank.c", 3, [{"text": "\n" + shop}])
        client.wait_for("bank.c", 3)
        while not race_elsewhere():
            client.take(60)

    def test_keys_before_the_analysis_is_done(self):
        client, _ = self.opened()
        cured = BANK.replace("if (left < n)", "while (left < n)")
        client.change("bank.c", 2, [{"text": cured}])
        client.change("bank.c", 3, [{"text": cured + "/* the end */\n"}])
        client.change("bank.c", 4, [{"text": cured + "/* the very end */\n"}])
        self.assertEqual(self.rules(client.wait_for("bank.c", 4)), RULES[:-1])
        client.change("bank.c", 5, [{"text": BANK}])
        self.assertEqual(self.rules(client.wait_for("bank.c", 5)), RULES)

    def test_two_editors_share_the_cache(self):
        one, found = self.opened()
        other, also_found = self.opened()
        self.assertEqual(found, also_found)
        one.change("bank.c", 2, [{"text": BANK.replace("if (left < n)", "while (left < n)")}])
        self.assertEqual(self.rules(one.wait_for("bank.c", 2)), RULES[:-1])
        other.change("bank.c", 2, [{"text": BANK + "int more;\n"}])
        self.assertEqual(self.rules(other.wait_for("bank.c", 2)), RULES)
        self.assertEqual([one.close(), other.close()], [0, 0])

    def test_a_file_outside_the_database(self):
        self.write("other.c", BANK)
        _, found = self.opened("other.c")
        self.assertTrue(any("with the flags of bank.c" in one["message"] for one in found), found)
        self.assertIn("wait-no-loop", self.rules(found))

    def test_the_database_comes_later(self):
        os.unlink(os.path.join(self.dir, "compile_commands.json"))
        client = self.start()
        client.open("bank.c")
        self.database("bank.c")
        self.assertEqual(self.rules(client.wait_for("bank.c", 1)), RULES)

    def test_what_is_no_protocol(self):
        client, _ = self.opened()
        client.send_bytes(b"Content-Length: x\r\n\r\n")
        client.send_bytes(b"Content-Length: 4\r\n\r\n{{{{")
        client.send({"id": 77, "method": "no/such"})
        self.assertEqual(client.answer(77)["error"]["code"], -32601)
        self.assertEqual(client.close(), 0)

    def test_a_client_that_vanishes(self):
        client, _ = self.opened()
        client.process.stdin.close()
        self.assertEqual(client.process.wait(30), 1)

    def test_the_facts_are_deleted(self):
        client, _ = self.opened()
        shutil.rmtree(os.path.join(self.dir, ".snarl"))
        client.change("bank.c", 2, [{"text": BANK}])
        self.assertEqual(self.rules(client.wait_for("bank.c", 2)), RULES)


if __name__ == "__main__":
    unittest.main()
