/* rules/double_checked_locking.c, program/double_checks.h: tests without and with the lock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness.h"

/* `get` from line 6 on is called by several threads; `shared`, `filled`, `data` are what it is
 * about. The first line says what is expected. */
static void check(const char *want, const char *get)
{
    void *owner = talloc_new(NULL);

    harness_check_rule(
        "double-checked-locking",
        mem_printf(owner,
                   "struct table { int size; };\n"
                   "static struct table *make(void) {\n"
                   "  struct table *t = malloc(sizeof *t); t->size = 1; return t; }\n"
                   "static struct table *shared, *_Atomic whole;\n"
                   "static bool filled; static int data;\n"
                   "%s"
                   "static void *user(void *a) { get(); return a; }\n"
                   "int main(void) {\n"
                   "  pthread_t t;\n"
                   "  for (int i = 0; i < 2; i++)\n"
                   "    pthread_create(&t, NULL, user, NULL);\n"
                   "}\n",
                   get),
        want);
    talloc_free(owner);
}

#define LOCKED(inner) "    pthread_mutex_lock(&m);\n" inner "    pthread_mutex_unlock(&m);\n"
#define POINTER(test, store)                                                                       \
    test " [double-checked-locking] 'shared' is tested here without 'm', and what 'shared' "       \
         "points to used if it is set: line " store " sets it without release\n"
#define FLAG(test, store)                                                                          \
    test " [double-checked-locking] 'filled' is tested here without 'm', and 'data' used if it "   \
         "is set: line " store " sets it without release\n"

static void a_pointer_is_returned_or_followed(void **state)
{
    (void)state;
    check(POINTER("7", "9"),
          "static struct table *get(void) {\n"
          "  if (!shared) {\n" LOCKED("    if (!shared) shared = make();\n") "  }\n"
                                                                             "  return shared;\n"
                                                                             "}\n");
    check(POINTER("7", "9"),
          "static int get(void) {\n"
          "  if (shared == NULL) {\n" LOCKED(
              "    if (shared == NULL) shared = make();\n") "  }\n"
                                                            "  return shared->size;\n"
                                                            "}\n");
    check(POINTER("7", "10"),
          "static int get(void) {\n"
          "  struct table *t = shared;\n"
          "  if (t) return t->size;\n" LOCKED("    if (!shared) shared = make();\n"
                                              "    t = shared;\n") "  return 0;\n"
                                                                   "}\n");
}

static void a_flag_stands_for_what_is_filled(void **state)
{
    (void)state;
    check(FLAG("7", "9"), "static int get(void) {\n"
                          "  if (!filled) {\n" LOCKED(
                              "    if (!filled) { data = 1; filled = true; }\n") "  }\n"
                                                                                 "  return data;\n"
                                                                                 "}\n");
}

static void by_way_of_calls(void **state)
{
    (void)state;
    check(FLAG("12", "6"), "static void fill(void) { data = 1; filled = true; }\n"
                           "static void fill_once(void) {\n" LOCKED(
                               "    if (!filled) fill();\n") "}\n"
                                                             "static int get(void) { if (!filled) "
                                                             "fill_once(); return data; }\n");
    check(FLAG("8", "6"),
          "static void fill(void) { if (filled) return; data = 1; filled = true; }\n"
          "static int get(void) {\n"
          "  if (!filled) {\n" LOCKED("    fill();\n") "  }\n"
                                                       "  return data;\n"
                                                       "}\n");
}

static void what_finds_it_set_uses_nothing(void **state)
{
    (void)state;
    check("", "static int get(void) {\n"
              "  if (!shared) return 0;\n" LOCKED(
                  "    struct table *t = shared;\n"
                  "    if (shared) shared = NULL;\n") "  return t != NULL;\n"
                                                      "}\n");
    check("",
          "static int get(void) {\n"
          "  if (!filled) {\n" LOCKED(
              "    if (!filled) { data = 1; filled = true; }\n") "  }\n" LOCKED("    int d = "
                                                                                "data;\n") "  "
                                                                                           "return "
                                                                                           "d;\n"
                                                                                           "}\n");
}

