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
    bool *behind;     /* by block: among those that come after all tests, or the one that waits */
    uint32_t outside; /* where who does not wait goes on; ID_NONE: not known yet */
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

    if (path_is_none(path)) {
        return false;
    }
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

/* Does the value only ask if there is a lock or a condition, as macros do (`if (cond)`)? */
static bool asks_for_lock(const struct region *r, value_id id)
{
    const struct ir_fn *ir = r->cfg->fn;

    if (id.i == ID_NONE) {
        return false;
    }
    const struct ir_value *v = &ir->values.v[id.i];
    switch (v->kind) {
    case IR_VALUE_READ:
        return is_handed(
            r->pass, r->wait,
            flow_place(r->pass->flows, r->pass->fn, ir->ops.v[v->u.op.i].u.access.place));
    case IR_VALUE_UNARY:
        return asks_for_lock(r, v->u.of.a);
    case IR_VALUE_BINARY: /* `cond != NULL` */
        return asks_for_lock(r, v->u.of.a) && ir->values.v[v->u.of.b.i].kind == IR_VALUE_INT;
    case IR_VALUE_UNKNOWN:
    case IR_VALUE_INT:
    case IR_VALUE_STRING:
    case IR_VALUE_FN:
    case IR_VALUE_ADDR:
    case IR_VALUE_CALL:
        return false;
    }
    return false;
}

enum joins {
    JOINS_NOT,
    JOINS_AS_STEP, /* an assertion, `if (cond) wait(cond)`: it decides nothing */
    JOINS_AS_TEST,
};

static bool is_test(const struct region *r, uint32_t b)
{
    for (size_t i = 0; i < r->tests.n; i++) {
        if (r->tests.v[i] == b) {
            return true;
        }
    }
    return false;
}

/* The sides of one branch. */
struct sides {
    unsigned out;       /* lead to the one block outside */
    unsigned to_test;   /* to another test */
    unsigned elsewhere; /* to other blocks of the region, before a test */
    unsigned n;         /* all but those that end the process */
    uint32_t outside;   /* that block; ID_NONE: none of the region's leads out */
};

/* False: they lead to more than one block outside. */
static bool count_sides(const struct region *r, uint32_t b, struct sides *ret)
{
    const struct ir_fn *ir = r->cfg->fn;
    const struct ir_block *block = &ir->blocks.v[b];
    uint32_t outside = r->outside;

    *ret = (struct sides){.n = 0};
    for (uint32_t e = 0; e < block->n_succs; e++) {
        uint32_t to = ir->succs.v[block->first_succ + e].block.i;
        if (wait_block_ends(r->pass, to)) {
            continue;
        }
        to = r->in[to] ? to : behind_jumps(ir, to);
        if (!r->in[to] && outside != ID_NONE && to != outside) {
            return false;
        }
        outside = r->in[to] ? outside : to;
        ret->n++;
        ret->out += r->in[to] ? 0 : 1;
        ret->to_test += is_test(r, to) ? 1 : 0;
        ret->elsewhere += r->in[to] && !r->behind[to] && !is_test(r, to) ? 1 : 0;
    }
    ret->outside = outside;
    return true;
}

/* Can the branch be one of the tests? Do its sides come into the region and to the one block
 * outside, or, as in `a || b`, to the wait and the next test? */
static enum joins joins(struct region *r, uint32_t b)
{
    enum ir_term term = r->cfg->fn->blocks.v[b].term;
    struct sides sides;

    if ((term != IR_BRANCH && term != IR_SWITCH) || !count_sides(r, b, &sides)) {
        return JOINS_NOT;
    }
    if (sides.n < 2 || asks_for_lock(r, r->cfg->fn->blocks.v[b].cond)) {
        return JOINS_AS_STEP;
    }
    if (sides.out > 0) {
        r->outside = sides.outside;
    }
    if (sides.out > 0 || (sides.to_test > 0 && sides.elsewhere == 0)) {
        return JOINS_AS_TEST;
    }
    return r->tests.n == 0 ? JOINS_AS_STEP : JOINS_NOT; /* before all tests it decides nothing */
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
    r->behind[from] = true;
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t i = r->cfg->n_order; i-- > 0;) {
            uint32_t b = r->cfg->order[i];
            if (!r->in[b] && leads_in(r, b)) {
                r->in[b] = true;
                r->behind[b] = r->tests.n == 0;
                changed = true;
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
    if (call->model != NULL || call->indirect) {
        return false;
    }
    test->opaque = test->opaque || call->callees.n == 0;
    for (size_t i = 0; i < call->callees.n; i++) {
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
        if (wait->test.block != b) {
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
                       .behind = mem_array(NULL, bool, cfg->n + 1),
                       .outside = ID_NONE};

    wait->test = (struct wait_test){.block = ID_NONE, .asked = {ID_NONE}, .about = PATH_NONE};
    grow(&r, own);
    if (cfg->fn->blocks.v[own].term == IR_BRANCH && goes_round(&r, own)) {
        vec_push(r.in, &r.tests, own);
    }
    for (size_t i = 0; i < r.tests.n; i++) {
        add_test(pass, owner, wait, &r, r.tests.v[i]);
    }
    talloc_free(r.behind);
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
