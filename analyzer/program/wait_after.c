#include "program/waits_build.h"

/* How far a way has come. */
enum stage {
    STAGE_LOCKED,
    STAGE_RELEASED, /* the lock has been given back since the wait */
    N_STAGES,
};

enum fresh {
    FRESH_NOT,
    FRESH_RELEASED,
    FRESH_LOCKED,
};

/* A look at all ways on from one call. */
struct look {
    struct waits_pass *pass;
    const struct wait *wait;
    op_id from;
    path_id lock;       /* PATH_NONE: not known, or not held here */
    enum fresh *fresh;  /* by op: it has run since the wait */
    bool *tested;       /* by op: a branch, or what is returned, depends on it */
    bool *seen;         /* by block and stage */
    VEC(uint32_t) todo; /* block * N_STAGES + stage */
    struct wait_after after;
};

static bool holds(const struct look *l, op_id op)
{
    const struct held *held = flow_held_at(l->pass->flows, l->pass->fn, op);

    return held != NULL && lockset_find(held->must, l->lock) != NULL;
}

static void rely(struct look *l, op_id op, bool changes)
{
    bool first = l->after.fate != WAIT_RELIES;
    bool better = changes && !l->after.changes;

    if (first || better || (changes == l->after.changes && op.i < l->after.relies.i)) {
        l->after = (struct wait_after){WAIT_RELIES, op, changes};
    }
}

/* ---- ops ------------------------------------------------------------------------------------- */

static bool is_tested_class(const struct look *l, path_id class)
{
    for (size_t i = 0; i < l->wait->test.classes.n && !path_is_none(class); i++) {
        if (path_eq(l->wait->test.classes.v[i], class)) {
            return true;
        }
    }
    return false;
}

/* Does the function do nothing but lock, unlock and wake up: a wrapper? */
static bool does_sync_only(const struct look *l, fn_id fn, unsigned deep)
{
    const struct flows *flows = l->pass->flows;
    const struct ir_fn *ir = flows->linked->fns.v[fn.i].ir;
    uint32_t local;

    for (uint32_t i = 0; i < ir->ops.n; i++) {
        const struct ir_op *op = &ir->ops.v[i];
        if ((op->kind == IR_WRITE || op->kind == IR_RMW) &&
            !place_is_local(ir, op->u.access.place, &local)) {
            return false;
        }
        if (op->kind != IR_CALL) {
            continue;
        }
        const struct call *call = calls_at(flows->calls, fn, (op_id){i});
        bool sync =
            wait_is_sync(call) || flow_call_ends(flows, call) ||
            (call->callees.n == 1 && deep > 0 && does_sync_only(l, call->callees.v[0], deep - 1));
        if (!sync) {
            return false;
        }
    }
    return true;
}

static bool call_is_sync(const struct look *l, const struct call *call)
{
    enum { DEEP = 2 };

    if (wait_is_sync(call)) {
        return true;
    }
    for (size_t i = 0; i < call->callees.n; i++) {
        if (!does_sync_only(l, call->callees.v[i], DEEP)) {
            return false;
        }
    }
    return call->callees.n > 0;
}

static bool call_changes(const struct look *l, const struct call *call)
{
    for (size_t i = 0; i < call->callees.n; i++) {
        for (size_t k = 0; k < l->wait->test.classes.n; k++) {
            if (written_by(l->pass->flows->written, call->callees.v[i],
                           l->wait->test.classes.v[k])) {
                return true;
            }
        }
    }
    return false;
}

/* Without a test before the wait, one that counts has to come before the lock is let go: else the
 * wake-up can be missed. */
static bool takes_any_test(const struct look *l)
{
    return l->wait->test.block != ID_NONE || l->wait->lets_go;
}

/* Is the lock seen to be held when the call is back? */
static bool has_lock_back(const struct waits_pass *pass, op_id op, path_id lock)
{
    const struct ir_fn *ir = pass->body->ir;
    const struct ir_block *block = &ir->blocks.v[cfg_block_of(pass->body->cfg, op)];
    bool back = false;

    if (path_is_none(lock)) {
        return false;
    }
    if (op.i + 1 < block->first_op + block->n_ops) {
        const struct held *held = flow_held_at(pass->flows, pass->fn, (op_id){op.i + 1});
        return held != NULL && lockset_find(held->must, lock) != NULL;
    }
    for (uint32_t e = 0; e < block->n_succs; e++) {
        uint32_t to = ir->succs.v[block->first_succ + e].block.i;
        const struct held *held =
            ir->blocks.v[to].n_ops == 0
                ? NULL
                : flow_held_at(pass->flows, pass->fn, (op_id){ir->blocks.v[to].first_op});
        back = back || (held != NULL && lockset_find(held->must, lock) != NULL);
    }
    return back;
}

