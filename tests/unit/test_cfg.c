/* cfg.h: dominators, loops and reachability of function bodies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "harness.h"

#include "ir/cfg.h"

/* What a test asks of the last function of a source. */
typedef void ask_fn(void *owner, char **text, const struct cfg *cfg, uint32_t op);

static uint32_t line_of(const struct ir_fn *fn, uint32_t op)
{
    return fn->locs.v[fn->ops.v[op].where.i].line;
}

static bool is_marker(const struct ir_fn *fn, uint32_t op)
{
    return fn->ops.v[op].kind == IR_CALL;
}

/* One line for each call of the last function, in the order of lowering. */
static void check(const char *source, ask_fn *ask, const char *want)
{
    void *owner = mem_owner(NULL, "test");
    const struct ir_unit *unit = harness_lower(owner, source);
    const struct ir_fn *fn = unit->fns.v[unit->fns.n - 1];
    const struct cfg *cfg = cfg_build(owner, fn);
    char *text = mem_strdup(owner, "");

    for (uint32_t op = 0; op < fn->ops.n; op++) {
        if (is_marker(fn, op)) {
            mem_append(owner, &text, "%u:", line_of(fn, op));
            ask(owner, &text, cfg, op);
            mem_append(owner, &text, "\n");
        }
    }
    assert_string_equal(text, want);
    talloc_free(owner);
}

/* "LINE: DEPTH": in how many loops a call is. */
static void ask_depth(void *owner, char **text, const struct cfg *cfg, uint32_t op)
{
    unsigned depth = 0;
    uint32_t head = cfg->loop_head[cfg_block_of(cfg, (op_id){op})];

    assert_int_equal(head != ID_NONE, cfg_op_repeats(cfg, (op_id){op}));
    for (; head != ID_NONE; head = cfg->loop_up[head]) {
        assert_true(cfg_in_loop(cfg, cfg_block_of(cfg, (op_id){op}), head));
        depth++;
    }
    mem_append(owner, text, " %u", depth);
}

static void check_loops(const char *source, const char *want)
{
    check(source, ask_depth, want);
}

/* "LINE: LINE ...": calls that every way to this one passes, itself left out. */
static void ask_dominators(void *owner, char **text, const struct cfg *cfg, uint32_t op)
{
    uint32_t b = cfg_block_of(cfg, (op_id){op});

    for (uint32_t other = 0; other < cfg->fn->ops.n; other++) {
        uint32_t a = cfg_block_of(cfg, (op_id){other});
        if (is_marker(cfg->fn, other) && (a == b ? other < op : cfg_dominates(cfg, a, b))) {
            mem_append(owner, text, " %u", line_of(cfg->fn, other));
        }
    }
}

static void check_dominators(const char *source, const char *want)
{
    check(source, ask_dominators, want);
}

/* "LINE: LINE ...": calls of other blocks that can come after this one. */
static void ask_reach(void *owner, char **text, const struct cfg *cfg, uint32_t op)
{
    bool *seen = mem_array(owner, bool, cfg->n + 1);

    cfg_reach(cfg, cfg_block_of(cfg, (op_id){op}), ID_NONE, seen);
    for (uint32_t other = 0; other < cfg->fn->ops.n; other++) {
        if (is_marker(cfg->fn, other) && seen[cfg_block_of(cfg, (op_id){other})]) {
            mem_append(owner, text, " %u", line_of(cfg->fn, other));
        }
    }
}

static void check_reach(const char *source, const char *want)
{
    check(source, ask_reach, want);
}

static void nested_loops(void **state)
{
    (void)state;
    check_loops("void f(int n) {\n"
                "  elsewhere();\n"
                "  for (int i = 0; i < n; i++) {\n"
                "    elsewhere();\n"
                "    while (more) {\n"
                "      elsewhere();\n"
                "      do elsewhere(); while (hits);\n"
                "    }\n"
                "    elsewhere();\n"
                "  }\n"
                "  for (;;) { elsewhere(); if (n) break; }\n"
                "  elsewhere();\n"
                "}\n",
                "2: 0\n"
                "4: 1\n"
                "6: 2\n"
                "7: 3\n"
                "9: 1\n"
                "11: 1\n"
                "12: 0\n");
}

static void loops_with_several_ways_back(void **state)
{
    (void)state;
    check_loops("void f(int n) {\n"
                "  while (n) {\n"
                "    elsewhere();\n"
                "    if (more) { elsewhere(); continue; }\n"
                "    if (hits) { elsewhere(); break; }\n"
                "    elsewhere();\n"
                "  }\n"
                "  elsewhere();\n"
                "}\n",
                "3: 1\n"
                "4: 1\n"
                "5: 0\n"
                "6: 1\n"
                "8: 0\n");
}

static void loops_by_goto(void **state)
{
    (void)state;
    check_loops("void f(int n) {\n"
                "again:\n"
                "  elsewhere();\n"
                "  if (n--) goto again;\n"
                "  elsewhere();\n"
                "}\n",
                "3: 1\n"
                "5: 0\n");
}

