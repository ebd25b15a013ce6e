/* Lowering of places and values, and of bad input. */
#include "lower_check.h"

#include "frontend/frontend.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* ---- places ---------------------------------------------------------------------------------- */

#define LIST "struct s { struct s *next; int fd; int v[4]; }; struct s *head; struct s one;\n"

static void pointers_in_memory_are_read_on_the_way(void **state)
{
    (void)state;
    check_ir(LIST "int f(struct s *c) { return head->fd + c->next->fd; }", "b0:\n"
                                                                           "read head\n"
                                                                           "r1 = read head->fd\n"
                                                                           "read c->next\n"
                                                                           "r3 = read c->next->fd\n"
                                                                           "return r1 + r3\n");
}

static void an_address_reads_only_the_way(void **state)
{
    (void)state;
    check_ir(LIST "int *f(struct s *c) { c = &one; return &c->next->fd; }",
             "b0:\n"
             "write c = &one\n"
             "read c->next\n"
             "return &c->next->fd\n");
}

static void elements(void **state)
{
    (void)state;
    check_ir(LIST
             "void f(int *p, int i) { one.v[i] = 1; p[2] = 2; *(p + i) = 3; *p = 4; *(p+1+1) = 5;\n"
             "  i = *one.v; i = 1[p]; i = (*head).v[3]; p = one.v; (&one)->fd = 6; }",
             "b0:\n"
             "write one.v[i] = 1\n"
             "write p[2] = 2\n"
             "write p[i] = 3\n"
             "write *p = 4\n"
             "write p[2] = 5\n"
             "r7 = read one.v[0]\n"
             "write i = r7\n"
             "r9 = read p[1]\n"
             "write i = r9\n"
             "read head\n"
             "r12 = read head->v[3]\n"
             "write i = r12\n"
             "write p = &one.v\n"
             "write one.fd = 6\n"
             "return\n");
}

static void a_member_of_what_a_call_returned(void **state)
{
    (void)state;
    check_ir(LIST "struct s *get(void); int f(void) { return get()->fd; }", "b0:\n"
                                                                            "r0 = call get()\n"
                                                                            "r1 = read r0->fd\n"
                                                                            "return r1\n");
}

static void anonymous_members_make_one_path(void **state)
{
    void *owner = talloc_new(NULL);
    const struct ir_unit *unit =
        lower_text(owner, "struct s { int a; struct { int b; union { int c; int d; }; }; };\n"
                          "int f(struct s *p, struct s q) { return p->c + q.d + p->b; }");
    const struct ir_fn *fn = unit->fns.v[0];

    (void)state;
    for (size_t i = 0; i < fn->ops.n; i++) {
        const struct ir_place *place = &fn->places.v[fn->ops.v[i].u.access.place.i];
        uint32_t outer = ID_NONE; /* each field's record is the type of the field before it */
        for (uint32_t s = 0; s < place->n_steps; s++) {
            const struct ir_step *step = &fn->steps.v[place->first_step + s];
            if (step->kind != IR_STEP_FIELD) {
                continue;
            }
            const struct ir_field *field = &unit->fields.v[step->arg];
            assert_true(outer == ID_NONE || unit->fields.v[outer].name[0] == '\0');
            outer = step->arg;
            assert_true(field->name[0] != '\0' || s + 1 < place->n_steps);
        }
    }
    assert_int_equal(fn->places.v[fn->ops.v[0].u.access.place.i].n_steps, 4);
    assert_int_equal(fn->places.v[fn->ops.v[1].u.access.place.i].n_steps, 3);
    assert_int_equal(fn->places.v[fn->ops.v[2].u.access.place.i].n_steps, 3);
    talloc_free(owner);
}

static void container_of_is_a_step_to_the_object_around(void **state)
{
    (void)state;
    check_ir(
        "struct s { long a; struct l { int x; } l; };\n"
        "#define container_of(p, t, m) ({ const typeof(((t *)0)->m) *q = (p); \\\n"
        "  (t *)((char *)q - __builtin_offsetof(t, m)); })\n"
        "long f(struct l *l, struct s *s) { s = container_of(l, typeof(*s), l); return s->a; }",
        "b0:\n"
        "write.init q = l\n"
        "write s = container_of(q, struct s, l)\n"
        "r3 = read s->a\n"
        "return r3\n");
}

