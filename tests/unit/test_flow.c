/* flow.h: which tokens are held where, seen from inside each function. */
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

/* ---- paths ----------------------------------------------------------------------------------- */

static void same_condition_locks_and_unlocks(void **state)
{
    (void)state;
    check_held("void f(bool b) {\n"
               "  if (b) pthread_mutex_lock(&m);\n"
               "  more = 1;\n"
               "  if (b) { hits = 1; pthread_mutex_unlock(&m); }\n"
               "  hits = 2;\n"
               "}\n"
               "void g(void) {\n"
               "  if (flag) pthread_mutex_lock(&m);\n"
               "  if (flag) { hits = 3; pthread_mutex_unlock(&m); }\n"
               "  else hits = 4;\n"
               "}\n",
               "3 more {}\n"
               "4 hits {m}\n"
               "5 hits {}\n"
               "8 flag {}\n"
               "9 flag {}\n"
               "9 hits {m}\n"
               "10 hits {}\n");
}

static void a_variable_remembers_that_it_is_locked(void **state)
{
    (void)state;
    check_held("void f(int n) {\n"
               "  int locked = 0;\n"
               "  if (n > 3) { pthread_mutex_lock(&m); locked = 1; }\n"
               "  more = n;\n"
               "  if (locked) { hits = 1; pthread_mutex_unlock(&m); }\n"
               "  hits = 2;\n"
               "}\n",
               "4 more {}\n"
               "5 hits {m}\n"
               "6 hits {}\n");
}

static void switch_cases_are_kept_apart(void **state)
{
    (void)state;
    check_held("void f(int k) {\n"
               "  switch (k) {\n"
               "  case 1: pthread_mutex_lock(&m); break;\n"
               "  case 2: pthread_mutex_lock(&m2); break;\n"
               "  default: return;\n"
               "  }\n"
               "  more = 1;\n"
               "  switch (k) {\n"
               "  case 1: hits = 1; pthread_mutex_unlock(&m); break;\n"
               "  case 2: hits = 2; pthread_mutex_unlock(&m2); break;\n"
               "  }\n"
               "  hits = 3;\n"
               "}\n",
               "7 more {}\n"
               "9 hits {m}\n"
               "10 hits {m2}\n"
               "12 hits {}\n");
}

static void goto_out_ladder(void **state)
{
    (void)state;
    check_held("int f(int n) {\n"
               "  int rc = -1;\n"
               "  pthread_mutex_lock(&m);\n"
               "  if (n < 0) goto out;\n"
               "  pthread_mutex_lock(&m2);\n"
               "  if (n == 0) goto unlock_both;\n"
               "  hits = 1;\n"
               "  rc = 0;\n"
               "unlock_both:\n"
               "  more = 1;\n"
               "  pthread_mutex_unlock(&m2);\n"
               "out:\n"
               "  more = 2;\n"
               "  pthread_mutex_unlock(&m);\n"
               "  more = 3;\n"
               "  return rc;\n"
               "}\n",
               "7 hits {m, m2}\n"
               "10 more {m, m2}\n"
               "13 more {m}\n"
               "15 more {}\n");
}

static void loops_keep_what_each_round_keeps(void **state)
{
    (void)state;
    check_held("void f(int n) {\n"
               "  pthread_mutex_lock(&m);\n"
               "  for (int i = 0; i < n; i++) {\n"
               "    hits = i;\n"
               "    pthread_mutex_lock(&m2);\n"
               "    more = i;\n"
               "    pthread_mutex_unlock(&m2);\n"
               "  }\n"
               "  hits = n;\n"
               "  pthread_mutex_unlock(&m);\n"
               "}\n",
               "4 hits {m}\n"
               "6 more {m, m2}\n"
               "9 hits {m}\n");
}

static void a_loop_that_lets_go_in_between(void **state)
{
    (void)state;
    check_held("void f(void) {\n"
               "  pthread_mutex_lock(&m);\n"
               "  while (more) {\n"
               "    pthread_mutex_unlock(&m);\n"
               "    hits = 1;\n"
               "    pthread_mutex_lock(&m);\n"
               "  }\n"
               "  hits = 2;\n"
               "  pthread_mutex_unlock(&m);\n"
               "}\n",
               "3 more {m}\n"
               "5 hits {}\n"
               "8 hits {m}\n");
}

