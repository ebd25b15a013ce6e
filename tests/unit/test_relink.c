/* relink.h, flow_update.c: a program in which a unit was replaced is the one that is linked anew.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness.h"

#include <string.h>

#define COMMON                                                                                     \
    "#include <unistd.h>\n"                                                                        \
    "extern pthread_mutex_t desk, till;\n"                                                         \
    "extern int left, served;\n"                                                                   \
    "void serve(void);\n"                                                                          \
    "int take(int n);\n"                                                                           \
    "void lock_desk(void);\n"                                                                      \
    "void unlock_desk(void);\n"

#define DESK                                                                                       \
    COMMON "pthread_mutex_t desk, till;\n"                                                         \
           "int left = 9, served;\n"                                                               \
           "void lock_desk(void) { pthread_mutex_lock(&desk); }\n"                                 \
           "void unlock_desk(void) { pthread_mutex_unlock(&desk); }\n"                             \
           "static int twice(void) { return take(1) + take(1); }\n"                                \
           "static void tidy(void) { lock_desk(); left++; served--; unlock_desk(); }\n"            \
           "static void *work(void *arg) {\n"                                                      \
           "  serve();\n"                                                                          \
           "  twice();\n"                                                                          \
           "  tidy();\n"                                                                           \
           "  pthread_mutex_lock(&till);\n"                                                        \
           "  take(1);\n"                                                                          \
           "  pthread_mutex_unlock(&till);\n"                                                      \
           "  return arg;\n"                                                                       \
           "}\n"                                                                                   \
           "int main(void) {\n"                                                                    \
           "  pthread_t t[2];\n"                                                                   \
           "  for (int i = 0; i < 2; i++) pthread_create(&t[i], NULL, work, NULL);\n"              \
           "  serve();\n"                                                                          \
           "}\n"

#define SERVE "void serve(void) { lock_desk(); served++; unlock_desk(); }\n"

#define STORE                                                                                      \
    COMMON SERVE "int take(int n) {\n"                                                             \
                 "  pthread_mutex_lock(&desk);\n"                                                  \
                 "  left -= n;\n"                                                                  \
                 "  pthread_mutex_unlock(&desk);\n"                                                \
                 "  return 0;\n"                                                                   \
                 "}\n"

static harness_dump_fn *const DUMPS[] = {
    harness_dump_outcomes, harness_dump_findings, harness_dump_edges,
    harness_dump_map,      harness_dump_contexts, harness_dump_variables,
    harness_dump_calls,    harness_dump_accesses, harness_dump_effects,
};

/* Replaces `b`, beside `a`, by `other`. */
static void check_two(const char *a, const char *b, const char *other)
{
    void *owner = talloc_new(NULL);
    struct prog *prog = harness_replace(owner, a, b, other);
    struct prog *anew = harness_link_two(owner, a, other);

    assert_non_null(prog);
    for (size_t i = 0; i < sizeof DUMPS / sizeof DUMPS[0]; i++) {
        assert_string_equal(DUMPS[i](owner, prog), DUMPS[i](owner, anew));
    }
    talloc_free(owner);
}

static void check_from(const char *b, const char *other)
{
    check_two(DESK, b, other);
}

/* Replaces STORE by `other`, and that by STORE again. */
static void check(const char *other)
{
    check_from(STORE, other);
    check_from(other, STORE);
}

static void check_impossible(const char *other)
{
    void *owner = talloc_new(NULL);

    assert_null(harness_replace(owner, DESK, STORE, other));
    talloc_free(owner);
}

static void the_same(void **state)
{
    (void)state;
    check(STORE);
    check(COMMON "\n\n" SERVE "int take(int n)\n{\n"
                 "  pthread_mutex_lock(&desk);\n  left -= n;\n"
                 "  pthread_mutex_unlock(&desk);\n  return 0;\n}\n");
}

static void locks_come_and_go(void **state)
{
    (void)state;
    check(COMMON SERVE "int take(int n) { left -= n; return 0; }\n");
    check(COMMON SERVE "int take(int n) {\n"
                       "  pthread_mutex_lock(&desk);\n"
                       "  if (n > 5) return -1;\n"
                       "  left -= n;\n"
                       "  pthread_mutex_unlock(&desk);\n"
                       "  return 0;\n"
                       "}\n");
    check(COMMON "void serve(void) { served++; }\n"
                 "int take(int n) { lock_desk(); left -= n; unlock_desk(); return 0; }\n");
    check(COMMON "void serve(void) { lock_desk(); served++; }\n"
                 "int take(int n) { left -= n; return 0; }\n");
    check(COMMON "void serve(void) {\n"
                 "  pthread_mutex_lock(&desk); take(2); pthread_mutex_unlock(&desk);\n"
                 "}\n"
                 "int take(int n) {\n"
                 "  pthread_mutex_lock(&till); left -= n; pthread_mutex_unlock(&till);\n"
                 "  return 0;\n"
                 "}\n");
}