/* True: this way is at its end. */
static bool pass_call(struct look *l, op_id op, enum stage stage)
{
    const struct call *call = calls_at(l->pass->flows->calls, l->pass->fn, op);
    const struct wait_test *test = &l->wait->test;

    if (op.i == l->from.i || flow_call_ends(l->pass->flows, call)) {
        return true;
    }
    if (call_is_sync(l, call)) {
        return false;
    }
    bool unlocks =
        stage == STAGE_LOCKED && !path_is_none(l->lock) && !has_lock_back(l->pass, op, l->lock);
    if (unlocks) {
        return false;
    }
    if ((stage == STAGE_LOCKED || takes_any_test(l)) && wait_call_asks(l->pass, test, call)) {
        return true;
    }
    bool changes = call_changes(l, call);
    bool asks = l->tested[op.i] && wait_op_asks(l->pass, l->wait, op);
    if (changes || (stage == STAGE_RELEASED && !test->loops && !asks)) {
        rely(l, op, changes);
        return true;
    }
    return false;
}

static bool pass_access(struct look *l, op_id op, enum stage stage)
{
    const struct ir_op *o = &l->pass->body->ir->ops.v[op.i];
    uint32_t local;

    if (o->kind == IR_READ) {
        return false;
    }
    bool changes = is_tested_class(l, asks_class(l->pass->asks, l->pass->fn, op));
    if (changes && o->kind == IR_RMW && l->tested[op.i]) {
        return true; /* a test and an act in one step */
    }
    bool plain = place_is_local(l->pass->body->ir, o->u.access.place, &local);
    if (changes || (stage == STAGE_RELEASED && !l->wait->test.loops && !plain)) {
        rely(l, op, changes);
        return true;
    }
    return false;
}

/* ---- ends of blocks -------------------------------------------------------------------------- */

/* Does the condition ask again, by what has run since the wait? */
static bool asks_again(const struct look *l, const struct op_list *ops)
{
    for (size_t i = 0; i < ops->n; i++) {
        enum fresh fresh = l->fresh[ops->v[i].i];
        bool good = takes_any_test(l) ? fresh != FRESH_NOT : fresh == FRESH_LOCKED;
        if (good && ops->v[i].i != l->from.i && wait_op_asks(l->pass, l->wait, ops->v[i])) {
            return true;
        }
    }
    return false;
}

static void go_to(struct look *l, uint32_t block, enum stage stage)
{
    uint32_t at = block * N_STAGES + stage;

    if (!l->seen[at]) {
        l->seen[at] = true;
        vec_push(l->seen, &l->todo, at);
    }
}

/* An assertion asks, but who fails it does not wait on. */
static bool asserts(const struct look *l, const struct ir_block *block)
{
    bool ends = false;

    for (uint32_t e = 0; e < block->n_succs; e++) {
        ends = ends ||
               wait_block_ends(l->pass, l->pass->body->ir->succs.v[block->first_succ + e].block.i);
    }
    return ends;
}

/* What the value is when the wait returns `woken`: a number. False: it depends on more. */
static bool when_woken(const struct look *l, value_id id, int64_t woken, int64_t *ret)
{
    const struct ir_fn *ir = l->pass->body->ir;
    int64_t a;
    int64_t b;

    if (id.i == ID_NONE) {
        return false;
    }
    const struct ir_value *v = &ir->values.v[id.i];
    switch (v->kind) {
    case IR_VALUE_INT:
        *ret = v->u.number;
        return true;
    case IR_VALUE_READ: /* the caller has seen that only the wait's result comes here */
    case IR_VALUE_CALL:
        *ret = woken;
        return true;
    case IR_VALUE_UNARY:
        if (v->opcode != IR_OP_NOT || !when_woken(l, v->u.of.a, woken, &a)) {
            return false;
        }
        *ret = a == 0;
        return true;
    case IR_VALUE_BINARY:
        if (!when_woken(l, v->u.of.a, woken, &a) || !when_woken(l, v->u.of.b, woken, &b)) {
            return false;
        }
        *ret = (v->opcode == IR_OP_EQ && a == b) || (v->opcode == IR_OP_NE && a != b) ||
               (v->opcode == IR_OP_LT && a < b) || (v->opcode == IR_OP_LE && a <= b) ||
               (v->opcode == IR_OP_GT && a > b) || (v->opcode == IR_OP_GE && a >= b);
        return v->opcode >= IR_OP_EQ && v->opcode <= IR_OP_GE;
    case IR_VALUE_UNKNOWN:
    case IR_VALUE_STRING:
    case IR_VALUE_FN:
    case IR_VALUE_ADDR:
        return false;
    }
    return false;
}