static void dead_code_is_not_reached(void **state)
{
    (void)state;
    check_held("static void die(void) { abort(); }\n"
               "void f(void) {\n"
               "  pthread_mutex_lock(&m);\n"
               "  if (more) die();\n"
               "  if (!more) { die(); hits = 1; }\n"
               "  pthread_mutex_unlock(&m);\n"
               "}\n",
               "4 more {m}\n"
               "5 more {m}\n"
               "5 hits {unreached}\n");
}

/* ---- kinds of locks -------------------------------------------------------------------------- */

static void readers_hold_a_shared_token(void **state)
{
    (void)state;
    check_held("void f(void) {\n"
               "  pthread_rwlock_rdlock(&rw);\n"
               "  hits = 1;\n"
               "  pthread_rwlock_unlock(&rw);\n"
               "  pthread_rwlock_wrlock(&rw);\n"
               "  hits = 2;\n"
               "  pthread_rwlock_unlock(&rw);\n"
               "  hits = 3;\n"
               "}\n",
               "3 hits {rw (shared)}\n"
               "6 hits {rw}\n"
               "8 hits {}\n");
}

static void nested_locks_and_depth(void **state)
{
    (void)state;
    check_held("static pthread_mutex_t r;\n"
               "void f(void) {\n"
               "  pthread_mutex_lock(&r);\n"
               "  pthread_mutex_lock(&r);\n"
               "  pthread_mutex_unlock(&r);\n"
               "  hits = 1;\n"
               "  pthread_mutex_unlock(&r);\n"
               "  hits = 2;\n"
               "}\n",
               "6 hits {r}\n"
               "8 hits {}\n");
}

static void locks_of_an_array(void **state)
{
    (void)state;
    check_held("static pthread_mutex_t locks[8];\n"
               "void f(int i) {\n"
               "  pthread_mutex_lock(&locks[i % 8]);\n"
               "  hits = 1;\n"
               "  pthread_mutex_unlock(&locks[i % 8]);\n"
               "  hits = 2;\n"
               "  pthread_mutex_lock(&locks[2]);\n"
               "  pthread_mutex_lock(&locks[3]);\n"
               "  hits = 3;\n"
               "  pthread_mutex_unlock(&locks[2]);\n"
               "  hits = 4;\n"
               "}\n",
               "4 hits {locks[]}\n"
               "6 hits {}\n"
               "9 hits {locks[2], locks[3]}\n"
               "11 hits {locks[3]}\n");
}

static void a_local_copy_of_the_pointer_is_the_lock(void **state)
{
    (void)state;
    check_held("struct my { pthread_mutex_t mu; int n; };\n"
               "void f(void *arg) {\n"
               "  struct my *x = arg;\n"
               "  pthread_mutex_t *l = &x->mu;\n"
               "  pthread_mutex_lock(l);\n"
               "  x->n = 1;\n"
               "  pthread_mutex_unlock(&x->mu);\n"
               "  x->n = 2;\n"
               "}\n",
               "6 arg->n {arg->mu}\n"
               "8 arg->n {}\n");
}

static void cond_wait_keeps_the_lock(void **state)
{
    (void)state;
    check_held("void f(void) {\n"
               "  pthread_mutex_lock(&m);\n"
               "  while (!flag) pthread_cond_wait(&cond, &m);\n"
               "  hits = 1;\n"
               "  pthread_mutex_unlock(&m);\n"
               "}\n",
               "3 flag {m}\n"
               "4 hits {m}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_condition_locks_and_unlocks),
        cmocka_unit_test(a_variable_remembers_that_it_is_locked),
        cmocka_unit_test(switch_cases_are_kept_apart),
        cmocka_unit_test(goto_out_ladder),
        cmocka_unit_test(loops_keep_what_each_round_keeps),
        cmocka_unit_test(a_loop_that_lets_go_in_between),
        cmocka_unit_test(dead_code_is_not_reached),
        cmocka_unit_test(readers_hold_a_shared_token),
        cmocka_unit_test(nested_locks_and_depth),
        cmocka_unit_test(locks_of_an_array),
        cmocka_unit_test(a_local_copy_of_the_pointer_is_the_lock),
        cmocka_unit_test(cond_wait_keeps_the_lock),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
