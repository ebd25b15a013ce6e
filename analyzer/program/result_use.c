#include "program/prog.h"

#include "program/resolve.h"

/* What is asked: who uses the values that come of one call's result. */
struct search {
    const struct ir_fn *ir;
    bool *marked; /* by value: comes of the result */
    bool *locals; /* by local: holds it */
};

static bool is_marked(const struct search *search, value_id value)
{
    return value.i != ID_NONE && search->marked[value.i];
}

/* Does the value come of the result, by way of locals and operators? */
static bool comes_of(const struct search *search, uint32_t value, op_id call)
{
    const struct ir_value *v = &search->ir->values.v[value];
    uint32_t local;

    switch (v->kind) {
    case IR_VALUE_CALL:
        return v->u.op.i == call.i;
    case IR_VALUE_READ:
        return place_is_local(search->ir, search->ir->ops.v[v->u.op.i].u.access.place, &local) &&
               search->locals[local];
    case IR_VALUE_UNARY:
        return is_marked(search, v->u.of.a);
    case IR_VALUE_BINARY:
        return is_marked(search, v->u.of.a) || is_marked(search, v->u.of.b);
    case IR_VALUE_UNKNOWN:
    case IR_VALUE_INT:
    case IR_VALUE_STRING:
    case IR_VALUE_FN:
    case IR_VALUE_ADDR:
        return false;
    }
    return false;
}

/* Marks what holds the result. False: nothing new. */
static bool mark(struct search *search, op_id call)
{
    const struct ir_fn *ir = search->ir;
    bool news = false;
    uint32_t local;

    for (uint32_t v = 0; v < ir->values.n; v++) {
        search->marked[v] = search->marked[v] || comes_of(search, v, call);
    }
    for (size_t i = 0; i < ir->ops.n; i++) {
        const struct ir_op *op = &ir->ops.v[i];
        if ((op->kind == IR_WRITE || op->kind == IR_RMW) &&
            place_is_local(ir, op->u.access.place, &local) && !search->locals[local] &&
            is_marked(search, op->u.access.value)) {
            search->locals[local] = true;
            news = true;
        }
    }
    return news;
}

static bool op_uses(const struct search *search, const struct ir_op *op)
{
    const struct ir_fn *ir = search->ir;
    bool used = false;
    uint32_t local;

    if (op->kind == IR_CALL) {
        for (uint32_t a = 0; a < op->u.call.n_args; a++) {
            used = used || is_marked(search, ir->args.v[op->u.call.first_arg + a]);
        }
        return used;
    }
    return op->kind != IR_READ && is_marked(search, op->u.access.value) &&
           !place_is_local(ir, op->u.access.place, &local);
}

bool prog_result_is_used(const struct prog *prog, struct site call)
{
    const struct ir_fn *ir = prog->linked->fns.v[call.fn].ir;
    void *scratch = mem_owner(NULL, "result");
    struct search search = {.ir = ir,
                            .marked = mem_array(scratch, bool, ir->values.n + 1),
                            .locals = mem_array(scratch, bool, ir->locals.n + 1)};
    bool used = false;

    while (mark(&search, (op_id){call.op})) {
    }
    for (size_t i = 0; i < ir->ops.n && !used; i++) {
        used = op_uses(&search, &ir->ops.v[i]);
    }
    for (size_t b = 0; b < ir->blocks.n && !used; b++) {
        used = is_marked(&search, ir->blocks.v[b].cond);
    }
    talloc_free(scratch);
    return used;
}
