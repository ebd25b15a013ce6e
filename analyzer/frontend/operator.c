/* Operators: arithmetic, assignments, address and dereference. */
#include "frontend/body.h"

enum ir_opcode opcode_of(enum CXBinaryOperatorKind kind)
{
    static const enum ir_opcode opcodes[] = {
        [CXBinaryOperator_Mul] = IR_OP_MUL,       [CXBinaryOperator_Div] = IR_OP_DIV,
        [CXBinaryOperator_Rem] = IR_OP_REM,       [CXBinaryOperator_Add] = IR_OP_ADD,
        [CXBinaryOperator_Sub] = IR_OP_SUB,       [CXBinaryOperator_Shl] = IR_OP_SHL,
        [CXBinaryOperator_Shr] = IR_OP_SHR,       [CXBinaryOperator_LT] = IR_OP_LT,
        [CXBinaryOperator_GT] = IR_OP_GT,         [CXBinaryOperator_LE] = IR_OP_LE,
        [CXBinaryOperator_GE] = IR_OP_GE,         [CXBinaryOperator_EQ] = IR_OP_EQ,
        [CXBinaryOperator_NE] = IR_OP_NE,         [CXBinaryOperator_And] = IR_OP_AND,
        [CXBinaryOperator_Xor] = IR_OP_XOR,       [CXBinaryOperator_Or] = IR_OP_OR,
        [CXBinaryOperator_MulAssign] = IR_OP_MUL, [CXBinaryOperator_DivAssign] = IR_OP_DIV,
        [CXBinaryOperator_RemAssign] = IR_OP_REM, [CXBinaryOperator_AddAssign] = IR_OP_ADD,
        [CXBinaryOperator_SubAssign] = IR_OP_SUB, [CXBinaryOperator_ShlAssign] = IR_OP_SHL,
        [CXBinaryOperator_ShrAssign] = IR_OP_SHR, [CXBinaryOperator_AndAssign] = IR_OP_AND,
        [CXBinaryOperator_XorAssign] = IR_OP_XOR, [CXBinaryOperator_OrAssign] = IR_OP_OR,
    };

    return (size_t)kind < sizeof opcodes / sizeof opcodes[0] ? opcodes[kind] : IR_OP_NONE;
}

static value_id lower_assign(struct builder *b, CXCursor lvalue, CXCursor expr)
{
    value_id value = lower_value(b, expr);
    place_id place = lower_place(b, lvalue);

    op_write(b, place, value, access_of(b, lvalue));
    return value;
}

static value_id lower_compound(struct builder *b, CXCursor lvalue, CXCursor expr,
                               enum ir_opcode opcode)
{
    value_id value = lower_value(b, expr);
    place_id place = lower_place(b, lvalue);
    value_id old = op_rmw(b, place, opcode, value, access_of(b, lvalue));

    return value_binary(b, opcode, old, value);
}

static value_id lower_two(struct builder *b, CXCursor expr, CXCursor left, CXCursor right)
{
    enum CXBinaryOperatorKind kind = clang_getCursorBinaryOperatorKind(expr);
    enum ir_opcode opcode = opcode_of(kind);

    if (kind == CXBinaryOperator_Assign) {
        return lower_assign(b, left, right);
    }
    if (kind >= CXBinaryOperator_MulAssign && kind <= CXBinaryOperator_OrAssign) {
        return lower_compound(b, left, right, opcode);
    }
    if (kind == CXBinaryOperator_Comma) {
        lower_effect(b, left);
        return lower_value(b, right);
    }
    if (kind == CXBinaryOperator_LAnd || kind == CXBinaryOperator_LOr) {
        return lower_logical(b, expr);
    }
    value_id a = lower_value(b, left);
    value_id c = lower_value(b, right);
    return opcode == IR_OP_NONE ? value_unknown(b) : value_binary(b, opcode, a, c);
}

value_id lower_binary(struct builder *b, CXCursor expr)
{
    struct kids kids;

    kids_get(&kids, expr);
    CXCursor left = kids.v[0];
    CXCursor right = kids.n == 2 ? kids.v[1] : left;
    bool complete = kids.n == 2;
    kids_free(&kids);
    if (!complete) {
        lower_children(b, expr);
        return value_unknown(b);
    }
    return lower_two(b, expr, left, right);
}

/* x++ and its like: the old value, or the new one. */
static value_id lower_step(struct builder *b, CXCursor lvalue, enum ir_opcode opcode, bool is_new)
{
    place_id place = lower_place(b, lvalue);
    value_id one = value_int(b, 1);
    value_id old = op_rmw(b, place, opcode, one, access_of(b, lvalue));

    return is_new ? value_binary(b, opcode, old, one) : old;
}

/* &x */
static value_id lower_address(struct builder *b, CXCursor operand)
{
    CXCursor at = cursor_strip(operand);

    if (type_is_function(clang_getCursorType(at))) {
        return lower_value(b, at);
    }
    return value_addr(b, lower_place(b, at));
}

/* *p as a value: a read; of a pointer to a function: the pointer. */
static value_id lower_deref(struct builder *b, CXCursor expr, CXCursor pointer)
{
    if (type_is_function(clang_getCursorType(expr))) {
        return lower_value(b, pointer);
    }
    return lower_read(b, expr);
}

value_id lower_unary(struct builder *b, CXCursor expr)
{
    CXCursor operand;

    if (!cursor_first(expr, &operand)) {
        return value_unknown(b);
    }
    switch (clang_getCursorUnaryOperatorKind(expr)) {
    case CXUnaryOperator_PostInc:
        return lower_step(b, operand, IR_OP_ADD, false);
    case CXUnaryOperator_PostDec:
        return lower_step(b, operand, IR_OP_SUB, false);
    case CXUnaryOperator_PreInc:
        return lower_step(b, operand, IR_OP_ADD, true);
    case CXUnaryOperator_PreDec:
        return lower_step(b, operand, IR_OP_SUB, true);
    case CXUnaryOperator_AddrOf:
        return lower_address(b, operand);
    case CXUnaryOperator_Deref:
        return lower_deref(b, expr, operand);
    case CXUnaryOperator_Minus:
        return value_unary(b, IR_OP_NEG, lower_value(b, operand));
    case CXUnaryOperator_Not:
        return value_unary(b, IR_OP_BITNOT, lower_value(b, operand));
    case CXUnaryOperator_LNot:
        return value_unary(b, IR_OP_NOT, lower_value(b, operand));
    case CXUnaryOperator_Plus:
    case CXUnaryOperator_Extension:
        return lower_value(b, operand);
    case CXUnaryOperator_Real:
    case CXUnaryOperator_Imag:
    case CXUnaryOperator_Coawait:
    case CXUnaryOperator_Invalid:
        break;
    }
    lower_effect(b, operand);
    return value_unknown(b);
}
