#include "program/trail.h"

#include "program/resolve.h"
#include "program/written.h"

#include <string.h>

enum { MAX_ROUNDS = 8, FEW = 3 };

/* ---- holders --------------------------------------------------------------------------------- */

static uint32_t bit_of_local(const struct trail *t, uint32_t local)
{
    for (uint32_t i = 0; i < t->n_holders; i++) {
        if (t->holders[i] == local) {
            return 1u << i;
        }
    }
    return 0;
}

static uint32_t add_holder(struct trail *t, uint32_t local)
{
    uint32_t bit = bit_of_local(t, local);

    if (bit == 0 && t->n_holders < MAX_HOLDERS) {
        bit = 1u << t->n_holders;
        t->holders[t->n_holders++] = local;
    }
    return bit;
}

/* The pointer that a place goes through first: `c` of `c->x`. */
static uint32_t bits_of_base(const struct trail *t, place_id id)
{
    const struct ir_place *place = &t->body->ir->places.v[id.i];

    if (place->n_steps == 0 || t->body->ir->steps.v[place->first_step].kind != IR_STEP_DEREF) {
        return 0;
    }
    if (place->base_kind == IR_BASE_LOCAL) {
        return bit_of_local(t, place->base);
    }
    return place->base_kind == IR_BASE_VALUE ? trail_bits_of(t, (value_id){place->base}) : 0;
}

static bool one_pointer(const struct ir_fn *ir, place_id id)
{
    const struct ir_place *place = &ir->places.v[id.i];
    unsigned pointers = 0;

    for (uint32_t i = 0; i < place->n_steps; i++) {
        pointers += ir->steps.v[place->first_step + i].kind == IR_STEP_DEREF ? 1 : 0;
    }
    return pointers == 1;
}

/* The holders that a value is read from, or that it points into the object of. */
uint32_t trail_bits_of(const struct trail *t, value_id value)
{
    const struct ir_fn *ir = t->body->ir;
    uint32_t local;

    if (value.i == ID_NONE) {
        return 0;
    }
    const struct ir_value *v = &ir->values.v[value.i];
    switch (v->kind) {
    case IR_VALUE_READ:
        if (v->u.op.i == t->seed.i) {
            return 1u << ITSELF;
        }
        return place_is_local(ir, ir->ops.v[v->u.op.i].u.access.place, &local)
                   ? bit_of_local(t, local)
                   : 0;
    case IR_VALUE_CALL:
        return v->u.op.i == t->seed.i ? 1u << ITSELF : 0;
    case IR_VALUE_ADDR:
        return one_pointer(ir, v->u.place) ? bits_of_base(t, v->u.place) : 0;
    case IR_VALUE_BINARY:
        return v->opcode == IR_OP_ADD || v->opcode == IR_OP_SUB ? trail_bits_of(t, v->u.of.a) : 0;
    case IR_VALUE_UNKNOWN:
    case IR_VALUE_INT:
    case IR_VALUE_STRING:
    case IR_VALUE_FN:
    case IR_VALUE_UNARY:
        return 0;
    }
    return 0;
}

/* ---- locks ----------------------------------------------------------------------------------- */

/* Is the guard held, perhaps, before the op? */
bool trail_is_held(const struct trail *t, const struct guard *guard, const struct held *held)
{
    for (uint32_t i = 0; i < held->may->n; i++) {
        path_id lock = held->may->v[i].lock;
        if (path_eq(lock, guard->lock) ||
            path_eq(contexts_absolute(t->contexts, t->fn, lock), guard->absolute)) {
            return true;
        }
    }
    return false;
}

void trail_note_free(const struct trail *t, op_id op, struct mark *mark)
{
    const struct held *held = flow_held_at(t->flows, t->fn, op);

    for (uint32_t g = 0; g < t->n_guards && held != NULL; g++) {
        if ((mark->free >> g & 1u) == 0 && !trail_is_held(t, &t->guards[g], held)) {
            mark->free |= 1u << g;
        }
    }
}

void trail_add_guard(struct trail *t, path_id lock, path_id absolute)
{
    const struct paths *paths = t->flows->paths;

    if (path_is_none(absolute) ||
        path_get(paths, path_root_of(paths, absolute))->kind == ROOT_NAMED) {
        return; /* an interpreter's lock is not let go by a call that names it */
    }
    for (uint32_t i = 0; i < t->n_guards; i++) {
        if (path_eq(t->guards[i].absolute, absolute)) {
            return;
        }
    }
    if (t->n_guards < MAX_GUARDS) {
        t->guards[t->n_guards++] = (struct guard){lock, absolute};
    }
}

/* ---- what ops do ----------------------------------------------------------------------------- */

/* A condition wait gives its lock up, though it is held before and after. */
static void note_wait(const struct trail *t, const struct call *call, struct mark *mark)
{
    if (call->model == NULL || call->model->wait_lock < 1) {
        return;
    }
    path_id lock = contexts_absolute(t->contexts, t->fn,
                                     flow_arg_path(t->flows, call, call->model->wait_lock));
    for (uint32_t g = 0; g < t->n_guards; g++) {
        mark->free |= path_eq(lock, t->guards[g].absolute) ? 1u << g : 0;
    }
}

