/* codec_fn.c - a function as bytes, and back: one routine per struct of ir.h says its form. */
#include "base/wire.h"
#include "facts/codec.h"

/* The runs of elements that the members of one array have in another. Runs don't share elements,
 * so all of them together are no longer than that array: a walk over every place's steps is linear.
 */
struct runs {
    uint32_t next; /* where the last one ended: the next one usually begins there */
    size_t total;  /* elements in all runs so far */
};

/* One function on its way. The lengths of all its arrays come first, so that every id can be held
 * against its array in either direction (values name ops and ops name values). */
struct fn_codec {
    struct wire *wire;
    const struct ir_unit *unit;
    struct ir_fn *fn;
    struct { /* guesses for the next element, from the one before: most differences are a byte */
        uint32_t loc;
        uint32_t line;
        uint32_t op;
        uint32_t value;
    } guess;
    struct runs steps; /* of places */
    struct runs args;  /* of calls */
    struct runs ops;   /* of blocks */
    struct runs succs; /* of blocks */
};

/* One run in an array of `limit` elements. */
static void code_run(struct wire *wire, struct runs *runs, uint32_t *first, uint32_t *n,
                     size_t limit)
{
    wire_near(wire, first, runs->next);
    wire_u32(wire, n);
    if (*first > limit || *n > limit - *first || *n > limit - runs->total) {
        wire_fail(wire);
        *first = 0;
        *n = 0;
    }
    runs->next = *first + *n;
    runs->total += *n;
}

static void code_where(struct fn_codec *c, loc_id *where)
{
    wire_near_id(c->wire, &where->i, c->guess.loc, c->fn->locs.n);
    c->guess.loc = where->i;
}

static void code_value_id(struct fn_codec *c, value_id *value)
{
    wire_near_below(c->wire, &value->i, c->guess.value, c->fn->values.n);
    c->guess.value = value->i;
}

static void code_value_or_none(struct fn_codec *c, value_id *value)
{
    uint32_t next = value->i + 1; /* ID_NONE wraps to 0 */

    wire_near_below(c->wire, &next, c->guess.value + 1, c->fn->values.n + 1);
    value->i = next - 1;
    if (value->i != ID_NONE) {
        c->guess.value = value->i;
    }
}

static void code_local(struct fn_codec *c, struct ir_local *local)
{
    wire_str(c->wire, &local->name);
    wire_str(c->wire, &local->type);
    wire_u32(c->wire, &local->flags);
}

static size_t base_limit(const struct fn_codec *c, enum ir_base base_kind)
{
    switch (base_kind) {
    case IR_BASE_GLOBAL:
        return c->unit->syms.n;
    case IR_BASE_LOCAL:
        return c->fn->locals.n;
    case IR_BASE_VALUE:
        return c->fn->values.n;
    }
    return 0;
}

static void code_place(struct fn_codec *c, struct ir_place *place)
{
    WIRE_ENUM(c->wire, place->base_kind, IR_BASE_VALUE);
    wire_below(c->wire, &place->base, base_limit(c, place->base_kind));
    code_run(c->wire, &c->steps, &place->first_step, &place->n_steps, c->fn->steps.n);
}

static void code_step(struct fn_codec *c, struct ir_step *step)
{
    WIRE_ENUM(c->wire, step->kind, IR_STEP_CONTAINER);
    switch (step->kind) {
    case IR_STEP_DEREF:
        break;
    case IR_STEP_FIELD:
    case IR_STEP_CONTAINER:
        wire_below(c->wire, &step->arg, c->unit->fields.n);
        break;
    case IR_STEP_INDEX:
        wire_below(c->wire, &step->arg, c->fn->values.n);
        break;
    }
}

static void code_op_id(struct fn_codec *c, op_id *op)
{
    wire_near_below(c->wire, &op->i, c->guess.op, c->fn->ops.n);
    c->guess.op = op->i;
}

