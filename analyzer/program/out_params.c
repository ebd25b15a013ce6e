#include "program/out_params.h"

#include "program/depends.h"
#include "program/resolve.h"

struct out_params {
    const struct flows *flows;
    uint32_t *of_fn; /* by fn: bit i: parameter i */
};

bool out_params_any(const struct out_params *out, fn_id fn)
{
    return out->of_fn[fn.i] != 0;
}

uint32_t out_params_all(const struct out_params *out, fn_id fn)
{
    return out->of_fn[fn.i];
}

bool out_params_has(const struct out_params *out, fn_id fn, uint32_t param)
{
    return param < MAX_PARAMS && (out->of_fn[fn.i] & (1u << param)) != 0;
}

bool out_params_place(const struct flows *flows, fn_id fn, place_id place, uint32_t *ret_param,
                      uint32_t *ret_field)
{
    const struct ir_fn *ir = flows->linked->fns.v[fn.i].ir;
    const struct ir_place *p = &ir->places.v[place.i];

    if (p->base_kind != IR_BASE_LOCAL || p->base >= ir->n_params || p->n_steps == 0 ||
        ir->steps.v[p->first_step].kind != IR_STEP_DEREF ||
        !resolve_is_argument(flows->v[fn.i].resolver, p->base)) {
        return false;
    }
    *ret_param = p->base;
    *ret_field = ID_NONE;
    for (uint32_t i = 1; i < p->n_steps; i++) {
        const struct ir_step *step = &ir->steps.v[p->first_step + i];
        if (step->kind == IR_STEP_DEREF || step->kind == IR_STEP_CONTAINER) {
            return false;
        }
        *ret_field = step->kind == IR_STEP_FIELD ? step->arg : *ret_field;
    }
    return true;
}

bool out_params_handed_on(const struct flows *flows, const struct call *call, uint32_t i,
                          uint32_t *ret_param, uint32_t *ret_field)
{
    const struct ir_fn *ir = flows->linked->fns.v[call->fn.i].ir;
    value_id arg = ir->args.v[ir->ops.v[call->op.i].u.call.first_arg + i];

    if (arg.i == ID_NONE) {
        return false;
    }
    const struct ir_value *v = &ir->values.v[arg.i];
    if (v->kind == IR_VALUE_ADDR) {
        return out_params_place(flows, call->fn, v->u.place, ret_param, ret_field);
    }
    *ret_field = ID_NONE;
    return v->kind == IR_VALUE_READ &&
           place_is_local(ir, ir->ops.v[v->u.op.i].u.access.place, ret_param) &&
           *ret_param < ir->n_params &&
           resolve_is_argument(flows->v[call->fn.i].resolver, *ret_param);
}

/* The arguments, bit by bit, behind which the call can put something into a local of the function.
 */
static uint32_t locals_filled(const struct out_params *out, const struct call *call)
{
    const struct ir_fn *ir = out->flows->linked->fns.v[call->fn.i].ir;
    const struct ir_op *op = &ir->ops.v[call->op.i];
    uint32_t mask = 0;
    uint32_t local;
    uint32_t field;

    for (uint32_t i = 0; i < op->u.call.n_args && i < MAX_PARAMS; i++) {
        mask |= call_fills_local(ir, op, i, &local, &field) ? 1u << i : 0;
    }
    return mask;
}

/* The same for what the function has been handed itself. */
static uint32_t params_handed_on(const struct out_params *out, const struct call *call)
{
    const struct ir_fn *ir = out->flows->linked->fns.v[call->fn.i].ir;
    uint32_t n = ir->ops.v[call->op.i].u.call.n_args;
    uint32_t mask = 0;
    uint32_t param;
    uint32_t field;

    for (uint32_t i = 0; i < n && i < MAX_PARAMS; i++) {
        mask |= out_params_handed_on(out->flows, call, i, &param, &field) &&
                        out_params_has(out, call->fn, param)
                    ? 1u << i
                    : 0;
    }
    return mask;
}

struct work {
    VEC(fn_id) fns; /* whose parameters have become more */
};

static void mark(struct out_params *out, const struct call *call, uint32_t mask, struct work *work)
{
    for (size_t c = 0; c < call->callees.n && mask != 0; c++) {
        uint32_t *of = &out->of_fn[call->callees.v[c].i];
        if ((mask & ~*of) != 0) {
            *of |= mask;
            vec_push(NULL, &work->fns, call->callees.v[c]);
        }
    }
}

struct out_params *out_params_build(void *owner, const struct flows *flows)
{
    struct out_params *out = mem_new(owner, struct out_params);
    const struct calls *calls = flows->calls;
    struct work work = {.fns = {NULL, 0}};

    out->flows = flows;
    out->of_fn = mem_array(out, uint32_t, flows->linked->fns.n + 1);
    for (size_t i = 0; i < calls->v.n; i++) {
        const struct call *call = &calls->v.v[i];
        if (call->model == NULL && call->callees.n > 0) {
            mark(out, call, locals_filled(out, call), &work);
        }
    }
    while (work.fns.n > 0) {
        fn_id fn = work.fns.v[--work.fns.n];
        for (uint32_t i = calls->first[fn.i]; i < calls->first[fn.i + 1]; i++) {
            const struct call *call = &calls->v.v[i];
            if (call->model == NULL) {
                mark(out, call, params_handed_on(out, call), &work);
            }
        }
    }
    talloc_free(work.fns.v);
    return out;
}
