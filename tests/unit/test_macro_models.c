/* calls.c: a call that comes from a macro is known by the macro's name and arguments first. */
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

/* As QEMU has them: names that models know, functions that nobody does. */
#define HOOKS                                                                                      \
    "typedef int hook_fn(int, pthread_mutex_t *); extern hook_fn *on, *off, *try;\n"               \
    "#define pthread_mutex_lock(x) ({ hook_fn *f_ = on; f_(7, x); })\n"                            \
    "#define pthread_mutex_trylock(x) ({ hook_fn *f_ = try; f_(7, x); })\n"                        \
    "#define pthread_mutex_unlock(x) off(0, (x))\n"

static void locks_through_a_local_pointer(void **state)
{
    (void)state;
    check_held(HOOKS "void f(void) {\n"
                     "  pthread_mutex_lock(&m);\n"
                     "  hits = 1;\n"
                     "  pthread_mutex_unlock(&m);\n"
                     "  hits = 2;\n"
                     "}\n",
               "6 on {}\n"
               "7 hits {m}\n"
               "8 off {m}\n"
               "9 hits {}\n");
}

static void results_are_those_of_the_call(void **state)
{
    (void)state;
    check_held(HOOKS "void f(void) {\n"
                     "  if (pthread_mutex_trylock(&m) == 0) {\n"
                     "    hits = 1;\n"
                     "    pthread_mutex_unlock(&m);\n"
                     "  }\n"
                     "  hits = 2;\n"
                     "}\n",
               "6 try {}\n"
               "7 hits {m}\n"
               "8 off {m}\n"
               "10 hits {}\n");
}

static void the_macro_s_argument_counts_not_the_call_s(void **state)
{
    (void)state;
    check_held("struct my { int raw; pthread_mutex_t mu; };\n"
               "void raw_on(pthread_mutex_t *, int *); void raw_off(int *);\n"
               "#define pthread_mutex_lock(x) raw_on(&m2, (int *)(x))\n"
               "#define pthread_mutex_unlock(x) raw_off((int *)(x))\n"
               "void f(struct my *my) {\n"
               "  pthread_mutex_lock(&my->mu);\n"
               "  hits = 1;\n"
               "  pthread_mutex_unlock(&my->mu);\n"
               "  hits = 2;\n"
               "}\n",
               "7 hits {my->mu}\n"
               "9 hits {}\n");
}

static void one_call_of_an_expansion_is_the_macro_s(void **state)
{
    (void)state;
    check_held("void first(pthread_mutex_t *); void second(pthread_mutex_t *);\n"
               "#define pthread_mutex_lock(x) do { first(x); second(x); } while (0)\n"
               "void f(void) {\n"
               "  pthread_mutex_lock(&m);\n"
               "  hits = 1;\n"
               "  pthread_mutex_unlock(&m);\n"
               "  hits = 2;\n"
               "}\n",
               "5 hits {m}\n"
               "7 hits {}\n");
}

static void a_body_says_more_than_a_built_in_model(void **state)
{
    (void)state;
    check_held("static void nothing(pthread_mutex_t *x) { (void)x; }\n"
               "#define pthread_mutex_lock(x) nothing(x)\n"
               "void f(void) { pthread_mutex_lock(&m); hits = 1; }\n",
               "3 hits {}\n");
}

static void without_its_argument_a_macro_is_seen_through(void **state)
{
    (void)state;
    check_held("void other(int *);\n"
               "#define pthread_mutex_lock(x) other(&hits)\n"
               "void f(void) { pthread_mutex_lock(&m); more = 1; }\n",
               "3 more {}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(locks_through_a_local_pointer),
        cmocka_unit_test(results_are_those_of_the_call),
        cmocka_unit_test(the_macro_s_argument_counts_not_the_call_s),
        cmocka_unit_test(one_call_of_an_expansion_is_the_macro_s),
        cmocka_unit_test(a_body_says_more_than_a_built_in_model),
        cmocka_unit_test(without_its_argument_a_macro_is_seen_through),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
