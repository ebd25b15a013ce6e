/* kept.c: fields that have one value while a thread runs, seen through data-race. */
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

/* `begin` is before the start, `post` is what main does to the client beside its thread (line 5),
 * `end` comes after the thread's end. */
static void check(const char *begin, const char *post, const char *more, const char *end,
                  const char *want)
{
    void *owner = talloc_new(NULL);
    char *source = mem_printf(owner,
                              "struct client { pthread_t id; int mode; int n; };\n"
                              "static int all;\n"
                              "static void *work(void *a) { struct client *c = a; c->n++; all++; "
                              "return a; }\n"
                              "static void start(struct client *c) { %s "
                              "pthread_create(&c->id, 0, work, c); }\n"
                              "static void post(struct client *c) { %s }\n"
                              "static void then(struct client *c) { %s }\n"
                              "static struct client one;\n"
                              "int main(void) {\n"
                              "  post(&one); start(&one); post(&one); then(&one);\n"
                              "  pthread_join(one.id, 0); %s\n"
                              "  post(&one); return 0;\n"
                              "}\n",
                              begin, post, more, end);

    harness_check(dump_races, source, want);
    talloc_free(owner);
}

static void what_the_flag_rules_out(void **state)
{
    (void)state;
    check("c->mode = 1;", "if (c->mode == 0) c->n++;", "", "one.mode = 0;", "");
    check("c->mode = 1;", "if (!c->mode) c->n++;", "", "one.mode = 0;", "");
    check("c->mode = 1;", "if (c->mode != 1) c->n++;", "", "", "");
    check("c->mode = 1;", "switch (c->mode) { case 2: c->n++; }", "", "one.mode = 0;", "");
}

static void what_the_flag_lets_by(void **state)
{
    (void)state;
    check("c->mode = 1;", "if (c->mode == 1) c->n++;", "", "one.mode = 0;", "5 ");
    check("c->mode = 1;", "c->n++;", "", "one.mode = 0;", "5 ");
    check("c->mode = 1;", "if (c->mode == 0) c->n++;", "c->n = 2;", "one.mode = 0;", "6 ");
}

static void a_flag_that_changes(void **state)
{
    (void)state;
    check("c->mode = 1;", "if (c->mode == 0) c->n++;", "c->mode = 0;", "", "5 ");
    check("c->mode = 1; c->mode = 0;", "if (c->mode == 0) c->n++;", "", "", "5 ");
    check("if (c->n) c->mode = 1;", "if (c->mode == 0) c->n++;", "", "", "5 ");
}

/* The branch says what was before the thread was there. */
static void a_thread_started_behind_the_branch(void **state)
{
    (void)state;
    check("c->mode = 1;", "", "if (c->mode == 0) { start(c); c->n++; }", "one.mode = 0;", "6 ");
}

/* Another client may be without a thread. */
static void a_variable_of_all(void **state)
{
    (void)state;
    check("c->mode = 1;", "if (c->mode == 0) all++;", "", "one.mode = 0;", "5 ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_flag_rules_out),
        cmocka_unit_test(what_the_flag_lets_by),
        cmocka_unit_test(a_flag_that_changes),
        cmocka_unit_test(a_thread_started_behind_the_branch),
        cmocka_unit_test(a_variable_of_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
