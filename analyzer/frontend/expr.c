/* Expressions for their value. */
#include "frontend/body.h"

#include <string.h>

void lower_children(struct builder *b, CXCursor cursor)
{
    struct kids kids;

    kids_get(&kids, cursor);
    for (unsigned i = 0; i < kids.n; i++) {
        if (clang_isExpression(clang_getCursorKind(kids.v[i]))) {
            lower_effect(b, kids.v[i]);
        } else if (clang_isStatement(clang_getCursorKind(kids.v[i]))) {
            lower_stmt(b, kids.v[i]);
        }
    }
    kids_free(&kids);
}

static value_id constant(struct builder *b, CXCursor expr)
{
    int64_t number = 0;

    return cursor_constant(expr, &number) ? value_int(b, number) : value_unknown(b);
}

/* A name: of a function, an enum constant, or an object. */
static value_id lower_name(struct builder *b, CXCursor expr)
{
    CXCursor decl = clang_getCursorReferenced(expr);

    switch ((int)clang_getCursorKind(decl)) { /* libclang's enum is open */
    case CXCursor_FunctionDecl:
        return value_fn(b, decl_sym(b->lower, decl));
    case CXCursor_EnumConstantDecl:
        return value_int(b, clang_getEnumConstantDeclValue(decl));
    case CXCursor_VarDecl:
    case CXCursor_ParmDecl:
        return lower_read(b, expr);
    default:
        return value_unknown(b);
    }
}

/* Long texts (tables, usage messages) are of no use to any rule. */
enum { STRING_MAX = 256 };

static value_id lower_string(struct builder *b, CXCursor expr)
{
    CXString spelling = clang_getCursorSpelling(expr);
    const char *text = clang_getCString(spelling);
    struct ir_value value = {.kind = IR_VALUE_STRING};
    size_t n = text == NULL ? 0 : strlen(text);

    if (n >= 2 && text[0] == '"') { /* the spelling has the quotes */
        text++;
        n -= 2;
    }
    value.u.text =
        intern_strn(b->lower->names, text == NULL ? "" : text, n < STRING_MAX ? n : STRING_MAX);
    clang_disposeString(spelling);
    return ir_value_add(b->fn, value);
}

static value_id lower_label_address(struct builder *b, CXCursor expr)
{
    CXCursor ref;
    struct builder *host = b->host != NULL ? b->host : b;

    if (cursor_first(expr, &ref) && clang_getCursorKind(ref) == CXCursor_LabelRef) {
        uint32_t label = scope_label(host, clang_getCursorReferenced(ref));
        host->label_list.v[label].address_taken = true;
    }
    return value_unknown(b);
}

/* The expressions in a cast to a variably modified type but for `*operand`; with NULL, all. An
 * object that is only named is not read. */
static void lower_operands(struct builder *b, CXCursor expr, const CXCursor *operand)
{
    struct kids kids;

    kids_get(&kids, expr);
    for (unsigned i = 0; i < kids.n; i++) {
        if (!clang_isExpression(clang_getCursorKind(kids.v[i])) ||
            (operand != NULL && clang_equalCursors(kids.v[i], *operand)) ||
            (i > 0 && clang_equalCursors(kids.v[i], kids.v[i - 1]))) { /* sizeof shows it twice */
            continue;
        }
        if (cursor_is_lvalue(kids.v[i])) {
            lower_place(b, kids.v[i]);
        } else {
            lower_value(b, kids.v[i]);
        }
    }
    kids_free(&kids);
}

/* sizeof and _Alignof. The operand is not evaluated, unless its size depends on it (C11
 * 6.5.3.4). */
static value_id lower_sizeof(struct builder *b, CXCursor expr)
{
    int64_t number = 0;

    if (cursor_constant(expr, &number)) {
        return value_int(b, number);
    }
    lower_operands(b, expr, NULL);
    return value_unknown(b);
}

/* The value of `child` as `cast` passes it on. */
static value_id lower_cast(struct builder *b, CXCursor cast, CXCursor child)
{
    place_id around;

    if (clang_getCursorKind(cast) == CXCursor_CStyleCastExpr) {
        if (type_is_variable(clang_getCursorType(cast))) {
            lower_operands(b, cast, &child);
        }
        note_base_cast(b, cast);
        if (lower_container(b, cast, &around)) {
            return value_addr(b, around);
        }
    }
    if (clang_getCursorKind(child) == CXCursor_StringLiteral) {
        return lower_string(b, child);
    }
    if (cursor_is_array(child) && !cursor_is_array(cast)) {
        CXCursor array = cursor_strip(child);
        if (clang_getCursorKind(array) == CXCursor_StringLiteral) {
            return lower_string(b, array);
        }
        if (cursor_is_lvalue(array)) {
            return value_addr(b, lower_place(b, array));
        }
    }
    if (clang_getCursorKind(cast) == CXCursor_CStyleCastExpr &&
        type_is_void(clang_getCursorType(cast))) {
        lower_effect(b, child);
        return value_unknown(b);
    }
    return lower_value(b, child);
}

