/* effects.h: what a call tells of shared variables, and which ones it changes, however deep. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness.h"

/* The calls that `work` makes. */
static char *dump(void *owner, const struct prog *prog)
{
    return harness_dump_effects_in(owner, prog, harness_fn(prog, "work"));
}

#define STATE                                                                                      \
    "struct snap { int count; int limit; }; static struct snap q; static int n;"                   \
    "static int get(void) { pthread_mutex_lock(&m); int r = n; pthread_mutex_unlock(&m);"          \
    "  return r; }"                                                                                \
    "static void drop(void) { pthread_mutex_lock(&m); n--; pthread_mutex_unlock(&m); }"            \
    "static void put(int c) { pthread_mutex_lock(&m); q.count = c; q.limit = c;"                   \
    "  pthread_mutex_unlock(&m); }\n"
#define START                                                                                      \
    "int main(void) { pthread_t t[2]; q.limit = 3;"                                                \
    "  for (int i = 0; i < 2; i++) pthread_create(&t[i], NULL, work, NULL); }\n"

/* "LINE: tells NAME@DEPTH/ARGUMENT.MEMBER changes NAME@DEPTH" for each call of `work`, whose first
 * line is 3; a '?': not by all that a pointer can be. */
static void check(const char *functions, const char *calls, const char *want)
{
    void *owner = mem_owner(NULL, "source");
    char *source = mem_printf(
        owner, STATE "%s\nstatic void *work(void *a) {\n%s return a; }\n" START, functions, calls);

    harness_check(dump, source, want);
    talloc_free(owner);
}

static void at_any_depth(void **state)
{
    (void)state;
    check("static int g1(void) { return get(); } static int g2(void) { return g1() > 0; }"
          "static int g3(void) { return !g2(); } static int g4(void) { int x = g3(); return x; }"
          "static void d1(void) { drop(); } static void d2(void) { d1(); }"
          "static void d3(void) { d2(); } static void d4(int k) { if (k) d3(); }",
          "g4();\nd3();\nd4(0);",
          "4: tells n@5\n5: changes n@4 down\n6: changes n@5 at times down\n");
}

static void round_in_circles(void **state)
{
    (void)state;
    check("static int even(int); static int odd(int k) { return k ? even(k - 1) : get(); }"
          "static int even(int k) { return k ? odd(k - 1) : 0; }",
          "even(3);\nodd(3);\ndrop();", "4: tells n@3\n5: tells n@2\n6: changes n@1 down\n");
}

static void who_tests_again_does_not_change_blindly(void **state)
{
    (void)state;
    check("static void take(void) { pthread_mutex_lock(&m); if (n > 0) n--;"
          "  pthread_mutex_unlock(&m); }"
          "static int any(void) { return n > 0; }"
          "static void pop(void) { pthread_mutex_lock(&m); if (any()) n--;"
          "  pthread_mutex_unlock(&m); }",
          "take();\npop();\ndrop();", "4:\n5:\n6: changes n@1 down\n");
}

static void through_out_parameters(void **state)
{
    (void)state;
    check(
        "static void look(int *out) { *out = get(); }"
        "static bool find(int key, int *out) { look(out); return key > 0; }"
        "struct two { int a; int b; };"
        "static void both(struct two *t) { t->a = 1; t->b = get(); }",
        "int x; struct two t;\nlook(&x);\nfind(3, &x);\nboth(&t);\nfind(3, &t.a);\ndrop();",
        "5: tells n@2/0\n6: tells n@3/1\n7: tells n@2/0.b\n8: tells n@3/1\n9: changes n@1 down\n");
}

static void in_structs(void **state)
{
    (void)state;
    check("static struct snap copy(void) { return q; }"
          "static struct snap one(void) { struct snap s; s.count = q.count; s.limit = get();"
          "  return s; }"
          "static void fill(struct snap *out) { *out = one(); }",
          "put(copy().count);\nstruct snap s = one();\nfill(&s);\ndrop();",
          "4: tells q@1\n4: changes q.count@1 sets changes q.limit@1 sets\n"
          "5: tells q.count@1.count tells n@2.limit\n"
          "6: tells n@3/0.limit\n7: changes n@1 down\n");
}

static void through_pointers(void **state)
{
    (void)state;
    check("static void other(void) { pthread_mutex_lock(&m); n -= 2; pthread_mutex_unlock(&m); }"
          "static void (*all)(void) = drop; static void (*some)(void) = drop;"
          "static void d(void) { }"
          "void set(void) { all = other; some = other; some = d; }",
          "all();\nsome();", "4: changes n@1 down\n5: changes n@1? down\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_any_depth),
        cmocka_unit_test(round_in_circles),
        cmocka_unit_test(who_tests_again_does_not_change_blindly),
        cmocka_unit_test(through_out_parameters),
        cmocka_unit_test(in_structs),
        cmocka_unit_test(through_pointers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
