/* lockgraph.h: which lock is waited for while which is held. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness.h"

static void check(const char *source, const char *want)
{
    harness_check(harness_dump_edges, source, want);
}

#define START                                                                                      \
    "int main(void) {\n"                                                                           \
    "  pthread_t t[2];\n"                                                                          \
    "  for (int i = 0; i < 2; i++) pthread_create(&t[i], NULL, work, NULL);\n"                     \
    "}\n"

static void nested_locks(void **state)
{
    (void)state;
    check("static void *work(void *a) {\n"
          "  pthread_mutex_lock(&m);\n"
          "  pthread_mutex_lock(&m2);\n"
          "  pthread_mutex_lock(&m3);\n"
          "  pthread_mutex_unlock(&m3);\n"
          "  pthread_mutex_unlock(&m2);\n"
          "  pthread_mutex_unlock(&m);\n"
          "  return a;\n"
          "}\n" START,
          "m -> m2\n"
          "m -> m3\n"
          "m2 -> m3\n");
}

static void through_callees(void **state)
{
    (void)state;
    check("static void inner(void) { pthread_mutex_lock(&m2); pthread_mutex_unlock(&m2); }\n"
          "static void outer(pthread_mutex_t *l) { pthread_mutex_lock(l); inner(); "
          "pthread_mutex_unlock(l); }\n"
          "static void *work(void *a) { outer(&m); outer(&m3); return a; }\n" START,
          "m -> m2\n"
          "m3 -> m2\n");
}

static void tries_do_not_wait_but_hold(void **state)
{
    (void)state;
    check("static void *work(void *a) {\n"
          "  pthread_mutex_lock(&m);\n"
          "  if (pthread_mutex_trylock(&m2) == 0) {\n"
          "    pthread_mutex_lock(&m3);\n"
          "    pthread_mutex_unlock(&m3);\n"
          "    pthread_mutex_unlock(&m2);\n"
          "  }\n"
          "  pthread_mutex_unlock(&m);\n"
          "  return a;\n"
          "}\n" START,
          "m -> m3\n"
          "m2 -> m3\n");
}

static void members_by_class_and_by_object(void **state)
{
    (void)state;
    check("struct acc { pthread_mutex_t mu; };\n"
          "static struct acc bank;\n"
          "struct acc *find(int n);\n"
          "static void *work(void *a) {\n"
          "  struct acc *x = find(1);\n"
          "  pthread_mutex_lock(&bank.mu);\n"
          "  pthread_mutex_lock(&m);\n"
          "  pthread_mutex_lock(&x->mu);\n"
          "  pthread_mutex_unlock(&x->mu);\n"
          "  pthread_mutex_unlock(&m);\n"
          "  pthread_mutex_unlock(&bank.mu);\n"
          "  return a;\n"
          "}\n" START,
          "bank.mu -> acc.mu\n"
          "bank.mu -> m\n"
          "m -> acc.mu\n");
}

static void condition_waits_and_pauses(void **state)
{
    (void)state;
    check("static void *work(void *a) {\n"
          "  pthread_mutex_lock(&m);\n"
          "  pthread_mutex_lock(&m2);\n"
          "  pthread_mutex_unlock(&m);\n"
          "  pthread_cond_wait(&cond, &m2);\n"
          "  pthread_mutex_lock(&m3);\n"
          "  pthread_mutex_unlock(&m3);\n"
          "  pthread_mutex_unlock(&m2);\n"
          "  return a;\n"
          "}\n" START,
          "m -> m2\n"
          "m2 -> m3\n");
}

static void array_locks_are_told_apart_by_index(void **state)
{
    (void)state;
    check("static pthread_mutex_t locks[4];\n"
          "static void *work(void *a) {\n"
          "  pthread_mutex_lock(&locks[0]);\n"
          "  pthread_mutex_lock(&locks[1]);\n"
          "  pthread_mutex_unlock(&locks[1]);\n"
          "  pthread_mutex_unlock(&locks[0]);\n"
          "  return a;\n"
          "}\n" START,
          "locks[0] -> locks[1]\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nested_locks),
        cmocka_unit_test(through_callees),
        cmocka_unit_test(tries_do_not_wait_but_hold),
        cmocka_unit_test(members_by_class_and_by_object),
        cmocka_unit_test(condition_waits_and_pauses),
        cmocka_unit_test(array_locks_are_told_apart_by_index),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
