#include "program/touches.h"

#include "program/resolve.h"

enum { MAX_DOWN = 4, MAX_PARAM = 16, FEW = 3 };

/* What is known of one function's parameters, a bit each. */
struct known {
    uint16_t asked;
    uint16_t yes;
};

enum question { USES, KEEPS, QUESTIONS };

struct touches {
    const struct flows *flows;
    struct known *known[QUESTIONS]; /* by fn */
};

struct touches *touches_new(void *owner, const struct flows *flows)
{
    struct touches *touches = mem_new(owner, struct touches);

    touches->flows = flows;
    for (unsigned q = 0; q < QUESTIONS; q++) {
        touches->known[q] = mem_array(touches, struct known, flows->linked->fns.n + 1);
    }
    return touches;
}

/* Does the place lie in the object that `local` points to: one pointer on the way? */
static bool lies_in_pointee(const struct ir_fn *ir, const struct ir_place *place)
{
    for (uint32_t i = 1; i < place->n_steps; i++) {
        if (ir->steps.v[place->first_step + i].kind == IR_STEP_DEREF) {
            return false;
        }
    }
    return place->base_kind == IR_BASE_LOCAL && place->n_steps > 0 &&
           ir->steps.v[place->first_step].kind == IR_STEP_DEREF;
}

static bool is_nonzero(const struct ir_fn *ir, value_id value)
{
    return value.i != ID_NONE && ir->values.v[value.i].kind == IR_VALUE_INT &&
           ir->values.v[value.i].u.number != 0;
}

/* Is it `old + n`, of what a read yielded? */
static bool is_sum(const struct ir_fn *ir, value_id value)
{
    if (value.i == ID_NONE || ir->values.v[value.i].kind != IR_VALUE_BINARY ||
        ir->values.v[value.i].opcode != IR_OP_ADD) {
        return false;
    }
    value_id a = ir->values.v[value.i].u.of.a;
    value_id b = ir->values.v[value.i].u.of.b;
    return a.i != ID_NONE && ir->values.v[a.i].kind == IR_VALUE_READ && is_nonzero(ir, b);
}

bool touches_keeps_here(const struct flows *flows, fn_id fn, op_id op, uint32_t local)
{
    const struct ir_fn *ir = flows->linked->fns.v[fn.i].ir;
    const struct ir_op *o = &ir->ops.v[op.i];

    if (o->kind != IR_WRITE && o->kind != IR_RMW) {
        return false;
    }
    const struct ir_place *place = &ir->places.v[o->u.access.place.i];
    if (!lies_in_pointee(ir, place) || place->base != local) {
        return false;
    }
    if (o->kind == IR_WRITE) { /* a mark is a constant: `c->busy = true` */
        return is_nonzero(ir, o->u.access.value) || is_sum(ir, o->u.access.value);
    }
    return o->u.access.opcode == IR_OP_CAS || o->u.access.opcode == IR_OP_OR ||
           (o->u.access.opcode == IR_OP_EXCHANGE && is_nonzero(ir, o->u.access.value)) ||
           o->u.access.opcode == IR_OP_ADD;
}

/* Is the local a parameter, or a copy of it? */
static bool is_param(const struct flows *flows, fn_id fn, uint32_t local, uint32_t param)
{
    if (local == param) {
        return true;
    }
    value_id def = resolve_single_def(flows->v[fn.i].resolver, local);
    return def.i != ID_NONE && frees_param_of(flows, fn, def) == param;
}

/* Is the value the parameter's, or the address of a part of its object? */
static bool comes_of_param(const struct flows *flows, fn_id fn, value_id value, uint32_t param)
{
    const struct ir_fn *ir = flows->linked->fns.v[fn.i].ir;

    if (value.i == ID_NONE) {
        return false;
    }
    if (ir->values.v[value.i].kind == IR_VALUE_ADDR) {
        const struct ir_place *place = &ir->places.v[ir->values.v[value.i].u.place.i];
        return lies_in_pointee(ir, place) && is_param(flows, fn, place->base, param);
    }
    return frees_param_of(flows, fn, value) == param;
}

static bool does_here(const struct touches *touches, enum question q, fn_id fn, op_id op,
                      uint32_t param)
{
    const struct ir_fn *ir = touches->flows->linked->fns.v[fn.i].ir;
    const struct ir_op *o = &ir->ops.v[op.i];
    const struct ir_place *place = &ir->places.v[o->u.access.place.i];
    bool behind = place->base_kind == IR_BASE_LOCAL && place->n_steps > 0 &&
                  ir->steps.v[place->first_step].kind == IR_STEP_DEREF;

    return behind && is_param(touches->flows, fn, place->base, param) &&
           (q == USES || touches_keeps_here(touches->flows, fn, op, place->base));
}

bool touches_model_uses(const struct model_fn *model, int arg)
{
    return arg == model->acquire || arg == model->release || arg == model->frees ||
           arg == model->copies_to || arg == model->copies_from || arg == model->wait_lock ||
           arg == model->wait_cond || arg == model->destroy || arg == model->init;
}

static bool ask(struct touches *touches, enum question q, fn_id fn, uint32_t param, unsigned down);

static bool does_by_call(struct touches *touches, enum question q, fn_id fn, op_id op,
                         uint32_t param, unsigned down)
{
    const struct ir_fn *ir = touches->flows->linked->fns.v[fn.i].ir;
    const struct ir_op *o = &ir->ops.v[op.i];
    const struct call *call = calls_at(touches->flows->calls, fn, op);
    bool yes = false;

    for (uint32_t a = 0; a < o->u.call.n_args && !yes; a++) {
        if (!comes_of_param(touches->flows, fn, ir->args.v[o->u.call.first_arg + a], param)) {
            continue;
        }
        yes = call->model != NULL && q == USES && touches_model_uses(call->model, (int)a + 1);
        for (size_t c = 0; c < call->callees.n && call->callees.n <= FEW && !yes; c++) {
            yes = ask(touches, q, call->callees.v[c], a, down + 1);
        }
    }
    return yes;
}

static bool ask(struct touches *touches, enum question q, fn_id fn, uint32_t param, unsigned down)
{
    const struct ir_fn *ir = touches->flows->linked->fns.v[fn.i].ir;
    struct known *known = &touches->known[q][fn.i];

    if (param >= MAX_PARAM || param >= ir->n_params || down > MAX_DOWN) {
        return false;
    }
    if (((unsigned)known->asked >> param & 1u) != 0) {
        return ((unsigned)known->yes >> param & 1u) != 0;
    }
    known->asked = (uint16_t)(known->asked | 1u << param); /* also ends recursion */
    for (uint32_t i = 0; i < ir->ops.n; i++) {
        op_id op = {i};
        if (ir->ops.v[i].kind == IR_CALL ? does_by_call(touches, q, fn, op, param, down)
                                         : does_here(touches, q, fn, op, param)) {
            known->yes = (uint16_t)(known->yes | 1u << param);
            return true;
        }
    }
    return false;
}

bool touches_uses(struct touches *touches, fn_id fn, uint32_t param)
{
    return ask(touches, USES, fn, param, 0);
}

bool touches_keeps(struct touches *touches, fn_id fn, uint32_t param)
{
    return ask(touches, KEEPS, fn, param, 0);
}
