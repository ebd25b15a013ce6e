/* Which files are the project's own. None of the paths here is there: they are only names. */
#include "base/mem.h"
#include "triage/own.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const sources[] = {"/nowhere/proj/src/a.c", "/nowhere/proj/deps/lua/lua.c"};

/* Splits "a b" at its blanks; "-": none. */
static struct name_list names_of(void *owner, const char *text)
{
    struct name_list list = {NULL, 0};
    char *save = NULL;

    if (strcmp(text, "-") == 0) {
        return list;
    }
    for (char *name = strtok_r(mem_strdup(owner, text), " ", &save); name != NULL;
         name = strtok_r(NULL, " ", &save)) {
        vec_push(owner, &list, name);
    }
    return list;
}

/* With these patterns (NULL: nothing is said of it), which of `files` are the project's own? */
static void check_own(const char *cwd, const char *report, const char *hide, const char *files,
                      const char *want)
{
    void *owner = talloc_new(NULL);
    struct config config = {.path = NULL};
    char *own = mem_strdup(owner, "");

    config.paths.says_report = report != NULL;
    config.paths.says_hide = hide != NULL;
    config.paths.report = names_of(owner, report == NULL ? "." : report);
    config.paths.hide = names_of(owner, hide == NULL ? "deps vendor /usr/include" : hide);
    struct own_files *files_own = own_files_new(owner, &config, cwd, sources, 2);
    struct name_list asked = names_of(owner, files);
    for (size_t i = 0; i < asked.n; i++) {
        if (own_files_has(files_own, asked.v[i])) {
            mem_append(owner, &own, "%s%s", own[0] == '\0' ? "" : " ", asked.v[i]);
        }
    }
    assert_string_equal(own, want);
    talloc_free(owner);
}

static void by_default_the_project_without_what_is_vendored(void **state)
{
    (void)state;
    check_own("/nowhere/proj", NULL, NULL,
              "/nowhere/proj/src/a.c /nowhere/proj/deps/lua/lua.c /nowhere/proj/src/vendor/x.c "
              "/nowhere/proj/src/vendored.c /nowhere/project/x.c /usr/include/stdio.h",
              "/nowhere/proj/src/a.c /nowhere/proj/src/vendored.c");
}

static void where_it_is_run_makes_no_difference(void **state)
{
    (void)state;
    check_own("/elsewhere", NULL, NULL,
              "/nowhere/proj/src/a.c /nowhere/proj/deps/lua/lua.c /elsewhere/x.c",
              "/nowhere/proj/src/a.c /elsewhere/x.c");
}

static void what_all_sources_share_can_be_left_out(void **state)
{
    (void)state;
    check_own("/nowhere", NULL, "proj/src", "/nowhere/proj/src/a.c /nowhere/proj/b.c",
              "/nowhere/proj/b.c");
    check_own("/nowhere", NULL, "proj", "/nowhere/proj/src/a.c /nowhere/b.c", "/nowhere/b.c");
}

static void names_count_below_the_project_only(void **state)
{
    (void)state;
    check_own("/nowhere/deps/proj", NULL, NULL,
              "/nowhere/deps/proj/a.c /nowhere/deps/proj/deps/b.c", "/nowhere/deps/proj/a.c");
}

static void patterns_are_relative_to_the_project(void **state)
{
    (void)state;
    check_own("/nowhere/proj", "src include/*.h", "-",
              "/nowhere/proj/src/a.c /nowhere/proj/src/b/c.c /nowhere/proj/include/x.h "
              "/nowhere/proj/include/sub/y.h /nowhere/proj/srcs/z.c /nowhere/src/a.c",
              "/nowhere/proj/src/a.c /nowhere/proj/src/b/c.c /nowhere/proj/include/x.h");
    check_own("/nowhere/proj", "./src/../lib/ ../common /nowhere/lone.c", "-",
              "/nowhere/proj/lib/a.c /nowhere/common/b.c /nowhere/lone.c /nowhere/proj/src/a.c",
              "/nowhere/proj/lib/a.c /nowhere/common/b.c /nowhere/lone.c");
}

static void the_longer_match_counts(void **state)
{
    (void)state;
    check_own("/nowhere/proj", ". deps/ours", "deps src/gen *.pb-c.c",
              "/nowhere/proj/deps/ours/a.c /nowhere/proj/deps/lua/b.c /nowhere/proj/src/gen/c.c "
              "/nowhere/proj/src/d.pb-c.c /nowhere/proj/deps/ours/e.pb-c.c /nowhere/proj/x.c",
              "/nowhere/proj/deps/ours/a.c /nowhere/proj/x.c");
    check_own("/nowhere/proj", "src/gen/keep.c src", "src/gen",
              "/nowhere/proj/src/gen/keep.c /nowhere/proj/src/gen/x.c /nowhere/proj/src/y.c",
              "/nowhere/proj/src/gen/keep.c /nowhere/proj/src/y.c");
    check_own("/nowhere/proj", ". deps", "deps", "/nowhere/proj/deps/x.c /nowhere/proj/y.c",
              "/nowhere/proj/deps/x.c /nowhere/proj/y.c");
}

static void the_whole_disk_can_be_asked_for(void **state)
{
    (void)state;
    check_own("/nowhere/proj", "/", "/usr", "/a.c /usr/include/b.h /nowhere/c.c",
              "/a.c /nowhere/c.c");
    check_own("/nowhere/proj", "**", "-", "/nowhere/proj/src/a.c /nowhere/b.c",
              "/nowhere/proj/src/a.c");
    check_own("/nowhere/proj", "-", "-", "/nowhere/proj/src/a.c", "");
}

static void stars_and_question_marks(void **state)
{
    static const struct {
        const char *pattern;
        const char *path;
        bool matches;
    } cases[] = {
        {"a", "a", true},
        {"a", "ab", false},
        {"ab", "a", false},
        {"*", "", true},
        {"*", "abc", true},
        {"*", "a/b", false},
        {"*.c", "x.c", true},
        {"*.c", "x.h", false},
        {"a*b*c", "a1b2c", true},
        {"a*b*c", "a1c2b", false},
        {"?.c", "x.c", true},
        {"a?b", "a/b", false},
        {"?", "", false},
        {"/a/**", "/a/b/c", true},
        {"/a/**/d", "/a/d", true},
        {"/a/**/d", "/a/b/c/d", true},
        {"/a/**/d", "/a/bd", false},
        {"**.c", "a/b.c", true},
        {"", "", true},
        {"", "a", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (own_glob(cases[i].pattern, cases[i].path) != cases[i].matches) {
            fail_msg("'%s' and '%s'", cases[i].pattern, cases[i].path);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_default_the_project_without_what_is_vendored),
        cmocka_unit_test(where_it_is_run_makes_no_difference),
        cmocka_unit_test(what_all_sources_share_can_be_left_out),
        cmocka_unit_test(names_count_below_the_project_only),
        cmocka_unit_test(patterns_are_relative_to_the_project),
        cmocka_unit_test(the_longer_match_counts),
        cmocka_unit_test(the_whole_disk_can_be_asked_for),
        cmocka_unit_test(stars_and_question_marks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
