#include "program/starts.h"

#include "program/resolve.h"

static bool is_zero(const struct ir_fn *ir, value_id value)
{
    const struct ir_value *v = &ir->values.v[value.i];

    return v->kind == IR_VALUE_INT && v->u.number == 0;
}

/* The value whose being zero or not the condition tells; *zero: the condition holds if it is. */
static value_id tested(const struct ir_fn *ir, value_id cond, bool *zero)
{
    *zero = false;
    for (;;) {
        const struct ir_value *v = &ir->values.v[cond.i];
        bool compares = v->kind == IR_VALUE_BINARY && is_zero(ir, v->u.of.b);
        if (v->kind == IR_VALUE_UNARY && v->opcode == IR_OP_NOT) {
            *zero = !*zero;
        } else if (compares && v->opcode == IR_OP_EQ) {
            *zero = !*zero;
        } else if (!compares || v->opcode != IR_OP_NE) {
            return cond;
        }
        cond = v->u.of.a;
    }
}

/* What was last written to the local before `read`, in the same block; ID_NONE: nothing. */
static value_id last_written(const struct ir_fn *ir, const struct ir_block *block, op_id read,
                             uint32_t local)
{
    uint32_t to;

    for (uint32_t i = read.i; i-- > block->first_op;) {
        const struct ir_op *op = &ir->ops.v[i];
        if ((op->kind == IR_WRITE || op->kind == IR_RMW) &&
            place_is_local(ir, op->u.access.place, &to) && to == local) {
            return op->kind == IR_WRITE ? op->u.access.value : (value_id){ID_NONE};
        }
    }
    return (value_id){ID_NONE};
}

/* The call whose result the value is; NULL: none. */
static const struct call *call_behind(const struct flows *flows, fn_id fn,
                                      const struct ir_block *block, value_id value)
{
    const struct ir_fn *ir = flows->linked->fns.v[fn.i].ir;
    const struct ir_value *v = &ir->values.v[value.i];
    uint32_t local;

    if (v->kind == IR_VALUE_READ &&
        place_is_local(ir, ir->ops.v[v->u.op.i].u.access.place, &local)) {
        value_id written = last_written(ir, block, v->u.op, local);
        value = written.i != ID_NONE ? written : resolve_value(flows->v[fn.i].resolver, value);
        v = value.i == ID_NONE ? NULL : &ir->values.v[value.i];
    }
    return v != NULL && v->kind == IR_VALUE_CALL ? calls_at(flows->calls, fn, v->u.op) : NULL;
}

const struct call *starts_failed_call(const struct flows *flows, fn_id fn, uint32_t block,
                                      uint32_t edge)
{
    const struct prog_fn *body = &flows->linked->fns.v[fn.i];
    const struct ir_block *b = &body->ir->blocks.v[block];
    bool zero;

    if (b->term != IR_BRANCH || b->cond.i == ID_NONE) {
        return NULL;
    }
    const struct call *call = call_behind(flows, fn, b, tested(body->ir, b->cond, &zero));
    if (call == NULL || call->model == NULL || call->model->thread_entry == ARG_NONE ||
        call->model->ok == OK_ALWAYS || cfg_op_repeats(body->cfg, call->op)) {
        return NULL;
    }
    bool is_zero_here = zero == (edge == 0);
    return is_zero_here != (call->model->ok == OK_ZERO) ? call : NULL;
}
