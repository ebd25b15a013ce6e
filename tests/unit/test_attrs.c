/* attrs.c: what attributes say, however they are written. The forms of each kind are in
 * golden/ir. */
#include "lower_check.h"

#include "ir/print.h"

#include <string.h>

/* The attributes of the source, one a line as `snarl ir` prints them. */
static void check(const char *source, const char *want)
{
    void *owner = talloc_new(NULL);
    const char *text = ir_print_unit(owner, lower_text(owner, source), NULL);
    const char *attrs = strstr(text, "attributes\n");

    assert_string_equal(attrs == NULL ? "" : strchr(attrs, '\n') + 1, want);
    talloc_free(owner);
}

static void no_attributes_that_matter(void **state)
{
    (void)state;
    check("__attribute__((unused)) static int x = 1; _Noreturn void f(void);\n"
          "void g(void) { f(); }",
          "");
}

static void each_once_however_often_declared(void **state)
{
    (void)state;
    check("extern int m; void f(void) __attribute__((acquire_capability(m)));\n"
          "void f(void); void g(void) { f(); } void f(void) { m = 1; } void h(void) { f(); }",
          "    f: acquire_capability(m)\n");
}

static void several_of_one_declaration(void **state)
{
    (void)state;
    check("extern int a, b, c;\n"
          "void f(void) __attribute__((requires_capability(a, b), locks_excluded( c )));\n"
          "void g(void) { f(); }",
          "    f: requires_capability(a, b)\n"
          "    f: locks_excluded(c)\n");
}

static void macros_with_parameters(void **state)
{
    (void)state;
    check("#define ATTR(x) __attribute__((x))\n"
          "#define GUARDED(m) ATTR(guarded_by(m))\n"
          "#define OF(object, member) \\\n"
          "  ATTR(guarded_by((object)->member))\n"
          "#define NEEDS(first, ...) ATTR(requires_capability(first, __VA_ARGS__))\n"
          "#define PLAIN ATTR(guarded_by(big))\n"
          "struct s { int m; } *p; int big; int locks[3];\n"
          "int x GUARDED(locks[big ? 1 : 2]) = 1; int y OF(p, m) = 1; int z PLAIN = 1;\n"
          "void f(void) NEEDS(big, locks[0], locks[1]);\n"
          "void g(void) { f(); }",
          "    x: guarded_by(locks[big ? 1 : 2])\n"
          "    y: guarded_by((p)->m)\n"
          "    z: guarded_by(big)\n"
          "    f: requires_capability(big, locks[0], locks[1])\n");
}

static void names_of_parameters_inside_of_words_stay(void **state)
{
    (void)state;
    check("#define G(m) __attribute__((guarded_by(mm[m])))\n"
          "int mm[2]; int x G(1) = 1;",
          "    x: guarded_by(mm[1])\n");
}

static void fields_and_types(void **state)
{
    (void)state;
    check("struct __attribute__((capability(\"lock, (big)\"))) mu { int x; };\n"
          "struct s { struct mu mu; int n __attribute__((guarded_by(mu))); };\n"
          "int f(struct s *s) { return s->n + s->mu.x; }",
          "    struct s.n: guarded_by(mu)\n"
          "    struct mu: capability(\"lock, (big)\")\n");
}

static void effects_of_functions(void **state)
{
    (void)state;
    check("void a(void) __attribute__((nonblocking)); void b(void) __attribute__((blocking));\n"
          "void unblocking(void); void g(void) { a(); b(); unblocking(); }",
          "    a: nonblocking\n"
          "    b: blocking\n");
}

static void of_the_system_none_are_read(void **state)
{
    (void)state;
    check("# 1 \"/usr/include/lock.h\" 1 3\n"
          "extern int m; void f(void) __attribute__((acquire_capability(m)));\n"
          "# 2 \"/src/a.c\" 2\n"
          "void g(void) { f(); }",
          "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_attributes_that_matter),
        cmocka_unit_test(each_once_however_often_declared),
        cmocka_unit_test(several_of_one_declaration),
        cmocka_unit_test(macros_with_parameters),
        cmocka_unit_test(names_of_parameters_inside_of_words_stay),
        cmocka_unit_test(fields_and_types),
        cmocka_unit_test(effects_of_functions),
        cmocka_unit_test(of_the_system_none_are_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
