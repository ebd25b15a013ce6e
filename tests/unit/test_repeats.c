/* Bodies that several units carry are kept once, and the same program comes out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "frontend/frontend.h"
#include "program/link.h"
#include "program/repeats.h"

#include <string.h>

static const char *const ARGS[] = {"-I" HARNESS_INCLUDE, NULL};

/* "UNIT NAME" for each body that is left, then "linked N": what link_units() makes of them. */
static char *dump(void *owner, struct ir_unit *const *units, size_t n)
{
    char *text = mem_strdup(owner, "");

    for (size_t u = 0; u < n; u++) {
        for (size_t i = 0; i < units[u]->fns.n; i++) {
            mem_append(owner, &text, "%s %s\n", units[u]->path + strlen("/test/"),
                       units[u]->syms.v[units[u]->fns.v[i]->sym.i].name);
        }
    }
    const struct linked *linked = link_units(owner, (const struct ir_unit *const *)units, n);
    for (size_t i = 0; i < linked->fns.n; i++) {
        mem_append(owner, &text, "linked %s\n", linked->fns.v[i].name);
    }
    return text;
}

static void check(const char *a, const char *b, const char *want_all, const char *want_kept)
{
    void *owner = talloc_new(NULL);
    struct intern *names = intern_new(owner);
    struct ir_unit *units[] = {frontend_lower_text(owner, names, "/test/a.c", a, ARGS, 1),
                               frontend_lower_text(owner, names, "/test/b.c", b, ARGS, 1)};

    assert_string_equal(dump(owner, units, 2), want_all);
    repeats_drop(units, 2);
    assert_string_equal(dump(owner, units, 2), want_kept);
    talloc_free(owner);
}

static void the_body_of_a_header_is_kept_once(void **state)
{
    (void)state;
    check("#include <repeated.h>\n"
          "int one(void) { return doubled(1); }\n",
          "#include <repeated.h>\n"
          "int two(void) { return doubled(2); }\n",
          "a.c doubled\na.c one\nb.c doubled\nb.c two\n"
          "linked doubled\nlinked one\nlinked two\n",
          "a.c doubled\na.c one\nb.c two\n"
          "linked doubled\nlinked one\nlinked two\n");
}

static void functions_of_one_name_are_not_repeats(void **state)
{
    (void)state;
    check("static int help(void) { return 1; }\nint one(void) { return help(); }\n",
          "static int help(void) { return 2; }\nint two(void) { return help(); }\n",
          "a.c help\na.c one\nb.c help\nb.c two\n"
          "linked help\nlinked one\nlinked help\nlinked two\n",
          "a.c help\na.c one\nb.c help\nb.c two\n"
          "linked help\nlinked one\nlinked help\nlinked two\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_body_of_a_header_is_kept_once),
        cmocka_unit_test(functions_of_one_name_are_not_repeats),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