/* The side that a thread takes which has been woken, if the branch only looks at the result of the
 * wait; ID_NONE: any. */
static uint32_t woken_side(const struct look *l, const struct ir_block *block,
                           const struct op_list *ops)
{
    const struct call *call = calls_at(l->pass->flows->calls, l->pass->fn, l->from);
    int64_t woken = call->model != NULL && call->model->ok == OK_NONZERO ? 1 : 0;
    int64_t value;

    if (block->term != IR_BRANCH || ops->n != 1 || ops->v[0].i != l->from.i ||
        !when_woken(l, block->cond, woken, &value)) {
        return ID_NONE;
    }
    return value != 0 ? 0 : 1;
}

static void leave_block(struct look *l, uint32_t b, enum stage stage)
{
    const struct ir_block *block = &l->pass->body->ir->blocks.v[b];
    const struct op_list *ops = depends_of_block(l->pass->depends, b);
    bool tells = block->term == IR_RETURN && l->wait->test.block != ID_NONE; /* its caller */
    bool decides = block->term == IR_BRANCH || block->term == IR_SWITCH || tells;

    if (decides && asks_again(l, ops) && !asserts(l, block)) {
        return;
    }
    if (block->term == IR_RETURN && l->after.fate == WAIT_GOOD) {
        l->after.fate = WAIT_LEAVES;
    }
    uint32_t only = woken_side(l, block, ops);
    for (uint32_t e = 0; e < block->n_succs; e++) {
        if (only == ID_NONE || e == only) {
            go_to(l, l->pass->body->ir->succs.v[block->first_succ + e].block.i, stage);
        }
    }
}

/* From op number `first` of the block to its end. */
static void pass_block(struct look *l, uint32_t b, uint32_t first, enum stage stage)
{
    const struct ir_fn *ir = l->pass->body->ir;
    const struct ir_block *block = &ir->blocks.v[b];

    for (uint32_t i = first; i < block->first_op + block->n_ops; i++) {
        if (!path_is_none(l->lock) && !holds(l, (op_id){i})) {
            stage = STAGE_RELEASED;
        }
        bool over = ir->ops.v[i].kind == IR_CALL ? pass_call(l, (op_id){i}, stage)
                                                 : pass_access(l, (op_id){i}, stage);
        if (over) {
            return;
        }
        enum fresh now = stage == STAGE_LOCKED ? FRESH_LOCKED : FRESH_RELEASED;
        l->fresh[i] = l->fresh[i] > now ? l->fresh[i] : now;
    }
    leave_block(l, b, stage);
}

static void mark_tested(struct look *l)
{
    const struct ir_fn *ir = l->pass->body->ir;

    for (uint32_t b = 0; b < ir->blocks.n; b++) {
        enum ir_term term = ir->blocks.v[b].term;
        if (term != IR_BRANCH && term != IR_SWITCH && term != IR_RETURN) {
            continue;
        }
        const struct op_list *ops = depends_of_block(l->pass->depends, b);
        for (size_t i = 0; i < ops->n; i++) {
            l->tested[ops->v[i].i] = true;
        }
    }
}

struct wait_after wait_after_find(struct waits_pass *pass, const struct wait *wait, op_id op)
{
    const struct ir_fn *ir = pass->body->ir;
    void *scratch = mem_owner(NULL, "look");
    struct look l = {.pass = pass,
                     .wait = wait,
                     .from = op,
                     .lock = has_lock_back(pass, op, wait->lock) ? wait->lock : PATH_NONE,
                     .fresh = mem_array(scratch, enum fresh, ir->ops.n + 1),
                     .tested = mem_array(scratch, bool, ir->ops.n + 1),
                     .seen = mem_array(scratch, bool, ir->blocks.n *N_STAGES + 1),
                     .after = {.fate = WAIT_GOOD, .relies = {ID_NONE}}};

    mark_tested(&l);
    pass_block(&l, cfg_block_of(pass->body->cfg, op), op.i + 1,
               wait->lets_go ? STAGE_RELEASED : STAGE_LOCKED);
    while (l.todo.n > 0) {
        uint32_t at = l.todo.v[--l.todo.n];
        pass_block(&l, at / N_STAGES, ir->blocks.v[at / N_STAGES].first_op,
                   (enum stage)(at % N_STAGES));
    }
    talloc_free(scratch);
    return l.after;
}
