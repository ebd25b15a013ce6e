#include "program/waits_build.h"

#include <stdlib.h>

enum { MAX_UP = 3 }; /* levels of callers that may test on behalf of who waits */

struct call_list {
    const struct call **v;
    size_t n;
};

struct build {
    struct waits *out;
    struct waits_pass pass;
    const struct wait **lifted; /* by fn: a wait after which its callers have to test; NULL */
    struct call_list *callers;  /* by fn; of functions that wait only */
    bool *waits;                /* by fn */
};

static void look_at(struct build *b, fn_id fn)
{
    struct waits_pass *pass = &b->pass;

    if (pass->depends != NULL && pass->fn.i == fn.i) {
        return;
    }
    talloc_free(pass->depends);
    pass->fn = fn;
    pass->body = &pass->flows->linked->fns.v[fn.i];
    pass->depends = depends_new(pass->asks, pass->body);
}

bool wait_block_ends(const struct waits_pass *pass, uint32_t b)
{
    const struct ir_fn *ir = pass->body->ir;
    const struct ir_block *block = &ir->blocks.v[b];

    for (uint32_t i = block->first_op; i < block->first_op + block->n_ops; i++) {
        if (ir->ops.v[i].kind == IR_CALL &&
            flow_call_ends(pass->flows, calls_at(pass->flows->calls, pass->fn, (op_id){i}))) {
            return true;
        }
    }
    return block->term == IR_UNREACHABLE;
}

bool wait_is_sync(const struct call *call)
{
    const struct model_fn *m = call->model;

    return m != NULL &&
           (m->acquire != ARG_NONE || m->release != ARG_NONE || m->wait_lock != ARG_NONE ||
            m->signals != ARG_NONE || m->init != ARG_NONE || m->destroy != ARG_NONE ||
            m->asserts != ARG_NONE || m->barrier != ARG_NONE || m->join != ARG_NONE);
}

/* ---- what waits ------------------------------------------------------------------------------ */

static bool is_wait(const struct call *call)
{
    return call->model != NULL && call->model->wait_lock != ARG_NONE;
}

static bool is_by_argument(const struct flows *flows, path_id path)
{
    return !path_is_none(path) &&
           path_get(flows->paths, path_root_of(flows->paths, path))->kind == ROOT_PARAM;
}

/* Does the function hold the lock on its own account where it waits? */
static bool takes_lock(const struct flows *flows, const struct wait *wait)
{
    const struct held *held = flow_held_at(flows, wait->fn, wait->op);

    return wait->lets_go || (!path_is_none(wait->lock) && held != NULL &&
                             lockset_find(held->must, wait->lock) != NULL);
}

/* The wait in a callee, as the call sees it. */
static struct wait lift(const struct build *b, const struct call *call, const struct wait *inner)
{
    const struct flows *flows = b->pass.flows;
    path_id pointees[MAX_PARAMS];
    size_t n = flow_pointees(flows, call, pointees);
    bool used = calls_uses_result(flows->linked->fns.v[call->fn.i].ir, call->op);

    return (struct wait){.fn = call->fn,
                         .op = call->op,
                         .inner = inner,
                         .lock = flow_substitute(flows, call, inner->lock, pointees, n),
                         .cond = flow_substitute(flows, call, inner->cond, pointees, n),
                         .lets_go = takes_lock(flows, inner),
                         .timed = inner->timed,
                         .ignored = inner->ignored || !used,
                         .relies = {ID_NONE},
                         .relies_fn = call->fn};
}

static struct wait direct(const struct build *b, const struct call *call)
{
    const struct flows *flows = b->pass.flows;
    const struct ir_fn *ir = flows->linked->fns.v[call->fn.i].ir;

    return (struct wait){.fn = call->fn,
                         .op = call->op,
                         .lock = flow_arg_path(flows, call, call->model->wait_lock),
                         .cond = flow_arg_path(flows, call, call->model->wait_cond),
                         .timed = call->model->timed,
                         .ignored = !calls_uses_result(ir, call->op),
                         .relies = {ID_NONE},
                         .relies_fn = call->fn};
}