static void the_two_tests_ask_the_same(void **state)
{
    (void)state;
    check("", "static int get(void) {\n"
              "  if (filled) {\n" LOCKED(
                  "    if (!filled) { data = 1; filled = true; }\n") "  }\n"
                                                                     "  return data;\n"
                                                                     "}\n");
    check("", "static int get(void) {\n"
              "  if (!filled) {\n" LOCKED("    data = 1; filled = true;\n") "  }\n"
                                                                            "  return data;\n"
                                                                            "}\n");
}

static void acquire_and_release(void **state)
{
    (void)state;
    static const char *const format = "static int get(void) {\n"
                                      "  if (!__atomic_load_n(&filled, %s)) {\n" LOCKED(
                                          "    if (!filled) { data = 1; __atomic_store_n(&filled, "
                                          "true, %s); }\n") "  }\n"
                                                            "  return data;\n"
                                                            "}\n";
    void *owner = talloc_new(NULL);

    check("", mem_printf(owner, format, "__ATOMIC_ACQUIRE", "__ATOMIC_RELEASE"));
    check("", mem_printf(owner, format, "__ATOMIC_SEQ_CST", "__ATOMIC_SEQ_CST"));
    check(FLAG("7", "9"), mem_printf(owner, format, "__ATOMIC_RELAXED", "__ATOMIC_RELAXED"));
    check(FLAG("7", "9"), mem_printf(owner, format, "__ATOMIC_ACQUIRE", "__ATOMIC_RELAXED"));
    check("7 [double-checked-locking] 'filled' is tested here without 'm' and without acquire, and "
          "'data' used if it is set, as on line 9 (medium)\n",
          mem_printf(owner, format, "__ATOMIC_RELAXED", "__ATOMIC_RELEASE"));
    talloc_free(owner);
}

static void fences(void **state)
{
    (void)state;
    static const char *const format =
        "static int get(void) {\n"
        "  if (!filled) {\n" LOCKED("    if (!filled) { %s }\n") "  }\n"
                                                                 "  %s;\n"
                                                                 "  return data;\n"
                                                                 "}\n";
    void *owner = talloc_new(NULL);
    const char *fence = "__sync_synchronize()";

    check("", mem_printf(owner, format, "data = 1; __sync_synchronize(); filled = true;", fence));
    check("", mem_printf(owner, format, "data = 1; __sync_synchronize(); filled = true;",
                         "__atomic_thread_fence(__ATOMIC_ACQUIRE)"));
    check("7 [double-checked-locking] 'filled' is tested here without 'm' and without acquire, and "
          "'data' used if it is set, as on line 9 (medium)\n",
          mem_printf(owner, format, "data = 1; __sync_synchronize(); filled = true;", ""));
    talloc_free(owner);
}

static void an_atomic_pointer_is_whole(void **state)
{
    (void)state;
    check("",
          "static int get(void) {\n"
          "  if (!whole) {\n" LOCKED("    if (!whole) whole = make();\n") "  }\n"
                                                                          "  return whole->size;\n"
                                                                          "}\n");
}

static void it_speaks_for_the_race(void **state)
{
    (void)state;
    harness_check(
        harness_dump_findings,
        "static bool filled; static int data;\n"
        "static int get(void) {\n"
        "  if (!filled) {\n" LOCKED(
            "    if (!filled) { data = 1; filled = true; }\n") "  }\n"
                                                               "  return data;\n"
                                                               "}\n"
                                                               "static void *user(void *a) { "
                                                               "get(); return a; }\n"
                                                               "int main(void) {\n"
                                                               "  pthread_t t;\n"
                                                               "  for (int i = 0; i < 2; i++) "
                                                               "pthread_create(&t, NULL, user, "
                                                               "NULL);\n"
                                                               "}\n",
        FLAG("3", "5"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pointer_is_returned_or_followed),
        cmocka_unit_test(a_flag_stands_for_what_is_filled),
        cmocka_unit_test(by_way_of_calls),
        cmocka_unit_test(what_finds_it_set_uses_nothing),
        cmocka_unit_test(the_two_tests_ask_the_same),
        cmocka_unit_test(acquire_and_release),
        cmocka_unit_test(fences),
        cmocka_unit_test(an_atomic_pointer_is_whole),
        cmocka_unit_test(it_speaks_for_the_race),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
