/* rules/wait_no_loop.c, program/waits.h: waits after which nothing is tested again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness.h"

static void check(const char *source, const char *want)
{
    harness_check_rule("wait-no-loop", source, want);
}

/* The body of a thread's function, from line 4 on, with `m` held; another thread sets `ready`,
 * counts `n` up and wakes it. */
static void check_waiter(const char *body, const char *want)
{
    void *owner = talloc_new(NULL);

    check(mem_printf(owner,
                     "static bool ready, other; static int n, data;\n"
                     "static void *waiter(void *a) {\n"
                     "  pthread_mutex_lock(&m);\n"
                     "%s"
                     "  pthread_mutex_unlock(&m);\n"
                     "  elsewhere();\n"
                     "  return a;\n"
                     "}\n"
                     "static void *waker(void *a) {\n"
                     "  pthread_mutex_lock(&m);\n"
                     "  ready = true; other = true; n++; data = 1;\n"
                     "  pthread_cond_signal(&cond);\n"
                     "  pthread_mutex_unlock(&m);\n"
                     "  return a;\n"
                     "}\n"
                     "int main(void) {\n"
                     "  pthread_t t;\n"
                     "  pthread_create(&t, NULL, waiter, NULL);\n"
                     "  pthread_create(&t, NULL, waker, NULL);\n"
                     "}\n",
                     body),
          want);
    talloc_free(owner);
}

#define STALE(line, what)                                                                          \
    line " [wait-no-loop] " what " is not tested again after this wait: who is woken goes on "     \
         "whether it has come true or not"
#define UNTESTED(line)                                                                             \
    line " [wait-no-loop] this wait is for nothing that is tested: it can end for nothing, and a " \
         "wake-up before it is lost (medium)\n"
#define WAIT "pthread_cond_wait(&cond, &m);\n"

static void around_it_is_an_if(void **state)
{
    (void)state;
    check_waiter("if (!ready) " WAIT, STALE("4", "'ready'") "\n");
    check_waiter("if (ready) ; else " WAIT, STALE("4", "'ready'") "\n");
    check_waiter("if (n == 0) " WAIT "n--;\n", STALE("4", "'n'") "\n");
    check_waiter("if (!ready && n == 0) " WAIT, STALE("4", "'ready'") "\n");
    check_waiter("if (!ready)\n do " WAIT "while (0);\n", STALE("5", "'ready'") "\n");
}

static void around_it_is_a_loop(void **state)
{
    (void)state;
    check_waiter("while (!ready) " WAIT, "");
    check_waiter("while (!ready || n == 0) " WAIT, "");
    check_waiter("while (!ready && n == 0) " WAIT, "");
    check_waiter("do " WAIT " while (!ready);\n", "");
    check_waiter("for (;;) { if (ready) break; " WAIT "}\n", "");
    check_waiter("for (;;) { " WAIT " if (ready) break; }\n", "");
    check_waiter("for (int was = n; was == n; ) " WAIT, "");
    check_waiter("again: if (!ready) { " WAIT " goto again; }\n", "");
    check_waiter("while (!ready) { if (pthread_cond_wait(&cond, &m) != 0) return a; }\n", "");
}

static void the_loop_tests_something_else(void **state)
{
    (void)state;
    check_waiter("for (int i = 0; i < 3; i++) " WAIT, UNTESTED("4"));
    check_waiter("bool seen = ready;\n while (!seen) " WAIT, STALE("5", "'ready'") "\n");
}

static void nothing_is_tested(void **state)
{
    (void)state;
    check_waiter(WAIT, UNTESTED("4"));
    check_waiter("if (a) " WAIT, UNTESTED("4"));
}

static void woken_it_tests_before_it_acts(void **state)
{
    (void)state;
    check_waiter("if (n == 0) " WAIT "if (n > 0) n--;\n", "");
    check_waiter(WAIT "if (n > 0) n--;\n", "");
    check_waiter("if (!ready) " WAIT "if (other) n--;\n", STALE("4", "'ready'") "\n");
}

static void an_assertion_is_no_second_test(void **state)
{
    (void)state;
    check_waiter("if (!ready) " WAIT "if (!ready) abort();\n", STALE("4", "'ready'") "\n");
}

static void who_sleeps_relies_on_nothing(void **state)
{
    (void)state;
    check_waiter("struct timespec t = {0};\n if (!ready) pthread_cond_timedwait(&cond, &m, &t);\n",
                 "");
    check_waiter("struct timespec t = {0};\n"
                 "if (n == 0) pthread_cond_timedwait(&cond, &m, &t);\n n--;\n",
                 STALE("5", "'n'") " (medium)\n");
    check_waiter("struct timespec t = {0};\n"
                 "if (n == 0 && pthread_cond_timedwait(&cond, &m, &t) != 0) return NULL;\n",
                 STALE("5", "'n'") " (medium)\n");
}

