#include "program/waits_build.h"

/* The blocks from which control comes to the wait and nowhere else, but to one block outside (and
 * to the end of the process). */
struct region {
    const struct waits_pass *pass;
    const struct wait *wait;
    const struct cfg *cfg;
    bool *in;            /* by block */
    VEC(uint32_t) tests; /* branches among them, nearest first */
    uint32_t head;       /* of the innermost loop around the wait; ID_NONE */
    uint32_t outside;    /* where who does not wait goes on; ID_NONE: not known yet */
};

/* Through blocks that do nothing but jump. */
static uint32_t behind_jumps(const struct ir_fn *ir, uint32_t b)
{
    for (uint32_t steps = 0; steps < ir->blocks.n; steps++) {
        const struct ir_block *block = &ir->blocks.v[b];
        if (block->term != IR_JUMP || block->n_ops > 0) {
            break;
        }
        b = ir->succs.v[block->first_succ].block.i;
    }
    return b;
}

/* Is it the pointer to the lock or the condition itself: `if (cond) wait(cond)`? */
static bool is_on_the_way(const struct waits_pass *pass, path_id path, path_id about)
{
    for (; !path_is_none(path); path = path_get(pass->flows->paths, path)->parent) {
        if (path_eq(path, about)) {
            return true;
        }
    }
    return false;
}

/* Is it what the call is handed, as it is, or leads there? */
static bool is_handed(const struct waits_pass *pass, const struct wait *wait, path_id path)
{
    const struct linked *linked = pass->flows->linked;
    const struct call *call = calls_at(pass->flows->calls, wait->fn, wait->op);
    const struct ir_fn *ir = linked->fns.v[wait->fn.i].ir;

    if (is_on_the_way(pass, wait->cond, path) || is_on_the_way(pass, wait->lock, path)) {
        return true;
    }
    for (int i = 1; (uint32_t)i <= ir->ops.v[call->op.i].u.call.n_args; i++) {
        value_id arg = call_arg(linked, call, i);
        const struct ir_value *v = arg.i == ID_NONE ? NULL : &ir->values.v[arg.i];
        if (v != NULL && v->kind == IR_VALUE_READ &&
            path_eq(path, flow_place(pass->flows, wait->fn, ir->ops.v[v->u.op.i].u.access.place))) {
            return true;
        }
    }
    return false;
}

/* Does the branch only ask if there is a lock or a condition, as macros do? */
static bool asks_for_lock(const struct region *r, uint32_t b)
{
    const struct op_list *ops = depends_of_block(r->pass->depends, b);
    bool only = ops->n > 0;

    for (size_t i = 0; i < ops->n && only; i++) {
        const struct ir_op *op = &r->cfg->fn->ops.v[ops->v[i].i];
        path_id path = op->kind == IR_CALL
                           ? PATH_NONE
                           : flow_place(r->pass->flows, r->pass->fn, op->u.access.place);
        only = !path_is_none(path) && is_handed(r->pass, r->wait, path);
    }
    return only;
}

enum joins {
    JOINS_NOT,
    JOINS_AS_STEP, /* an assertion, `if (cond) wait(cond)`: it decides nothing */
    JOINS_AS_TEST,
};

/* Can the branch be one of the tests: do all its sides come into the region or to the one block
 * outside? */
static enum joins joins(struct region *r, uint32_t b)
{
    const struct ir_fn *ir = r->cfg->fn;
    const struct ir_block *block = &ir->blocks.v[b];
    uint32_t outside = r->outside;
    unsigned ways = 0;

    if (block->term != IR_BRANCH && block->term != IR_SWITCH) {
        return JOINS_NOT;
    }
    if (asks_for_lock(r, b)) {
        return JOINS_AS_STEP;
    }
    for (uint32_t e = 0; e < block->n_succs; e++) {
        uint32_t to = ir->succs.v[block->first_succ + e].block.i;
        if (wait_block_ends(r->pass, to)) {
            continue;
        }
        ways++;
        to = r->in[to] ? to : behind_jumps(ir, to);
        if (!r->in[to] && outside != ID_NONE && to != outside) {
            return JOINS_NOT;
        }
        outside = r->in[to] ? outside : to;
    }
    r->outside = outside;
    return ways > 1 ? JOINS_AS_TEST : JOINS_AS_STEP;
}

static bool goes_in(const struct region *r, uint32_t b)
{
    const struct ir_fn *ir = r->cfg->fn;
    bool goes = false;

    for (uint32_t e = 0; e < ir->blocks.v[b].n_succs; e++) {
        goes = goes || r->in[ir->succs.v[ir->blocks.v[b].first_succ + e].block.i];
    }
    return goes;
}

/* A loop goes back by way of a jump: what is behind it is another round's. What is before the loop
 * decides nothing for its rounds. */
