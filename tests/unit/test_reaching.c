/* reaching.h: the writes that reach a read, searched for from there and solved for all blocks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness.h"

#include "program/reaching.h"

enum { OFTEN = 8 }; /* by then a local of a function with many blocks is solved */

/* More blocks than a function needs to be worth a solution, with a loop, ways that join, a read
 * before its write, members, a write that only adds, and code that is never come to. */
#define IF_CHAIN(name)                                                                             \
    "  if (hits > 1) " name " = 1;\n"                                                              \
    "  if (hits > 2) " name " = hits; else if (hits > 3) " name " += 2;\n"                         \
    "  if (hits > 4) { " name "++; hits = " name "; }\n"                                           \
    "  while (hits > 5) { hits = " name "; if (hits > 6) " name " = 7; hits--; }\n"
static const char big[] = "struct pair { int x; int y; };\n"
                          "int f(int a, struct pair p) {\n"
                          "  int n;\n"
                          "  struct pair q = p;\n"
                          "again:\n" IF_CHAIN("n") IF_CHAIN("a") IF_CHAIN("q.x") IF_CHAIN("q.y")
                              IF_CHAIN("n") "  q = p;\n"
                                            "  if (n > q.x) goto again;\n"
                                            "  hits = q.y;\n"
                                            "  return n + a + q.x;\n"
                                            "  n = 3;\n"
                                            "  hits = n;\n"
                                            "}\n";

/* A read of a local, or of a member of one. False: the op is none. */
static bool is_of_local(const struct ir_fn *ir, uint32_t op, struct wanted *ret)
{
    ret->place = (place_id){ID_NONE};
    return ir->ops.v[op].kind == IR_READ &&
           place_in_local(ir, ir->ops.v[op].u.access.place, &ret->local, &ret->field);
}

static size_t count_writes(const struct prog_fn *fn, uint32_t op, struct wanted wanted)
{
    void *owner = mem_owner(NULL, "test");
    struct reaching *fresh = reaching_new(owner, fn);
    struct reaching *asked = reaching_new(owner, fn);
    struct defs found = {NULL, 0};
    struct defs solved = {NULL, 0};

    reaching_defs(fresh, owner, op, wanted, &found);
    for (int i = 0; i < OFTEN; i++) {
        solved = (struct defs){NULL, 0};
        reaching_defs(asked, owner, op, wanted, &solved);
    }
    assert_int_equal(solved.n, found.n);
    for (size_t i = 0; i < found.n; i++) {
        assert_int_equal(solved.v[i].i, found.v[i].i);
    }
    assert_int_equal(reaching_any(fresh, wanted), reaching_any(asked, wanted));
    assert_true(found.n == 0 || reaching_any(fresh, wanted));
    talloc_free(owner);
    return found.n;
}

static void a_search_and_a_solution_agree(void **state)
{
    void *owner = mem_owner(NULL, "test");
    struct prog *prog = harness_link(owner, big);
    const struct prog_fn *fn = &prog->linked->fns.v[harness_fn(prog, "f").i];
    size_t n_reads = 0;
    size_t most = 0;

    (void)state;
    assert_true(fn->cfg->n >= 32);
    for (uint32_t op = 0; op < fn->ir->ops.n; op++) {
        struct wanted wanted;
        if (is_of_local(fn->ir, op, &wanted)) {
            size_t n = count_writes(fn, op, wanted);
            n_reads++;
            most = n > most ? n : most;
        }
    }
    assert_true(n_reads >= 15);
    assert_true(most >= 8); /* n, at the end: all its writes but the one that is never come to */
    talloc_free(owner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_search_and_a_solution_agree),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