static void what_callers_go_by(void **state)
{
    (void)state;
    check(COMMON SERVE "int take(int n) { for (;;) left -= n; }\n");  /* never returns */
    check(COMMON SERVE "int take(int n) { left -= n; return n; }\n"); /* no constant */
    check(COMMON "void serve(void) { if (take(1)) served++; }\n"      /* other calls */
                 "int take(int n) { left -= n; return left > 0; }\n");
    check(COMMON "void serve(void) { serve(); }\n" /* a circle */
                 "int take(int n) { return n > 0 ? take(n - 1) : left; }\n");
}

static void variables_come_and_go(void **state)
{
    (void)state;
    check(COMMON SERVE "int take(int n) {\n"
                       "  static int times;\n"
                       "  times++;\n"
                       "  left -= n;\n"
                       "  return times;\n"
                       "}\n");
    check(COMMON "static int spare = 3;\n"
                 "void serve(void) { if (spare > 0) spare--; }\n"
                 "int take(int n) { served = n; return 0; }\n");
}

#define PLAYS                                                                                      \
    COMMON "static void hit(void) { lock_desk(); served++; unlock_desk(); }\n"                     \
           "static void miss(void) { left--; }\n"                                                  \
           "static void (*play)(void) = hit;\n"                                                    \
           "static pthread_mutex_t *mine = &desk;\n"

static void pointers_point_elsewhere(void **state)
{
    (void)state;
    const char *one = PLAYS "void serve(void) { play(); }\n"
                            "int take(int n) { pthread_mutex_lock(mine); return n; }\n";
    const char *two = PLAYS "void serve(void) { play = miss; play(); }\n"
                            "int take(int n) { pthread_mutex_lock(mine); return n; }\n";
    const char *three = PLAYS "void serve(void) { mine = &till; play(); }\n"
                              "int take(int n) { pthread_mutex_lock(mine); return n; }\n";
    check_from(one, two);
    check_from(two, one);
    check_from(one, three);
    check_from(three, two);
}

/* Functions that call each other in a circle, with their callers' locks in hand. `does`: what each
 * does first. */
static const char *ring(void *owner, const char *const does[3])
{
    return talloc_asprintf(owner,
                           COMMON "static void second(int n, pthread_mutex_t *m);\n"
                                  "static int third(int n, pthread_mutex_t *m);\n"
                                  "static int first(int n, pthread_mutex_t *m) {\n"
                                  "  %s\n"
                                  "  second(n, m);\n"
                                  "  return third(n - 1, m);\n"
                                  "}\n"
                                  "static void second(int n, pthread_mutex_t *m) {\n"
                                  "  %s\n"
                                  "  if (n > 1) third(n - 1, m);\n"
                                  "  pthread_mutex_lock(m);\n"
                                  "  left -= n;\n"
                                  "  pthread_mutex_unlock(m);\n"
                                  "}\n"
                                  "static int third(int n, pthread_mutex_t *m) {\n"
                                  "  %s\n"
                                  "  return n > 0 ? first(n, m) : -1;\n"
                                  "}\n"
                                  "void serve(void) {\n"
                                  "  lock_desk(); first(9, &till); unlock_desk();\n"
                                  "}\n"
                                  "int take(int n) { second(n, &desk); return third(n, &desk); }\n",
                           does[0], does[1], does[2]);
}

static void circles(void **state)
{
    (void)state;
    static const char *const DOES[] = {"",
                                       "{ static int times; times++; }",
                                       "if (n > 7) return;",
                                       "pthread_mutex_lock(m);",
                                       "third(n, m);",
                                       "for (;;) served++;"};
    void *owner = talloc_new(NULL);

    for (size_t i = 1; i < sizeof DOES / sizeof DOES[0]; i++) {
        for (size_t member = 0; member < 3; member++) {
            const char *does[3] = {"", "", ""};
            const char *before = ring(owner, does);
            does[member] = member != 1 && i == 2 ? "if (n > 7) return 0;" : DOES[i];
            check_from(before, ring(owner, does));
            check_from(ring(owner, does), before);
        }
    }
    talloc_free(owner);
}

/* `x` calls `y`, that calls both others, `z` takes a lock, and calls `y` at `end`, if anywhere. The
 * one that is called `first` decides in which order the functions of a circle are analysed. */
