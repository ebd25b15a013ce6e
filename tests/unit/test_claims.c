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

/* ---- the same in comments -------------------------------------------------------------------- */

static void comments_behind_and_above_a_declaration(void **state)
{
    (void)state;
    check("struct s { pthread_mutex_t mu;\n"
          "  int a; // snarl: guarded_by(mu)\n"
          "  /* snarl: guarded_by(mu) what else */\n"
          "  int b;\n"
          "  int c;\n"
          "} x;\n"
          "// snarl: requires(s->mu)\n"
          "static void\n"
          "add(struct s *s) { s->a++; s->b++; s->c++; }\n"
          "static void *work(void *p) { add(&x); x.a++; x.b++; x.c++; return p; }\n" TWO,
          "10 [broken-claim] 'add' requires(s->mu) and is called without it\n"
          "10 [broken-claim] 's.a' is claimed to be guarded_by(mu) and is changed without it\n"
          "10 [broken-claim] 's.b' is claimed to be guarded_by(mu) and is changed without it\n");
}

static void what_only_the_start_writes(void **state)
{
    (void)state;
    check("static int port; // snarl: init_only\n"
          "static int late; // snarl: init_only\n"
          "static void *work(void *p) { late = port; return p; }\n"
          "int main(void) {\n"
          "  pthread_t t;\n"
          "  port = 1; late = 2;\n"
          "  pthread_create(&t, 0, work, 0);\n"
          "  pthread_join(t, 0);\n"
          "  port = 3;\n"
          "}\n",
          "3 [broken-claim] 'late' is claimed to be init_only and is changed here\n");
}

static void what_one_thread_runs(void **state)
{
    (void)state;
    check("static void draw(void) { hits = 1; } // snarl: runs_on(main)\n"
          "static void log_it(void) { more = 1; } // snarl: runs_on(work)\n"
          "static void *work(void *p) { draw(); log_it(); return p; }\n"
          "int main(void) {\n"
          "  pthread_t t;\n"
          "  pthread_create(&t, 0, work, 0);\n"
          "  draw();\n"
          "}\n",
          "3 [broken-claim] 'draw' is claimed to run on 'main' only; 'work' gets there, too\n");
}

/* "LINE:COLUMN text": comments that are no claims. */
static char *dump_problems(void *owner, const struct prog *prog)
{
    char *out = mem_strdup(owner, "");

    for (size_t i = 0; i < prog->claims->problems.n; i++) {
        const struct claim_problem *problem = &prog->claims->problems.v[i];
        mem_append(owner, &out, "%u:%u %s\n", problem->where.line, problem->where.column,
                   problem->text);
    }
    return out;
}

static void comments_that_are_no_claims(void **state)
{
    (void)state;
    harness_check(
        dump_problems,
        "static int a; // snarl: guarded_by(nowhere)\n"
        "static int b; // snarl: garded_by(m)\n"
        "// snarl: allow(data-race) it is only a hint\n"
        "int f(void) { pthread_mutex_lock(&m); return a + b; }\n",
        "1:15 no lock is known as 'nowhere': name a global, a member of the same struct, "
        "or a parameter's member\n"
        "2:15 snarl knows no 'garded_by' here: use guarded_by, requires, requires_shared, "
        "excludes, init_only, runs_on or allow\n");
}

static void findings_that_a_comment_allows(void **state)
{
    (void)state;
    check("static int n; // snarl: guarded_by(m)\n"
          "static void *work(void *p) {\n"
          "  pthread_mutex_lock(&m); n = 1; pthread_mutex_unlock(&m);\n"
          "  n = 2; // snarl: allow(broken-claim) nobody reads it\n"
          "  // snarl: allow(check-then-act, broken-claim) the same\n"
          "  n = 3;\n"
          "  n = 4; // snarl: allow(broken-claim)\n"
          "  n = 5; // snarl: allow(broken) another rule\n"
          "  return p;\n"
          "}\n" TWO,
          "7 [broken-claim] 'n' is claimed to be guarded_by(m) and is changed without it\n"
          "8 [broken-claim] 'n' is claimed to be guarded_by(m) and is changed without it\n");
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
        cmocka_unit_test(comments_behind_and_above_a_declaration),
        cmocka_unit_test(what_only_the_start_writes),
        cmocka_unit_test(what_one_thread_runs),
        cmocka_unit_test(comments_that_are_no_claims),
        cmocka_unit_test(findings_that_a_comment_allows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
