/* Expressions that are control flow: &&, ||, ?: and conditions. */
#include "frontend/body.h"

#include <string.h>

/* __builtin_expect(x, n) and its relatives are x. */
static bool expected(CXCursor call, CXCursor *ret_inner)
{
    struct kids kids;
    bool is = false;

    if (clang_getCursorKind(call) == CXCursor_CallExpr &&
        (cursor_named(call, "__builtin_expect") || cursor_named(call, "__builtin_unpredictable"))) {
        kids_get(&kids, call);
        is = kids.n > 1; /* the callee, then the arguments */
        *ret_inner = kids.v[is ? 1 : 0];
        kids_free(&kids);
    }
    return is;
}

/* The condition without what does not change whether it is 0. */
static CXCursor condition(CXCursor expr)
{
    CXCursor inner;

    for (;;) {
        expr = cursor_strip(expr);
        bool is_cast = cursor_is_cast(expr, &inner);
        if (is_cast && (cursor_is_lvalue(inner) || cursor_is_array(inner) ||
                        type_is_function(clang_getCursorType(inner)))) {
            return expr;
        }
        if (!is_cast && !expected(expr, &inner)) {
            return expr;
        }
        expr = inner;
    }
}

/* a && b, a || b; `last` is the right operand, which the caller goes on with. */
static void first_operand(struct builder *b, CXCursor expr, bool is_and, block_id yes, block_id no,
                          CXCursor *ret_last)
{
    struct kids kids;
    block_id next = block_new(b);

    kids_get(&kids, expr);
    CXCursor left = kids.v[0];
    *ret_last = kids.v[kids.n > 1 ? 1 : 0];
    kids_free(&kids);
    if (is_and) {
        lower_cond(b, left, next, no);
    } else {
        lower_cond(b, left, yes, next);
    }
    block_start(b, next);
}

/* c ? x : y as a condition. */
static void cond_conditional(struct builder *b, const struct kids *kids, block_id yes, block_id no)
{
    block_id when_true = block_new(b);
    block_id when_false = block_new(b);

    lower_cond(b, kids->v[0], when_true, when_false);
    block_start(b, when_true);
    lower_cond(b, kids->v[1], yes, no);
    block_start(b, when_false);
    lower_cond(b, kids->v[2], yes, no);
}

static bool is_conditional(struct builder *b, CXCursor expr, block_id yes, block_id no)
{
    struct kids kids;
    bool is = false;

    if (clang_getCursorKind(expr) == CXCursor_ConditionalOperator) {
        kids_get(&kids, expr);
        is = kids.n == 3;
        if (is) {
            cond_conditional(b, &kids, yes, no);
        }
        kids_free(&kids);
    }
    return is;
}

void lower_cond(struct builder *b, CXCursor expr, block_id yes, block_id no)
{
    CXCursor inner;

    for (;;) { /* the last operand of a chain needs no recursion */
        expr = condition(expr);
        enum CXBinaryOperatorKind kind = clang_getCursorBinaryOperatorKind(expr);
        if (clang_getCursorKind(expr) == CXCursor_UnaryOperator &&
            clang_getCursorUnaryOperatorKind(expr) == CXUnaryOperator_LNot &&
            cursor_first(expr, &inner)) {
            block_id swap = yes;
            yes = no;
            no = swap;
            expr = inner;
        } else if (kind == CXBinaryOperator_LAnd || kind == CXBinaryOperator_LOr) {
            first_operand(b, expr, kind == CXBinaryOperator_LAnd, yes, no, &inner);
            expr = inner;
        } else if (is_conditional(b, expr, yes, no)) {
            return;
        } else {
            value_id value = lower_value(b, expr);
            block_branch(b, value, yes, no, loc_of(b, expr));
            return;
        }
    }
}

/* ---- as values ------------------------------------------------------------------------------- */

/* A temporary that each arm writes and the join reads. */
static place_id new_temp(struct builder *b, CXCursor expr)
{
    const char *type = type_name(b->lower, clang_getCursorType(expr));

    return place_of_local(b, local_new(b, NULL, type, IR_LOCAL_TEMP));
}

value_id lower_logical(struct builder *b, CXCursor expr)
{
    place_id temp = new_temp(b, expr);
    struct access access = {.where = loc_of(b, expr)};
    block_id yes = block_new(b);
    block_id no = block_new(b);
    block_id join = block_new(b);

    lower_cond(b, expr, yes, no);
    block_start(b, yes);
    op_write(b, temp, value_int(b, 1), access);
    block_jump(b, join);
    block_start(b, no);
    op_write(b, temp, value_int(b, 0), access);
    block_start(b, join);
    return op_read(b, temp, access);
}

/* One arm of ?:, written to the temporary unless the whole is void. */
static void lower_arm(struct builder *b, CXCursor arm, bool is_void, place_id temp,
                      struct access access, block_id join)
{
    if (is_void) {
        lower_effect(b, arm);
    } else {
        value_id value = lower_value(b, arm);
        if (block_is_open(b)) {
            op_write(b, temp, value, access);
        }
    }
    block_jump(b, join);
}

value_id lower_conditional(struct builder *b, CXCursor expr)
{
    struct kids kids;
    bool is_void = type_is_void(clang_getCursorType(expr));
    struct access access = {.where = loc_of(b, expr)};
    block_id yes = block_new(b);
    block_id no = block_new(b);
    block_id join = block_new(b);
    place_id temp = is_void ? (place_id){ID_NONE} : new_temp(b, expr);

    kids_get(&kids, expr);
    if (kids.n == 3) {
        lower_cond(b, kids.v[0], yes, no);
        block_start(b, yes);
        lower_arm(b, kids.v[1], is_void, temp, access, join);
        block_start(b, no);
        lower_arm(b, kids.v[2], is_void, temp, access, join);
    }
    kids_free(&kids);
    block_start(b, join);
    return is_void ? value_unknown(b) : op_read(b, temp, access);
}

value_id lower_elvis(struct builder *b, CXCursor value, CXCursor otherwise, CXCursor whole)
{
    struct access access = {.where = loc_of(b, whole)};
    place_id temp = new_temp(b, whole);
    block_id no = block_new(b);
    block_id join = block_new(b);
    value_id first = lower_value(b, value);

    op_write(b, temp, first, access);
    block_branch(b, first, join, no, access.where);
    block_start(b, no);
    lower_arm(b, otherwise, false, temp, access, join);
    block_start(b, join);
    return op_read(b, temp, access);
}
