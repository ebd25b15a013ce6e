/* errands.c: what a helper does between being given work and giving it back, seen through
 * data-race. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "harness.h"

/* Lines on which data-race reports `n`. */
static char *dump_races(void *owner, const struct prog *prog)
{
    char *out = mem_strdup(owner, "");
    char *all = harness_dump_findings(owner, prog);

    for (char *line = strtok(all, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        if (strstr(line, "[data-race]") != NULL && strstr(line, "'n'") != NULL) {
            mem_append(owner, &out, "%.*s ", (int)strcspn(line, " "), line);
        }
    }
    return out;
}

/* A helper whose work on `n` is line 3, and a giver whose round is lines 6 to 8. */
static void check(const char *helper, const char *round, const char *want)
{
    void *owner = talloc_new(NULL);
    char *source = mem_printf(owner,
                              "static _Atomic int go; static int n, mode;\n"
                              "static void *work(void *a) { for (;;) {\n"
                              "%s\n"
                              "  } return a; }\n"
                              "static void round(int argc) {\n"
                              "%s\n"
                              "}\n"
                              "int main(int argc, char **argv) {\n"
                              "  pthread_t t;\n"
                              "  pthread_create(&t, 0, work, 0);\n"
                              "  for (;;) round(argc);\n"
                              "}\n",
                              helper, round);

    harness_check(dump_races, source, want);
    talloc_free(owner);
}

#define HELPER "while (go == 0) ; n = 1; go = 0;"

static void between_errands_the_giver_is_alone(void **state)
{
    (void)state;
    check(HELPER, "go = 1; while (go != 0) ; n = 2;", "");
    check(HELPER, "n = 2; go = 1; while (go) elsewhere();", "");
    check(HELPER, "if (argc) { go = argc; while (go > 0) ; } n = 2;", "");
    check("if (!go) continue; n = 1; go = 0;", "go = 1; while (go != 0) ; n = 2;", "");
}

static void on_errands_he_is_not(void **state)
{
    (void)state;
    check(HELPER, "go = 1; n = 2; while (go != 0) ;", "6 ");
    check(HELPER, "go = 1; while (go != 0) { n = 2; }", "6 ");
    check(HELPER, "go = 1; n = 2;", "6 ");
    check(HELPER, "go = 1; if (argc) while (go != 0) ; n = 2;", "6 ");
    check(HELPER, "go = 1; while (go != 0 && argc < 3) ; n = 2;", "6 ");
}

static void the_helper_is_away_only_while_the_flag_is_set(void **state)
{
    (void)state;
    check("n = 1; while (go == 0) ; go = 0;", "go = 1; while (go != 0) ; n = 2;", "6 ");
    check("while (go == 0) ; go = 0; n = 1;", "go = 1; while (go != 0) ; n = 2;", "6 ");
    check("while (go != 0) ; n = 1; go = 0;", "go = 1; while (go != 0) ; n = 2;", "6 ");
    check("if (go) elsewhere(); n = 1; go = 0;", "go = 1; while (go != 0) ; n = 2;", "6 ");
    check("while (go == 0) ; n = 1; go--;", "go = 1; while (go != 0) ; n = 2;", "6 ");
}

static void a_mode_rules_out_what_no_helper_does(void **state)
{
    (void)state;
    check("while (go == 0) ; if (mode == 0) n = 1; go = 0;",
          "mode = 3; go = 1; n = 2; while (go != 0) ; mode = 0;", "");
    check("while (go == 0) ; if (mode == 3) n = 1; go = 0;",
          "mode = 3; go = 1; n = 2; while (go != 0) ; mode = 0;", "6 ");
    check("while (go == 0) ; if (mode == 0) n = 1; go = 0;",
          "mode = 3; go = 1; n = 2; mode = 0; while (go != 0) ;", "6 ");
    check("int m0 = mode; while (go == 0) ; if (m0 == 0) n = 1; go = 0;",
          "mode = 3; go = 1; n = 2; while (go != 0) ; mode = 0;", "6 ");
}

/* The same with an array of flags, and what a round is. */
static void check_many(const char *round, const char *want)
{
    void *owner = talloc_new(NULL);
    char *source = mem_printf(owner,
                              "static _Atomic int go[4]; static int n;\n"
                              "static void *work(void *a) { long i = (long)a; for (;;) {\n"
                              "while (go[i] == 0) ; elsewhere(); if (n) elsewhere(); go[i] = 0;\n"
                              "  } return a; }\n"
                              "int main(void) {\n"
                              "  pthread_t t;\n"
                              "  for (long i = 0; i < 4; i++) pthread_create(&t, 0, work, "
                              "(void *)i);\n"
                              "  for (;;) {\n"
                              "    for (int i = 0; i < 4; i++) go[i] = 1;\n"
                              "%s\n"
                              "    n++;\n"
                              "  }\n"
                              "}\n",
                              round);

    harness_check(dump_races, source, want);
    talloc_free(owner);
}

static void all_must_be_back(void **state)
{
    (void)state;
    check_many("for (;;) { int k = 0; for (int i = 0; i < 4; i++) k += go[i]; if (k == 0) break; }",
               "");
    check_many("for (int i = 0; i < 4; i++) while (go[i] != 0) ;", "");
    check_many("while (go[0] != 0) ;", "11 ");
    check_many("for (int i = 0; i < 4; i++) { while (go[i] != 0) ; n = 3; }", "10 ");
}

static void one_flag_for_many_tells_of_none(void **state)
{
    (void)state;
    harness_check(dump_races,
                  "static _Atomic int go; static int n;\n"
                  "static void *work(void *a) { for (;;) {\n"
                  "  while (go == 0) ; if (n) elsewhere(); go = 0; } return a; }\n"
                  "int main(void) {\n"
                  "  pthread_t t[2];\n"
                  "  for (int i = 0; i < 2; i++) pthread_create(&t[i], 0, work, 0);\n"
                  "  for (;;) { go = 1; while (go != 0) ; \n"
                  "    n++; }\n"
                  "}\n",
                  "8 ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(between_errands_the_giver_is_alone),
        cmocka_unit_test(on_errands_he_is_not),
        cmocka_unit_test(the_helper_is_away_only_while_the_flag_is_set),
        cmocka_unit_test(a_mode_rules_out_what_no_helper_does),
        cmocka_unit_test(all_must_be_back),
        cmocka_unit_test(one_flag_for_many_tells_of_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
