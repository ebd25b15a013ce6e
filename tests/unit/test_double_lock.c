/* double_lock.c: which waits for a lock that is held already are found, and how sure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness.h"

static void check(const char *source, const char *want)
{
    harness_check_rule("double-lock", source, want);
}

#define SURE_LOCK "static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;\n"

static void at_any_call_depth(void **state)
{
    (void)state;
    check(SURE_LOCK
          "static void three(void) { pthread_mutex_lock(&a); pthread_mutex_unlock(&a); }\n"
          "static void two(void) { three(); }\n"
          "void one(void) {\n"
          "  pthread_mutex_lock(&a);\n"
          "  two();\n"
          "  pthread_mutex_unlock(&a);\n"
          "  two();\n"
          "}\n",
          "6 [double-lock] 'a' is taken in 'two' again while it is held here: the thread waits for "
          "itself\n");
}

static void only_the_same_object(void **state)
{
    (void)state;
    check("struct my { pthread_mutex_t mu; struct my *next; };\n"
          "static void in(struct my *x) { pthread_mutex_lock(&x->mu); "
          "pthread_mutex_unlock(&x->mu); }\n"
          "void f(struct my *x, struct my *y) {\n"
          "  pthread_mutex_init(&x->mu, NULL);\n"
          "  pthread_mutex_lock(&x->mu);\n"
          "  in(y);\n"
          "  in(x->next);\n"
          "  in(x);\n"
          "  pthread_mutex_unlock(&x->mu);\n"
          "}\n",
          "8 [double-lock] 'x->mu' is taken in 'in' again while it is held here: the thread waits "
          "for itself\n");
}

static void a_pointer_that_moved_on(void **state)
{
    (void)state;
    check("struct my { pthread_mutex_t mu; struct my *next; };\n"
          "void f(struct my *x) {\n"
          "  struct my *p = x->next;\n"
          "  pthread_mutex_lock(&p->mu);\n"
          "  p = p->next;\n"
          "  pthread_mutex_lock(&p->mu);\n"
          "  pthread_mutex_unlock(&p->mu);\n"
          "}\n",
          "");
}

static void constants_rule_a_way_out(void **state)
{
    (void)state;
    check(SURE_LOCK "static void in(int locked) {\n"
                    "  if (!locked) pthread_mutex_lock(&a);\n"
                    "  hits++;\n"
                    "  if (!locked) pthread_mutex_unlock(&a);\n"
                    "}\n"
                    "void f(void) {\n"
                    "  pthread_mutex_lock(&a);\n"
                    "  in(1);\n"
                    "  pthread_mutex_unlock(&a);\n"
                    "  in(0);\n"
                    "}\n",
          "");
}

static void recursive_locks_may_be_taken_again(void **state)
{
    (void)state;
    check("static pthread_mutex_t r = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;\n"
          "static pthread_mutex_t s;\n"
          "static void attr_of(pthread_mutexattr_t *at) {\n"
          "  pthread_mutexattr_init(at);\n"
          "  pthread_mutexattr_settype(at, PTHREAD_MUTEX_RECURSIVE);\n"
          "}\n"
          "static void make(pthread_mutex_t *l) {\n"
          "  pthread_mutexattr_t at;\n"
          "  attr_of(&at);\n"
          "  pthread_mutex_init(l, &at);\n"
          "}\n"
          "void f(void) {\n"
          "  make(&s);\n"
          "  pthread_mutex_lock(&r); pthread_mutex_lock(&r);\n"
          "  pthread_mutex_unlock(&r); pthread_mutex_unlock(&r);\n"
          "  pthread_mutex_lock(&s); pthread_mutex_lock(&s);\n"
          "  pthread_mutex_unlock(&s); pthread_mutex_unlock(&s);\n"
          "}\n",
          "");
}

static void a_lock_made_nobody_knows_where(void **state)
{
    (void)state;
    check("void f(void) {\n"
          "  pthread_mutex_lock(&m);\n"
          "  pthread_mutex_lock(&m);\n"
          "  pthread_mutex_unlock(&m);\n"
          "  pthread_mutex_unlock(&m);\n"
          "}\n",
          "3 [double-lock] 'm' is taken again while it is held: the thread waits for itself "
          "(medium)\n");
}

static void upgrades_but_not_readers(void **state)
{
    (void)state;
    check(
        "static pthread_rwlock_t l = PTHREAD_RWLOCK_INITIALIZER;\n"
        "void f(void) {\n"
        "  pthread_rwlock_rdlock(&l);\n"
        "  pthread_rwlock_rdlock(&l);\n"
        "  pthread_rwlock_unlock(&l);\n"
        "  pthread_rwlock_wrlock(&l);\n"
        "  pthread_rwlock_unlock(&l);\n"
        "}\n"
        "void g(void) {\n"
        "  pthread_rwlock_wrlock(&l);\n"
        "  pthread_rwlock_rdlock(&l);\n"
        "  pthread_rwlock_unlock(&l);\n"
        "}\n"
        "void h(void) {\n"
        "  pthread_rwlock_rdlock(&l);\n"
        "  if (pthread_rwlock_trywrlock(&l) == 0) pthread_rwlock_unlock(&l);\n"
        "  pthread_rwlock_unlock(&l);\n"
        "}\n",
        "6 [double-lock] 'l' is taken for writing while it is held for reading: the thread waits "
        "for itself\n"
        "11 [double-lock] 'l' is taken for reading while it is held for writing: the thread waits "
        "for itself\n");
}

static void a_condition_that_may_know_the_holder(void **state)
{
    (void)state;
    check(SURE_LOCK
          "static pthread_t owner;\n"
          "static int depth;\n"
          "static void enter(void) {\n"
          "  if (depth > 0 && pthread_equal(owner, pthread_self())) { depth++; return; }\n"
          "  pthread_mutex_lock(&a);\n"
          "  owner = pthread_self();\n"
          "  depth = 1;\n"
          "}\n"
          "void f(void) { enter(); enter(); }\n",
          "10 [double-lock] 'a' is taken in 'enter' again while it is held here: the thread waits "
          "for itself (low)\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_any_call_depth),
        cmocka_unit_test(only_the_same_object),
        cmocka_unit_test(a_pointer_that_moved_on),
        cmocka_unit_test(constants_rule_a_way_out),
        cmocka_unit_test(recursive_locks_may_be_taken_again),
        cmocka_unit_test(a_lock_made_nobody_knows_where),
        cmocka_unit_test(upgrades_but_not_readers),
        cmocka_unit_test(a_condition_that_may_know_the_holder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
