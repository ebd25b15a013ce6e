#include "program/demand.h"

#include "program/resolve.h"

static const struct ir_fn *ir_of(const struct flows *flows, fn_id fn)
{
    return flows->linked->fns.v[fn.i].ir;
}

/* The value behind locals that are written once; NULL: not known. */
static const struct ir_value *value_of(const struct flows *flows, fn_id fn, value_id id)
{
    id = resolve_value(flows->v[fn.i].resolver, id);
    return id.i == ID_NONE ? NULL : &ir_of(flows, fn)->values.v[id.i];
}

/* ---- tests ----------------------------------------------------------------------------------- */

/* Does the value grow with what `read` read? `read`, `read + n`, `read - n`. */
static bool grows_with(const struct flows *flows, fn_id fn, value_id id, op_id read)
{
    const struct ir_value *v = value_of(flows, fn, id);

    if (v == NULL) {
        return false;
    }
    if (v->kind == IR_VALUE_READ) {
        return v->u.op.i == read.i;
    }
    return v->kind == IR_VALUE_BINARY &&
           ((v->opcode == IR_OP_ADD &&
             (grows_with(flows, fn, v->u.of.a, read) || grows_with(flows, fn, v->u.of.b, read))) ||
            (v->opcode == IR_OP_SUB && grows_with(flows, fn, v->u.of.a, read)));
}

static struct demand equality(const struct flows *flows, fn_id fn, value_id other, bool equal)
{
    const struct ir_value *v = value_of(flows, fn, other);

    if (v == NULL || v->kind != IR_VALUE_INT) {
        return (struct demand){DEMAND_NONE, 0};
    }
    if (equal) {
        return (struct demand){DEMAND_IS, v->u.number};
    }
    return (struct demand){v->u.number == 0 ? DEMAND_SET : DEMAND_NONE, 0};
}

/* `a op b`, or its contrary when `holds` is false. */
static struct demand comparison(const struct flows *flows, fn_id fn, const struct ir_value *v,
                                op_id read, bool holds)
{
    bool left = grows_with(flows, fn, v->u.of.a, read);
    bool right = grows_with(flows, fn, v->u.of.b, read);
    bool below = v->opcode == IR_OP_LT || v->opcode == IR_OP_LE;
    bool above = v->opcode == IR_OP_GT || v->opcode == IR_OP_GE;

    if (left == right) {
        return (struct demand){DEMAND_NONE, 0};
    }
    if (v->opcode == IR_OP_EQ || v->opcode == IR_OP_NE) {
        return equality(flows, fn, left ? v->u.of.b : v->u.of.a, holds == (v->opcode == IR_OP_EQ));
    }
    if (!below && !above) {
        return (struct demand){DEMAND_NONE, 0}; /* arithmetic tells nothing of one side alone */
    }
    return (struct demand){(left == holds) == above ? DEMAND_MORE : DEMAND_LESS, 0};
}

struct demand demand_of(const struct flows *flows, fn_id fn, uint32_t branch, uint32_t side,
                        op_id read)
{
    const struct ir_block *block = &ir_of(flows, fn)->blocks.v[branch];
    const struct ir_value *v = block->term == IR_BRANCH && block->cond.i != ID_NONE
                                   ? value_of(flows, fn, block->cond)
                                   : NULL;
    bool holds = side == 0;

    while (v != NULL && v->kind == IR_VALUE_UNARY && v->opcode == IR_OP_NOT) {
        v = value_of(flows, fn, v->u.of.a);
        holds = !holds;
    }
    if (v == NULL) {
        return (struct demand){DEMAND_NONE, 0};
    }
    if (v->kind == IR_VALUE_READ && v->u.op.i == read.i) {
        return (struct demand){holds ? DEMAND_SET : DEMAND_IS, 0};
    }
    return v->kind == IR_VALUE_BINARY ? comparison(flows, fn, v, read, holds)
                                      : (struct demand){DEMAND_NONE, 0};
}

