/* late_acts.h, nested_runs.h, requests.h, demand.h: what is tested in one turn of a loop and acted
 * upon in a later one, and the twins where nothing can come in between.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness.h"

static void check(const char *source, const char *want)
{
    harness_check_rule("check-then-act", source, want);
}

/* 'arrive' runs again and again; 'done' answers what it starts. */
#define HEAD                                                                                       \
    "#include <uv.h>\n"                                                                            \
    "static int slots = 1; static int busy; static uv_timer_t t, u, v;\n"
#define MAIN(repeat)                                                                               \
    "int main(void) {\n"                                                                           \
    "  uv_timer_start(&t, arrive, 1, " repeat ");\n"                                               \
    "  uv_run(uv_default_loop(), UV_RUN_DEFAULT);\n"                                               \
    "}\n"
#define STALE(act, test)                                                                           \
    act " [check-then-act] 'slots' can have changed in the turns of the loop since the test at "   \
        "a.c:" test "\n"

static void started_again_before_it_is_done(void **state)
{
    (void)state;
    check(HEAD "static void done(uv_timer_t *x) { (void)x; slots--; }\n"
               "static void arrive(uv_timer_t *x) {\n"
               "  (void)x;\n"
               "  if (slots > 0) uv_timer_start(&u, done, 9, 0);\n"
               "}\n" MAIN("1"),
          STALE("3", "6"));
}

static void one_chain_is_alone(void **state)
{
    (void)state;
    check(HEAD "static void done(uv_timer_t *x) { (void)x; slots--; }\n"
               "static void arrive(uv_timer_t *x) {\n"
               "  (void)x;\n"
               "  if (slots > 0) uv_timer_start(&u, done, 9, 0);\n"
               "}\n" MAIN("0"),
          "");
}

static void another_callback_comes_in_between(void **state)
{
    (void)state;
    check(HEAD "static void done(uv_timer_t *x) { (void)x; slots -= 2; }\n"
               "static void other(uv_timer_t *x) { (void)x; if (slots > 0) slots--; }\n"
               "static void arrive(uv_timer_t *x) {\n"
               "  (void)x;\n"
               "  if (slots >= 2) uv_timer_start(&u, done, 9, 0);\n"
               "}\n"
               "int main(void) {\n"
               "  uv_timer_start(&v, other, 1, 0);\n"
               "  uv_timer_start(&t, arrive, 1, 0);\n"
               "  uv_run(uv_default_loop(), UV_RUN_DEFAULT);\n"
               "}\n",
          STALE("3", "7"));
}

static void the_other_only_gives_back(void **state)
{
    (void)state;
    check(HEAD "static void done(uv_timer_t *x) { (void)x; slots--; }\n"
               "static void other(uv_timer_t *x) { (void)x; slots++; }\n"
               "static void arrive(uv_timer_t *x) {\n"
               "  (void)x;\n"
               "  if (slots > 0) uv_timer_start(&u, done, 9, 0);\n"
               "}\n"
               "int main(void) {\n"
               "  uv_timer_start(&v, other, 1, 1);\n"
               "  uv_timer_start(&t, arrive, 1, 0);\n"
               "  uv_run(uv_default_loop(), UV_RUN_DEFAULT);\n"
               "}\n",
          "");
}

static void reserved_before_the_start(void **state)
{
    (void)state;
    check(HEAD "static void done(uv_timer_t *x) { (void)x; slots++; }\n"
               "static void arrive(uv_timer_t *x) {\n"
               "  (void)x;\n"
               "  if (slots > 0) { slots--; uv_timer_start(&u, done, 9, 0); }\n"
               "}\n" MAIN("1"),
          "");
}

static void tested_again(void **state)
{
    (void)state;
    check(HEAD "static void done(uv_timer_t *x) { (void)x; if (slots > 0) slots--; }\n"
               "static void arrive(uv_timer_t *x) {\n"
               "  (void)x;\n"
               "  if (slots > 0) uv_timer_start(&u, done, 9, 0);\n"
               "}\n" MAIN("1"),
          "");
}

static void a_flag_lets_one_through(void **state)
{
    (void)state;
    check(HEAD "static void done(uv_timer_t *x) { (void)x; slots--; busy = 0; }\n"
               "static void arrive(uv_timer_t *x) {\n"
               "  (void)x;\n"
               "  if (!busy && slots > 0) { busy = 1; uv_timer_start(&u, done, 9, 0); }\n"
               "}\n" MAIN("1"),
          "");
}