/* A function that waits once on line 2, called on line 7 as `call` says. */
static void check_wrapped(const char *call, const char *want)
{
    void *owner = talloc_new(NULL);

    check(mem_printf(owner,
                     "static bool ready;\n"
                     "static void nap(pthread_cond_t *c) { pthread_cond_wait(c, &m); }\n"
                     "static bool is_ready(void) { return ready; }\n"
                     "static void *waiter(void *a) {\n"
                     "  pthread_mutex_lock(&m);\n"
                     "  (void)is_ready();\n"
                     "  %s\n"
                     "  pthread_mutex_unlock(&m);\n"
                     "  elsewhere();\n"
                     "  return a;\n"
                     "}\n"
                     "int main(void) {\n"
                     "  pthread_t t;\n"
                     "  pthread_create(&t, NULL, waiter, NULL);\n"
                     "  pthread_mutex_lock(&m); ready = true; pthread_mutex_unlock(&m);\n"
                     "}\n",
                     call),
          want);
    talloc_free(owner);
}

static void the_call_of_a_wrapper_belongs_in_the_loop(void **state)
{
    (void)state;
    check_wrapped("while (!ready) nap(&cond);", "");
    check_wrapped("if (!ready) nap(&cond);", STALE("7", "'ready'") "\n");
    check_wrapped("while (!is_ready()) nap(&cond);", "");
    check_wrapped("if (!is_ready()) nap(&cond);", STALE("7", "what 'is_ready' tells") "\n");
    check_wrapped("nap(&cond);", "7 [wait-no-loop] 'nap' waits once, and nothing is tested after "
                                 "it: it can end for nothing (medium)\n");
}

static void callers_may_test(void **state)
{
    (void)state;
    static const char *const format =
        "static bool ready;\n"
        "static void wait_once(void) {\n"
        "  pthread_mutex_lock(&m);\n"
        "  if (!ready) pthread_cond_wait(&cond, &m);\n"
        "  pthread_mutex_unlock(&m);\n"
        "}\n"
        "static bool is_ready(void) {\n"
        "  pthread_mutex_lock(&m); bool is = ready; pthread_mutex_unlock(&m); return is;\n"
        "}\n"
        "static void *waiter(void *a) { %s (!is_ready()) wait_once(); elsewhere(); return a; }\n"
        "int main(void) {\n"
        "  pthread_t t;\n"
        "  pthread_create(&t, NULL, waiter, NULL);\n"
        "  pthread_mutex_lock(&m); ready = true; pthread_mutex_unlock(&m);\n"
        "}\n";
    void *owner = talloc_new(NULL);

    check(mem_printf(owner, format, "while"), "");
    check(mem_printf(owner, format, "if"), STALE("4", "'ready'") "\n");
    talloc_free(owner);
}

static void a_worker_looks_at_what_it_takes(void **state)
{
    (void)state;
    static const char *const format = "struct item { struct item *next; };\n"
                                      "static struct item *head;\n"
                                      "static void *worker(void *a) {\n"
                                      "  for (;;) {\n"
                                      "    pthread_mutex_lock(&m);\n"
                                      "    if (head == NULL) pthread_cond_wait(&cond, &m);\n"
                                      "    struct item *item = head;\n"
                                      "    %s head = item->next;\n"
                                      "    pthread_mutex_unlock(&m);\n"
                                      "    elsewhere();\n"
                                      "  }\n"
                                      "  return a;\n"
                                      "}\n"
                                      "int main(void) {\n"
                                      "  pthread_t t;\n"
                                      "  pthread_create(&t, NULL, worker, NULL);\n"
                                      "  pthread_mutex_lock(&m); head = malloc(9);\n"
                                      "  pthread_mutex_unlock(&m);\n"
                                      "}\n";
    void *owner = talloc_new(NULL);

    check(mem_printf(owner, format, "if (item != NULL)"), "");
    check(mem_printf(owner, format, ""), STALE("6", "'head'") "\n");
    talloc_free(owner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(around_it_is_an_if),
        cmocka_unit_test(around_it_is_a_loop),
        cmocka_unit_test(the_loop_tests_something_else),
        cmocka_unit_test(nothing_is_tested),
        cmocka_unit_test(woken_it_tests_before_it_acts),
        cmocka_unit_test(an_assertion_is_no_second_test),
        cmocka_unit_test(who_sleeps_relies_on_nothing),
        cmocka_unit_test(the_call_of_a_wrapper_belongs_in_the_loop),
        cmocka_unit_test(callers_may_test),
        cmocka_unit_test(a_worker_looks_at_what_it_takes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