/* The wait that a callee leaves to its callers to test after; one without a time limit before one
 * with. */
static const struct wait *left_by(const struct build *b, const struct call *call)
{
    const struct wait *found = NULL;

    for (size_t i = 0; i < call->callees.n && call->model == NULL; i++) {
        const struct wait *wait = b->lifted[call->callees.v[i].i];
        bool handed = wait != NULL && is_by_argument(b->pass.flows, wait->cond);
        if (wait != NULL && (handed || !call->indirect) &&
            (found == NULL || (found->timed && !wait->timed))) {
            found = wait;
        }
    }
    return found;
}

/* Can the function return without having waited? Its waits are the last ones found. */
static bool can_miss(const struct build *b, fn_id fn)
{
    const struct ir_fn *ir = b->pass.body->ir;
    const struct cfg *cfg = b->pass.body->cfg;
    bool *waits = mem_array(NULL, bool, cfg->n + 1);
    bool *comes = mem_array(waits, bool, cfg->n + 1);
    bool misses = false;

    for (size_t i = b->out->v.n; i-- > 0 && b->out->v.v[i]->fn.i == fn.i;) {
        waits[cfg_block_of(cfg, b->out->v.v[i]->op)] = true;
    }
    comes[0] = true;
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t i = 0; i < cfg->n_order; i++) {
            uint32_t from = cfg->order[i];
            const struct ir_block *block = &ir->blocks.v[from];
            if (!comes[from] || waits[from] || wait_block_ends(&b->pass, from)) {
                continue;
            }
            misses = misses || block->term == IR_RETURN;
            for (uint32_t e = 0; e < block->n_succs; e++) {
                uint32_t to = ir->succs.v[block->first_succ + e].block.i;
                changed = changed || !comes[to];
                comes[to] = true;
            }
        }
    }
    talloc_free(waits);
    return misses;
}

/* Is the function a wrapper, which waits for a condition that it was handed, or under its caller's
 * lock? */
static bool is_for_callers(const struct build *b, const struct wait *wait)
{
    return wait->test.block == ID_NONE &&
           (is_by_argument(b->pass.flows, wait->cond) || !takes_lock(b->pass.flows, wait));
}

static void examine(struct build *b, struct wait found)
{
    struct wait *wait = mem_new(b->out, struct wait);

    look_at(b, found.fn);
    *wait = found;
    wait_test_find(&b->pass, b->out, wait);
    struct wait_after after = wait_after_find(&b->pass, wait, wait->op);
    wait->fate = after.fate;
    wait->relies = after.relies;
    wait->changes = after.changes;
    vec_push(b->out, &b->out->v, wait);
    b->waits[wait->fn.i] = true;
}

/* Leaves the waits of `fn`, from number `first` on, to its callers, if it is a wrapper. */
static void leave_to_callers(struct build *b, fn_id fn, size_t first)
{
    const struct wait **lifted = &b->lifted[fn.i];

    if (first == b->out->v.n || can_miss(b, fn)) {
        return;
    }
    for (size_t i = first; i < b->out->v.n; i++) {
        const struct wait *wait = b->out->v.v[i];
        if (wait->fate == WAIT_LEAVES && is_for_callers(b, wait) &&
            (*lifted == NULL || ((*lifted)->timed && !wait->timed))) {
            *lifted = wait;
        }
    }
}

static void find_in(struct build *b, fn_id fn)
{
    const struct calls *calls = b->pass.flows->calls;
    size_t first = b->out->v.n;

    for (uint32_t c = calls->first[fn.i]; c < calls->first[fn.i + 1]; c++) {
        const struct call *call = &calls->v.v[c];
        const struct wait *inner = left_by(b, call);
        if (flow_held_at(b->pass.flows, fn, call->op) == NULL) {
            continue;
        }
        if (is_wait(call)) {
            examine(b, direct(b, call));
        } else if (inner != NULL) {
            examine(b, lift(b, call, inner));
        }
    }
    leave_to_callers(b, fn, first);
}

/* ---- whether callers test -------------------------------------------------------------------- */