/* Is the object taken out of where it was found, or made the function's own by a reference? */
static uint32_t bits_kept_by_write(const struct trail *t, op_id op)
{
    const struct ir_op *o = &t->body->ir->ops.v[op.i];
    struct containers into = {0};
    uint32_t bits = 0;

    containers_of_place(t->contexts, t->fn, o->u.access.place, &into);
    if (containers_meet(&into, &t->from)) {
        return UINT32_MAX;
    }
    for (uint32_t i = 0; i < t->n_holders; i++) {
        bits |= touches_keeps_here(t->flows, t->fn, op, t->holders[i]) ? 1u << i : 0;
    }
    return bits;
}

static bool takes_out(const struct trail *t, const struct call *call)
{
    for (size_t c = 0; c < call->callees.n; c++) {
        for (uint32_t i = 0; i < t->from.n; i++) {
            if (written_by(t->flows->written, call->callees.v[c], t->from.v[i])) {
                return true;
            }
        }
    }
    return false;
}

/* A function that is not known can take a reference. */
static bool is_stranger(const struct call *call)
{
    return call->model == NULL && call->callees.n == 0;
}

static uint32_t bits_kept_by_call(struct trail *t, const struct call *call)
{
    const struct ir_op *o = &t->body->ir->ops.v[call->op.i];
    uint32_t bits = 0;

    if (call->op.i != t->seed.i && takes_out(t, call)) {
        return UINT32_MAX;
    }
    for (uint32_t a = 0; a < o->u.call.n_args; a++) {
        value_id arg = t->body->ir->args.v[o->u.call.first_arg + a];
        uint32_t held = trail_bits_of(t, arg);
        bool keeps = is_stranger(call) && t->body->ir->values.v[arg.i].kind != IR_VALUE_ADDR;
        keeps = keeps || (call->model != NULL && call->model->acquire == (int)a + 1);
        for (size_t c = 0; c < call->callees.n && held != 0 && !keeps; c++) {
            keeps = touches_keeps(t->touches, call->callees.v[c], a);
        }
        bits |= keeps ? held : 0;
    }
    return bits;
}

static uint32_t bits_used_by_call(struct trail *t, const struct call *call)
{
    const struct ir_op *o = &t->body->ir->ops.v[call->op.i];
    uint32_t bits = 0;

    for (uint32_t a = 0; a < o->u.call.n_args; a++) {
        uint32_t held = trail_bits_of(t, t->body->ir->args.v[o->u.call.first_arg + a]);
        bool uses = is_stranger(call) ||
                    (call->model != NULL && touches_model_uses(call->model, (int)a + 1));
        for (size_t c = 0; c < call->callees.n && held != 0 && call->callees.n <= FEW && !uses;
             c++) {
            uses = touches_uses(t->touches, call->callees.v[c], a);
        }
        bits |= uses ? held : 0;
    }
    return bits;
}

uint32_t trail_bits_used(struct trail *t, op_id op)
{
    const struct ir_op *o = &t->body->ir->ops.v[op.i];

    return o->kind == IR_CALL ? bits_used_by_call(t, calls_at(t->flows->calls, t->fn, op))
                              : bits_of_base(t, o->u.access.place);
}

static void step_access(struct trail *t, op_id op, struct mark *mark)
{
    const struct ir_op *o = &t->body->ir->ops.v[op.i];
    uint32_t local;

    if (o->kind == IR_READ) {
        return;
    }
    if (!place_is_local(t->body->ir, o->u.access.place, &local)) {
        if (mark->free == 0) {
            uint32_t kept = mark->open & bits_kept_by_write(t, op);
            mark->safe |= kept != 0 ? mark->open : 0; /* all of them are one pointer */
            mark->open = kept != 0 ? 0 : mark->open;
        }
        return;
    }
    uint32_t from = o->kind == IR_WRITE ? trail_bits_of(t, o->u.access.value) : 0;
    uint32_t bit = from != 0 ? add_holder(t, local) : bit_of_local(t, local);
    bool open = (from & mark->open) != 0;
    bool safe = (from & mark->safe) != 0;
    mark->open = open ? mark->open | bit : mark->open & ~bit;
    mark->safe = safe ? mark->safe | bit : mark->safe & ~bit;
}

static void step_call(struct trail *t, op_id op, struct mark *mark)
{
    const struct call *call = calls_at(t->flows->calls, t->fn, op);

    if (mark->free == 0 && (mark->open & bits_kept_by_call(t, call)) != 0) {
        mark->safe |= mark->open;
        mark->open = 0;
    }
    note_wait(t, call, mark);
}

