/* places.h: code that has only moved is the same code. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "facts/facts.h"
#include "frontend/frontend.h"
#include "ir/places.h"
#include "ir/print.h"

#include <string.h>

#define BEFORE                                                                                     \
    "#define TWICE(x) ((x) + (x))\n"                                                               \
    "static struct { int n; struct { int m; } in; } box;\n"                                        \
    "static int f(int a) {\n"                                                                      \
    "  static int times;\n"                                                                        \
    "  times++;\n"                                                                                 \
    "  return TWICE(a) + box.in.m;\n"                                                              \
    "}\n"                                                                                          \
    "int main(void) { box.n = 1; return f(2); }\n"

/* The same, with line breaks and comments in it. */
#define MOVED                                                                                      \
    "/* twice */\n\n#define TWICE(x) ((x) + (x))\n"                                                \
    "static struct { int n;\n struct { int m; } in; } box;\n\n\n"                                  \
    "static int f(int a)\n{\n"                                                                     \
    "    static int times; // how often\n"                                                         \
    "    times++;\n"                                                                               \
    "    return TWICE(a)\n + box.in.m;\n"                                                          \
    "}\n"                                                                                          \
    "int main(void)\n{\n box.n = 1;\n return f(2);\n}\n"

static struct ir_unit *lower(void *owner, struct intern *names, const char *text)
{
    return frontend_lower_text(owner, names, "/test/a.c", text, NULL, 0);
}

/* Is what is left the same without the places? */
static bool is_same(const char *a, const char *b)
{
    void *owner = talloc_new(NULL);
    struct intern *names = intern_new(owner);
    struct ir_unit *x = lower(owner, names, a);
    struct ir_unit *y = lower(owner, names, b);
    size_t n_x;
    size_t n_y;

    ir_forget_places(x);
    ir_forget_places(y);
    const void *mine = facts_encode(owner, x, &n_x);
    const void *theirs = facts_encode(owner, y, &n_y);
    bool same = n_x == n_y && memcmp(mine, theirs, n_x) == 0;
    talloc_free(owner);
    return same;
}

static void moved_code_is_the_same(void **state)
{
    (void)state;
    assert_true(is_same(BEFORE, BEFORE));
    assert_true(is_same(BEFORE, MOVED));
    assert_true(
        is_same("int n;\nint f(void) { return n; }\n", "int n;\n\nint f(void) { return n; } ;\n"));
    /* half typed: the parser has complained, and goes on */
    assert_true(is_same("int n;\nint f(void) { return n; }\n",
                        "int n;\nint f(void) { return n; }\n#if 1\n"));
}

static void other_code_is_not(void **state)
{
    (void)state;
    assert_false(is_same(BEFORE, MOVED "int more;\nint g(void) { return more; }\n"));
    assert_false(
        is_same("int n;\nint f(void) { return n; }\n", "int n;\nint f(void) { return n + 1; }\n"));
    assert_false(
        is_same("int n;\nint f(void) { return n; }\n", "int m;\nint f(void) { return m; }\n"));
    assert_false(is_same("int n; // snarl: guarded_by(a)\nint f(void) { return n; }\n",
                         "int n; // snarl: guarded_by(b)\nint f(void) { return n; }\n"));
    assert_false(is_same("int n;\nint f(void) { return n; }\n",
                         "int n; // snarl: guarded_by(b)\nint f(void) { return n; }\n"));
}

static void places_are_taken_over(void **state)
{
    (void)state;
    void *owner = talloc_new(NULL);
    struct intern *names = intern_new(owner);
    struct ir_unit *to = lower(owner, names, BEFORE);
    struct ir_unit *from = lower(owner, names, MOVED);
    char *before = ir_print_unit(owner, to, NULL);

    assert_string_not_equal(before, ir_print_unit(owner, from, NULL));
    ir_take_places(to, from);
    assert_string_equal(ir_print_unit(owner, to, NULL), ir_print_unit(owner, from, NULL));
    talloc_free(owner);
}

static void dropped_functions_are_not_missed(void **state)
{
    (void)state;
    void *owner = talloc_new(NULL);
    struct intern *names = intern_new(owner);
    struct ir_unit *to = lower(owner, names, BEFORE);
    struct ir_unit *from = lower(owner, names, MOVED);

    to->fns.v[0] = to->fns.v[1]; /* f's body is another unit's */
    to->fns.n = 1;
    ir_take_places(to, from);
    assert_int_equal(to->fns.v[0]->locs.v[0].line, from->fns.v[1]->locs.v[0].line);
    talloc_free(owner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moved_code_is_the_same),
        cmocka_unit_test(other_code_is_not),
        cmocka_unit_test(places_are_taken_over),
        cmocka_unit_test(dropped_functions_are_not_missed),
    };
    return cmocka_run_group_tests_name("places", tests, NULL, NULL);
}
