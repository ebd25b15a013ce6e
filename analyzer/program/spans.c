#include "program/spans.h"

#include "program/fd_sets.h"

#include "program/blocking.h"
#include "program/resolve.h"

#include <string.h>

enum { MAX_SPAN_DEPTH = 6, MAX_SPAN_OPS = 4000 };

bool span_is_wait(const struct contexts *contexts, const struct call *call)
{
    bool sure;

    return call->model != NULL && call->model->blocks == BLOCKS_POLL &&
           blocking_what(contexts, call, &sure) == BLOCKS_POLL;
}

static const struct ir_fn *body_of(const struct contexts *contexts, fn_id fn)
{
    return contexts->flows->linked->fns.v[fn.i].ir;
}

/* Is the local that counts descriptors only changed outside of loops but the one around the wait
 * (`n = 0; if (a) fds[n++] = ...; if (b) fds[n++] = ...`)? */
static bool counts_few(const struct prog_fn *fn, uint32_t local, uint32_t around)
{
    for (uint32_t i = 0; i < fn->ir->ops.n; i++) {
        const struct ir_op *op = &fn->ir->ops.v[i];
        uint32_t head = fn->cfg->loop_head[cfg_block_of(fn->cfg, (op_id){i})];
        uint32_t written;
        if ((op->kind != IR_WRITE && op->kind != IR_RMW) ||
            !place_is_local(fn->ir, op->u.access.place, &written) || written != local) {
            continue;
        }
        const struct ir_value *v =
            op->u.access.value.i == ID_NONE ? NULL : &fn->ir->values.v[op->u.access.value.i];
        bool known = op->kind == IR_RMW || (v != NULL && v->kind == IR_VALUE_INT);
        if (!known || (head != ID_NONE && head != around)) {
            return false;
        }
    }
    return (fn->ir->locals.v[local].flags & IR_LOCAL_ADDRESS_TAKEN) == 0;
}

/* What `value` counts, an argument of `op`. */
static struct span span_of_count(const struct contexts *contexts, fn_id fn, op_id op,
                                 value_id value)
{
    const struct prog_fn *body = &contexts->flows->linked->fns.v[fn.i];
    const struct ir_fn *ir = body->ir;
    uint32_t around = body->cfg->loop_head[cfg_block_of(body->cfg, op)];
    uint32_t local;

    value = resolve_value(contexts->flows->v[fn.i].resolver, value);
    if (value.i == ID_NONE) {
        return (struct span){SPAN_MANY, 0};
    }
    const struct ir_value *v = &ir->values.v[value.i];
    if (v->kind == IR_VALUE_INT) {
        return (struct span){v->u.number > 1 ? SPAN_FEW : SPAN_ONE, 0};
    }
    if (v->kind != IR_VALUE_READ ||
        !place_is_local(ir, ir->ops.v[v->u.op.i].u.access.place, &local)) {
        return (struct span){SPAN_MANY, 0};
    }
    if (local < ir->n_params) {
        return (struct span){SPAN_PARAM, local};
    }
    return (struct span){counts_few(body, local, around) ? SPAN_FEW : SPAN_MANY, 0};
}

/* ---- fd_set ---------------------------------------------------------------------------------- */

static place_id place_read(const struct ir_fn *ir, value_id value)
{
    return ir->ops.v[ir->values.v[value.i].u.op.i].u.access.place;
}

/* The fd_sets of a select(): those that its own function fills with descriptors named one by one
 * are for a few. */
static struct span span_of_sets(const struct contexts *contexts, const struct call *call)
{
    const struct linked *linked = contexts->flows->linked;
    const struct prog_fn *fn = &linked->fns.v[call->fn.i];
    uint32_t around = fn->cfg->loop_head[cfg_block_of(fn->cfg, call->op)];
    path_id only = PATH_NONE;
    bool few = false;
    size_t n = 0;

    for (uint32_t i = 0; i < fn->ir->ops.n; i++) {
        const struct ir_op *op = &fn->ir->ops.v[i];
        if (!fd_set_is_add(linked, fn, op)) {
            continue;
        }
        uint32_t head = fn->cfg->loop_head[cfg_block_of(fn->cfg, (op_id){i})];
        value_id added = fd_set_added(fn->ir, op);
        path_id path = added.i == ID_NONE
                           ? PATH_NONE
                           : flow_place(contexts->flows, call->fn, place_read(fn->ir, added));
        if (head != ID_NONE && head != around) {
            return (struct span){SPAN_MANY, 0};
        }
        few = few || path_is_none(path) || (n > 0 && !path_eq(path, only));
        only = path;
        n++;
    }
    return (struct span){n == 0 ? SPAN_MANY : few ? SPAN_FEW : SPAN_ONE, 0};
}

