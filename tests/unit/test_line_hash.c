/* report/line_hash.c: the hashes that GitHub's upload action makes of the same texts. */
#include "report/line_hash.h"
#include "report_scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The hashes of all lines, a line each. */
static void check_hashes(const char *text, const char *want)
{
    struct scene *scene = scene_new("text.c");
    struct line_hashes *hashes = line_hashes_new(scene, sources_new(scene));
    struct loc where = {.file = scene->file, .line = 1};
    char *got = mem_strdup(scene, "");

    scene_write(scene->file, text);
    for (char *hash; (hash = line_hash(scene, hashes, where)) != NULL; where.line++) {
        mem_append(scene, &got, "%s\n", hash);
    }
    assert_string_equal(got, want);
    scene_free(scene);
}

static void blanks_do_not_count(void **state)
{
    (void)state;
    check_hashes("", "c129715d7a2bc9a3:1\n");
    check_hashes(" a\nb\n  \t\tc\n d", "271789c17abda88f:1\n"
                                       "54703d4cd895b18:1\n"
                                       "180aee12dab6264:1\n"
                                       "a23a3dc5e078b07b:1\n");
}

static void all_line_ends_are_alike(void **state)
{
    static const char want[] = "e9496ae3ebfced30:1\n"
                               "fb7c023a8b9ccb3f:1\n"
                               "ce8ba1a563dcdaca:1\n"
                               "e20e36e16fcb0cc8:1\n"
                               "b3edc88f2938467e:1\n"
                               "c8e28b0b4002a3a0:1\n"
                               "c129715d7a2bc9a3:1\n";

    (void)state;
    check_hashes(" hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End\n", want);
    check_hashes(" hello; \t\r\nworld!!!\r\n\r\n\r\n  \t\tGreetings\r\n End\r\n", want);
    check_hashes(" hello; \t\nworld!!!\r\n\n\r  \t\tGreetings\r End\r\n", want);
}

static void lines_of_one_hash_are_counted(void **state)
{
    (void)state;
#define LINE "Lorem ipsum dolor sit amet.\n"
    check_hashes(LINE LINE LINE LINE LINE LINE LINE LINE LINE LINE, "a7f2ff13bc495cf2:1\n"
                                                                    "a7f2ff13bc495cf2:2\n"
                                                                    "a7f2ff13bc495cf2:3\n"
                                                                    "a7f2ff13bc495cf2:4\n"
                                                                    "a7f2ff13bc495cf2:5\n"
                                                                    "a7f2ff13bc495cf2:6\n"
                                                                    "a7f2ff1481e87703:1\n"
                                                                    "a9cf91f7bbf1862b:1\n"
                                                                    "55ec222b86bcae53:1\n"
                                                                    "cc97dc7b1d7d8f7b:1\n"
                                                                    "c129715d7a2bc9a3:1\n");
#undef LINE
}

static void there_is_none_for_what_cannot_be_read(void **state)
{
    void *owner = talloc_new(NULL);
    struct line_hashes *hashes = line_hashes_new(owner, sources_new(owner));

    (void)state;
    assert_null(line_hash(owner, hashes, (struct loc){.file = "/no/such/file.c", .line = 1}));
    assert_null(line_hash(owner, hashes, (struct loc){.file = "/dev/null"}));
    assert_null(line_hash(owner, hashes, (struct loc){0}));
    talloc_free(owner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blanks_do_not_count),
        cmocka_unit_test(all_line_ends_are_alike),
        cmocka_unit_test(lines_of_one_hash_are_counted),
        cmocka_unit_test(there_is_none_for_what_cannot_be_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