static bool leads_in(struct region *r, uint32_t b)
{
    const struct ir_block *block = &r->cfg->fn->blocks.v[b];

    if (!goes_in(r, b) || (r->head != ID_NONE && !cfg_in_loop(r->cfg, b, r->head))) {
        return false;
    }
    if (block->term == IR_JUMP) {
        return !cfg_dominates(r->cfg, r->cfg->fn->succs.v[block->first_succ].block.i, b);
    }
    enum joins how = joins(r, b);
    if (how == JOINS_AS_TEST) {
        vec_push(r->in, &r->tests, b);
    }
    return how != JOINS_NOT;
}

/* From the end of the function to its start: of two tests the one that the other leads to first. */
static void grow(struct region *r, uint32_t from)
{
    r->in[from] = true;
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t i = r->cfg->n_order; i-- > 0;) {
            uint32_t b = r->cfg->order[i];
            if (!r->in[b] && leads_in(r, b)) {
                r->in[b] = true;
                changed = true;
            }
        }
    }
}

/* Can control come from the block to the one outside, without the wait in block `own`? */
static void mark_ways_out(const struct region *r, uint32_t own, bool *out)
{
    const struct ir_fn *ir = r->cfg->fn;

    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t i = r->cfg->n_order; i-- > 0;) {
            uint32_t b = r->cfg->order[i];
            const struct ir_block *block = &ir->blocks.v[b];
            for (uint32_t e = 0; r->in[b] && !out[b] && e < block->n_succs; e++) {
                uint32_t to = ir->succs.v[block->first_succ + e].block.i;
                out[b] = !wait_block_ends(r->pass, to) && (!r->in[to] || (to != own && out[to]));
                changed = changed || out[b];
            }
        }
    }
}

/* ---- what they ask --------------------------------------------------------------------------- */

static void add_class(void *owner, struct wait_test *test, path_id class)
{
    for (size_t i = 0; i < test->classes.n; i++) {
        if (path_eq(test->classes.v[i], class)) {
            return;
        }
    }
    if (!path_is_none(class)) {
        vec_push(owner, &test->classes, class);
    }
}

/* Can it be that other threads see what the op reads? */
static bool is_seen_by_others(const struct waits_pass *pass, op_id op, path_id path)
{
    return !path_is_none(path) && !ownership_is_private(pass->map->ownership, pass->fn, path, op);
}

/* Adds what the op asks. False: nothing that others could change. */
static bool add_asked(struct waits_pass *pass, void *owner, struct wait *wait, op_id op,
                      path_id *ret_about)
{
    struct wait_test *test = &wait->test;

    *ret_about = PATH_NONE;
    if (pass->body->ir->ops.v[op.i].kind != IR_CALL) {
        *ret_about = flow_place(pass->flows, pass->fn, pass->body->ir->ops.v[op.i].u.access.place);
        if (!is_seen_by_others(pass, op, *ret_about) ||
            is_on_the_way(pass, wait->cond, *ret_about) ||
            is_on_the_way(pass, wait->lock, *ret_about)) {
            return false;
        }
        add_class(owner, test, asks_class(pass->asks, pass->fn, op));
        return true;
    }
    const struct call *call = calls_at(pass->flows->calls, pass->fn, op);
    if (call->model != NULL) {
        return false;
    }
    test->opaque = test->opaque || call->callees.n == 0;
    for (size_t i = 0; i < call->callees.n && !call->indirect; i++) {
        struct asked_list list = asks_of(pass->asks, call->callees.v[i]);
        for (size_t k = 0; k < list.n; k++) {
            add_class(owner, test, list.v[k]);
        }
    }
    return true;
}

/* Is the lock held at the op, if it is at the wait? */
static bool is_under_lock(const struct waits_pass *pass, const struct wait *wait, op_id op)
{
    const struct held *there = flow_held_at(pass->flows, pass->fn, wait->op);
    const struct held *here = flow_held_at(pass->flows, pass->fn, op);

    if (path_is_none(wait->lock) || there == NULL || here == NULL ||
        lockset_find(there->must, wait->lock) == NULL) {
        return true;
    }
    return lockset_find(here->must, wait->lock) != NULL;
}

static bool leaves_loop(const struct region *r, uint32_t b)
{
    const struct ir_block *block = &r->cfg->fn->blocks.v[b];

    for (uint32_t e = 0; e < block->n_succs && r->head != ID_NONE; e++) {
        uint32_t to = r->cfg->fn->succs.v[block->first_succ + e].block.i;
        if (!cfg_in_loop(r->cfg, to, r->head)) {
            return true;
        }
    }
    return false;
}