static void find_callers(struct build *b)
{
    const struct calls *calls = b->pass.flows->calls;

    for (size_t c = 0; c < calls->v.n; c++) {
        const struct call *call = &calls->v.v[c];
        for (size_t i = 0; i < call->callees.n && call->model == NULL; i++) {
            uint32_t callee = call->callees.v[i].i;
            if (b->waits[callee] || b->callers[callee].v != NULL) {
                vec_push(b->pass.asks, &b->callers[callee], call);
            }
        }
    }
}

/* What a caller has to test: what the wait is about, or what decides if the caller calls at all. */
static bool take_test(struct build *b, const struct wait *wait, struct wait *up)
{
    if (wait->test.block != ID_NONE) {
        up->test = wait->test;
        up->test.loops = false;
        return true;
    }
    wait_test_find(&b->pass, b->pass.asks, up);
    return up->test.block != ID_NONE && up->test.loops;
}

/* Do all callers of its function test what `wait` (in terms of that function) is about? If not,
 * says in *bad what relies on it. */
static bool callers_test(struct build *b, const struct wait *wait, unsigned level, struct wait *bad)
{
    const struct call_list *callers = &b->callers[wait->fn.i];
    bool all = callers->n > 0 && level < MAX_UP;

    for (size_t i = 0; i < callers->n && all; i++) {
        struct wait up = lift(b, callers->v[i], wait);
        look_at(b, up.fn);
        if (!take_test(b, wait, &up)) {
            return false;
        }
        struct wait_after after = wait_after_find(&b->pass, &up, up.op);
        if (after.fate == WAIT_RELIES) {
            bad->relies = after.relies;
            bad->relies_fn = up.fn;
            all = false;
        } else if (after.fate == WAIT_LEAVES) {
            all = callers_test(b, &up, level + 1, bad);
        }
    }
    return all;
}

/* What becomes of a wait whose function returns without a test. */
static bool is_left_well(struct build *b, struct wait *wait)
{
    bool handed_on =
        is_for_callers(b, wait) && b->lifted[wait->fn.i] != NULL && b->callers[wait->fn.i].n > 0;

    return handed_on ||
           (wait->test.block == ID_NONE && is_by_argument(b->pass.flows, wait->cond)) ||
           callers_test(b, wait, 0, wait);
}

static void judge(struct build *b, struct wait *wait)
{
    /* Who goes on the same way, woken or not, does not rely on being woken. */
    bool sleeps = wait->timed && wait->ignored && !wait->changes;

    if (sleeps || (wait->fate == WAIT_LEAVES && is_left_well(b, wait))) {
        wait->fate = WAIT_GOOD;
    }
}

static int by_place(const void *a, const void *b)
{
    const struct wait *x = *(struct wait *const *)a;
    const struct wait *y = *(struct wait *const *)b;

    if (x->fn.i != y->fn.i) {
        return x->fn.i < y->fn.i ? -1 : 1;
    }
    return x->op.i < y->op.i ? -1 : x->op.i > y->op.i;
}

struct waits *waits_find(void *owner, const struct accessmap *map)
{
    const struct flows *flows = map->contexts->flows;
    struct waits *out = mem_new(owner, struct waits);
    void *scratch = mem_owner(NULL, "waits");
    size_t n = flows->linked->fns.n + 1;
    struct build b = {.out = out,
                      .pass = {.map = map, .flows = flows, .asks = asks_new(scratch, flows)},
                      .lifted = mem_array(scratch, const struct wait *, n),
                      .callers = mem_array(scratch, struct call_list, n),
                      .waits = mem_array(scratch, bool, n)};
    const struct bottom_up *order = calls_bottom_up(flows->calls);

    for (size_t i = 0; i < order->n; i++) {
        find_in(&b, order->order[i]);
    }
    find_callers(&b);
    for (size_t i = 0; i < out->v.n; i++) {
        judge(&b, out->v.v[i]);
    }
    if (out->v.n > 0) {
        qsort(out->v.v, out->v.n, sizeof *out->v.v, by_place);
    }
    talloc_free(scratch);
    return out;
}
