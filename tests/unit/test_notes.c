/* notes.c: comments that begin with `snarl:`. */
#include "lower_check.h"

#include "ir/print.h"

#include <string.h>

/* The notes of the source, one a line as `snarl ir` prints them. */
static void check(const char *source, const char *want)
{
    void *owner = talloc_new(NULL);
    const char *text = ir_print_unit(owner, lower_text(owner, source), NULL);
    const char *notes = strstr(text, "notes\n");

    assert_string_equal(notes == NULL ? "" : strchr(notes, '\n') + 1, want);
    talloc_free(owner);
}

static void none(void **state)
{
    (void)state;
    check("int x; // see snarl: no\n/* the snarl:\n */ // snarl too\n// snarl :\n", "");
    check("char *a = \"// snarl: b\", *c = \"\\\"/* snarl: d */\"; int e = '\"'; /* f */", "");
    check("", "");
}

static void where_it_stands_is_told(void **state)
{
    (void)state;
    check("int x; // snarl: guarded_by(mu)\n"
          "\t// snarl: allow(data-race) for show\n"
          "int y; /*snarl:init_only*/ int z;\n",
          "    /src/a.c:1:8: guarded_by(mu)\n"
          "    /src/a.c:2:2 alone: allow(data-race) for show\n"
          "    /src/a.c:3:8: init_only\n");
}

static void nolint_that_names_a_rule_of_ours(void **state)
{
    (void)state;
    check("int a; // NOLINT(snarl-data-race) a count\n"
          "/* before NOLINTNEXTLINE(x, snarl-data-race): why\n */\n"
          "int b; // NOLINT(bugprone-x) snarl-data-race\n"
          "int c; // NOLINT snarl-x\n"
          "int d; // NOLINT(snarl-\n"
          "int e; // NOLINTBEGIN(snarl-x)\n"
          "int f; // NOLINT",
          "    /src/a.c:1:8: NOLINT(snarl-data-race) a count\n"
          "    /src/a.c:2:1 alone: NOLINTNEXTLINE(x, snarl-data-race): why\n");
    check("// snarl-x NOLINT", "");
    check("// snarl-x NOLINTNEXTLINE", "");
}

static void all_styles_of_comments(void **state)
{
    (void)state;
    check("/** snarl: a */\n"
          "/* snarl: runs_on(loop)\n"
          " *  since   2019\n"
          " */\n"
          "/// snarl:\tb \r\n"
          "/*\n"
          " * snarl: c */ int x;\n"
          "// snarl:\n"
          "/* snarl: */\n"
          "// snarl: snarl: d // e /* f */",
          "    /src/a.c:1:1 alone: a\n"
          "    /src/a.c:2:1 alone: runs_on(loop) since 2019\n"
          "    /src/a.c:5:1 alone: b\n"
          "    /src/a.c:6:1 alone: c\n"
          "    /src/a.c:8:1 alone: \n"
          "    /src/a.c:9:1 alone: \n"
          "    /src/a.c:10:1 alone: snarl: d // e /* f */\n");
    check("int x; /* snarl: never ends", "    /src/a.c:1:8: never ends\n");
    check("/*", "");
    check("// snarl:", "    /src/a.c:1:1 alone: \n");
    check("/*/ snarl: a */", "    /src/a.c:1:1 alone: a\n");
    check("/* snarl:*", "    /src/a.c:1:1 alone: *\n");
}

static void the_end_of_a_long_one_is_known(void **state)
{
    (void)state;
    void *owner = talloc_new(NULL);
    const struct ir_unit *unit =
        lower_text(owner, "int a;\n/* snarl: x\n y\n*/ int b; // snarl: z\n");

    assert_int_equal(unit->notes.n, 2);
    assert_int_equal(unit->notes.v[0].line, 2);
    assert_int_equal(unit->notes.v[0].last_line, 4);
    assert_int_equal(unit->notes.v[1].line, 4);
    assert_int_equal(unit->notes.v[1].last_line, 4);
    talloc_free(owner);
}

static void apostrophes_in_left_out_text_hide_one_line_only(void **state)
{
    (void)state;
    check("#if 0\ndon't\n#endif\nint x; // snarl: a\n", "    /src/a.c:4:8: a\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(none),
        cmocka_unit_test(where_it_stands_is_told),
        cmocka_unit_test(nolint_that_names_a_rule_of_ours),
        cmocka_unit_test(all_styles_of_comments),
        cmocka_unit_test(the_end_of_a_long_one_is_known),
        cmocka_unit_test(apostrophes_in_left_out_text_hide_one_line_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