static void code_value(struct fn_codec *c, struct ir_value *value)
{
    uint32_t self = (uint32_t)(value - c->fn->values.v);
    size_t n_values = c->fn->values.n;

    WIRE_ENUM(c->wire, value->kind, IR_VALUE_BINARY);
    switch (value->kind) {
    case IR_VALUE_UNKNOWN:
        break;
    case IR_VALUE_INT:
        wire_i64(c->wire, &value->u.number);
        break;
    case IR_VALUE_STRING:
        wire_str(c->wire, &value->u.text);
        break;
    case IR_VALUE_FN:
        wire_below(c->wire, &value->u.sym.i, c->unit->syms.n);
        break;
    case IR_VALUE_ADDR:
        wire_below(c->wire, &value->u.place.i, c->fn->places.n);
        break;
    case IR_VALUE_READ:
    case IR_VALUE_CALL:
        code_op_id(c, &value->u.op);
        break;
    case IR_VALUE_UNARY:
        WIRE_ENUM(c->wire, value->opcode, IR_OP_CAS);
        wire_near_below(c->wire, &value->u.of.a.i, self, n_values);
        value->u.of.b.i = ID_NONE;
        break;
    case IR_VALUE_BINARY:
        WIRE_ENUM(c->wire, value->opcode, IR_OP_CAS);
        wire_near_below(c->wire, &value->u.of.a.i, self, n_values);
        wire_near_below(c->wire, &value->u.of.b.i, self, n_values);
        break;
    }
}

/* Kind, order and flags share a byte in most ops; above them is how many arguments a call's macro
 * has: few do. */
static void code_op_head(struct fn_codec *c, struct ir_op *op)
{
    enum { KIND_BITS = 2, ORDER_BITS = 3, FLAG_BITS = 6, FIXED_BITS = 11 };
    uint32_t n_macro_args = op->kind == IR_CALL ? op->u.call.n_macro_args : 0;
    uint32_t head = (uint32_t)op->kind | (uint32_t)op->order << KIND_BITS |
                    op->flags << (KIND_BITS + ORDER_BITS) | n_macro_args << FIXED_BITS;

    wire_u32(c->wire, &head);
    uint32_t order = head >> KIND_BITS & ((1u << ORDER_BITS) - 1);
    if (order > IR_ORDER_SEQ_CST) {
        wire_fail(c->wire);
        order = IR_ORDER_NONE;
    }
    op->kind = head & ((1u << KIND_BITS) - 1); /* all four kinds exist */
    op->order = order;
    op->flags = head >> (KIND_BITS + ORDER_BITS) & ((1u << FLAG_BITS) - 1);
    if (op->kind == IR_CALL) {
        op->u.call.n_macro_args = head >> FIXED_BITS;
    } else if (head >> FIXED_BITS != 0) {
        wire_fail(c->wire);
    }
}

/* The macro's arguments follow the call's: they are one run. */
static void code_args(struct fn_codec *c, struct ir_op *op)
{
    uint32_t n = op->u.call.n_args + op->u.call.n_macro_args;

    code_run(c->wire, &c->args, &op->u.call.first_arg, &n, c->fn->args.n);
    if (n < op->u.call.n_macro_args) {
        wire_fail(c->wire);
        op->u.call.n_macro_args = 0;
    }
    op->u.call.n_args = n - op->u.call.n_macro_args;
}

static void code_op(struct fn_codec *c, struct ir_op *op)
{
    code_op_head(c, op);
    code_where(c, &op->where);
    if (op->kind == IR_CALL) {
        code_value_id(c, &op->u.call.callee);
        code_args(c, op);
        return;
    }
    wire_below(c->wire, &op->u.access.place.i, c->fn->places.n);
    if (op->kind == IR_READ) {
        op->u.access.value.i = ID_NONE;
    } else {
        code_value_or_none(c, &op->u.access.value);
    }
    if (op->kind == IR_RMW) {
        WIRE_ENUM(c->wire, op->u.access.opcode, IR_OP_CAS);
    }
}

static void code_block(struct fn_codec *c, struct ir_block *block)
{
    code_run(c->wire, &c->ops, &block->first_op, &block->n_ops, c->fn->ops.n);
    WIRE_ENUM(c->wire, block->term, IR_UNREACHABLE);
    code_value_or_none(c, &block->cond);
    code_where(c, &block->where);
    code_run(c->wire, &c->succs, &block->first_succ, &block->n_succs, c->fn->succs.n);
}

