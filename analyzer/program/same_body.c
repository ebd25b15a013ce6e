#include "program/same_body.h"

static bool same_locals(const struct ir_fn *a, const struct ir_fn *b)
{
    bool same = a->n_params == b->n_params && a->locals.n == b->locals.n;

    for (size_t i = 0; i < a->locals.n && same; i++) {
        const struct ir_local *x = &a->locals.v[i];
        const struct ir_local *y = &b->locals.v[i];
        same = x->name == y->name && x->type == y->type && x->flags == y->flags;
    }
    return same;
}

static bool same_places(const struct body *a, const struct body *b)
{
    bool same = a->fn->places.n == b->fn->places.n && a->fn->steps.n == b->fn->steps.n;

    for (size_t i = 0; i < a->fn->places.n && same; i++) {
        const struct ir_place *x = &a->fn->places.v[i];
        const struct ir_place *y = &b->fn->places.v[i];
        bool global = x->base_kind == IR_BASE_GLOBAL;
        same = x->base_kind == y->base_kind && x->n_steps == y->n_steps &&
               x->first_step == y->first_step &&
               (global ? a->syms[x->base] == b->syms[y->base] : x->base == y->base);
    }
    for (size_t i = 0; i < a->fn->steps.n && same; i++) {
        same = a->fn->steps.v[i].kind == b->fn->steps.v[i].kind &&
               a->fn->steps.v[i].arg == b->fn->steps.v[i].arg;
    }
    return same;
}

static bool same_value(const struct body *a, const struct body *b, const struct ir_value *x,
                       const struct ir_value *y)
{
    if (x->kind != y->kind || x->opcode != y->opcode) {
        return false;
    }
    switch (x->kind) {
    case IR_VALUE_INT:
        return x->u.number == y->u.number;
    case IR_VALUE_STRING:
        return x->u.text == y->u.text;
    case IR_VALUE_FN:
        return a->syms[x->u.sym.i] == b->syms[y->u.sym.i];
    case IR_VALUE_ADDR:
        return x->u.place.i == y->u.place.i;
    case IR_VALUE_READ:
    case IR_VALUE_CALL:
        return x->u.op.i == y->u.op.i;
    case IR_VALUE_UNARY:
    case IR_VALUE_BINARY:
        return x->u.of.a.i == y->u.of.a.i && x->u.of.b.i == y->u.of.b.i;
    case IR_VALUE_UNKNOWN:
        break;
    }
    return true;
}

static bool same_values(const struct body *a, const struct body *b)
{
    bool same = a->fn->values.n == b->fn->values.n && a->fn->args.n == b->fn->args.n;

    for (size_t i = 0; i < a->fn->values.n && same; i++) {
        same = same_value(a, b, &a->fn->values.v[i], &b->fn->values.v[i]);
    }
    for (size_t i = 0; i < a->fn->args.n && same; i++) {
        same = a->fn->args.v[i].i == b->fn->args.v[i].i;
    }
    return same;
}

static bool same_op(const struct ir_op *x, const struct ir_op *y)
{
    if (x->kind != y->kind || x->order != y->order || x->flags != y->flags ||
        x->where.i != y->where.i) {
        return false;
    }
    if (x->kind == IR_CALL) {
        return x->u.call.callee.i == y->u.call.callee.i &&
               x->u.call.first_arg == y->u.call.first_arg && x->u.call.n_args == y->u.call.n_args &&
               x->u.call.n_macro_args == y->u.call.n_macro_args;
    }
    return x->u.access.place.i == y->u.access.place.i &&
           x->u.access.value.i == y->u.access.value.i && x->u.access.opcode == y->u.access.opcode;
}

static bool same_block(const struct ir_block *x, const struct ir_block *y)
{
    return x->first_op == y->first_op && x->n_ops == y->n_ops && x->term == y->term &&
           x->cond.i == y->cond.i && x->where.i == y->where.i && x->first_succ == y->first_succ &&
           x->n_succs == y->n_succs;
}

static bool same_steps(const struct ir_fn *a, const struct ir_fn *b)
{
    bool same = a->ops.n == b->ops.n && a->blocks.n == b->blocks.n && a->succs.n == b->succs.n;

    for (size_t i = 0; i < a->ops.n && same; i++) {
        same = same_op(&a->ops.v[i], &b->ops.v[i]);
    }
    for (size_t i = 0; i < a->blocks.n && same; i++) {
        same = same_block(&a->blocks.v[i], &b->blocks.v[i]);
    }
    for (size_t i = 0; i < a->succs.n && same; i++) {
        const struct ir_succ *x = &a->succs.v[i];
        const struct ir_succ *y = &b->succs.v[i];
        same = x->block.i == y->block.i && x->is_default == y->is_default && x->low == y->low &&
               x->high == y->high;
    }
    return same;
}

static bool same_macros(const struct ir_fn *a, const struct ir_fn *b)
{
    bool same = a->locs.n == b->locs.n;

    for (size_t i = 0; i < a->locs.n && same; i++) {
        const struct ir_loc *x = &a->locs.v[i];
        const struct ir_loc *y = &b->locs.v[i];
        same = x->file.i == y->file.i && x->spell_file.i == y->spell_file.i && x->macro == y->macro;
    }
    return same;
}

bool same_body(const struct body *a, const struct body *b)
{
    return same_locals(a->fn, b->fn) && same_steps(a->fn, b->fn) && same_places(a, b) &&
           same_values(a, b) && same_macros(a->fn, b->fn);
}
