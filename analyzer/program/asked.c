#include "program/asked.h"

#include "program/resolve.h"

struct asker {
    const struct flows *flows;
    fn_id fn;
    asked_counts_fn *counts;
    const void *user;
};

bool condition_contradict(const struct condition *a, const struct condition *b)
{
    if (!path_eq(a->variable, b->variable)) {
        return false;
    }
    return a->equal && b->equal ? a->value != b->value
                                : a->equal != b->equal && a->value == b->value;
}

static const struct ir_fn *ir_of(const struct asker *a)
{
    return a->flows->linked->fns.v[a->fn.i].ir;
}

/* The variable that was read for `value`; PATH_NONE: none that counts. */
static path_id variable_of(const struct asker *a, value_id value)
{
    const struct ir_fn *ir = ir_of(a);
    uint32_t local;

    value = resolve_value(a->flows->v[a->fn.i].resolver, value);
    if (value.i == ID_NONE || ir->values.v[value.i].kind != IR_VALUE_READ) {
        return PATH_NONE;
    }
    const struct ir_op *read = &ir->ops.v[ir->values.v[value.i].u.op.i];
    if (read->kind != IR_READ || place_is_local(ir, read->u.access.place, &local)) {
        return PATH_NONE;
    }
    path_id path = flow_place(a->flows, a->fn, read->u.access.place);
    return !path_is_none(path) && a->counts(a->user, path) ? path : PATH_NONE;
}

static const struct ir_value *number_of(const struct ir_fn *ir, value_id value)
{
    return value.i != ID_NONE && ir->values.v[value.i].kind == IR_VALUE_INT ? &ir->values.v[value.i]
                                                                            : NULL;
}

/* What it says that `value` is zero (or is not). */
static bool learn(const struct asker *a, value_id value, bool nonzero, struct condition *ret)
{
    const struct ir_fn *ir = ir_of(a);

    while (value.i != ID_NONE && ir->values.v[value.i].kind == IR_VALUE_UNARY &&
           ir->values.v[value.i].opcode == IR_OP_NOT) {
        value = ir->values.v[value.i].u.of.a;
        nonzero = !nonzero;
    }
    if (value.i == ID_NONE) {
        return false;
    }
    const struct ir_value *v = &ir->values.v[value.i];
    *ret = (struct condition){variable_of(a, value), !nonzero, 0};
    if (v->kind == IR_VALUE_BINARY && (v->opcode == IR_OP_EQ || v->opcode == IR_OP_NE)) {
        const struct ir_value *number = number_of(ir, v->u.of.b);
        ret->variable = number == NULL ? PATH_NONE : variable_of(a, v->u.of.a);
        ret->equal = (v->opcode == IR_OP_EQ) == nonzero;
        ret->value = number == NULL ? 0 : number->u.number;
    }
    return !path_is_none(ret->variable);
}

static bool learn_case(const struct asker *a, const struct ir_block *block,
                       const struct ir_succ *succ, struct condition *ret)
{
    path_id variable = block->cond.i == ID_NONE ? PATH_NONE : variable_of(a, block->cond);

    *ret = (struct condition){variable, true, succ->low};
    return !path_is_none(variable) && !succ->is_default && succ->low == succ->high;
}

bool asked_by(const struct flows *flows, fn_id fn, uint32_t up, uint32_t b, asked_counts_fn *counts,
              const void *user, struct condition *ret)
{
    const struct asker asker = {flows, fn, counts, user};
    const struct cfg *cfg = flows->linked->fns.v[fn.i].cfg;
    const struct ir_block *block = &cfg->fn->blocks.v[up];
    uint32_t side =
        block->term == IR_BRANCH || block->term == IR_SWITCH ? cfg_side_of(cfg, up, b) : ID_NONE;

    if (side == ID_NONE) {
        return false;
    }
    return block->term == IR_BRANCH
               ? learn(&asker, block->cond, side == 0, ret)
               : learn_case(&asker, block, &cfg->fn->succs.v[block->first_succ + side], ret);
}