static void code_succ(struct fn_codec *c, struct ir_succ *succ)
{
    wire_below(c->wire, &succ->block.i, c->fn->blocks.n);
    wire_bool(c->wire, &succ->is_default);
    wire_i64(c->wire, &succ->low);
    wire_i64(c->wire, &succ->high);
}

static void code_loc(struct fn_codec *c, struct ir_loc *loc)
{
    bool same = loc->file.i == loc->spell_file.i && loc->line == loc->spell_line &&
                loc->column == loc->spell_column;

    wire_id(c->wire, &loc->file.i, c->unit->files.n);
    wire_near(c->wire, &loc->line, c->guess.line);
    wire_u32(c->wire, &loc->column);
    wire_str(c->wire, &loc->macro);
    wire_bool(c->wire, &same);
    c->guess.line = loc->line;
    if (same) {
        loc->spell_file = loc->file;
        loc->spell_line = loc->line;
        loc->spell_column = loc->column;
        return;
    }
    wire_id(c->wire, &loc->spell_file.i, c->unit->files.n);
    wire_u32(c->wire, &loc->spell_line);
    wire_u32(c->wire, &loc->spell_column);
}

/* Reading: one piece of memory for all arrays of the function, whose lengths come next. */
static void make_room(struct wire *wire, struct ir_fn *fn)
{
    const size_t sizes[] = {sizeof *fn->locals.v, sizeof *fn->places.v, sizeof *fn->steps.v,
                            sizeof *fn->values.v, sizeof *fn->ops.v,    sizeof *fn->args.v,
                            sizeof *fn->blocks.v, sizeof *fn->succs.v,  sizeof *fn->locs.v};
    struct wire ahead = *wire;
    size_t left = (size_t)(wire->end - wire->at); /* an element has a byte at least */
    size_t total = 0;

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        uint64_t n = 0;
        wire_u64(&ahead, &n);
        if (ahead.bad || n > left) {
            total = 0; /* no function */
            break;
        }
        left -= (size_t)n;
        total += (size_t)n * sizes[i] + WIRE_ALIGN;
    }
    wire_room(wire, fn, total);
}

static void code_fn_lengths(struct wire *wire, struct ir_fn *fn)
{
    wire_promise_none(wire);
    if (wire->reading) {
        make_room(wire, fn);
    }
    WIRE_LENGTH(wire, fn, &fn->locals);
    WIRE_LENGTH(wire, fn, &fn->places);
    WIRE_LENGTH(wire, fn, &fn->steps);
    WIRE_LENGTH(wire, fn, &fn->values);
    WIRE_LENGTH(wire, fn, &fn->ops);
    WIRE_LENGTH(wire, fn, &fn->args);
    WIRE_LENGTH(wire, fn, &fn->blocks);
    WIRE_LENGTH(wire, fn, &fn->succs);
    WIRE_LENGTH(wire, fn, &fn->locs);
    wire_room(wire, fn, 0);
}

void codec_fn(struct wire *wire, const struct ir_unit *unit, struct ir_fn *fn)
{
    struct fn_codec c = {.wire = wire, .unit = unit, .fn = fn};

    code_fn_lengths(wire, fn);
    wire_id(wire, &fn->sym.i, unit->syms.n);
    wire_id(wire, &fn->where.i, fn->locs.n);
    wire_below(wire, &fn->n_params, fn->locals.n + 1);
    WIRE_EACH(&c, wire, &fn->locals, code_local);
    WIRE_EACH(&c, wire, &fn->places, code_place);
    WIRE_EACH(&c, wire, &fn->steps, code_step);
    WIRE_EACH(&c, wire, &fn->values, code_value);
    WIRE_EACH(&c, wire, &fn->ops, code_op);
    c.guess.value = 0;
    WIRE_EACH(&c, wire, &fn->args, code_value_or_none);
    WIRE_EACH(&c, wire, &fn->blocks, code_block);
    WIRE_EACH(&c, wire, &fn->succs, code_succ);
    WIRE_EACH(&c, wire, &fn->locs, code_loc);
}
