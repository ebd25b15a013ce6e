/* report/utf8.c */
#include "report/utf8.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void utf8_replaces_each_maximal_subpart(void **state)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"", ""},
        {"a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x90\x8C", "a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x90\x8C"},
        {"\xC0\xAF", UTF8_REPLACEMENT UTF8_REPLACEMENT},       /* overlong */
        {"\xF0\x9F\x90x", UTF8_REPLACEMENT "x"},               /* cut short */
        {"\xE2\x82", UTF8_REPLACEMENT},                        /* at the end */
        {"\xF4\x90\x80\x80", UTF8_REPLACEMENT UTF8_REPLACEMENT /* past U+10FFFF */
                                 UTF8_REPLACEMENT UTF8_REPLACEMENT},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *clean = utf8_clean(NULL, cases[i].text);
        assert_string_equal(clean, cases[i].want);
        talloc_free(clean);
    }
    char *shown = utf8_printable(NULL, "a\tb\xC2\x9B\x7F");
    assert_string_equal(shown, "a" UTF8_REPLACEMENT "b" UTF8_REPLACEMENT UTF8_REPLACEMENT);
    talloc_free(shown);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf8_replaces_each_maximal_subpart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
