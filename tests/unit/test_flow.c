/* flow.h: which tokens are held where, seen from inside each function. */
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

static void trylock_counts_only_where_it_succeeded(void **state)
{
    (void)state;
    check_held("void f(void) {\n"
               "  if (pthread_mutex_trylock(&m) == 0) { hits = 1; pthread_mutex_unlock(&m); }\n"
               "  hits = 2;\n"
               "}\n",
               "2 hits {m}\n"
               "3 hits {}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trylock_counts_only_where_it_succeeded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
