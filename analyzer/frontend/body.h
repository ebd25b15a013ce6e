/* body.h - expressions and statements to ops: who lowers what. Each function is given a cursor and
 * emits into the builder's current block. */
#pragma once

#include "frontend/builder.h"

/* ---- expr.c ---- */

/* The expression's value; reads memory where C's lvalue conversion does. */
value_id lower_value(struct builder *b, CXCursor expr);

/* The expression for its effects only. */
void lower_effect(struct builder *b, CXCursor expr);

/* The effects of all children, for what is not understood. */
void lower_children(struct builder *b, CXCursor cursor);

/* ---- operator.c ---- */

value_id lower_unary(struct builder *b, CXCursor expr);
value_id lower_binary(struct builder *b, CXCursor expr); /* also compound assignments */
enum ir_opcode opcode_of(enum CXBinaryOperatorKind kind);

/* ---- branch.c: expressions that are control flow ---- */

/* Goes to `yes` where the expression is not 0, else to `no`. */
void lower_cond(struct builder *b, CXCursor expr, block_id yes, block_id no);
value_id lower_logical(struct builder *b, CXCursor expr);     /* && and || as values */
value_id lower_conditional(struct builder *b, CXCursor expr); /* c ? x : y */
value_id lower_elvis(struct builder *b, CXCursor value, CXCursor otherwise,
                     CXCursor whole); /* x ?: y */

/* ---- place.c, container.c ---- */

/* Where an lvalue lies. Of another expression: where its value is. */
place_id lower_place(struct builder *b, CXCursor expr);

/* Is the cast container_of()? Then `*ret_place` is the object that it yields a pointer to, and the
 * cast is lowered. */
bool lower_container(struct builder *b, CXCursor cast, place_id *ret_place);

/* Notes that the program casts between pointers to a struct and to its first member. */
void note_base_cast(struct builder *b, CXCursor cast);

/* Where the pointer `expr` points to. */
place_id lower_pointee(struct builder *b, CXCursor expr);

/* The place of a variable or parameter. */
place_id lower_decl_place(struct builder *b, CXCursor decl);

/* How an lvalue of this expression is accessed. */
struct access access_of(struct builder *b, CXCursor lvalue);

/* Reads an lvalue. */
value_id lower_read(struct builder *b, CXCursor lvalue);

/* ---- call.c, macro_args.c, atomic.c ---- */

value_id lower_call(struct builder *b, CXCursor call);

/* The values of the arguments of the macro that `call` comes from, as far as they are in the call's
 * arguments, whose cursors and values are `args` and `values`; ID_NONE for the others. Returns how
 * many the macro has (at most the first MACRO_ARGS_MAX are told); 0: none is known. */
enum { MACRO_ARGS_MAX = 8 };
unsigned macro_args(struct builder *b, CXCursor call, const CXCursor *args, const value_id *values,
                    unsigned n_args, value_id ret_values[MACRO_ARGS_MAX]);

/* A call's or an expression's arguments, when `name` is an atomic builtin; false: it is none.
 * `args` are in the order of libclang's children: pointer, order, then the rest. */
bool lower_atomic(struct builder *b, CXCursor expr, const CXCursor *args, unsigned n_args,
                  value_id *ret_value);
bool lower_sync(struct builder *b, CXCursor call, const char *name, const CXCursor *args,
                unsigned n_args, value_id *ret_value);

/* ---- init.c ---- */

/* Writes an initialiser to `place`. */
void lower_init(struct builder *b, place_id place, CXType type, CXCursor init);

/* The initialiser of a variable with static storage goes to unit->init; `host` is the builder of
 * the function around it, or NULL. */
void lower_static_init(struct lower *lower, struct builder *host, CXCursor decl);

/* ---- stmt.c, loop.c, decl_stmt.c ---- */

void lower_stmt(struct builder *b, CXCursor stmt);

/* `({ ... })`: the last statement's value, or unknown. */
value_id lower_stmt_expr(struct builder *b, CXCursor expr);
void lower_loop(struct builder *b, CXCursor stmt);
void lower_switch(struct builder *b, CXCursor stmt);
void lower_case(struct builder *b, CXCursor stmt);
void lower_decl_stmt(struct builder *b, CXCursor stmt);

/* The bounds of the variable-length arrays in a declaration's type, which are evaluated. */
void lower_bounds(struct builder *b, CXCursor decl);
void lower_asm(struct builder *b, CXCursor stmt);