struct span span_of(const struct contexts *contexts, const struct call *call)
{
    switch (call->model->waits_many) {
    case ARG_NONE:
        return (struct span){SPAN_ONE, 0};
    case ARG_SINGLETON:
        return (struct span){SPAN_MANY, 0};
    case MANY_FD_SETS:
        return span_of_sets(contexts, call);
    default:
        return span_of_count(contexts, call->fn, call->op,
                             call_arg(contexts->flows->linked, call, call->model->waits_many));
    }
}

struct span span_at_caller(const struct contexts *contexts, const struct call *caller,
                           struct span inner)
{
    if (inner.kind != SPAN_PARAM) {
        return inner;
    }
    return span_of_count(contexts, caller->fn, caller->op,
                         call_arg(contexts->flows->linked, caller, (int)inner.param + 1));
}

/* ---- what one descriptor is about ------------------------------------------------------------ */

struct about {
    const struct contexts *contexts;
    uint32_t record;
    unsigned n_ops; /* looked at; ends deep searches */
};

static bool place_is_about(const struct about *about, const struct prog_fn *fn, place_id id)
{
    const struct linked *linked = about->contexts->flows->linked;
    const struct ir_place *place = &fn->ir->places.v[id.i];

    for (uint32_t i = 0; i < place->n_steps; i++) {
        const struct ir_step *step = &fn->ir->steps.v[place->first_step + i];
        if (step->kind == IR_STEP_FIELD &&
            linked->fields.v[linked_field(linked, fn, step->arg)].record == about->record) {
            return true;
        }
    }
    return false;
}

/* Does the function read a member of the record? */
static bool body_is_about(struct about *about, fn_id fn)
{
    const struct prog_fn *body = &about->contexts->flows->linked->fns.v[fn.i];

    for (uint32_t i = 0; i < body->ir->ops.n && about->n_ops < MAX_SPAN_OPS; i++) {
        about->n_ops++;
        if (body->ir->ops.v[i].kind == IR_READ &&
            place_is_about(about, body, body->ir->ops.v[i].u.access.place)) {
            return true;
        }
    }
    return false;
}

static bool value_is_about(struct about *about, fn_id fn, value_id value, unsigned depth);

/* Is anything about the record written to the local, or to a member of it? */
static bool local_is_about(struct about *about, fn_id fn, uint32_t local, unsigned depth)
{
    const struct ir_fn *ir = body_of(about->contexts, fn);

    for (uint32_t i = 0; i < ir->ops.n && about->n_ops < MAX_SPAN_OPS; i++) {
        const struct ir_op *op = &ir->ops.v[i];
        about->n_ops++;
        if (op->kind != IR_WRITE && op->kind != IR_RMW) {
            continue;
        }
        const struct ir_place *place = &ir->places.v[op->u.access.place.i];
        if (place->base_kind == IR_BASE_LOCAL && place->base == local &&
            value_is_about(about, fn, op->u.access.value, depth + 1)) {
            return true;
        }
    }
    return false;
}

static bool value_is_about(struct about *about, fn_id fn, value_id value, unsigned depth)
{
    const struct prog_fn *body = &about->contexts->flows->linked->fns.v[fn.i];

    if (value.i == ID_NONE || depth > MAX_SPAN_DEPTH) {
        return false;
    }
    const struct ir_value *v = &body->ir->values.v[value.i];
    switch (v->kind) {
    case IR_VALUE_READ:
    case IR_VALUE_ADDR: {
        place_id id =
            v->kind == IR_VALUE_ADDR ? v->u.place : body->ir->ops.v[v->u.op.i].u.access.place;
        const struct ir_place *place = &body->ir->places.v[id.i];
        return place_is_about(about, body, id) ||
               (place->base_kind == IR_BASE_LOCAL && local_is_about(about, fn, place->base, depth));
    }
    case IR_VALUE_CALL: {
        const struct call *call = calls_at(about->contexts->flows->calls, fn, v->u.op);
        for (size_t c = 0; c < call->callees.n; c++) {
            if (body_is_about(about, call->callees.v[c])) {
                return true;
            }
        }
        return false;
    }
    case IR_VALUE_UNARY:
    case IR_VALUE_BINARY:
        return value_is_about(about, fn, v->u.of.a, depth + 1) ||
               value_is_about(about, fn, v->u.of.b, depth + 1);
    case IR_VALUE_UNKNOWN:
    case IR_VALUE_INT:
    case IR_VALUE_STRING:
    case IR_VALUE_FN:
        return false;
    }
    return false;
}

bool span_is_about(const struct contexts *contexts, const struct call *wait, uint32_t record)
{
    const struct ir_fn *ir = body_of(contexts, wait->fn);
    const struct ir_op *op = &ir->ops.v[wait->op.i];
    struct about about = {contexts, record, 0};

    for (uint32_t a = 0; a < op->u.call.n_args; a++) {
        if (value_is_about(&about, wait->fn, ir->args.v[op->u.call.first_arg + a], 0)) {
            return true;
        }
    }
    return false;
}
