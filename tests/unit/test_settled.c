/* settled.c: code that one setting keeps out of one run, seen through data-race. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "harness.h"

/* Lines that data-race names. */
static char *dump_races(void *owner, const struct prog *prog)
{
    char *out = mem_strdup(owner, "");
    char *all = harness_dump_findings(owner, prog);

    for (char *line = strtok(all, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        if (strstr(line, "[data-race]") != NULL) {
            mem_append(owner, &out, "%.*s ", (int)strcspn(line, " "), line);
        }
    }
    return out;
}

/* `work` and main's lines 7 and 8 run at once. */
static void check(const char *setting, const char *work, const char *line7, const char *line8,
                  const char *want)
{
    void *owner = talloc_new(NULL);
    char *source = mem_printf(owner,
                              "static int mode; static int n;\n"
                              "%s\n"
                              "static void *work(void *a) { %s return a; }\n"
                              "int main(int argc, char **argv) {\n"
                              "  pthread_t t; mode = argc;\n"
                              "  pthread_create(&t, 0, work, 0);\n"
                              "  %s\n"
                              "  %s\n"
                              "  pthread_join(t, 0); return n + argv[0][0];\n"
                              "}\n",
                              setting, work, line7, line8);

    harness_check(dump_races, source, want);
    talloc_free(owner);
}

static void two_answers_of_one_setting(void **state)
{
    (void)state;
    check("", "if (mode == 1) n = 1;", "if (mode != 1) n = 2;", "", "");
    check("", "if (mode) n = 1;", "if (!mode) n = 2;", "", "");
    check("", "switch (mode) { case 1: n = 1; }", "if (mode == 2) n = 2;", "", "");
    check("", "if (mode == 3) return a; n = 1;", "if (mode == 3) n = 2;", "", "");
}

static void answers_that_go_together(void **state)
{
    (void)state;
    check("", "if (mode == 1) n = 1;", "if (mode == 1) n = 2;", "", "7 ");
    check("", "if (mode != 1) n = 1;", "if (mode != 2) n = 2;", "", "7 ");
    check("", "if (mode == 1) n = 1; else n = 3;", "if (mode != 1) n = 2;", "", "7 ");
}

static void a_setting_asked_in_a_caller(void **state)
{
    (void)state;
    check("static void set(void) { n = 1; } static void other(void) { if (mode != 1) set(); }",
          "other();", "if (mode == 1) n = 2;", "", "");
    check("static void set(void) { n = 1; } static void other(void) { if (mode != 1) set(); }",
          "other(); set();", "if (mode == 1) n = 2;", "", "7 ");
}

static void a_setting_that_changes(void **state)
{
    (void)state;
    check("", "if (mode == 1) n = 1;", "mode = 2;", "if (mode != 1) n = 2;", "7 8 ");
}

static void a_thread_started_for_one_answer(void **state)
{
    (void)state;
    harness_check(dump_races,
                  "static int mode; static int n;\n"
                  "static void *work(void *a) { n = 1; return a; }\n"
                  "int main(int argc, char **argv) {\n"
                  "  pthread_t t; mode = argc;\n"
                  "  if (mode == 1) pthread_create(&t, 0, work, 0);\n"
                  "  if (mode == 2) n = 2;\n"
                  "  return n + argv[0][0];\n"
                  "}\n",
                  "2 "); /* the read on line 7 is not kept out */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_answers_of_one_setting),
        cmocka_unit_test(answers_that_go_together),
        cmocka_unit_test(a_setting_asked_in_a_caller),
        cmocka_unit_test(a_setting_that_changes),
        cmocka_unit_test(a_thread_started_for_one_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
