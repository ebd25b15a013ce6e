/* calls.h: whom each call runs, through pointers, tables and struct members. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness.h"

static void check(const char *source, const char *want)
{
    harness_check(harness_dump_calls, source, want);
}

static void check_two(const char *a, const char *b, const char *want)
{
    harness_check_two(harness_dump_calls, a, b, want);
}

static void direct_and_unknown_calls(void **state)
{
    (void)state;
    check("static void f(void) { elsewhere(); }\n"
          "void g(void (*unknown)(void)) { f(); unknown(); }\n",
          "2 f -> f\n"
          "2 pointer -> nobody known\n");
}

static void tables_of_functions(void **state)
{
    (void)state;
    check("static void f(void) { }\n"
          "static void g(void) { }\n"
          "static void never(void) { }\n"
          "static void (*const table[])(void) = {f, g};\n"
          "void run(int i) { table[i](); (void)never; }\n",
          "5 pointer -> f, g\n");
}

static void struct_members(void **state)
{
    (void)state;
    check("struct ops { void (*open)(void); void (*close)(void); };\n"
          "static void f(void) { }\n"
          "static void g(void) { }\n"
          "static const struct ops ops = {.close = g, .open = f};\n"
          "void run(const struct ops *o) { o->open(); o->close(); }\n",
          "5 pointer -> f\n"
          "5 pointer -> g\n");
}

static void assigned_passed_and_returned(void **state)
{
    (void)state;
    check("static void f(void) { }\n"
          "static void g(void) { }\n"
          "static void call(void (*what)(void)) { what(); }\n"
          "static void (*pick(int n))(void) { return n ? f : g; }\n"
          "static void (*kept)(void);\n"
          "void run(int n) {\n"
          "  call(f);\n"
          "  pick(n)();\n"
          "  kept = g;\n"
          "  kept();\n"
          "  void (*mine)(void) = n ? f : kept;\n"
          "  mine();\n"
          "}\n",
          "3 pointer -> f\n"
          "7 call -> call\n"
          "8 pick -> pick\n"
          "8 pointer -> f, g\n"
          "10 pointer -> g\n"
          "12 pointer -> f, g\n");
}

static void callbacks_that_register_callbacks(void **state)
{
    (void)state;
    check("typedef void cb(void *);\n"
          "static cb *later;\n"
          "static void last(void *p) { (void)p; }\n"
          "static void first(void *p) { later = last; (void)p; }\n"
          "static void arrange(cb *what, void *data) { what(data); }\n"
          "void run(void) { arrange(first, NULL); later(NULL); }\n",
          "5 pointer -> first\n"
          "6 arrange -> arrange\n"
          "6 pointer -> last\n");
}

static void copied_structs(void **state)
{
    (void)state;
    check("struct ops { void (*run)(void); };\n"
          "static void f(void) { }\n"
          "void go(void) {\n"
          "  struct ops a = {f};\n"
          "  struct ops b;\n"
          "  b = a;\n"
          "  b.run();\n"
          "}\n",
          "7 pointer -> f\n");
}

static void recursion_through_pointers_ends(void **state)
{
    (void)state;
    check("static void f(int n);\n"
          "static void (*self)(int) = f;\n"
          "static void f(int n) { if (n) self(n - 1); }\n"
          "void g(void) { f(3); }\n",
          "3 pointer -> f\n"
          "4 f -> f\n");
}

static void across_files(void **state)
{
    (void)state;
    check_two("struct ops { void (*run)(void); };\n"
              "extern struct ops ops;\n"
              "void shared(void) { }\n"
              "static void helper(void) { shared(); }\n"
              "void a(void) { helper(); ops.run(); }\n",
              "struct ops { void (*run)(void); };\n"
              "void shared(void);\n"
              "static void helper(void) { }\n"
              "static void mine(void) { helper(); shared(); }\n"
              "struct ops ops = {mine};\n",
              "a.c:4 shared -> shared\n"
              "a.c:5 helper -> helper\n"
              "a.c:5 pointer -> mine\n"
              "b.c:4 helper -> helper\n"
              "b.c:4 shared -> shared\n");
}

static void qsort_and_once(void **state)
{
    (void)state;
    check("static int by(const void *a, const void *b) { return a < b ? -1 : 1; }\n"
          "static void set_up(void) { }\n"
          "static pthread_once_t once;\n"
          "void f(int *v) { qsort(v, 3, sizeof *v, by); pthread_once(&once, set_up); }\n",
          "4 qsort -> by\n"
          "4 pthread_once -> set_up\n");
}

/* Static functions of one name in two files are two functions. */
static void each_file_has_its_own_helper(void **state)
{
    (void)state;
    harness_check_two(
        harness_dump_accesses,
        "static void helper(void) { hits = 1; }\n"
        "void a(void) { pthread_mutex_lock(&m); helper(); hits = 2; pthread_mutex_unlock(&m); }\n",
        "static void helper(void) { pthread_mutex_unlock(&m2); more = 1; }\n"
        "void b(void) { pthread_mutex_lock(&m2); helper(); more = 2; }\n",
        "a.c:1 hits {}\n"
        "a.c:2 hits {m}\n"
        "b.c:1 more {}\n"
        "b.c:2 more {}\n");
}

static void callees_come_before_callers(void **state)
{
    (void)state;
    void *owner = mem_owner(NULL, "test");
    struct prog *prog =
        harness_link(owner, "static void leaf(void) { }\n"
                            "static void even(int n);\n"
                            "static void odd(int n) { if (n) even(n - 1); leaf(); }\n"
                            "static void even(int n) { if (n) odd(n - 1); }\n"
                            "void top(void) { odd(3); leaf(); }\n");
    const struct bottom_up *order = calls_bottom_up(prog->calls);
    uint32_t at[5] = {0};
    uint32_t component[5] = {0};
    const char *const NAMES[] = {"leaf", "even", "odd", "top"};

    assert_int_equal(order->n, 4);
    for (uint32_t n = 0; n < 4; n++) {
        fn_id fn = harness_fn(prog, NAMES[n]);
        for (uint32_t i = 0; i < order->n; i++) {
            if (order->order[i].i == fn.i) {
                at[n] = i;
                component[n] = order->component[i];
            }
        }
    }
    assert_true(at[0] < at[1] && at[0] < at[2]);
    assert_true(at[3] == 3);
    assert_int_equal(component[1], component[2]);
    assert_int_not_equal(component[0], component[1]);
    talloc_free(owner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(direct_and_unknown_calls),
        cmocka_unit_test(tables_of_functions),
        cmocka_unit_test(struct_members),
        cmocka_unit_test(assigned_passed_and_returned),
        cmocka_unit_test(callbacks_that_register_callbacks),
        cmocka_unit_test(copied_structs),
        cmocka_unit_test(recursion_through_pointers_ends),
        cmocka_unit_test(across_files),
        cmocka_unit_test(qsort_and_once),
        cmocka_unit_test(each_file_has_its_own_helper),
        cmocka_unit_test(callees_come_before_callers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
