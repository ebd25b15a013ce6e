/* flow_forget.c: what is known of variables that other code can change, and when it is forgotten.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness.h"

static void check_held(const char *source, const char *want)
{
    harness_check(harness_dump_accesses, source, want);
}

static void a_setting_tells_ways_apart(void **state)
{
    (void)state;
    check_held("void f(int n) {\n"
               "  if (flag) pthread_mutex_lock(&m);\n"
               "  for (int i = 0; i < n; i++) elsewhere();\n"
               "  hits = 1;\n"
               "  if (flag) { hits = 2; pthread_mutex_unlock(&m); }\n"
               "  hits = 3;\n"
               "}\n",
               "2 flag {}\n"
               "4 hits {}\n"
               "5 flag {}\n"
               "5 hits {m}\n"
               "6 hits {}\n");
}

static void a_member_tells_ways_apart(void **state)
{
    (void)state;
    check_held("struct s { bool safe; pthread_mutex_t mu; int n; };\n"
               "void f(struct s *s) {\n"
               "  if (s->safe) pthread_mutex_lock(&s->mu);\n"
               "  if (s->safe) { s->n = 1; pthread_mutex_unlock(&s->mu); }\n"
               "  s->n = 2;\n"
               "}\n",
               "3 s->safe {}\n"
               "4 s->safe {}\n"
               "4 s->n {s->mu}\n"
               "5 s->n {}\n");
}

static void a_loop_that_waits_for_a_change(void **state)
{
    (void)state;
    check_held("void f(void) {\n"
               "  pthread_mutex_lock(&m);\n"
               "  while (!flag) { pthread_mutex_unlock(&m); sleep(1); pthread_mutex_lock(&m2); "
               "pthread_mutex_lock(&m); }\n"
               "  hits = 1;\n"
               "}\n",
               "3 flag {m}\n"
               "4 hits {m}\n");
}

static void a_callee_changes_it(void **state)
{
    (void)state;
    check_held("static int *thing;\n"
               "static void make(void) { thing = malloc(4); }\n"
               "static void outer(void) { make(); }\n"
               "void f(void) {\n"
               "  if (thing != NULL) return;\n"
               "  outer();\n"
               "  if (thing == NULL) return;\n"
               "  hits = 1;\n"
               "}\n",
               "2 thing {}\n"
               "5 thing {}\n"
               "7 thing {}\n"
               "8 hits {}\n");
}

static void somebody_else_changes_it(void **state)
{
    (void)state;
    check_held("void f(void) {\n"
               "  if (flag) return;\n"
               "  pthread_mutex_lock(&m);\n"
               "  if (flag) { hits = 1; pthread_mutex_unlock(&m); return; }\n"
               "  hits = 2;\n"
               "  pthread_mutex_unlock(&m);\n"
               "}\n",
               "2 flag {}\n"
               "4 flag {m}\n"
               "4 hits {m}\n"
               "5 hits {m}\n");
}

static void a_wait_changes_it(void **state)
{
    (void)state;
    check_held("void f(void) {\n"
               "  pthread_mutex_lock(&m);\n"
               "  if (!flag) pthread_cond_wait(&cond, &m);\n"
               "  if (flag) hits = 1;\n"
               "  else hits = 2;\n"
               "  pthread_mutex_unlock(&m);\n"
               "}\n",
               "3 flag {m}\n"
               "4 flag {m}\n"
               "4 hits {m}\n"
               "5 hits {m}\n");
}

static void an_alias_changes_it(void **state)
{
    (void)state;
    check_held("struct s { bool safe; int n; };\n"
               "void f(struct s *a, struct s *b) {\n"
               "  if (a->safe) return;\n"
               "  b->safe = true;\n"
               "  if (a->safe) a->n = 1;\n"
               "}\n",
               "3 a->safe {}\n"
               "4 b->safe {}\n"
               "5 a->safe {}\n"
               "5 a->n {}\n");
}

static void another_object_is_looked_at(void **state)
{
    (void)state;
    check_held(
        "struct s { bool safe; pthread_mutex_t mu; int n; struct s *next; };\n"
        "void f(struct s *p) {\n"
        "  struct s *s = p;\n"
        "  if (s->safe) return;\n"
        "  s = s->next;\n"
        "  if (s->safe) { pthread_mutex_lock(&s->mu); s->n = 1; pthread_mutex_unlock(&s->mu); }\n"
        "  s->n = 2;\n"
        "}\n",
        "4 s->safe {}\n"
        "5 s->next {}\n"
        "6 s->safe {}\n"
        "6 s->n {s->mu}\n"
        "7 s->n {}\n");
}

static void out_parameters_are_written_by_calls(void **state)
{
    (void)state;
    check_held("int get(int *ret);\n"
               "static void set(int *ret) { *ret = 1; }\n"
               "void f(void) {\n"
               "  int ok = 0;\n"
               "  int done = 0;\n"
               "  get(&ok);\n"
               "  if (ok) hits = 1;\n"
               "  set(&done);\n"
               "  if (done) hits = 2;\n"
               "}\n",
               "7 hits {}\n"
               "9 hits {}\n");
}

static void a_lock_call_changes_no_local(void **state)
{
    (void)state;
    check_held("int get(int *ret);\n"
               "void f(int n) {\n"
               "  int locked = 0;\n"
               "  if (n > 1) get(&locked);\n"
               "  locked = n > 3;\n"
               "  if (locked) pthread_mutex_lock(&m);\n"
               "  pthread_mutex_lock(&m2);\n"
               "  if (locked) { hits = 1; pthread_mutex_unlock(&m); }\n"
               "  hits = 2;\n"
               "}\n",
               "8 hits {m, m2}\n"
               "9 hits {m2}\n");
}

static void counting_down_is_no_test_of_the_result(void **state)
{
    (void)state;
    check_held("void f(int n) {\n"
               "  if (n-- == 0) { if (n == 0) hits = 1; else hits = 2; }\n"
               "}\n",
               "2 hits {}\n");
}

static void numbers_are_compared(void **state)
{
    (void)state;
    check_held("void f(void) {\n"
               "  int rc = 3;\n"
               "  if (rc < 0) { hits = 1; return; }\n"
               "  if (rc <= 3) hits = 2;\n"
               "  if (rc > 3) hits = 3;\n"
               "}\n",
               "3 hits {unreached}\n"
               "4 hits {}\n"
               "5 hits {unreached}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_setting_tells_ways_apart),
        cmocka_unit_test(a_member_tells_ways_apart),
        cmocka_unit_test(a_loop_that_waits_for_a_change),
        cmocka_unit_test(a_callee_changes_it),
        cmocka_unit_test(somebody_else_changes_it),
        cmocka_unit_test(a_wait_changes_it),
        cmocka_unit_test(an_alias_changes_it),
        cmocka_unit_test(another_object_is_looked_at),
        cmocka_unit_test(out_parameters_are_written_by_calls),
        cmocka_unit_test(a_lock_call_changes_no_local),
        cmocka_unit_test(counting_down_is_no_test_of_the_result),
        cmocka_unit_test(numbers_are_compared),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
