/* scan.h: parts of C text, without a lexer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "frontend/scan.h"

/* The arguments of the call that `text` begins with, each in <>; "none" when it is no call. */
static void check(const char *text, const char *want)
{
    char got[256] = "";
    struct scan scan = {text, strlen(text), 0};
    struct scan_part parts[4];
    struct scan_part word;
    unsigned n = 0;

    assert_true(scan_word(&scan, &word));
    if (!scan_arguments(&scan, parts, 4, &n)) {
        assert_string_equal("none", want);
        return;
    }
    for (unsigned i = 0; i < n; i++) {
        size_t used = strlen(got);
        (void)snprintf(got + used, sizeof got - used, "<%.*s>",
                       (int)(parts[i].end - parts[i].begin), text + parts[i].begin);
    }
    assert_string_equal(got, want);
}

static void arguments(void **state)
{
    (void)state;
    check("f()", "");
    check("f( /* none */ )", "");
    check("f(a)", "<a>");
    check("f (a, b+1 , c)", "<a><b+1><c>");
    check("f(g(a, b), {1, 2}, c[d, e])", "<g(a, b)><{1, 2}><c[d, e]>");
    check("f(, b)", "<><b>");
    check("f(1, 2, 3, 4, 5)", "<1><2><3><4>");
}

static void quotes_and_comments_hide_commas(void **state)
{
    (void)state;
    check("f(\"a,)\\\"\", ',', '\\'')", "<\"a,)\\\"\"><','><'\\''>");
    check("f(a /* , ) */, // , )\n b)", "<a><b>");
    check("f(a,\\\n  b)", "<a><b>");
}

static void what_is_no_call(void **state)
{
    (void)state;
    check("f", "none");
    check("f;", "none");
    check("f(a, b", "none");
    check("f(\"a", "none");
    check("f(a /* b", "none");
}

static void the_first_end_outside_of_brackets(void **state)
{
    const char *text = "a (;) ; b";
    struct scan scan = {text, strlen(text), 0};
    struct scan_part part;

    (void)state;
    assert_int_equal(scan_to(&scan, ";)", &part), ';');
    assert_int_equal(part.begin, 0);
    assert_int_equal(part.end, 5);
    assert_int_equal(scan_to(&scan, ";)", &part), '\0');
    assert_int_equal(part.begin, 8);
    assert_int_equal(scan.at, strlen(text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arguments),
        cmocka_unit_test(quotes_and_comments_hide_commas),
        cmocka_unit_test(what_is_no_call),
        cmocka_unit_test(the_first_end_outside_of_brackets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
