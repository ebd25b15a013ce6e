#include "program/picked.h"

#include "program/resolve.h"

#include <string.h>

enum { MAX_PICK_DEPTH = 8 };

struct search {
    const struct pick_scope *scope;
    const struct prog_fn *fn;
    const struct ir_fn *ir;
    unsigned depth;
};

static bool value_is_picked(struct search *s, value_id value);

static struct search search_in(const struct pick_scope *scope, unsigned depth)
{
    const struct prog_fn *fn = &scope->contexts->flows->linked->fns.v[scope->fn.i];

    return (struct search){scope, fn, fn->ir, depth};
}

/* ---- locals ---------------------------------------------------------------------------------- */

static bool value_reads_local(const struct ir_fn *ir, value_id value, uint32_t local,
                              unsigned depth)
{
    if (value.i == ID_NONE || depth >= MAX_PICK_DEPTH) {
        return false;
    }
    const struct ir_value *v = &ir->values.v[value.i];
    uint32_t read;
    switch (v->kind) {
    case IR_VALUE_READ:
        return place_is_local(ir, ir->ops.v[v->u.op.i].u.access.place, &read) && read == local;
    case IR_VALUE_UNARY:
    case IR_VALUE_BINARY:
        return value_reads_local(ir, v->u.of.a, local, depth + 1) ||
               value_reads_local(ir, v->u.of.b, local, depth + 1);
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

/* Does the loop with this head end by what the local is: `while ((job = queue->first) != NULL)`? */
static bool ends_loop(const struct search *s, uint32_t local, uint32_t head)
{
    const struct cfg *cfg = s->fn->cfg;

    for (uint32_t b = 0; b < cfg->n; b++) {
        const struct ir_block *block = &s->ir->blocks.v[b];
        if (block->term != IR_BRANCH || !cfg_in_loop(cfg, b, head) ||
            !value_reads_local(s->ir, block->cond, local, 0)) {
            continue;
        }
        for (uint32_t i = 0; i < block->n_succs; i++) {
            if (!cfg_in_loop(cfg, s->ir->succs.v[block->first_succ + i].block.i, head)) {
                return true;
            }
        }
    }
    return false;
}

/* Is it read through the local itself (`item = item->next`)? */
static bool is_next(const struct search *s, const struct ir_value *v, uint32_t local)
{
    if (v->kind != IR_VALUE_READ) {
        return false;
    }
    const struct ir_place *place = &s->ir->places.v[s->ir->ops.v[v->u.op.i].u.access.place.i];
    return place->base_kind == IR_BASE_LOCAL && place->base == local && place->n_steps > 1;
}

/* Does this write of the local, in a loop, give it one object after the other? */
static bool write_walks(const struct search *s, uint32_t local, uint32_t op)
{
    const struct ir_op *write = &s->ir->ops.v[op];
    uint32_t head = s->fn->cfg->loop_head[cfg_block_of(s->fn->cfg, (op_id){op})];

    if (head == ID_NONE || write->kind != IR_WRITE || write->u.access.value.i == ID_NONE) {
        return head != ID_NONE && write->kind == IR_RMW; /* p++ */
    }
    const struct ir_value *v = &s->ir->values.v[write->u.access.value.i];
    return is_next(s, v, local) ||
           ((v->kind == IR_VALUE_CALL || v->kind == IR_VALUE_READ) && ends_loop(s, local, head));
}

bool picked_is_own_type(const struct pick_scope *scope, const char *type)
{
    const struct ir_fn *loop = scope->contexts->flows->linked->fns.v[scope->loop.i].ir;

    for (uint32_t i = 0; i < loop->n_params; i++) {
        if (loop->locals.v[i].type != NULL && strcmp(loop->locals.v[i].type, type) == 0) {
            return true;
        }
    }
    return false;
}

/* `base = event->base`: back to what the loop is about. */
static bool is_way_back(const struct search *s, uint32_t local, value_id value)
{
    const struct ir_value *v = value.i == ID_NONE ? NULL : &s->ir->values.v[value.i];

    return v != NULL && v->kind == IR_VALUE_READ && s->ir->locals.v[local].type != NULL &&
           picked_is_own_type(s->scope, s->ir->locals.v[local].type);
}

static bool local_is_picked(struct search *s, uint32_t local)
{
    const struct flows *flows = s->scope->contexts->flows;

    if (local < s->ir->n_params && local < 64 && (s->scope->params >> local & 1) != 0) {
        return true;
    }
    if (resolve_taken_out(flows->v[s->scope->fn.i].resolver, local).i != ID_NONE) {
        return true; /* item = queue; queue = item->next; */
    }
    if (s->depth >= MAX_PICK_DEPTH) {
        return false;
    }
    s->depth++;
    bool picked = false;
    for (uint32_t i = 0; i < s->ir->ops.n && !picked; i++) {
        const struct ir_op *op = &s->ir->ops.v[i];
        uint32_t written;
        if ((op->kind == IR_WRITE || op->kind == IR_RMW) &&
            place_is_local(s->ir, op->u.access.place, &written) && written == local) {
            picked = write_walks(s, local, i) ||
                     (op->kind == IR_WRITE && !is_way_back(s, local, op->u.access.value) &&
                      value_is_picked(s, op->u.access.value));
        }
    }
    s->depth--;
    return picked;
}

/* ---- places and values ----------------------------------------------------------------------- */

/* Is the local's address handed to a call that waits for descriptors: does that fill it? */
static bool is_filled_by_wait(const struct search *s, uint32_t local)
{
    const struct flows *flows = s->scope->contexts->flows;
    const struct calls *calls = flows->calls;

    for (uint32_t i = calls->first[s->scope->fn.i]; i < calls->first[s->scope->fn.i + 1]; i++) {
        const struct call *call = &calls->v.v[i];
        const struct ir_op *op = &s->ir->ops.v[call->op.i];
        if (call->model == NULL || call->model->blocks != BLOCKS_POLL) {
            continue;
        }
        for (uint32_t a = 0; a < op->u.call.n_args; a++) {
            value_id arg = s->ir->args.v[op->u.call.first_arg + a];
            const struct ir_value *v = arg.i == ID_NONE ? NULL : &s->ir->values.v[arg.i];
            const struct ir_place *place =
                v != NULL && v->kind == IR_VALUE_ADDR ? &s->ir->places.v[v->u.place.i] : NULL;
            if (place != NULL && place->base_kind == IR_BASE_LOCAL && place->base == local) {
                return true;
            }
        }
    }
    return false;
}

/* Is the object behind the place's first `n_steps` steps picked? */
static bool place_is_picked(struct search *s, const struct ir_place *place, uint32_t n_steps)
{
    for (uint32_t i = 0; i < n_steps; i++) {
        if (s->ir->steps.v[place->first_step + i].kind == IR_STEP_INDEX) {
            return true;
        }
    }
    switch (place->base_kind) {
    case IR_BASE_GLOBAL:
        return false;
    case IR_BASE_LOCAL:
        return local_is_picked(s, place->base) ||
               (n_steps > 0 && s->ir->steps.v[place->first_step].kind != IR_STEP_DEREF &&
                is_filled_by_wait(s, place->base));
    case IR_BASE_VALUE:
        return value_is_picked(s, (value_id){place->base});
    }
    return false;
}

/* Does a body that the call runs return a picked object (a search)? */
static bool result_is_picked(const struct search *s, op_id op)
{
    const struct flows *flows = s->scope->contexts->flows;
    const struct call *call = calls_at(flows->calls, s->scope->fn, op);

    for (size_t c = 0; c < call->callees.n && !call->indirect && s->depth < MAX_PICK_DEPTH; c++) {
        struct pick_scope scope = {s->scope->contexts, call->callees.v[c], 0, s->scope->loop};
        struct search inner = search_in(&scope, s->depth + 2);
        for (size_t b = 0; b < inner.ir->blocks.n; b++) {
            const struct ir_block *block = &inner.ir->blocks.v[b];
            if (block->term == IR_RETURN && value_is_picked(&inner, block->cond)) {
                return true;
            }
        }
    }
    return false;
}

static bool value_is_picked(struct search *s, value_id value)
{
    bool picked = false;

    if (value.i == ID_NONE || s->depth >= MAX_PICK_DEPTH) {
        return false;
    }
    const struct ir_value *v = &s->ir->values.v[value.i];
    s->depth++;
    switch (v->kind) {
    case IR_VALUE_READ: {
        const struct ir_place *place = &s->ir->places.v[s->ir->ops.v[v->u.op.i].u.access.place.i];
        picked = place_is_picked(s, place, place->n_steps);
        break;
    }
    case IR_VALUE_ADDR: {
        const struct ir_place *place = &s->ir->places.v[v->u.place.i];
        picked = place_is_picked(s, place, place->n_steps);
        break;
    }
    case IR_VALUE_CALL:
        picked = result_is_picked(s, v->u.op);
        break;
    case IR_VALUE_BINARY:
        picked = value_is_picked(s, v->u.of.a);
        break;
    case IR_VALUE_UNKNOWN:
    case IR_VALUE_INT:
    case IR_VALUE_STRING:
    case IR_VALUE_FN:
    case IR_VALUE_UNARY:
        break;
    }
    s->depth--;
    return picked;
}

bool picked_by_value(const struct pick_scope *scope, value_id value)
{
    struct search s = search_in(scope, 0);

    return value_is_picked(&s, value);
}

bool picked_holder(const struct pick_scope *scope, place_id id)
{
    struct search s = search_in(scope, 0);
    const struct ir_place *place = &s.ir->places.v[id.i];
    uint32_t n_steps = place->n_steps;
    bool in_table = place->base_kind == IR_BASE_GLOBAL;

    if (n_steps == 0) {
        return false;
    }
    for (uint32_t i = 0; i < n_steps; i++) {
        in_table = in_table && s.ir->steps.v[place->first_step + i].kind != IR_STEP_DEREF;
    }
    /* `handlers[type]()`: a table; but `conn->recv[0]()`: two methods of one object */
    if (s.ir->steps.v[place->first_step + n_steps - 1].kind == IR_STEP_INDEX && !in_table) {
        n_steps--;
    }
    return place_is_picked(&s, place, n_steps);
}