static void what_runs_once_is_no_loop(void **state)
{
    (void)state;
    check_loops("void f(void) {\n"
                "  do { elsewhere(); } while (0);\n"
                "  while (more) { elsewhere(); return; }\n"
                "  switch (hits) { case 1: elsewhere(); }\n"
                "}\n",
                "2: 0\n"
                "3: 0\n"
                "4: 0\n");
}

static void branches_and_what_comes_before(void **state)
{
    (void)state;
    check_dominators("void f(int n) {\n"
                     "  elsewhere();\n"
                     "  if (n) { elsewhere(); elsewhere(); }\n"
                     "  else\n"
                     "    elsewhere();\n"
                     "  elsewhere();\n"
                     "  while (n) { elsewhere(); }\n"
                     "  if (more) return;\n"
                     "  elsewhere();\n"
                     "}\n",
                     "2:\n"
                     "3: 2\n"
                     "3: 2 3\n"
                     "5: 2\n"
                     "6: 2\n"
                     "7: 2 6\n"
                     "9: 2 6\n");
}

static void short_circuits_and_switches(void **state)
{
    (void)state;
    check_dominators("int ask(void);\n"
                     "void f(int n) {\n"
                     "  if (ask() &&\n"
                     "      ask()) elsewhere();\n"
                     "  switch (n) {\n"
                     "  case 1: elsewhere(); break;\n"
                     "  case 2: elsewhere();\n"
                     "  default: elsewhere();\n"
                     "  }\n"
                     "}\n",
                     "3:\n"
                     "4: 3\n"
                     "4: 3 4\n"
                     "6: 3\n"
                     "7: 3\n"
                     "8: 3\n");
}

static void what_can_come_after(void **state)
{
    (void)state;
    check_reach("void f(int n) {\n"
                "  if (n) { elsewhere(); return; }\n"
                "  while (more) {\n"
                "    elsewhere();\n"
                "  }\n"
                "  elsewhere();\n"
                "}\n",
                "2:\n"
                "4: 4 6\n"
                "6:\n");
}

static void reach_stops_at_a_block(void **state)
{
    (void)state;
    void *owner = mem_owner(NULL, "test");
    const struct ir_unit *unit =
        harness_lower(owner, "void f(int n) { if (n) hits = 1; else hits = 2; hits = 3; }\n");
    const struct cfg *cfg = cfg_build(owner, unit->fns.v[0]);
    bool *seen = mem_array(owner, bool, cfg->n + 1);
    uint32_t last = ID_NONE;
    unsigned n = 0;

    for (uint32_t i = 0; i < cfg->fn->ops.n; i++) {
        last = cfg->fn->ops.v[i].kind == IR_WRITE ? cfg_block_of(cfg, (op_id){i}) : last;
    }
    cfg_reach(cfg, 0, last, seen);
    for (uint32_t b = 0; b < cfg->n; b++) {
        n += seen[b] ? 1 : 0;
    }
    assert_false(seen[last]);
    assert_int_equal(n, 2); /* the two sides */
    talloc_free(owner);
}

static void dead_blocks_are_told(void **state)
{
    (void)state;
    void *owner = mem_owner(NULL, "test");
    const struct ir_unit *unit =
        harness_lower(owner, "void f(void) { hits = 1; return; hits = 2; }\n");
    const struct cfg *cfg = cfg_build(owner, unit->fns.v[0]);

    for (uint32_t b = 0; b < cfg->n; b++) {
        bool dead = cfg->position[b] == ID_NONE;
        assert_int_equal(dead, cfg->idom[b] == ID_NONE);
        assert_int_equal(cfg_dominates(cfg, 0, b), !dead);
        assert_true(dead || cfg->order[cfg->position[b]] == b);
    }
    talloc_free(owner);
}

static void large_functions_are_no_problem(void **state)
{
    (void)state;
    void *owner = mem_owner(NULL, "test");
    char *source = mem_strdup(owner, "void f(int n) {\n");

    for (unsigned i = 0; i < 1500; i++) {
        mem_append(owner, &source, "  if (n == %u) { while (n < %u) hits++; }\n", i, i);
    }
    mem_append(owner, &source, "}\n");
    const struct ir_unit *unit = harness_lower(owner, source);
    const struct cfg *cfg = cfg_build(owner, unit->fns.v[0]);
    assert_true(cfg->n > 3000);
    assert_int_equal(cfg->order[0], 0);
    talloc_free(owner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nested_loops),
        cmocka_unit_test(loops_with_several_ways_back),
        cmocka_unit_test(loops_by_goto),
        cmocka_unit_test(what_runs_once_is_no_loop),
        cmocka_unit_test(branches_and_what_comes_before),
        cmocka_unit_test(short_circuits_and_switches),
        cmocka_unit_test(what_can_come_after),
        cmocka_unit_test(reach_stops_at_a_block),
        cmocka_unit_test(dead_blocks_are_told),
        cmocka_unit_test(large_functions_are_no_problem),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
