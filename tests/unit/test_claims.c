/* claims.c, claims_check.c: what the source says of its own locking, and who breaks it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "harness.h"

/* The findings of broken-claim alone. */
static char *dump_broken(void *owner, const struct prog *prog)
{
    char *out = mem_strdup(owner, "");
    char *all = harness_dump_findings(owner, prog);

    for (char *line = strtok(all, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        if (strstr(line, "[broken-claim]") != NULL) {
            mem_append(owner, &out, "%s\n", line);
        }
    }
    return out;
}

static void check(const char *source, const char *want)
{
    harness_check(dump_broken, source, want);
}

#define WORDS                                                                                      \
    "#define BY(x) __attribute__((guarded_by(x)))\n"                                               \
    "#define NEEDS(...) __attribute__((requires_capability(__VA_ARGS__)))\n"                       \
    "#define WITHOUT(x) __attribute__((locks_excluded(x)))\n"
/* `work` runs in two threads. */
#define TWO                                                                                        \
    "int main(void) {\n"                                                                           \
    "  pthread_t t[2];\n"                                                                          \
    "  for (int i = 0; i < 2; i++) pthread_create(&t[i], 0, work, 0);\n"                           \
    "  for (int i = 0; i < 2; i++) pthread_join(t[i], 0);\n"                                       \
    "  return 0;\n"                                                                                \
    "}\n"

static void a_variable_and_its_lock(void **state)
{
    (void)state;
    check(WORDS "static int n BY(m);\n"
                "static void *work(void *a) {\n"
                "  n++;\n"
                "  pthread_mutex_lock(&m); n++; pthread_mutex_unlock(&m);\n"
                "  pthread_mutex_lock(&m2); n++; pthread_mutex_unlock(&m2);\n"
                "  return a;\n"
                "}\n" TWO,
          "6 [broken-claim] 'n' is claimed to be guarded_by(m) and is changed without it\n"
          "8 [broken-claim] 'n' is claimed to be guarded_by(m) and is changed without it\n");
}

static void a_member_and_the_lock_beside_it(void **state)
{
    (void)state;
    check(WORDS "struct in { pthread_mutex_t mu; };\n"
                "struct s { struct in in; int n BY(in.mu); int k BY(&in.mu); } x, *p = &x;\n"
                "static void *work(void *a) {\n"
                "  pthread_mutex_lock(&p->in.mu); p->n++; x.k++; pthread_mutex_unlock(&p->in.mu);\n"
                "  return (void *)(long)(p->n + x.k);\n"
                "}\n" TWO,
          "8 [broken-claim] 's.n' is claimed to be guarded_by(in.mu) and is read without it\n"
          "8 [broken-claim] 's.k' is claimed to be guarded_by(&in.mu) and is read without it\n");
}

static void a_function_that_wants_its_argument_locked(void **state)
{
    (void)state;
    check(WORDS "struct s { pthread_mutex_t mu; int n BY(mu); } x, y;\n"
                "static void add(struct s *s) NEEDS(s->mu);\n"
                "static void add(struct s *s) { s->n++; }\n"
                "static void *work(void *a) {\n"
                "  pthread_mutex_lock(&x.mu);\n"
                "  add(&x);\n"
                "  add(&y);\n"
                "  pthread_mutex_unlock(&x.mu);\n"
                "  return a;\n"
                "}\n" TWO,
          "10 [broken-claim] 'add' requires(s->mu) and is called without it\n");
}

static void before_the_threads_nobody_needs_a_lock(void **state)
{
    (void)state;
    check(WORDS "static int n BY(m);\n"
                "static void start(void) NEEDS(m);\n"
                "static void start(void) { n = 1; }\n"
                "static void *work(void *a) { pthread_mutex_lock(&m); return a; }\n"
                "int main(void) {\n"
                "  pthread_t t;\n"
                "  start(); n = 2;\n"
                "  pthread_create(&t, 0, work, 0);\n"
                "  n = 3;\n"
                "  return 0;\n"
                "}\n",
          "12 [broken-claim] 'n' is claimed to be guarded_by(m) and is changed without it\n");
}

static void a_lock_that_must_not_be_held(void **state)
{
    (void)state;
    check(WORDS "static void f(void) WITHOUT(m);\n"
                "static void f(void) { pthread_mutex_lock(&m); pthread_mutex_unlock(&m); }\n"
                "static void *work(void *a) {\n"
                "  f();\n"
                "  pthread_mutex_lock(&m); f(); pthread_mutex_unlock(&m);\n"
                "  return a;\n"
                "}\n" TWO,
          "8 [broken-claim] 'f' excludes(m) and is called with it held\n");
}

static void a_function_that_nobody_wants_checked(void **state)
{
    (void)state;
    check(WORDS "static int n BY(m);\n"
                "__attribute__((no_thread_safety_analysis)) static void *work(void *a)\n"
                "{ n++; return a; }\n" TWO,
          "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_variable_and_its_lock),
        cmocka_unit_test(a_member_and_the_lock_beside_it),
        cmocka_unit_test(a_function_that_wants_its_argument_locked),
        cmocka_unit_test(before_the_threads_nobody_needs_a_lock),
        cmocka_unit_test(a_lock_that_must_not_be_held),
        cmocka_unit_test(a_function_that_nobody_wants_checked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
