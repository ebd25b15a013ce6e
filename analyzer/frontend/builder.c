#include "frontend/builder.h"

struct builder *builder_new(struct lower *lower, struct ir_fn *fn)
{
    struct builder *b = mem_new(lower, struct builder);

    b->lower = lower;
    b->fn = fn;
    b->locals = idmap_new(b);
    b->labels = idmap_new(b);
    b->break_to.block.i = ID_NONE;
    b->continue_to.block.i = ID_NONE;
    b->switch_block.i = ID_NONE;
    b->current.i = ID_NONE;
    block_start(b, block_new(b));
    return b;
}

block_id block_new(struct builder *b)
{
    struct build_block block = {
        .started = ID_NONE, .term = IR_UNREACHABLE, .cond = {ID_NONE}, .where = {ID_NONE}};

    vec_push(b, &b->blocks, block);
    return (block_id){(uint32_t)b->blocks.n - 1};
}

bool block_is_open(const struct builder *b)
{
    return b->current.i != ID_NONE;
}

void block_start(struct builder *b, block_id block)
{
    struct build_block *at = &b->blocks.v[block.i];

    block_jump(b, block);
    at->first_op = (uint32_t)b->fn->ops.n;
    at->started = b->n_started++;
    b->current = block;
}

void block_end(struct builder *b, enum ir_term term, value_id cond, loc_id where)
{
    if (!block_is_open(b)) {
        return;
    }
    struct build_block *block = &b->blocks.v[b->current.i];
    block->term = term;
    block->cond = cond;
    block->where = where;
    block->n_ops = (uint32_t)b->fn->ops.n - block->first_op;
    block->ended = true;
    b->current.i = ID_NONE;
}

void block_add_succ(struct builder *b, block_id from, struct ir_succ succ)
{
    vec_push(b, &b->blocks.v[from.i].succs, succ);
}

void block_jump(struct builder *b, block_id to)
{
    if (block_is_open(b)) {
        block_add_succ(b, b->current, (struct ir_succ){.block = to});
        block_end(b, IR_JUMP, (value_id){ID_NONE}, (loc_id){ID_NONE});
    }
}

void block_branch(struct builder *b, value_id cond, block_id yes, block_id no, loc_id where)
{
    int64_t number = 0;

    if (!block_is_open(b)) {
        return;
    }
    if (value_is_int(b, cond, &number)) { /* while (1), do ... while (0) */
        block_jump(b, number != 0 ? yes : no);
        return;
    }
    block_add_succ(b, b->current, (struct ir_succ){.block = yes});
    block_add_succ(b, b->current, (struct ir_succ){.block = no});
    block_end(b, IR_BRANCH, cond, where);
}

/* ---- ops ------------------------------------------------------------------------------------- */

static op_id add_op(struct builder *b, struct ir_op op)
{
    if (!block_is_open(b)) { /* dead code */
        block_start(b, block_new(b));
    }
    vec_push(b->fn, &b->fn->ops, op);
    return (op_id){(uint32_t)b->fn->ops.n - 1};
}

static op_id add_access(struct builder *b, enum ir_op_kind kind, place_id place, value_id value,
                        enum ir_opcode opcode, struct access access)
{
    struct ir_op op = {
        .kind = kind, .order = access.order, .flags = access.flags, .where = access.where};

    op.u.access.place = place;
    op.u.access.value = value;
    op.u.access.opcode = opcode;
    return add_op(b, op);
}

value_id op_read(struct builder *b, place_id place, struct access access)
{
    struct ir_value value = {.kind = IR_VALUE_READ};

    value.u.op = add_access(b, IR_READ, place, (value_id){ID_NONE}, IR_OP_NONE, access);
    return ir_value_add(b->fn, value);
}

void op_write(struct builder *b, place_id place, value_id value, struct access access)
{
    add_access(b, IR_WRITE, place, value, IR_OP_NONE, access);
}

value_id op_rmw(struct builder *b, place_id place, enum ir_opcode opcode, value_id value,
                struct access access)
{
    struct ir_value read = {.kind = IR_VALUE_READ};

    read.u.op = add_access(b, IR_RMW, place, value, opcode, access);
    return ir_value_add(b->fn, read);
}

value_id op_call(struct builder *b, value_id callee, const value_id *args, uint32_t n_args,
                 uint32_t flags, loc_id where)
{
    struct ir_op op = {.kind = IR_CALL, .flags = flags, .where = where};
    struct ir_value value = {.kind = IR_VALUE_CALL};

    op.u.call.callee = callee;
    op.u.call.first_arg = (uint32_t)b->fn->args.n;
    op.u.call.n_args = n_args;
    for (uint32_t i = 0; i < n_args; i++) {
        vec_push(b->fn, &b->fn->args, args[i]);
    }
    value.u.op = add_op(b, op);
    return ir_value_add(b->fn, value);
}

void op_macro_args(struct builder *b, const value_id *args, uint32_t n)
{
    struct ir_op *call = &b->fn->ops.v[b->fn->ops.n - 1];

    call->u.call.n_macro_args = n;
    for (uint32_t i = 0; i < n; i++) {
        vec_push(b->fn, &b->fn->args, args[i]);
    }
}

local_id local_new(struct builder *b, const char *name, const char *type, uint32_t flags)
{
    struct ir_local local = {name, type, flags};

    vec_push(b->fn, &b->fn->locals, local);
    return (local_id){(uint32_t)b->fn->locals.n - 1};
}

static bool same_loc(const struct ir_loc *a, const struct ir_loc *b)
{
    return a->line == b->line && a->column == b->column && a->file.i == b->file.i &&
           a->spell_line == b->spell_line && a->spell_column == b->spell_column &&
           a->spell_file.i == b->spell_file.i && a->macro == b->macro;
}

loc_id loc_at(struct builder *b, CXSourceLocation where)
{
    struct ir_fn *fn = b->fn;
    struct ir_loc loc = source_loc(b->lower, where);

    for (size_t i = fn->locs.n, n = 0; i-- > 0 && n < 4; n++) {
        if (same_loc(&fn->locs.v[i], &loc)) {
            return (loc_id){(uint32_t)i};
        }
    }
    vec_push(fn, &fn->locs, loc);
    return (loc_id){(uint32_t)fn->locs.n - 1};
}

loc_id loc_of(struct builder *b, CXCursor cursor)
{
    return loc_at(b, clang_getCursorLocation(cursor));
}
