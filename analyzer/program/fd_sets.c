#include "program/fd_sets.h"

#include <string.h>

enum { MAX_DEPTH = 8 };

bool fd_set_is_add(const struct linked *linked, const struct prog_fn *fn, const struct ir_op *op)
{
    if (op->kind != IR_RMW || op->u.access.opcode != IR_OP_OR) {
        return false;
    }
    const struct ir_place *place = &fn->ir->places.v[op->u.access.place.i];
    for (uint32_t i = 0; i < place->n_steps; i++) {
        const struct ir_step *step = &fn->ir->steps.v[place->first_step + i];
        if (step->kind == IR_STEP_FIELD &&
            strstr(linked->fields.v[linked_field(linked, fn, step->arg)].name, "fds_bits") !=
                NULL) {
            return true;
        }
    }
    return false;
}

/* The value in an arithmetic one that is read from somewhere; ID_NONE: none. */
static value_id read_within(const struct ir_fn *ir, value_id value, unsigned depth)
{
    if (value.i == ID_NONE || depth > MAX_DEPTH) {
        return (value_id){ID_NONE};
    }
    const struct ir_value *v = &ir->values.v[value.i];
    if (v->kind == IR_VALUE_READ) {
        return value;
    }
    if (v->kind == IR_VALUE_CALL) { /* __fdelt_chk(fd) */
        const struct ir_op *op = &ir->ops.v[v->u.op.i];
        return op->u.call.n_args == 1 ? read_within(ir, ir->args.v[op->u.call.first_arg], depth + 1)
                                      : (value_id){ID_NONE};
    }
    if (v->kind != IR_VALUE_UNARY && v->kind != IR_VALUE_BINARY) {
        return (value_id){ID_NONE};
    }
    value_id found = read_within(ir, v->u.of.a, depth + 1);
    return found.i != ID_NONE ? found : read_within(ir, v->u.of.b, depth + 1);
}

value_id fd_set_added(const struct ir_fn *ir, const struct ir_op *op)
{
    return read_within(ir, op->u.access.value, 0);
}