/* ---- changes --------------------------------------------------------------------------------- */

/* Adding what: a constant tells the direction, something else is taken to be positive. */
static struct change shift(const struct flows *flows, fn_id fn, value_id by, bool up)
{
    const struct ir_value *v = by.i == ID_NONE ? NULL : value_of(flows, fn, by);

    if (v != NULL && v->kind == IR_VALUE_INT) {
        up = v->u.number < 0 ? !up : up;
        return (struct change){v->u.number == 0 ? CHANGE_NONE : up ? CHANGE_UP : CHANGE_DOWN, 0};
    }
    return (struct change){up ? CHANGE_UP : CHANGE_DOWN, 0};
}

/* Is the value what the op's own variable held? */
static bool is_own_value(const struct flows *flows, fn_id fn, const struct ir_op *op, value_id id)
{
    const struct ir_value *v = value_of(flows, fn, id);

    if (v == NULL || v->kind != IR_VALUE_READ) {
        return false;
    }
    const struct ir_op *read = &ir_of(flows, fn)->ops.v[v->u.op.i];
    path_id mine = flow_place(flows, fn, op->u.access.place);
    return !path_is_none(mine) && path_eq(mine, flow_place(flows, fn, read->u.access.place));
}

static struct change stored(const struct flows *flows, fn_id fn, const struct ir_op *op)
{
    const struct ir_value *v =
        op->u.access.value.i == ID_NONE ? NULL : value_of(flows, fn, op->u.access.value);

    if (v != NULL && v->kind == IR_VALUE_INT) {
        return (struct change){CHANGE_TO, v->u.number};
    }
    if (v != NULL && v->kind == IR_VALUE_BINARY &&
        (v->opcode == IR_OP_ADD || v->opcode == IR_OP_SUB) &&
        is_own_value(flows, fn, op, v->u.of.a)) {
        return shift(flows, fn, v->u.of.b, v->opcode == IR_OP_ADD);
    }
    return (struct change){CHANGE_NEW, 0};
}

struct change change_of(const struct flows *flows, fn_id fn, op_id id)
{
    const struct ir_op *op = &ir_of(flows, fn)->ops.v[id.i];

    if (op->kind == IR_WRITE) {
        return stored(flows, fn, op);
    }
    if (op->kind != IR_RMW) {
        return (struct change){CHANGE_NONE, 0};
    }
    if (op->u.access.opcode == IR_OP_ADD || op->u.access.opcode == IR_OP_SUB) {
        return shift(flows, fn, op->u.access.value, op->u.access.opcode == IR_OP_ADD);
    }
    return (struct change){CHANGE_NEW, 0};
}

/* ---- the two together ------------------------------------------------------------------------ */

bool change_relies_on(struct change change, struct demand demand, bool pointer)
{
    switch (demand.kind) {
    case DEMAND_NONE:
        return false;
    case DEMAND_MORE:
    case DEMAND_SET:
        return change.kind == CHANGE_DOWN;
    case DEMAND_LESS:
        return change.kind == CHANGE_UP;
    case DEMAND_IS: /* what is made twice is lost once; a number is only set twice */
        return change.kind == CHANGE_UP || change.kind == CHANGE_DOWN ||
               (change.kind == CHANGE_NEW && pointer);
    }
    return false;
}

bool change_ends(struct change change, struct demand demand)
{
    switch (demand.kind) {
    case DEMAND_NONE:
        return false;
    case DEMAND_MORE:
    case DEMAND_SET:
        return change.kind == CHANGE_DOWN || (change.kind == CHANGE_TO && change.value <= 0);
    case DEMAND_LESS:
        return change.kind == CHANGE_UP;
    case DEMAND_IS:
        return change.kind == CHANGE_UP || change.kind == CHANGE_DOWN ||
               change.kind == CHANGE_NEW ||
               (change.kind == CHANGE_TO && change.value != demand.value);
    }
    return false;
}
