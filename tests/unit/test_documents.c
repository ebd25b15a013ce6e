/* lsp/documents.c, position.c and uri.c: texts as the editor counts them. */
#include "lsp/documents.h"

#include "base/mem.h"
#include "lsp/uri.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* "a", then ä (2 bytes, 1 unit), € (3, 1), a snail (4, 2), a byte that is no UTF-8, "z". */
#define ODD "a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x90\x8C\xFFz"

static void positions_count_units_of_utf16_or_bytes(void **state)
{
    static const struct {
        bool utf16;
        uint32_t character;
        size_t offset;
    } cases[] = {
        {true, 0, 3},  {true, 1, 4},    {true, 2, 6},    {true, 3, 9},
        {true, 5, 13}, {true, 6, 14},   {true, 99, 15},  {false, 0, 3},
        {false, 3, 6}, {false, 10, 13}, {false, 11, 14}, {false, 99, 15},
    };
    const char *bytes = "x\r\n" ODD "\n";

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct position_text text = {bytes, strlen(bytes), cases[i].utf16};
        struct position position = {1, cases[i].character};
        assert_int_equal(position_offset(&text, position), cases[i].offset);
        position = position_at(&text, cases[i].offset);
        assert_int_equal(position.line, 1);
        if (cases[i].character != 99) {
            assert_int_equal(position.character, cases[i].character);
        }
    }
}

static void positions_behind_the_end_are_the_end(void **state)
{
    struct position_text text = {"ab\r\ncd", 6, true};

    (void)state;
    assert_int_equal(position_offset(&text, (struct position){0, 7}), 2); /* before the break */
    assert_int_equal(position_offset(&text, (struct position){1, 7}), 6);
    assert_int_equal(position_offset(&text, (struct position){9, 0}), 6);
    assert_int_equal(position_of(&text, 2, 2).character, 1);
    assert_int_equal(position_of(&text, 1, 0).line, 0);
}

static void words_end_where_identifiers_do(void **state)
{
    struct position_text text = {"x = seats_left->n;", 18, true};

    (void)state;
    assert_int_equal(position_word_end(&text, (struct position){0, 4}).character, 14);
    assert_int_equal(position_word_end(&text, (struct position){0, 2}).character, 3);
    assert_int_equal(position_word_end(&text, (struct position){0, 18}).character, 18);
}

/* The text after changes, which are JSON with ' for ". NULL: they were refused. */
static const char *changed(const char *text, const char *changes)
{
    static char result[256];
    char *json = mem_strdup(NULL, changes);
    struct documents *documents = documents_new(NULL);
    struct document *document = documents_open(documents, "file:///nowhere/a.c", 1, text);

    for (char *at = json; *at != '\0'; at++) {
        *at = *at == '\'' ? '"' : *at;
    }
    json_t *tree = json_loads(json, 0, NULL);
    bool good = documents_change(documents, document, 2, tree);
    (void)strncpy(result, document->text, sizeof result - 1);
    assert_int_equal(document->version, 2);
    json_decref(tree);
    talloc_free(json);
    talloc_free(documents);
    return good ? result : NULL;
}

#define RANGE(a, b, c, d)                                                                          \
    "'range': {'start': {'line': " #a ", 'character': " #b "}, 'end': {'line': " #c                \
    ", 'character': " #d "}}"

static void changes_are_made_one_after_the_other(void **state)
{
    (void)state;
    assert_string_equal(changed("ab\ncd\n", "[{" RANGE(0, 1, 1, 1) ", 'text': 'X'}]"), "aXd\n");
    assert_string_equal(changed("ab\n", "[{" RANGE(0, 0, 0, 0) ", 'text': 'x'}, {" RANGE(
                                            0, 1, 0, 2) ", 'text': ''}]"),
                        "xb\n");
    assert_string_equal(changed("ab\n", "[{'text': 'new'}]"), "new");
    assert_string_equal(changed("ab", "[{" RANGE(7, 0, 9, 0) ", 'text': '!'}]"), "ab!");
    assert_string_equal(changed(ODD, "[{" RANGE(0, 3, 0, 5) ", 'text': 's'}]"),
                        "a\xC3\xA4\xE2\x82\xAC"
                        "s\xFFz");
}

static void what_is_no_change_is_refused(void **state)
{
    (void)state;
    assert_null(changed("ab", "{}"));
    assert_null(changed("ab", "[{}]"));
    assert_null(changed("ab", "[{" RANGE(0, 2, 0, 1) ", 'text': ''}]"));
    assert_null(changed("ab", "[{'range': {'start': 3}, 'text': ''}]"));
    assert_null(changed("ab", "[{" RANGE(0, -1, 0, 1) ", 'text': ''}]"));
}

static void uris_are_paths(void **state)
{
    void *owner = mem_owner(NULL, "test");

    (void)state;
    assert_string_equal(uri_to_path(owner, "file:///a%20b/%C3%A4.c"), "/a b/\xC3\xA4.c");
    assert_string_equal(uri_to_path(owner, "file://localhost/a.c"), "/a.c");
    assert_string_equal(uri_of_path(owner, "/a b/\xC3\xA4.c"), "file:///a%20b/%C3%A4.c");
    assert_null(uri_to_path(owner, "untitled:1"));
    assert_null(uri_to_path(owner, "file:///a%"));
    assert_null(uri_to_path(owner, "file:///a%00b"));
    assert_null(uri_to_path(owner, "file:///a%zz"));
    assert_null(uri_to_path(owner, "file://host"));
    talloc_free(owner);
}

static void documents_are_found_until_they_are_closed(void **state)
{
    struct documents *documents = documents_new(NULL);

    (void)state;
    assert_null(documents_open(documents, "untitled:1", 1, ""));
    struct document *a = documents_open(documents, "file:///nowhere/a.c", 1, "one");
    assert_ptr_equal(documents_open(documents, "file:///nowhere/a.c", 2, "two"), a);
    assert_string_equal(a->text, "two");
    assert_ptr_equal(documents_of_path(documents, "/nowhere/a.c"), a);
    documents_close(documents, a);
    assert_null(documents_find(documents, "file:///nowhere/a.c"));
    talloc_free(documents);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(positions_count_units_of_utf16_or_bytes),
        cmocka_unit_test(positions_behind_the_end_are_the_end),
        cmocka_unit_test(words_end_where_identifiers_do),
        cmocka_unit_test(changes_are_made_one_after_the_other),
        cmocka_unit_test(what_is_no_change_is_refused),
        cmocka_unit_test(uris_are_paths),
        cmocka_unit_test(documents_are_found_until_they_are_closed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