static void counted_before_the_test(void **state)
{
    (void)state;
    check(HEAD "static void arrive(uv_timer_t *x) {\n"
               "  (void)x;\n"
               "  slots++;\n"
               "  if (slots < 9) { uv_timer_start(&u, arrive, 9, 0); }\n"
               "}\n" MAIN("1"),
          "");
}

static void a_claim_is_no_decision(void **state)
{
    (void)state;
    check(HEAD "static void done(uv_timer_t *x) { (void)x; slots--; }\n"
               "static void arrive(uv_timer_t *x) {\n"
               "  (void)x;\n"
               "  if (slots <= 0) abort();\n"
               "  uv_timer_start(&u, done, 9, 0);\n"
               "}\n" MAIN("1"),
          "");
}

static void through_a_wrapper_and_a_chain(void **state)
{
    (void)state;
    check(HEAD "static void later(uv_timer_cb next) { uv_timer_start(&u, next, 9, 0); }\n"
               "static void done(uv_timer_t *x) { (void)x; slots--; }\n"
               "static void opened(uv_timer_t *x) { (void)x; later(done); }\n"
               "static void arrive(uv_timer_t *x) {\n"
               "  (void)x;\n"
               "  if (slots > 0) later(opened);\n"
               "}\n" MAIN("1"),
          STALE("4", "8"));
}

static void made_twice(void **state)
{
    (void)state;
    check("#include <glib.h>\n"
          "static void *slots;\n"
          "static gboolean made(gpointer d) { slots = malloc(1); (void)d; return 0; }\n"
          "static gboolean ask(gpointer d) {\n"
          "  if (!slots) g_timeout_add(9, made, d);\n"
          "  return 1;\n"
          "}\n"
          "int main(void) {\n"
          "  GMainLoop *loop = g_main_loop_new(NULL, 0);\n"
          "  g_timeout_add(1, ask, NULL);\n"
          "  g_main_loop_run(loop);\n"
          "}\n",
          STALE("3", "5"));
}

#define GUEST(act)                                                                                 \
    HEAD "static void guest(uv_timer_t *x) { (void)x; slots" act "; }\n"                           \
         "static void wait_for(uv_loop_t *l) { uv_run(l, UV_RUN_DEFAULT); }\n"                     \
         "int main(void) {\n"                                                                      \
         "  uv_timer_start(&t, guest, 1, 0);\n"

static void acted_on_behind_a_run_of_the_loop(void **state)
{
    (void)state;
    check(GUEST("--") "  if (slots > 0) {\n"
                      "    wait_for(uv_default_loop());\n"
                      "    slots--;\n"
                      "  }\n"
                      "}\n",
          "9 [check-then-act] 'slots' can have changed in the callbacks run on line 8, since the "
          "test on line 7\n");
}

static void tested_again_behind_it(void **state)
{
    (void)state;
    check(GUEST("--") "  if (slots > 0) {\n"
                      "    wait_for(uv_default_loop());\n"
                      "    if (slots > 0) slots--;\n"
                      "  }\n"
                      "}\n",
          "");
}

static void changed_before_it(void **state)
{
    (void)state;
    check(GUEST("--") "  if (slots > 0) {\n"
                      "    slots--;\n"
                      "    wait_for(uv_default_loop());\n"
                      "  }\n"
                      "}\n",
          "");
}

static void its_callbacks_only_give_back(void **state)
{
    (void)state;
    check(GUEST("++") "  if (slots > 0) {\n"
                      "    wait_for(uv_default_loop());\n"
                      "    slots--;\n"
                      "  }\n"
                      "}\n",
          "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(started_again_before_it_is_done),
        cmocka_unit_test(one_chain_is_alone),
        cmocka_unit_test(another_callback_comes_in_between),
        cmocka_unit_test(the_other_only_gives_back),
        cmocka_unit_test(reserved_before_the_start),
        cmocka_unit_test(tested_again),
        cmocka_unit_test(a_flag_lets_one_through),
        cmocka_unit_test(counted_before_the_test),
        cmocka_unit_test(a_claim_is_no_decision),
        cmocka_unit_test(through_a_wrapper_and_a_chain),
        cmocka_unit_test(made_twice),
        cmocka_unit_test(acted_on_behind_a_run_of_the_loop),
        cmocka_unit_test(tested_again_behind_it),
        cmocka_unit_test(changed_before_it),
        cmocka_unit_test(its_callbacks_only_give_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