/* Is it offsetof() or a question about types? Their children are not evaluated. */
static bool is_about_types(CXCursor expr)
{
    char word[CURSOR_NAME_MAX];

    cursor_word(expr, word);
    return strcmp(word, "__builtin_offsetof") == 0 ||
           strcmp(word, "__builtin_types_compatible_p") == 0;
}

/* libclang's name for what it has no name for. */
static value_id lower_unexposed(struct builder *b, CXCursor expr)
{
    CXCursor inner;
    struct kids kids;
    value_id value = {ID_NONE};
    CXCursor stripped = cursor_strip(expr);

    if (!clang_equalCursors(stripped, expr)) {
        return lower_value(b, stripped);
    }
    if (cursor_is_cast(expr, &inner)) {
        return lower_cast(b, expr, inner);
    }
    kids_get(&kids, expr);
    if (kids.n == 4 && clang_equalLocations(clang_getCursorLocation(kids.v[0]),
                                            clang_getCursorLocation(kids.v[1]))) {
        value = lower_elvis(b, kids.v[0], kids.v[3], expr);
    } else if (kids.n < 2 || !lower_atomic(b, expr, kids.v, kids.n, &value)) {
        if (!is_about_types(expr)) {
            lower_children(b, expr);
        }
        value = constant(b, expr);
    }
    kids_free(&kids);
    return value;
}

value_id lower_value(struct builder *b, CXCursor expr)
{
    CXCursor child;

    switch ((int)clang_getCursorKind(expr)) { /* libclang's enum is open */
    case CXCursor_ParenExpr:
        return cursor_first(expr, &child) ? lower_value(b, child) : value_unknown(b);
    case CXCursor_IntegerLiteral:
    case CXCursor_CharacterLiteral:
        return constant(b, expr);
    case CXCursor_UnaryExpr:
        return lower_sizeof(b, expr);
    case CXCursor_StringLiteral:
        return lower_string(b, expr);
    case CXCursor_DeclRefExpr:
        return lower_name(b, expr);
    case CXCursor_MemberRefExpr:
    case CXCursor_ArraySubscriptExpr:
    case CXCursor_CompoundLiteralExpr:
        return lower_read(b, expr);
    case CXCursor_UnaryOperator:
        return lower_unary(b, expr);
    case CXCursor_BinaryOperator:
    case CXCursor_CompoundAssignOperator:
        return lower_binary(b, expr);
    case CXCursor_ConditionalOperator:
        return lower_conditional(b, expr);
    case CXCursor_CallExpr:
        return lower_call(b, expr);
    case CXCursor_CStyleCastExpr:
        return cursor_is_cast(expr, &child) ? lower_cast(b, expr, child) : value_unknown(b);
    case CXCursor_UnexposedExpr:
        return lower_unexposed(b, expr);
    case CXCursor_GenericSelectionExpr:
        child = cursor_strip(expr);
        return clang_equalCursors(child, expr) ? value_unknown(b) : lower_value(b, child);
    case CXCursor_StmtExpr:
        return lower_stmt_expr(b, expr);
    case CXCursor_AddrLabelExpr:
        return lower_label_address(b, expr);
    case CXCursor_CXXBoolLiteralExpr: /* C23's true, false and nullptr */
        return constant(b, expr);
    case CXCursor_CXXNullPtrLiteralExpr:
        return value_int(b, 0);
    case CXCursor_BlockExpr:
        lower_lose(b->lower, clang_getCursorLocation(expr),
                   "a block (a clang extension) is left out");
        return value_unknown(b);
    case CXCursor_FloatingLiteral:
    case CXCursor_ImaginaryLiteral:
        return value_unknown(b);
    default:
        lower_children(b, expr);
        return value_unknown(b);
    }
}

void lower_effect(struct builder *b, CXCursor expr)
{
    CXCursor child;

    expr = cursor_strip(expr);
    /* `(void)x`, `x;`: using the value is what reads it, unless it is volatile. */
    if (clang_getCursorKind(expr) == CXCursor_UnexposedExpr && cursor_is_cast(expr, &child) &&
        cursor_is_lvalue(child) && !cursor_is_array(child) &&
        !type_is_volatile(clang_getCursorType(child)) &&
        !type_is_atomic(clang_getCursorType(child))) {
        lower_place(b, child);
        return;
    }
    lower_value(b, expr);
}