/* The state behind an op. */
void trail_step(struct trail *t, op_id op, struct mark *mark)
{
    if (op.i == t->seed.i) {
        uint32_t itself = 1u << ITSELF;
        *mark = (struct mark){
            .reached = true, .open = t->taken ? 0 : itself, .safe = t->taken ? itself : 0};
        return;
    }
    if (mark->open == 0 && mark->safe == 0) {
        return;
    }
    trail_note_free(t, op, mark);
    if (t->body->ir->ops.v[op.i].kind == IR_CALL) {
        step_call(t, op, mark);
    } else {
        step_access(t, op, mark);
    }
}

/* ---- branches -------------------------------------------------------------------------------- */

static bool is_zero(const struct ir_fn *ir, value_id value)
{
    return value.i != ID_NONE && ir->values.v[value.i].kind == IR_VALUE_INT &&
           ir->values.v[value.i].u.number == 0;
}

/* The holders that the condition asks for NULL; *ret_null is the successor where they are. */
static uint32_t asks_for_null(const struct trail *t, value_id cond, uint32_t *ret_null)
{
    const struct ir_fn *ir = t->body->ir;

    *ret_null = 1;
    for (unsigned i = 0; i < FEW && cond.i != ID_NONE; i++) {
        const struct ir_value *v = &ir->values.v[cond.i];
        if (v->kind == IR_VALUE_UNARY && v->opcode == IR_OP_NOT) {
            *ret_null = 1 - *ret_null;
            cond = v->u.of.a;
        } else if (v->kind == IR_VALUE_BINARY && (v->opcode == IR_OP_EQ || v->opcode == IR_OP_NE) &&
                   (is_zero(ir, v->u.of.a) || is_zero(ir, v->u.of.b))) {
            *ret_null = v->opcode == IR_OP_EQ ? 1 - *ret_null : *ret_null;
            cond = is_zero(ir, v->u.of.a) ? v->u.of.b : v->u.of.a;
        } else {
            return trail_bits_of(t, cond);
        }
    }
    return 0;
}

/* Is the pointer compared with another one? Once the lock was let go, that is how one makes sure
 * that it is still there. */
static bool compares(const struct trail *t, value_id cond)
{
    const struct ir_fn *ir = t->body->ir;

    if (cond.i == ID_NONE || ir->values.v[cond.i].kind != IR_VALUE_BINARY ||
        (ir->values.v[cond.i].opcode != IR_OP_EQ && ir->values.v[cond.i].opcode != IR_OP_NE)) {
        return false;
    }
    value_id a = ir->values.v[cond.i].u.of.a;
    value_id b = ir->values.v[cond.i].u.of.b;
    return (trail_bits_of(t, a) != 0 && !is_zero(ir, b)) ||
           (trail_bits_of(t, b) != 0 && !is_zero(ir, a));
}

/* The state on the way to successor number `side`. */
static struct mark behind_branch(const struct trail *t, uint32_t b, uint32_t side, struct mark mark)
{
    const struct ir_block *block = &t->body->ir->blocks.v[b];
    uint32_t null_side;

    if (block->term != IR_BRANCH) {
        return mark;
    }
    uint32_t asked = asks_for_null(t, block->cond, &null_side);
    if (asked != 0 && side == null_side) {
        mark.open = 0; /* they are one pointer, and there is none */
        mark.safe = 0;
    } else if (mark.free != 0 && compares(t, block->cond)) {
        mark.safe |= mark.open;
        mark.open = 0;
    }
    return mark;
}

/* ---- the pass over one function -------------------------------------------------------------- */

static bool join(struct mark *to, const struct mark *from)
{
    struct mark old = *to;

    if ((from->open | from->safe) == 0) {
        return false;
    }
    to->reached = true;
    to->open |= from->open;
    to->safe |= from->safe;
    to->free |= from->free;
    return old.reached != to->reached || old.open != to->open || old.safe != to->safe ||
           old.free != to->free;
}

/* The state at the end of a block. */
struct mark trail_run_block(struct trail *t, uint32_t b)
{
    const struct ir_block *block = &t->body->ir->blocks.v[b];
    struct mark mark = t->in[b];

    for (uint32_t i = block->first_op; i < block->first_op + block->n_ops; i++) {
        trail_step(t, (op_id){i}, &mark);
    }
    return mark;
}

void trail_follow(struct trail *t)
{
    const struct cfg *cfg = t->body->cfg;
    uint32_t home = cfg_block_of(cfg, t->seed);
    bool changed = true;

    memset(t->in, 0, (cfg->n + 1) * sizeof *t->in);
    for (unsigned round = 0; changed && round < MAX_ROUNDS; round++) {
        changed = false;
        for (uint32_t i = 0; i < cfg->n_order; i++) {
            uint32_t b = cfg->order[i];
            const struct ir_block *block = &t->body->ir->blocks.v[b];
            if (!t->in[b].reached && b != home) {
                continue;
            }
            struct mark mark = trail_run_block(t, b);
            for (uint32_t e = 0; e < block->n_succs; e++) {
                struct mark next = behind_branch(t, b, e, mark);
                uint32_t to = t->body->ir->succs.v[block->first_succ + e].block.i;
                changed |= join(&t->in[to], &next);
            }
        }
    }
}