static const char *chain(void *owner, const char *first, const char *end)
{
    return talloc_asprintf(owner,
                           COMMON "static void x(int n);\n"
                                  "static void y(int n);\n"
                                  "static void z(int n) {\n"
                                  "  pthread_mutex_lock(&desk);\n"
                                  "  return;\n"
                                  "  %s\n"
                                  "}\n"
                                  "static void y(int n) { if (n > 1) x(n - 1); if (n > 2) z(n); }\n"
                                  "static void x(int n) { if (n > 0) y(n - 1); }\n"
                                  "void serve(void) { if (served) %s(9); else x(9); }\n"
                                  "int take(int n) { x(n); return 0; }\n",
                           end, first);
}

/* Functions that stay as they are are out of a circle, or in one, by what another does not even
 * come to: what they did in there was found in another order. */
static void a_circle_without_news(void **state)
{
    (void)state;
    void *owner = talloc_new(NULL);

    for (const char *first = "xyz"; *first != '\0'; first++) {
        const char name[] = {*first, '\0'};
        check_from(chain(owner, name, "y(n);"), chain(owner, name, ""));
        check_from(chain(owner, name, ""), chain(owner, name, "y(n);"));
    }
    talloc_free(owner);
}

#define PEEK                                                                                       \
    COMMON "static int peek(void) { lock_desk(); int n = left; unlock_desk(); return n; }\n"       \
           "static int ask(int n) { return n > 0 ? ask(n - 1) : peek(); }\n"
#define TAKE(body) "int take(int n) { lock_desk(); " body " unlock_desk(); return n; }\n"
#define ASK "void serve(void) { if (ask(2) > 0) take(1); }\n"

/* What a function does for its callers goes by its callees, however far, and by whether what it
 * changes has a guard, which others decide about. */
static void what_calls_do(void **state)
{
    (void)state;
    static const char *const texts[] = {
        PEEK ASK TAKE("left -= n;"),
        PEEK ASK TAKE("served -= n;"),                         /* nothing is new for flows */
        PEEK ASK TAKE("if (left > 0) left -= n;"),             /* tests by itself */
        PEEK ASK "int take(int n) { left -= n; return n; }\n", /* no guard */
        PEEK "void serve(void) { left = ask(2); }\n" TAKE("left -= n;"),
        PEEK ASK TAKE("if (n > 4) { unlock_desk(); serve(); lock_desk(); } left = n;"),
        PEEK "void serve(void) { take(served); }\n" TAKE("n = left;"),
    };
    const size_t n = sizeof texts / sizeof texts[0];

    for (size_t i = 0; i < n; i++) {
        check_from(texts[i], texts[(i + 1) % n]);
        check_from(texts[(i + 1) % n], texts[i]);
    }
    check_from(texts[0], texts[4]);
    check_from(texts[4], texts[0]);
}

#define BOXES COMMON "struct box { int n; }; extern struct box one, two; void play(void);\n"
#define PICK(box)                                                                                  \
    BOXES "void serve(void) { play(); }\n"                                                         \
          "int take(int n) { return n; }\n"                                                        \
          "struct box *pick(void) { return &" box "; }\n"

/* A callee says which variable it is that another one changes: neither the calls and accesses of
 * the function that brings them together are new, nor what its callees do. */
static void which_one_is_changed(void **state)
{
    (void)state;
    static const char together[] =
        DESK "struct box { int n; }; struct box one, two;\n"
             "struct box *pick(void);\n"
             "static void hit(struct box *b) { lock_desk(); b->n++; unlock_desk(); }\n"
             "static void poke(void) { hit(pick()); }\n"
             "void play(void) { poke(); hit(&one); hit(&two); }\n";

    check_two(together, PICK("one"), PICK("two"));
    check_two(together, PICK("two"), PICK("one"));
}

static void more_than_bodies(void **state)
{
    (void)state;
    check_impossible(COMMON SERVE "static void extra(void) { served++; }\n"
                                  "int take(int n) { extra(); return n; }\n");
    check_impossible(COMMON SERVE "struct box { int n; };\n"
                                  "int take(int n) { struct box b = {n}; return b.n; }\n");
    check_impossible(COMMON SERVE);
    check_impossible("#include <utmp.h>\n" STORE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same),
        cmocka_unit_test(locks_come_and_go),
        cmocka_unit_test(what_callers_go_by),
        cmocka_unit_test(variables_come_and_go),
        cmocka_unit_test(pointers_point_elsewhere),
        cmocka_unit_test(circles),
        cmocka_unit_test(a_circle_without_news),
        cmocka_unit_test(what_calls_do),
        cmocka_unit_test(which_one_is_changed),
        cmocka_unit_test(more_than_bodies),
    };
    return cmocka_run_group_tests_name("relink", tests, NULL, NULL);
}
