/* print_fold.c - `branch r0 >= n` instead of `r1 = read n`, `branch r0 >= r1`.
 *
 * A read of a local is folded into its uses where the name still means what was read: all uses in
 * the block of the read, no write to the local in between, its address never taken.
 */
#include "ir/print_fold.h"

/* Op k of a function is at 2k+1, the terminator after it at 2k+2; 0: no use. */
struct span {
    uint32_t last; /* the last use */
    bool leaves;   /* some use lies in another block */
};

struct uses {
    const struct ir_fn *fn;
    struct span *values;   /* by value */
    struct span *ops;      /* by op: uses of what it yielded */
    uint32_t *block_of_op; /* by op; ID_NONE: in no block (static initialisers) */
};

static uint32_t block_at(const struct uses *uses, uint32_t at)
{
    return uses->block_of_op[(at - 1) / 2];
}

/* Uses are noted from several positions; two of them in different blocks make a span that leaves.
 */
static void note(const struct uses *uses, struct span *span, uint32_t at, bool leaves)
{
    bool elsewhere = span->last != 0 && block_at(uses, span->last) != block_at(uses, at);

    span->leaves = span->leaves || leaves || elsewhere;
    span->last = at > span->last ? at : span->last;
}

static void note_value(const struct uses *uses, value_id value, uint32_t at, bool leaves)
{
    if (value.i != ID_NONE) {
        note(uses, &uses->values[value.i], at, leaves);
    }
}

static void note_place(const struct uses *uses, place_id id, uint32_t at, bool leaves)
{
    const struct ir_place *place = &uses->fn->places.v[id.i];

    if (place->base_kind == IR_BASE_VALUE) {
        note_value(uses, (value_id){place->base}, at, leaves);
    }
    for (uint32_t i = 0; i < place->n_steps; i++) {
        const struct ir_step *step = &uses->fn->steps.v[place->first_step + i];
        if (step->kind == IR_STEP_INDEX) {
            note_value(uses, (value_id){step->arg}, at, leaves);
        }
    }
}

static void note_op(const struct uses *uses, uint32_t i)
{
    const struct ir_op *op = &uses->fn->ops.v[i];
    uint32_t at = 2 * i + 1;

    if (op->kind != IR_CALL) {
        note_place(uses, op->u.access.place, at, false);
        note_value(uses, op->u.access.value, at, false);
        return;
    }
    note_value(uses, op->u.call.callee, at, false);
    for (uint32_t k = 0; k < op->u.call.n_args + op->u.call.n_macro_args; k++) {
        note_value(uses, uses->fn->args.v[op->u.call.first_arg + k], at, false);
    }
}

/* A block without ops has no position: what its terminator uses leaves the block of the read. */
static void note_block(const struct uses *uses, const struct ir_block *block)
{
    bool empty = block->n_ops == 0;
    uint32_t at = empty ? 1 : 2 * (block->first_op + block->n_ops);

    note_value(uses, block->cond, at, empty);
}

/* A value's uses are its operands' uses. Operands come before it, so one way back is enough. */
static void spread(const struct uses *uses, uint32_t i)
{
    const struct ir_value *value = &uses->fn->values.v[i];
    struct span span = uses->values[i];

    if (span.last == 0) {
        return;
    }
    switch (value->kind) {
    case IR_VALUE_UNKNOWN:
    case IR_VALUE_INT:
    case IR_VALUE_STRING:
    case IR_VALUE_FN:
        break;
    case IR_VALUE_ADDR:
        note_place(uses, value->u.place, span.last, span.leaves);
        break;
    case IR_VALUE_READ:
    case IR_VALUE_CALL:
        note(uses, &uses->ops[value->u.op.i], span.last, span.leaves);
        break;
    case IR_VALUE_UNARY:
    case IR_VALUE_BINARY:
        note_value(uses, value->u.of.a, span.last, span.leaves);
        note_value(uses, value->u.of.b, span.last, span.leaves);
        break;
    }
}

static struct uses find_uses(void *owner, const struct ir_fn *fn)
{
    struct uses uses = {fn, mem_array(owner, struct span, fn->values.n),
                        mem_array(owner, struct span, fn->ops.n),
                        mem_array(owner, uint32_t, fn->ops.n)};

    for (size_t i = 0; i < fn->ops.n; i++) {
        uses.block_of_op[i] = ID_NONE;
    }
    for (uint32_t b = 0; b < fn->blocks.n; b++) {
        for (uint32_t k = 0; k < fn->blocks.v[b].n_ops; k++) {
            uses.block_of_op[fn->blocks.v[b].first_op + k] = b;
        }
    }
    for (uint32_t i = 0; i < fn->ops.n; i++) {
        note_op(&uses, i);
    }
    for (size_t b = 0; fn->ops.n > 0 && b < fn->blocks.n; b++) {
        note_block(&uses, &fn->blocks.v[b]);
    }
    for (size_t i = fn->values.n; i-- > 0;) {
        spread(&uses, (uint32_t)i);
    }
    return uses;
}

static bool is_local(const struct ir_fn *fn, place_id id, uint32_t *ret_local)
{
    const struct ir_place *place = &fn->places.v[id.i];

    *ret_local = place->base;
    return place->base_kind == IR_BASE_LOCAL && place->n_steps == 0;
}

static bool can_fold(const struct uses *uses, uint32_t i)
{
    enum { FAR = 64 }; /* ops: what is used further away keeps its number */
    const struct ir_fn *fn = uses->fn;
    const struct ir_op *op = &fn->ops.v[i];
    struct span span = uses->ops[i];
    uint32_t local = 0;

    if (op->kind != IR_READ || op->order != IR_ORDER_NONE || op->flags != 0 || span.last == 0 ||
        span.leaves || block_at(uses, span.last) != uses->block_of_op[i] ||
        !is_local(fn, op->u.access.place, &local) ||
        (fn->locals.v[local].flags & (IR_LOCAL_ADDRESS_TAKEN | IR_LOCAL_CLEANUP)) != 0 ||
        span.last > 2 * (i + FAR)) {
        return false;
    }
    for (uint32_t k = i + 1; 2 * k + 1 < span.last; k++) {
        const struct ir_op *between = &fn->ops.v[k];
        uint32_t written = 0;
        if ((between->kind == IR_WRITE || between->kind == IR_RMW) &&
            is_local(fn, between->u.access.place, &written) && written == local) {
            return false;
        }
    }
    return true;
}

struct fold fold_of(void *owner, const struct ir_fn *fn)
{
    void *scratch = mem_owner(NULL, "fold_of");
    struct uses uses = find_uses(scratch, fn);
    struct fold fold = {mem_array(owner, bool, fn->ops.n), mem_array(owner, bool, fn->ops.n)};

    for (uint32_t i = 0; i < fn->ops.n; i++) {
        fold.used[i] = uses.ops[i].last != 0;
        fold.folded[i] = can_fold(&uses, i);
    }
    talloc_free(scratch);
    return fold;
}
