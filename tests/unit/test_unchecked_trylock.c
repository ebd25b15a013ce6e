/* unchecked_trylock.c: which tries are taken to have succeeded, and how sure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness.h"

static void check(const char *source, const char *want)
{
    harness_check_rule("unchecked-trylock", source, want);
}

#define SURE_LOCK "static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;\n"

static void a_result_that_nobody_looks_at(void **state)
{
    (void)state;
    check("void f(void) {\n"
          "  pthread_mutex_trylock(&m);\n"
          "  hits++;\n"
          "  pthread_mutex_unlock(&m);\n"
          "}\n",
          "2 [unchecked-trylock] the result of 'pthread_mutex_trylock' is not looked at: 'm' may "
          "not be held when line 4 gives it back\n");
}

static void a_timed_lock(void **state)
{
    (void)state;
    check("void f(const struct timespec *when) {\n"
          "  (void)pthread_mutex_timedlock(&m, when);\n"
          "  hits++;\n"
          "  pthread_mutex_unlock(&m);\n"
          "}\n",
          "2 [unchecked-trylock] the result of 'pthread_mutex_timedlock' is not looked at: 'm' may "
          "not be held when line 4 gives it back\n");
}

static void both_ways_come_together(void **state)
{
    (void)state;
    check("void f(void) {\n"
          "  if (pthread_mutex_trylock(&m) != 0)\n"
          "    more++;\n"
          "  hits++;\n"
          "  pthread_mutex_unlock(&m);\n"
          "}\n"
          "void g(void) {\n"
          "  int rc = pthread_mutex_trylock(&m);\n"
          "  hits++;\n"
          "  pthread_mutex_unlock(&m);\n"
          "}\n",
          "2 [unchecked-trylock] where 'pthread_mutex_trylock' does not get 'm', the way still "
          "comes to line 5, which gives it back (medium)\n"
          "8 [unchecked-trylock] the result of 'pthread_mutex_trylock' is not looked at: 'm' may "
          "not be held when line 10 gives it back\n");
}

static void looked_at_in_every_way(void **state)
{
    (void)state;
    check("#include <errno.h>\n"
          "static int try_it(void) { return pthread_mutex_trylock(&m); }\n"
          "static bool can_have(void) { return !pthread_mutex_trylock(&m); }\n"
          "void f(int x) {\n"
          "  if (pthread_mutex_trylock(&m) == 0) { hits++; pthread_mutex_unlock(&m); }\n"
          "  if (!pthread_mutex_trylock(&m)) { hits++; pthread_mutex_unlock(&m); }\n"
          "  if (pthread_mutex_trylock(&m) != EBUSY) { hits++; pthread_mutex_unlock(&m); }\n"
          "  while (pthread_mutex_trylock(&m)) more++;\n"
          "  hits++;\n"
          "  pthread_mutex_unlock(&m);\n"
          "  int rc = pthread_mutex_trylock(&m);\n"
          "  bool mine = rc == 0;\n"
          "  if (mine) hits++;\n"
          "  if (mine) pthread_mutex_unlock(&m);\n"
          "  if (try_it() == 0) { hits++; pthread_mutex_unlock(&m); }\n"
          "  if (can_have()) { hits++; pthread_mutex_unlock(&m); }\n"
          "  rc = x > 3 ? pthread_mutex_trylock(&m) : 1;\n"
          "  if (rc == 0) { hits++; pthread_mutex_unlock(&m); }\n"
          "  switch (pthread_mutex_trylock(&m)) {\n"
          "  case 0:\n"
          "    hits++;\n"
          "    pthread_mutex_unlock(&m);\n"
          "    break;\n"
          "  default:\n"
          "    more++;\n"
          "  }\n"
          "}\n",
          "");
}

static void by_a_wrapper(void **state)
{
    (void)state;
    check("static int try_it(pthread_mutex_t *l) { return pthread_mutex_trylock(l); }\n"
          "void f(void) {\n"
          "  try_it(&m);\n"
          "  hits++;\n"
          "  pthread_mutex_unlock(&m);\n"
          "}\n",
          "3 [unchecked-trylock] the result of 'try_it' is not looked at: 'm' may not be held when "
          "line 5 gives it back\n");
}

static void taken_where_the_try_failed(void **state)
{
    (void)state;
    check("void f(void) {\n"
          "  if (pthread_mutex_trylock(&m) != 0) {\n"
          "    more++;\n"
          "    pthread_mutex_lock(&m);\n"
          "  }\n"
          "  hits++;\n"
          "  pthread_mutex_unlock(&m);\n"
          "}\n",
          "");
}

static void what_it_guards_is_used(void **state)
{
    (void)state;
    check("static void *worker(void *arg) {\n"
          "  pthread_mutex_lock(&m);\n"
          "  hits++;\n"
          "  pthread_mutex_unlock(&m);\n"
          "  return arg;\n"
          "}\n"
          "static void *hurried(void *arg) {\n"
          "  pthread_mutex_trylock(&m);\n"
          "  hits++;\n"
          "  return arg;\n"
          "}\n"
          "int main(void) {\n"
          "  pthread_t t, u, v;\n"
          "  pthread_create(&t, NULL, worker, NULL);\n"
          "  pthread_create(&u, NULL, worker, NULL);\n"
          "  pthread_create(&v, NULL, hurried, NULL);\n"
          "  pthread_mutex_lock(&m);\n"
          "  hits++;\n"
          "  pthread_mutex_unlock(&m);\n"
          "  return 0;\n"
          "}\n",
          "8 [unchecked-trylock] the result of 'pthread_mutex_trylock' is not looked at: 'm' may "
          "not be held when line 9 uses hits\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_result_that_nobody_looks_at),
        cmocka_unit_test(a_timed_lock),
        cmocka_unit_test(both_ways_come_together),
        cmocka_unit_test(looked_at_in_every_way),
        cmocka_unit_test(by_a_wrapper),
        cmocka_unit_test(taken_where_the_try_failed),
        cmocka_unit_test(what_it_guards_is_used),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
