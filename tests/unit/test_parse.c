/* parse.c: flags that libclang can't work with cost a note, not the file. */
#include "lower_check.h"

#include "frontend/frontend.h"

#include <string.h>

/* The functions are there, no problem is an error, and `n` problems begin with `text`. */
static void check(const char *flag, const char *text, size_t n)
{
    void *owner = talloc_new(NULL);
    const char *args[] = {"-DX=1", flag};
    const struct ir_unit *unit =
        frontend_lower_text(owner, intern_new(owner), PATH, "int f(void) { return X; }", args, 2);
    size_t found = 0;

    assert_int_equal(unit->fns.n, 1);
    for (size_t i = 0; i < unit->problems.n; i++) {
        assert_false(unit->problems.v[i].is_error);
        found += strstr(unit->problems.v[i].text, text) != NULL ? 1 : 0;
    }
    assert_int_equal(unit->problems.n, n);
    assert_int_equal(found, n);
    talloc_free(owner);
}

static void unknown_processors_and_standards(void **state)
{
    (void)state;
    check("-march=no-such-processor", "'-march=no-such-processor'", 1);
    check("-std=gnu99", "", 0);
    check("-std=gnu31", "'-std=gnu31'", 1);
    check("--target=no-such-machine", "'--target=no-such-machine'", 1);
}

static void options_of_other_targets(void **state)
{
    (void)state;
    check("-mcpu=cortex-m4", "unsupported option '-mcpu='", 1);
}

static void what_can_t_be_mended_is_an_error(void **state)
{
    void *owner = talloc_new(NULL);
    struct compile_unit missing = {.path = "/no/such/file.c", .directory = "/"};
    const struct ir_unit *unit = frontend_lower(owner, intern_new(owner), &missing);

    (void)state;
    assert_int_equal(unit->problems.n, 1);
    assert_true(unit->problems.v[0].is_error);
    talloc_free(owner);
}

static void an_error_in_the_source_stays_one(void **state)
{
    void *owner = talloc_new(NULL);
    const struct ir_unit *unit = lower_text(owner, "int f(void) { return gone; }");

    (void)state;
    assert_int_equal(unit->problems.n, 1);
    assert_true(unit->problems.v[0].is_error);
    talloc_free(owner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown_processors_and_standards),
        cmocka_unit_test(options_of_other_targets),
        cmocka_unit_test(what_can_t_be_mended_is_an_error),
        cmocka_unit_test(an_error_in_the_source_stays_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
