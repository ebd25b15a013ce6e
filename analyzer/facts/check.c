#include "facts/check.h"

/* For each place and op of a function: the greatest value it mentions, plus 1; 0: none. Kept,
 * because any number of values may name one place. */
struct below {
    uint32_t *place;
    uint32_t *op;
};

static uint32_t at_least(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

static uint32_t below_place(const struct ir_fn *fn, const struct ir_place *place)
{
    uint32_t below = place->base_kind == IR_BASE_VALUE ? place->base + 1 : 0;

    for (uint32_t i = 0; i < place->n_steps; i++) {
        const struct ir_step *step = &fn->steps.v[place->first_step + i];
        below = step->kind == IR_STEP_INDEX ? at_least(below, step->arg + 1) : below;
    }
    return below;
}

static uint32_t below_op(const struct ir_fn *fn, const struct below *below, const struct ir_op *op)
{
    if (op->kind != IR_CALL) { /* value: ID_NONE + 1 is 0 */
        return at_least(below->place[op->u.access.place.i], op->u.access.value.i + 1);
    }
    uint32_t most = op->u.call.callee.i + 1;
    for (uint32_t i = 0; i < op->u.call.n_args + op->u.call.n_macro_args; i++) {
        most = at_least(most, fn->args.v[op->u.call.first_arg + i].i + 1);
    }
    return most;
}

static struct below below_of(void *owner, const struct ir_fn *fn)
{
    struct below below = {mem_array(owner, uint32_t, fn->places.n),
                          mem_array(owner, uint32_t, fn->ops.n)};

    for (size_t i = 0; i < fn->places.n; i++) {
        below.place[i] = below_place(fn, &fn->places.v[i]);
    }
    for (size_t i = 0; i < fn->ops.n; i++) {
        below.op[i] = below_op(fn, &below, &fn->ops.v[i]);
    }
    return below;
}

/* Whoever follows a value's operands, places and ops comes to smaller numbers only, and so to an
 * end: no walker has to look out for cycles. */
static const char *check_value(const struct ir_fn *fn, const struct below *below, uint32_t self)
{
    const struct ir_value *value = &fn->values.v[self];
    enum ir_op_kind kind = IR_READ;

    switch (value->kind) {
    case IR_VALUE_UNKNOWN:
    case IR_VALUE_INT:
    case IR_VALUE_FN:
        return NULL;
    case IR_VALUE_STRING:
        return value->u.text != NULL ? NULL : "a string literal without text";
    case IR_VALUE_ADDR:
        return below->place[value->u.place.i] <= self ? NULL : "an address of a later value";
    case IR_VALUE_READ:
        kind = fn->ops.v[value->u.op.i].kind;
        if (kind != IR_READ && kind != IR_RMW) {
            return "a value is read by an op that reads nothing";
        }
        return below->op[value->u.op.i] <= self ? NULL : "a read depends on a later value";
    case IR_VALUE_CALL:
        if (fn->ops.v[value->u.op.i].kind != IR_CALL) {
            return "a value is returned by an op that is no call";
        }
        return below->op[value->u.op.i] <= self ? NULL : "a call depends on a later value";
    case IR_VALUE_UNARY:
        return value->u.of.a.i < self ? NULL : "an operand comes after its value";
    case IR_VALUE_BINARY:
        return value->u.of.a.i < self && value->u.of.b.i < self
                   ? NULL
                   : "an operand comes after its value";
    }
    return "a value of an unknown kind";
}

static const char *check_block(const struct ir_block *block)
{
    bool has_cond = block->cond.i != ID_NONE;

    switch (block->term) {
    case IR_JUMP:
        return block->n_succs == 1 ? NULL : "a jump needs one successor";
    case IR_BRANCH:
        return block->n_succs == 2 && has_cond ? NULL
                                               : "a branch needs a condition and two successors";
    case IR_SWITCH:
        return has_cond ? NULL : "a switch needs a condition";
    case IR_ANY:
        return NULL;
    case IR_RETURN:
    case IR_UNREACHABLE:
        return block->n_succs == 0 ? NULL : "an end has no successor";
    }
    return "a block that ends in an unknown way";
}

/* A macro's argument may be no value; a call's own is one. */
static const char *check_args(const struct ir_fn *fn, const struct ir_op *op)
{
    for (uint32_t i = 0; op->kind == IR_CALL && i < op->u.call.n_args; i++) {
        if (fn->args.v[op->u.call.first_arg + i].i == ID_NONE) {
            return "a call without one of its arguments";
        }
    }
    return NULL;
}

static const char *check_fn(const struct ir_fn *fn)
{
    void *scratch = mem_owner(NULL, "check_fn");
    struct below below = below_of(scratch, fn);
    const char *wrong = NULL;

    for (uint32_t i = 0; i < fn->values.n && wrong == NULL; i++) {
        wrong = check_value(fn, &below, i);
    }
    for (size_t i = 0; i < fn->ops.n && wrong == NULL; i++) {
        wrong = check_args(fn, &fn->ops.v[i]);
    }
    for (size_t i = 0; i < fn->blocks.n && wrong == NULL; i++) {
        wrong = check_block(&fn->blocks.v[i]);
    }
    talloc_free(scratch);
    return wrong;
}

/* Names and types that ir.h does not allow to be NULL. */
static const char *check_names(const struct ir_unit *unit)
{
    for (size_t i = 0; i < unit->syms.n; i++) {
        const struct ir_sym *sym = &unit->syms.v[i];
        if (sym->name == NULL || sym->key == NULL || sym->type == NULL) {
            return "a symbol without name, key or type";
        }
    }
    for (size_t i = 0; i < unit->records.n; i++) {
        if (unit->records.v[i].name == NULL || unit->records.v[i].key == NULL) {
            return "a record without name or key";
        }
    }
    for (size_t i = 0; i < unit->fields.n; i++) {
        if (unit->fields.v[i].name == NULL || unit->fields.v[i].type == NULL) {
            return "a field without name or type";
        }
    }
    for (size_t i = 0; i < unit->attrs.n; i++) {
        if (unit->attrs.v[i].args == NULL) {
            return "an attribute without text";
        }
    }
    for (size_t i = 0; i < unit->notes.n; i++) {
        if (unit->notes.v[i].text == NULL) {
            return "a note without text";
        }
    }
    for (size_t i = 0; i < unit->problems.n; i++) {
        if (unit->problems.v[i].text == NULL) {
            return "a problem without text";
        }
    }
    return unit->path != NULL ? NULL : "a unit without path";
}

static const char *check_locals(const struct ir_fn *fn)
{
    for (size_t i = 0; i < fn->locals.n; i++) {
        const struct ir_local *local = &fn->locals.v[i];
        bool temporary = (local->flags & IR_LOCAL_TEMP) != 0;
        bool parameter = (local->flags & IR_LOCAL_PARAM) != 0; /* C23 allows unnamed ones */
        if (!temporary && (local->type == NULL || (local->name == NULL && !parameter))) {
            return "a local without name or type";
        }
    }
    return NULL;
}

const char *check_unit(const struct ir_unit *unit)
{
    const char *wrong = check_names(unit);

    for (size_t i = 0; i < unit->fns.n && wrong == NULL; i++) {
        const struct ir_fn *fn = unit->fns.v[i];
        if (fn->sym.i == ID_NONE || fn->blocks.n == 0) {
            return "a function without symbol or entry block";
        }
        wrong = check_locals(fn);
        wrong = wrong != NULL ? wrong : check_fn(fn);
    }
    if (wrong == NULL && unit->init->sym.i != ID_NONE) {
        return "the static initialisers have a symbol";
    }
    wrong = wrong != NULL ? wrong : check_locals(unit->init);
    return wrong != NULL ? wrong : check_fn(unit->init);
}
