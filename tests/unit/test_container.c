/* container.c: structs and their members, by casts. The spellings of container_of are in golden/ir.
 */
#include "lower_check.h"

#include <string.h>

/* The fields that are flagged as first members that pointers are cast to, as "record.field". */
static void check_bases(const char *source, const char *want)
{
    void *owner = talloc_new(NULL);
    const struct ir_unit *unit = lower_text(owner, source);
    char *got = mem_strdup(owner, "");

    assert_int_equal(unit->problems.n, 0);
    for (size_t i = 0; i < unit->fields.n; i++) {
        const struct ir_field *field = &unit->fields.v[i];
        if ((field->flags & IR_FIELD_BASE) != 0) {
            mem_append(owner, &got, "%s.%s ", unit->records.v[field->record.i].name, field->name);
        }
    }
    assert_string_equal(got, want);
    talloc_free(owner);
}

#define TYPES                                                                                      \
    "struct a { int n; }; struct b { struct a a; int m; }; struct c { struct b b; int k; };\n"     \
    "struct other { int n; struct a a; };\n"

static void casts_up_and_down(void **state)
{
    (void)state;
    check_bases(TYPES "int f(struct b *b) { return ((struct a *)b)->n; }", "struct b.a ");
    check_bases(TYPES "int f(struct a *a) { return ((struct b *)a)->m; }", "struct b.a ");
    check_bases(TYPES "int f(struct a *a) { return ((struct b *)(void *)a)->m; }", "struct b.a ");
}

static void over_two_structs(void **state)
{
    (void)state;
    check_bases(TYPES "int f(struct c *c) { return ((struct a *)c)->n; }",
                "struct b.a struct c.b ");
}

static void other_casts(void **state)
{
    (void)state;
    check_bases(TYPES "int f(struct other *o) { return ((struct a *)o)->n; }", "");
    check_bases(TYPES "int f(void *p) { return ((struct b *)p)->m; }", "");
    check_bases(TYPES "int f(struct b *b) { return ((struct b *)b)->a.n; }", "");
    check_bases(TYPES "long f(struct b *b) { return (long)b + *(int *)b; }", "");
    check_bases("struct gone; struct b { int n; };\n"
                "int f(struct gone *g) { return ((struct b *)g)->n; }",
                "");
}

static void members_of_other_offsets_are_no_containers(void **state)
{
    (void)state;
    check_ir("struct s { long a; struct l { int x; } l; };\n"
             "long f(struct l *l) {\n"
             "  struct s *s = (struct s *)((char *)l - 8);\n"
             "  s = (struct s *)((char *)l + __builtin_offsetof(struct s, l));\n"
             "  return s->a;\n"
             "}",
             "b0:\n"
             "write.init s = l - 8\n"
             "write s = l + 8\n"
             "r4 = read s->a\n"
             "return r4\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(casts_up_and_down),
        cmocka_unit_test(over_two_structs),
        cmocka_unit_test(other_casts),
        cmocka_unit_test(members_of_other_offsets_are_no_containers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