/* ---- values ---------------------------------------------------------------------------------- */

static void constants_are_folded(void **state)
{
    (void)state;
    check_ir(
        "enum { E = 7 };\n#define A 4\n#define B A\n"
        "void f(long x) { x = -1; x = E; x = 'a'; x = 0x10u; x = 1 << 3 | B; x = ~0; x = 010;\n"
        "  x = sizeof(int); x = sizeof x++; x = __builtin_offsetof(struct { int a; int b; }, b);\n"
        "  x = !5; x = 1.5; x = 2 > 1; }",
        "b0:\n"
        "write x = -1\n"
        "write x = 7\n"
        "write x = 97\n"
        "write x = 16\n"
        "write x = 12\n"
        "write x = -1\n"
        "write x = 8\n"
        "write x = 4\n"
        "write x = 8\n"
        "write x = 4\n"
        "write x = 0\n"
        "write x = ?\n"
        "write x = 2 > 1\n"
        "return\n");
}

static void steps_and_compound_assignments(void **state)
{
    (void)state;
    check_ir("int g, h; volatile int v;\n"
             "void f(int a) { h = g++; h = ++g; g += a; h = (g -= 2); v |= 1; h = v; (void)g; }",
             "b0:\n"
             "r0 = rmw g add 1\n"
             "write h = r0\n"
             "r2 = rmw g add 1\n"
             "write h = r2 + 1\n"
             "rmw g add a\n"
             "r6 = rmw g sub 2\n"
             "write h = r6 - 2\n"
             "rmw.volatile v or 1\n"
             "r9 = read.volatile v\n"
             "write h = r9\n"
             "return\n");
}

static void calls_direct_and_through_pointers(void **state)
{
    (void)state;
    check_ir(
        "struct o { int (*run)(int); }; int g(int); struct o *tab; struct v { int a, b; } vv;\n"
        "void s(struct v); int (*pick(void))(int);\n"
        "void f(struct o *o, int (*p)(int)) { g(1); o->run(2); (*o->run)(3); p(4); (*p)(5);\n"
        "  tab[1].run(6); s(vv); pick()(7); p = g; p = &g; p = *g; }",
        "b0:\n"
        "call g(1)\n"
        "r1 = read o->run\n"
        "call (*r1)(2)\n"
        "r3 = read o->run\n"
        "call (*r3)(3)\n"
        "call (*p)(4)\n"
        "call (*p)(5)\n"
        "read tab\n"
        "r10 = read tab[1].run\n"
        "call (*r10)(6)\n"
        "r12 = read vv\n"
        "call s(r12)\n"
        "r14 = call pick()\n"
        "call (*r14)(7)\n"
        "write p = g\n"
        "write p = g\n"
        "write p = g\n"
        "return\n");
}

static void what_is_not_evaluated(void **state)
{
    (void)state;
    check_ir("int g; int h(void);\n"
             "void f(int x) { x = sizeof(h()); x = _Generic(g, long: h(), int: x, default: h());\n"
             "  typeof(h()) y = 1; x = __builtin_choose_expr(1, y, h());\n"
             "  x = __builtin_types_compatible_p(typeof(h()), int); __builtin_prefetch(&g); }",
             "b0:\n"
             "write x = 4\n"
             "write x = x\n"
             "write.init y = 1\n"
             "write x = y\n"
             "write x = 1\n"
             "return\n");
}

/* ---- input that is not good ------------------------------------------------------------------ */

