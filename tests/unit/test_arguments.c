/* arguments.c, params.c: what constant arguments rule out, seen through data-race. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness.h"

/* The thread does `work`, main does `beside` at the same time; `put` is what both may call. `want`
 * tells the places of line 2. */
static void check(const char *put, const char *work, const char *beside, const char *want)
{
    void *owner = talloc_new(NULL);
    char *source = mem_printf(owner,
                              "static int n;\n"
                              "%s\n"
                              "static void *work(void *a) { %s return a; }\n"
                              "int main(int argc, char **argv) {\n"
                              "  pthread_t t; pthread_create(&t, 0, work, 0);\n"
                              "  %s\n"
                              "  pthread_join(t, 0); return n + argc + argv[0][0];\n"
                              "}\n",
                              put, work, beside);

    harness_check_rule("data-race", source, want);
    talloc_free(owner);
}

#define RACE "2 [data-race] 'n' can be changed here by several threads at once\n"

static void a_caller_that_asks_for_something_else(void **state)
{
    const char *put = "static void put(int which) { if (which == 1) n++; }";
    const char *word = "static void put(int flags) { if (flags & 4) n++; }";

    (void)state;
    check(put, "put(1);", "put(2);", "");
    check(put, "put(1);", "put(1);", RACE);
    check(word, "put(5);", "put(3);", "");
    check(word, "put(5);", "put(6);", RACE);
}

static void the_lock_of_the_callers_that_come_there(void **state)
{
    const char *put = "static void put(int which) { if (which == 1) n++; }";

    (void)state;
    check(put, "pthread_mutex_lock(&m); put(1); pthread_mutex_unlock(&m);",
          "pthread_mutex_lock(&m); put(1); pthread_mutex_unlock(&m); put(2);", "");
    check(put, "pthread_mutex_lock(&m); put(1); pthread_mutex_unlock(&m);",
          "pthread_mutex_lock(&m); put(1); pthread_mutex_unlock(&m); put(1);", RACE);
}

static void an_argument_that_is_handed_on(void **state)
{
    const char *put = "static void add(int which) { if (which == 1) n++; } "
                      "static void put(int which) { add(which); }";

    (void)state;
    check(put, "put(1);", "put(2);", "");
    check(put, "put(1);", "put(1);", RACE);
}

static void the_lock_is_taken_unless_the_caller_has_it(void **state)
{
    const char *put = "static void put(int locked) { if (!locked) pthread_mutex_lock(&m); n++; "
                      "if (!locked) pthread_mutex_unlock(&m); }";

    (void)state;
    check(put, "put(0);", "pthread_mutex_lock(&m); put(1); pthread_mutex_unlock(&m);", "");
    check(put, "put(0);", "put(1);", RACE);
}

static void check_outcomes(const char *caller, const char *want)
{
    void *owner = talloc_new(NULL);
    const char *put = "static void put(int which) { pthread_mutex_lock(&m); switch (which) { "
                      "case 1: pthread_mutex_unlock(&m); break; "
                      "case 2: pthread_mutex_unlock(&m); break; } }";

    harness_check(harness_dump_outcomes, mem_printf(owner, "%s %s\n", put, caller), want);
    talloc_free(owner);
}

static void a_switch_with_a_case_for_each_value(void **state)
{
    (void)state;
    check_outcomes("int main(void) { put(1); put(2); return 0; }", "");
    check_outcomes("int main(void) { put(1); put(3); return 0; }",
                   "put any: +{m} -{}\nput any: +{} -{}\nmain zero: +{m} -{}\n");
    check_outcomes("void (*p)(int) = put; int main(void) { put(1); return 0; }",
                   "put any: +{m} -{}\nput any: +{} -{}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_caller_that_asks_for_something_else),
        cmocka_unit_test(the_lock_of_the_callers_that_come_there),
        cmocka_unit_test(an_argument_that_is_handed_on),
        cmocka_unit_test(the_lock_is_taken_unless_the_caller_has_it),
        cmocka_unit_test(a_switch_with_a_case_for_each_value),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
