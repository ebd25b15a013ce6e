/* builder.h - one function's IR while it is made: blocks, ops, scopes, jumps.
 *
 * Ops go to the current block. A terminator ends it; then there is no current block until one is
 * started, or until an op comes that nothing can reach: that op gets a block of its own.
 */
#pragma once

#include "frontend/lower.h"

/* A block in the making; ids of blocks are final only after builder_finish(). */
struct build_block {
    uint32_t first_op;
    uint32_t n_ops;
    uint32_t started; /* order in which blocks were started; ID_NONE: not yet */
    bool ended;       /* has its terminator */
    enum ir_term term;
    value_id cond;
    loc_id where;
    VEC(struct ir_succ) succs;
};

/* A variable with __attribute__((cleanup(fn))) whose scope is open. */
struct cleanup {
    place_id place;
    sym_id fn;
    loc_id where;
};

/* A chain of open cleanups, innermost first; shared, so that a jump keeps it in one pointer. */
struct cleanup_chain {
    const struct cleanup_chain *outer;
    struct cleanup cleanup;
    uint32_t depth; /* length of the chain */
};

struct label {
    const char *name; /* interned */
    block_id block;
    const struct cleanup_chain *cleanups; /* open where the label stands */
    bool address_taken;
    bool placed;
};

/* A goto out of a scope with cleanups: `block` gets their calls once the label's scope is known. */
struct pending_goto {
    block_id block;
    uint32_t label;
    const struct cleanup_chain *cleanups;
    loc_id where;
};

/* A block that ends in a computed goto or an asm goto: any of several labels comes next. */
struct computed_goto {
    block_id block;
    const char *text; /* of an asm goto, which names its labels: `size` bytes; else NULL */
    size_t size;
    const struct cleanup_chain *cleanups; /* open at an asm goto, which runs them */
    loc_id where;
};

/* Where break and continue go. ID_NONE: nowhere. */
struct jump_target {
    block_id block;
    const struct cleanup_chain *cleanups;
};

struct builder {
    struct lower *lower;
    struct ir_fn *fn;
    struct builder *host; /* of a static local's initialiser: the function around it */
    struct idmap *locals; /* declaration -> local_id */
    struct idmap *labels; /* LabelStmt -> label_list */
    VEC(struct build_block) blocks;
    VEC(struct label) label_list;
    VEC(struct pending_goto) gotos;
    VEC(struct computed_goto) computed;
    const struct cleanup_chain *cleanups;
    struct jump_target break_to;
    struct jump_target continue_to;
    block_id switch_block; /* of the innermost switch: cases are added to its successors */
    block_id current;      /* ID_NONE: what comes next can't be reached */
    uint32_t n_started;
};

/* A builder for `fn`, owned by `lower`, with block 0 current. */
struct builder *builder_new(struct lower *lower, struct ir_fn *fn);

/* Gives `fn` its blocks. The builder is not to be used after it. */
void builder_finish(struct builder *b);

/* ---- blocks ---- */

block_id block_new(struct builder *b);

/* Makes `block` current; a block that was current falls through into it. */
void block_start(struct builder *b, block_id block);

/* Terminators. All do nothing when there is no current block. */
void block_jump(struct builder *b, block_id to);
void block_branch(struct builder *b, value_id cond, block_id yes, block_id no, loc_id where);
void block_end(struct builder *b, enum ir_term term, value_id cond, loc_id where);
void block_add_succ(struct builder *b, block_id from, struct ir_succ succ);
bool block_is_open(const struct builder *b);

/* ---- places and values ---- */

place_id place_of_local(struct builder *b, local_id local);
place_id place_of_value(struct builder *b, value_id value);
place_id place_extend(struct builder *b, place_id base, enum ir_step_kind kind, uint32_t arg);

/* Is it a local variable as such, whose address was not taken up to here? */
bool place_is_plain_local(const struct builder *b, place_id place);

value_id value_unknown(struct builder *b);
value_id value_int(struct builder *b, int64_t number);
value_id value_fn(struct builder *b, sym_id sym);
value_id value_addr(struct builder *b, place_id place);
value_id value_unary(struct builder *b, enum ir_opcode opcode, value_id a);
value_id value_binary(struct builder *b, enum ir_opcode opcode, value_id a, value_id b_value);
bool value_is_int(const struct builder *b, value_id value, int64_t *ret_number);
const struct ir_value *value_get(const struct builder *b, value_id value);

/* ---- ops ---- */

/* What an access is, beside its place. */
struct access {
    enum ir_order order;
    uint32_t flags; /* enum ir_op_flag */
    loc_id where;
};

value_id op_read(struct builder *b, place_id place, struct access access);
void op_write(struct builder *b, place_id place, value_id value, struct access access);
value_id op_rmw(struct builder *b, place_id place, enum ir_opcode opcode, value_id value,
                struct access access);
/* A call; its macro's arguments (see ir.h) may be given right after it. */
value_id op_call(struct builder *b, value_id callee, const value_id *args, uint32_t n_args,
                 uint32_t flags, loc_id where);
void op_macro_args(struct builder *b, const value_id *args, uint32_t n);

local_id local_new(struct builder *b, const char *name, const char *type, uint32_t flags);
loc_id loc_of(struct builder *b, CXCursor cursor);
loc_id loc_at(struct builder *b, CXSourceLocation where);

/* ---- scopes (scope.c) ---- */

/* Registers a variable's cleanup function. */
void scope_add_cleanup(struct builder *b, place_id place, sym_id fn, loc_id where);

/* Calls the cleanups that are open now and not in `outer`, innermost first; they stay open. */
void scope_run_cleanups(struct builder *b, const struct cleanup_chain *outer);

/* Ends scopes back to `outer`: calls their cleanups if control gets here. */
void scope_close(struct builder *b, const struct cleanup_chain *outer);

/* break, continue: runs the cleanups in between and jumps. */
void scope_leave(struct builder *b, struct jump_target target);

/* Labels, by their LabelStmt. */
uint32_t scope_label(struct builder *b, CXCursor label_stmt);
void scope_place_label(struct builder *b, uint32_t label);
void scope_goto(struct builder *b, uint32_t label, loc_id where);

/* Completes gotos and computed gotos, at the function's end. */
void scope_finish(struct builder *b);