static void add_test(struct waits_pass *pass, void *owner, struct wait *wait,
                     const struct region *r, uint32_t b)
{
    const struct op_list *ops = depends_of_block(pass->depends, b);
    path_id about;

    for (size_t i = 0; i < ops->n; i++) {
        if (ops->v[i].i == wait->op.i || !is_under_lock(pass, wait, ops->v[i]) ||
            !add_asked(pass, owner, wait, ops->v[i], &about)) {
            continue;
        }
        if (wait->test.block == ID_NONE) {
            wait->test.block = b;
            wait->test.asked = ops->v[i];
            wait->test.about = about;
        }
        bool inside =
            r->head != ID_NONE && cfg_in_loop(r->cfg, cfg_block_of(r->cfg, ops->v[i]), r->head);
        wait->test.loops = wait->test.loops || (inside && leaves_loop(r, b));
    }
}

/* `do wait(); while (x)`: does a side of the block come back to it? */
static bool goes_round(const struct region *r, uint32_t b)
{
    const struct ir_block *block = &r->cfg->fn->blocks.v[b];
    bool round = false;

    for (uint32_t e = 0; e < block->n_succs; e++) {
        uint32_t to = r->cfg->fn->succs.v[block->first_succ + e].block.i;
        round = round || behind_jumps(r->cfg->fn, to) == b;
    }
    return round;
}

void wait_test_find(struct waits_pass *pass, void *owner, struct wait *wait)
{
    const struct cfg *cfg = pass->body->cfg;
    uint32_t own = cfg_block_of(cfg, wait->op);
    struct region r = {.pass = pass,
                       .wait = wait,
                       .cfg = cfg,
                       .in = mem_array(NULL, bool, cfg->n + 1),
                       .head = cfg->loop_head[own],
                       .outside = ID_NONE};

    wait->test = (struct wait_test){.block = ID_NONE, .asked = {ID_NONE}, .about = PATH_NONE};
    grow(&r, own);
    if (cfg->fn->blocks.v[own].term == IR_BRANCH && goes_round(&r, own)) {
        vec_push(r.in, &r.tests, own);
    }
    bool *out = mem_array(r.in, bool, cfg->n + 1);
    mark_ways_out(&r, own, out);
    for (size_t i = 0; i < r.tests.n; i++) {
        if (out[r.tests.v[i]]) {
            add_test(pass, owner, wait, &r, r.tests.v[i]);
        }
    }
    talloc_free(r.in);
}

/* ---- asking again ---------------------------------------------------------------------------- */

/* The same variable, or another member of the same object: a count and a list of one queue. */
static bool is_one_of(const struct waits_pass *pass, const struct wait_test *test, path_id class)
{
    if (path_is_none(class)) {
        return false;
    }
    const struct path_node *node = path_get(pass->flows->paths, class);
    for (size_t i = 0; i < test->classes.n; i++) {
        const struct path_node *mine = path_get(pass->flows->paths, test->classes.v[i]);
        if (path_eq(test->classes.v[i], class) ||
            (node->kind == STEP_FIELD && mine->kind == STEP_FIELD &&
             path_eq(node->parent, mine->parent))) {
            return true;
        }
    }
    return false;
}

/* Can other threads change it? */
static bool is_shared(const struct waits_pass *pass, path_id class)
{
    const struct accessmap *map = pass->map;

    if (path_is_none(class) || class.i >= map->n_by_class || map->by_class[class.i] == ID_NONE) {
        return false;
    }
    return map->v.v[map->by_class[class.i]].shared;
}

/* Without a test before the wait, every test of what is shared will do. */
bool wait_call_asks(const struct waits_pass *pass, const struct wait_test *test,
                    const struct call *call)
{
    for (size_t i = 0; i < call->callees.n && call->model == NULL; i++) {
        struct asked_list list = asks_of(pass->asks, call->callees.v[i]);
        for (size_t k = 0; k < list.n; k++) {
            if (test->block == ID_NONE ? is_shared(pass, list.v[k])
                                       : is_one_of(pass, test, list.v[k])) {
                return true;
            }
        }
    }
    return false;
}

bool wait_op_asks(const struct waits_pass *pass, const struct wait *wait, op_id op)
{
    const struct wait_test *test = &wait->test;
    if (pass->body->ir->ops.v[op.i].kind != IR_CALL) {
        path_id path;
        return test->block == ID_NONE ? accessmap_is_shared_access(pass->map, pass->fn, op, &path)
                                      : is_one_of(pass, test, asks_class(pass->asks, pass->fn, op));
    }
    const struct call *call = calls_at(pass->flows->calls, pass->fn, op);
    bool opaque = call->callees.n == 0 && call->model == NULL;
    return (opaque && (test->opaque || test->block == ID_NONE)) || wait_call_asks(pass, test, call);
}
