"""What the settings claim of the program: `entry` and `never_together`."""

import json
import unittest

from harness import GoldenTest

# Two threads run 'work' at once, main resets meanwhile, and a library calls 'on_tick' by a name of
# its own.
PROGRAM = '''#include <pthread.h>

int hits, total, ticks;

static void add_hit(void)
{
    hits++;
}

void *work(void *arg)
{
    add_hit();
    return arg;
}

void *count(void *arg)
{
    total++;
    return arg;
}

static void clear(void)
{
    total = 0;
}

void reset(void)
{
    clear();
}

void on_tick(void)
{
    ticks++;
}

int main(void)
{
    pthread_t threads[3];
    for (int i = 0; i < 2; i++) {
        pthread_create(&threads[i], NULL, work, NULL);
    }
    pthread_create(&threads[2], NULL, count, NULL);
    reset();
    ticks = 0;
    for (int i = 0; i < 3; i++) {
        pthread_join(threads[i], NULL);
    }
    return total;
}
'''


class Claims(GoldenTest):
    def setUp(self):
        super().setUp()
        self.project.write("a.c", PROGRAM)
        self.project.compdb("a.c")

    def raced(self, settings):
        """Variables that a race is found of, and what is said on stderr."""
        self.project.write(".snarl.yml", settings)
        result = self.snarl("check", "--format=json")
        self.assertIn(result.status, (0, 1), result.transcript())
        names = ("hits", "total", "ticks")
        messages = [one["message"] for one in json.loads(result.out)["findings"]
                    if one["rule"] == "data-race"]
        return [name for name in names if any(f"'{name}'" in text for text in messages)], result.err

    def test_without(self):
        self.assertEqual(self.raced(""), (["hits", "total"], ""))

    def test_never_together(self):
        for pair in ("[count, reset]", "[[reset, count]]", "[clear, count]"):
            with self.subTest(pair):
                self.assertEqual(self.raced(f"never_together: {pair}\n"), (["hits"], ""))
        self.assertEqual(self.raced("never_together:\n  - [count, reset]\n  - [work, add_hit]\n"),
                         ([], ""))

    def test_a_function_is_not_all_that_its_caller_does(self):
        found, err = self.raced("never_together: [on_tick, count]\n")
        self.assertEqual(found, ["hits", "total"])
        self.assertEqual(err, ".snarl.yml:1:18: warning: nothing hangs on 'on_tick' and 'count' never "
                              "running at the same time: remove this\n")

    def test_only_one_runs(self):
        self.assertEqual(self.raced("entry: { function: work, many: false }\n"), (["total"], ""))

    def test_several_run(self):
        self.project.replace("a.c", "total = 0", "(void)total")
        self.assertEqual(self.raced("")[0], ["hits"])
        self.assertEqual(self.raced("entry: { function: count, many: true }\n"),
                         (["hits", "total"], ""))

    def test_an_entry_that_is_not_seen(self):
        for runs_on in ("thread", "worker"):
            with self.subTest(runs_on):
                found = self.raced(f"entry: [{{ function: on_tick, runs_on: {runs_on} }}]\n")
                self.assertEqual(found, (["hits", "total", "ticks"], ""))
        self.project.write(".snarl.yml", "entry: { function: on_tick, runs_on: thread, many: true }\n")
        self.assertIn("thread 'on_tick', of which several run, as .snarl.yml:1 says\n",
                      self.snarl("check").out)

    def test_a_thread_that_only_the_settings_know(self):
        self.project.write("a.c", "int ticks;\nvoid start(void (*)(void));\n"
                           "void on_tick(void)\n{\n    ticks++;\n}\n"
                           "int main(void)\n{\n    ticks++;\n    return ticks;\n}\n")
        self.assertEqual(self.raced("")[0], [])
        self.assertEqual(self.raced("entry: { function: on_tick, runs_on: thread }\n"),
                         (["ticks"], ""))

    def test_what_is_assumed_can_be_denied(self):
        self.assertEqual(self.assumptions(), [
            ("several of 'work' run at once: the call at a.c:41 comes more than once",
             "entry: { function: work, many: false }")])
        self.project.write(".snarl.yml", "entry: { function: work, many: true }\n")
        self.assertEqual(self.assumptions(), [])

    def test_what_is_assumed_of_two_starts(self):
        self.project.replace("a.c", "for (int i = 0; i < 2; i++) {\n        pthread_create(&threads[i]",
                             "{\n        pthread_create(&threads[0], NULL, work, NULL);\n"
                             "        pthread_create(&threads[1]")
        self.assertEqual(self.assumptions(), [
            ("several of 'work' run at once: one is started at a.c:41, one at a.c:42",
             "entry: { function: work, many: false }")])

    def test_what_is_assumed_of_a_spawner(self):
        self.project.replace("a.c", "int main(", """struct job { void *(*run)(void *); };

static void *run_job(void *arg)
{
    struct job *job = arg;
    return job->run(job);
}

static void spawn(pthread_t *thread, void *(*run)(void *))
{
    static struct job job;
    job.run = run;
    pthread_create(thread, NULL, run_job, &job);
}

int main(""")
        self.project.replace("a.c", "pthread_create(&threads[i], NULL, work, NULL)",
                             "spawn(&threads[i], work)")
        for _, claim in self.assumptions():
            self.project.write(".snarl.yml", claim + "\n")
        self.assertEqual(self.assumptions(), [])
        self.assertEqual(self.snarl("check").err, "")

    def test_what_is_assumed_of_a_library(self):
        self.project.write("a.c", """#include <pthread.h>

static pthread_mutex_t mu = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t other = PTHREAD_MUTEX_INITIALIZER;
static int n;

int get(void) { pthread_mutex_lock(&mu); int r = n; pthread_mutex_unlock(&mu); return r; }
void add(void) { pthread_mutex_lock(&mu); n++; pthread_mutex_unlock(&mu); }
void twice(void) { pthread_mutex_lock(&mu); n *= 2; pthread_mutex_unlock(&mu); }
void clear(void) { pthread_mutex_lock(&other); n = 0; pthread_mutex_unlock(&other); }
""")
        assumed = self.assumptions()
        self.assertTrue(assumed)
        for text, claim in assumed:
            self.assertIn("'clear'", text)
            self.assertRegex(claim, r"^never_together: \[\w+, \w+\]$")

    def assumptions(self):
        result = self.snarl("check", "--format=json")
        return [(a["text"], a["claim_if_not"]) for one in json.loads(result.out)["findings"]
                for a in one["assumptions"]]

    def test_what_waits_in_a_callback(self):
        self.project.replace("a.c", "ticks++", "sleep(1)")
        self.project.replace("a.c", "#include <pthread.h>", "#include <pthread.h>\n#include <unistd.h>")
        self.assertNotIn("blocking-in-callback", self.check_rules())
        self.project.write(".snarl.yml", "library: ticker\nentry: { function: on_tick, runs_on: loop }\n")
        self.assertIn("blocking-in-callback", self.check_rules())

    def test_what_is_no_good_is_told(self):
        found, err = self.raced("entry:\n  - { function: wrok, many: false }\n"
                                "  - { function: on_tick, many: true }\n"
                                "  - { function: work, many: true }\n"
                                "never_together: [conut, reset]\n")
        self.assertEqual(found, ["hits", "total"])
        self.assertEqual(err.splitlines(), [
            ".snarl.yml:2:17: warning: no function with a body is called 'wrok': "
            "did you mean 'work'?",
            ".snarl.yml:3:17: warning: nothing is known to start 'on_tick': say what does, runs_on",
            ".snarl.yml:4:17: warning: snarl sees by itself what this entry says of 'work': "
            "remove it",
            ".snarl.yml:5:18: warning: no function with a body is called 'conut': "
            "did you mean 'count'?"])
        self.assertEqual(self.snarl("check", "--quiet").err, "")

    def test_mistakes(self):
        for text, says in (
                ("entry: { function: work }", "1:8: error: say what runs 'work' or if several do: "
                                              "runs_on, many"),
                ("entry: { many: true }", "1:8: error: the key 'function' is missing here"),
                ("entry: [{ function: work, run_on: thread }]",
                 "1:27: error: unknown key 'run_on': did you mean 'runs_on'?"),
                ("entry: [{ function: work, runs_on: thred }]",
                 "1:36: error: unknown value 'thred': did you mean 'thread'?"),
                ("never_together: [a]", "1:17: error: 'never_together' takes two functions, [a, b], "
                                        "or a list of such pairs"),
                ("never_together: [[a, b], c]", "1:26: error: 'never_together' takes two functions, "
                                                "[a, b], or a list of such pairs"),
                ("never_together: { a: b }", "1:17: error: 'never_together' takes two functions, "
                                             "[a, b], or a list of such pairs")):
            with self.subTest(text):
                self.project.write(".snarl.yml", text + "\n")
                result = self.snarl("check")
                self.assertEqual((result.status, result.err), (2, f".snarl.yml:{says}\n"))


if __name__ == "__main__":
    unittest.main()
