/* decisions.h: reads of shared variables that decide if the same variable is written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness.h"

#include "program/decisions.h"

static char *dump(void *owner, const struct prog *prog)
{
    struct decisions *decisions = mem_new(owner, struct decisions);
    struct effects *effects = effects_new(owner, prog->accessmap);
    char *text = mem_strdup(owner, "");

    for (uint32_t f = 0; f < prog->linked->fns.n; f++) {
        struct fn_view *view = fn_view_new(owner, prog->accessmap, effects, (fn_id){f});
        if (view != NULL) {
            decisions_find(decisions, view);
        }
    }
    for (size_t i = 0; i < decisions->v.n; i++) {
        const struct decision *d = &decisions->v.v[i];
        mem_append(owner, &text, "%s: read %u, act %u%s\n",
                   prog_path_name(owner, prog, d->fn, d->path),
                   prog_loc_of(prog, (struct site){d->fn.i, d->read.i}).line,
                   prog_loc_of(prog, (struct site){d->fn.i, d->act.i}).line,
                   d->only_sets ? ", only sets" : "");
    }
    return text;
}

/* "NAME: read LINE, act LINE" for each decision. */
static void check(const char *source, const char *want)
{
    harness_check(dump, source, want);
}

#define START                                                                                      \
    "int main(void) {\n"                                                                           \
    "  pthread_t t[2];\n"                                                                          \
    "  for (int i = 0; i < 2; i++) pthread_create(&t[i], NULL, work, NULL);\n"                     \
    "}\n"

static void directly_and_through_locals(void **state)
{
    (void)state;
    check("static void f(void) {\n"
          "  if (hits > 0) hits--;\n"
          "  int a = more;\n"
          "  int b = a + 1;\n"
          "  if (b == 3)\n"
          "    more = 4;\n"
          "}\n"
          "static void *work(void *a) { f(); return a; }\n" START,
          "hits: read 2, act 2\n"
          "more: read 3, act 6, only sets\n");
}

static void a_call_without_effect_is_no_deed(void **state)
{
    (void)state;
    check("extern int *where(void) __attribute__((const));\n"
          "static void f(void) {\n"
          "  if (hits > 0 && *where() == 3) hits = 0;\n"
          "  if (more > 0) { elsewhere(); more = 0; }\n"
          "}\n"
          "static void *work(void *a) { f(); return a; }\n" START,
          "hits: read 3, act 3, only sets\n"
          "more: read 4, act 4\n");
}

static void only_the_definition_that_arrives(void **state)
{
    (void)state;
    check("static void f(void) {\n"
          "  int a = hits;\n"
          "  elsewhere();\n"
          "  a = more;\n"
          "  if (a) { hits = 1; elsewhere(); more--; }\n"
          "}\n"
          "static void *work(void *a) { f(); return a; }\n" START,
          "more: read 4, act 5\n");
}

static void both_definitions_that_arrive(void **state)
{
    (void)state;
    check("static void f(int n) {\n"
          "  int a = hits;\n"
          "  if (n) a = hits;\n"
          "  if (a) { elsewhere(); hits--; }\n"
          "}\n"
          "static void *work(void *a) { f(3); return a; }\n" START,
          "hits: read 2, act 4\n"
          "hits: read 3, act 4\n");
}

static void what_runs_on_both_sides_is_not_decided(void **state)
{
    (void)state;
    check("static void f(void) {\n"
          "  if (hits) elsewhere();\n"
          "  hits = 1;\n"
          "  if (more) { } else { }\n"
          "  more++;\n"
          "}\n"
          "static void *work(void *a) { f(); return a; }\n" START,
          "");
}

static void leaving_early_decides(void **state)
{
    (void)state;
    check("static int f(void) {\n"
          "  if (hits == 0) return -1;\n"
          "  elsewhere();\n"
          "  hits--;\n"
          "  return 0;\n"
          "}\n"
          "static void *work(void *a) { f(); return a; }\n" START,
          "hits: read 2, act 4\n");
}

static void the_other_side_decides_too(void **state)
{
    (void)state;
    check("static void f(void) {\n"
          "  if (hits) elsewhere();\n"
          "  else { elsewhere(); hits++; }\n"
          "}\n"
          "static void *work(void *a) { f(); return a; }\n" START,
          "hits: read 2, act 3\n");
}

static void loops_and_switches_decide(void **state)
{
    (void)state;
    check("static void f(void) {\n"
          "  while (hits) { elsewhere(); hits--; }\n"
          "  switch (more) { case 3: elsewhere(); more++; break; default: break; }\n"
          "}\n"
          "static void *work(void *a) { f(); return a; }\n" START,
          "hits: read 2, act 2\n"
          "more: read 3, act 3\n");
}

static void another_member_is_another_variable(void **state)
{
    (void)state;
    check("struct s { int a, b; } *one;\n"
          "static void f(struct s *s, struct s *t) {\n"
          "  if (s->a) { elsewhere(); s->b--; }\n"
          "  if (t->a) { elsewhere(); t->a--; }\n"
          "}\n"
          "static void *work(void *a) { f(one, one + 1); return a; }\n" START,
          "t->a: read 4, act 4\n");
}

static void logical_values_decide(void **state)
{
    (void)state;
    check("static void f(int n) {\n"
          "  bool go = n > 0 && hits > 0;\n"
          "  if (go) { elsewhere(); hits--; }\n"
          "}\n"
          "static void *work(void *a) { f(3); return a; }\n" START,
          "hits: read 2, act 3\n");
}

static void what_a_thread_added_it_may_take_back(void **state)
{
    (void)state;
    check("static void f(int n) {\n"
          "  if (hits > 2) return;\n"
          "  hits++;\n"
          "  while (n--) elsewhere();\n"
          "  hits--;\n"
          "}\n"
          "static void *work(void *a) { f(3); return a; }\n" START,
          "hits: read 2, act 3\n");
}

static void it_may_not_take_back_more(void **state)
{
    (void)state;
    check("static void f(int n) {\n"
          "  if (hits > 2) return;\n"
          "  if (n == 1) hits++;\n"
          "  elsewhere();\n"
          "  hits--;\n"
          "}\n"
          "static void g(void) {\n"
          "  if (more > 2) return;\n"
          "  more++;\n"
          "  for (int i = 0; i < 2; i++) { elsewhere(); more--; }\n"
          "  while (more > 5) { more += 2; elsewhere(); more--; }\n"
          "}\n"
          "static void *work(void *a) { f(3); g(); return a; }\n" START,
          "hits: read 2, act 3\n"
          "hits: read 2, act 5\n"
          "more: read 8, act 9\n"
          "more: read 8, act 10\n"
          "more: read 8, act 11\n"
          "more: read 11, act 11\n"
          "more: read 8, act 11\n"
          "more: read 11, act 11\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(directly_and_through_locals),
        cmocka_unit_test(a_call_without_effect_is_no_deed),
        cmocka_unit_test(only_the_definition_that_arrives),
        cmocka_unit_test(both_definitions_that_arrive),
        cmocka_unit_test(what_runs_on_both_sides_is_not_decided),
        cmocka_unit_test(leaving_early_decides),
        cmocka_unit_test(the_other_side_decides_too),
        cmocka_unit_test(loops_and_switches_decide),
        cmocka_unit_test(another_member_is_another_variable),
        cmocka_unit_test(logical_values_decide),
        cmocka_unit_test(what_a_thread_added_it_may_take_back),
        cmocka_unit_test(it_may_not_take_back_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
