/* focus.h: what is found in one file is the same, whether the others are asked about or not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness.h"

#include "program/focus.h"
#include "rules/rule.h"

#include <string.h>

#define COMMON                                                                                     \
    "#include <pthread.h>\n"                                                                       \
    "#include <unistd.h>\n"                                                                        \
    "extern pthread_mutex_t a, b;\n"                                                               \
    "extern int left, served;\n"                                                                   \
    "void serve(void);\n"                                                                          \
    "int take(int n);\n"

#define DESK                                                                                       \
    COMMON "pthread_mutex_t a, b;\n"                                                               \
           "int left = 9, served;\n"                                                               \
           "static void *work(void *arg) {\n"                                                      \
           "  serve();\n"                                                                          \
           "  pthread_mutex_lock(&a);\n"                                                           \
           "  pthread_mutex_lock(&b);\n"                                                           \
           "  sleep(1);\n"                                                                         \
           "  pthread_mutex_unlock(&b);\n"                                                         \
           "  pthread_mutex_unlock(&a);\n"                                                         \
           "  if (left > 0) take(1);\n"                                                            \
           "  return arg;\n"                                                                       \
           "}\n"                                                                                   \
           "int main(void) {\n"                                                                    \
           "  pthread_t t[2];\n"                                                                   \
           "  for (int i = 0; i < 2; i++) pthread_create(&t[i], NULL, work, NULL);\n"              \
           "  serve();\n"                                                                          \
           "}\n"

#define STORE                                                                                      \
    COMMON "void serve(void) {\n"                                                                  \
           "  served++;\n"                                                                         \
           "  pthread_mutex_lock(&b);\n"                                                           \
           "  pthread_mutex_lock(&a);\n"                                                           \
           "  pthread_mutex_unlock(&a);\n"                                                         \
           "  pthread_mutex_unlock(&b);\n"                                                         \
           "}\n"                                                                                   \
           "int take(int n) {\n"                                                                   \
           "  pthread_mutex_lock(&a);\n"                                                           \
           "  if (n > 5) return -1;\n"                                                             \
           "  left -= n;\n"                                                                        \
           "  pthread_mutex_unlock(&a);\n"                                                         \
           "  return 0;\n"                                                                         \
           "}\n"

/* "LINE RULE MESSAGE" of each finding in the file. */
static char *findings_in(void *owner, struct prog *prog, const char *file)
{
    const struct config config = {.min_confidence = LEVEL_LOW};
    struct finding_list list = rules_run(owner, prog, &config, 1);
    char *text = mem_strdup(owner, "");

    for (size_t i = 0; i < list.n; i++) {
        if (strcmp(list.v[i]->where.file, file) == 0) {
            mem_append(owner, &text, "%u %s %s\n", list.v[i]->where.line, list.v[i]->rule->id,
                       list.v[i]->message);
        }
    }
    return text;
}

/* With all in view, and with this file alone. */
static void check(const char *file, const char *must_have)
{
    void *owner = talloc_new(NULL);
    struct prog *all = harness_link_two(owner, DESK, STORE);
    struct prog *one = harness_link_two(owner, DESK, STORE);
    const char *other = strcmp(file, "/test/a.c") == 0 ? "/test/b.c" : "/test/a.c";

    one->focus = focus_new(owner, one->linked, &file, 1);
    char *want = findings_in(owner, all, file);
    assert_non_null(strstr(want, must_have));
    assert_string_equal(findings_in(owner, one, file), want);
    assert_string_equal(findings_in(owner, one, other), "");
    talloc_free(owner);
}

static void one_file_alone(void **state)
{
    (void)state;
    check("/test/a.c", "check-then-act");
    check("/test/a.c", "lock-order-cycle");
    check("/test/b.c", "data-race");
    check("/test/b.c", "missing-unlock");
}

static void who_is_in_it(void **state)
{
    (void)state;
    void *owner = talloc_new(NULL);
    struct prog *prog = harness_link_two(owner, DESK, STORE);
    const char *file = "/test/a.c";
    struct focus *focus = focus_new(owner, prog->linked, &file, 1);

    assert_true(focus_has(focus, harness_fn(prog, "work")));
    assert_false(focus_has(focus, harness_fn(prog, "serve")));
    assert_true(focus_has(NULL, harness_fn(prog, "serve")));
    assert_true(focus_has_file(focus, file));
    assert_false(focus_has_file(focus, "/test/b.c"));
    talloc_free(owner);
}

static void callees_are_below(void **state)
{
    (void)state;
    void *owner = talloc_new(NULL);
    struct prog *prog = harness_link_two(owner, DESK, STORE);
    const char *files[] = {"/test/a.c", "/test/b.c"};
    const bool *all = focus_below(owner, focus_new(owner, prog->linked, &files[0], 1), prog->calls);
    const bool *few = focus_below(owner, focus_new(owner, prog->linked, &files[1], 1), prog->calls);

    assert_null(focus_below(owner, NULL, prog->calls));
    assert_true(all[harness_fn(prog, "take").i]);
    assert_true(few[harness_fn(prog, "take").i]);
    assert_false(few[harness_fn(prog, "work").i]);
    talloc_free(owner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_file_alone),
        cmocka_unit_test(who_is_in_it),
        cmocka_unit_test(callees_are_below),
    };
    return cmocka_run_group_tests_name("focus", tests, NULL, NULL);
}