static void broken_code_costs_only_itself(void **state)
{
    void *owner = talloc_new(NULL);
    const struct ir_unit *unit = lower_text(
        owner, "#include \"missing.h\"\nint g; void t(int);\n"
               "void bad(unknown_t *p) { p->x = 1; goto nowhere; break; case 3: y = z + ; }\n"
               "void f(void) { g = 1; t(undeclared); t(g); }\n}");

    (void)state;
    assert_true(unit->problems.n > 0);
    assert_true(unit->problems.v[0].is_error);
    assert_int_equal(unit->problems.v[0].line, 1);
    assert_int_equal(unit->fns.n, 2);
    assert_int_equal(unit->n_fns_lost, 0);
    assert_true(unit->fns.v[1]->ops.n >= 3);
    talloc_free(owner);
}

static void flags_that_make_no_sense_give_a_problem(void **state)
{
    void *owner = talloc_new(NULL);
    static const char *const args[] = {"-target", "no-such-machine-at-all"};
    const struct ir_unit *unit =
        frontend_lower_text(owner, intern_new(owner), PATH, "int x;", args, 2);

    (void)state;
    assert_true(unit->problems.n > 0);
    talloc_free(owner);
}

/* A worker has a stack of 64 MB; libclang too has to cope, on the same thread. */
static void *lower_deep(void *data)
{
    void *owner = talloc_new(NULL);
    char *text = mem_strdup(owner, "int g; int f(int a) { int s = a");
    struct ir_unit *unit;

    for (int i = 0; i < 5000; i++) {
        mem_append(owner, &text, " + g");
    }
    mem_append(owner, &text, ";\nif (a == 0) s = 0;\n");
    for (int i = 1; i < 2000; i++) {
        mem_append(owner, &text, "else if (a == %d) s = g;\n", i);
    }
    mem_append(owner, &text, "return s; }");
    unit = lower_text(owner, text);
    *(size_t *)data = unit->fns.v[0]->ops.n;
    talloc_free(owner);
    return NULL;
}

static void deep_nesting_does_not_exhaust_the_stack(void **state)
{
    pthread_attr_t attr;
    pthread_t thread;
    size_t n_ops = 0;

    (void)state;
    assert_int_equal(setenv("LIBCLANG_NOTHREADS", "1", 1), 0);
    assert_int_equal(pthread_attr_init(&attr), 0);
    assert_int_equal(pthread_attr_setstacksize(&attr, 64u << 20), 0);
    assert_int_equal(pthread_create(&thread, &attr, lower_deep, &n_ops), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(n_ops > 5000 + 2000 * 2);
    pthread_attr_destroy(&attr);
}

static void the_version_is_a_number(void **state)
{
    void *owner = talloc_new(NULL);
    const char *version = frontend_libclang_version(owner);

    (void)state;
    assert_true(version[0] >= '1' && version[0] <= '9');
    assert_null(strchr(version, ' '));
    talloc_free(owner);
}

/* Facts of one front end are never taken for those of another. */
static void the_front_end_has_a_version_of_its_own(void **state)
{
    enum { DIGEST = 64 };
    void *owner = talloc_new(NULL);
    const char *version = frontend_version(owner);

    (void)state;
    assert_int_equal(strspn(version, "0123456789abcdef"), DIGEST);
    assert_string_equal(version + DIGEST + 1, frontend_libclang_version(owner));
    talloc_free(owner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pointers_in_memory_are_read_on_the_way),
        cmocka_unit_test(an_address_reads_only_the_way),
        cmocka_unit_test(elements),
        cmocka_unit_test(a_member_of_what_a_call_returned),
        cmocka_unit_test(anonymous_members_make_one_path),
        cmocka_unit_test(container_of_is_a_step_to_the_object_around),
        cmocka_unit_test(constants_are_folded),
        cmocka_unit_test(steps_and_compound_assignments),
        cmocka_unit_test(calls_direct_and_through_pointers),
        cmocka_unit_test(what_is_not_evaluated),
        cmocka_unit_test(broken_code_costs_only_itself),
        cmocka_unit_test(flags_that_make_no_sense_give_a_problem),
        cmocka_unit_test(deep_nesting_does_not_exhaust_the_stack),
        cmocka_unit_test(the_version_is_a_number),
        cmocka_unit_test(the_front_end_has_a_version_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
