/* Lvalues: from cursors to access paths. */
#include "frontend/body.h"

struct access access_of(struct builder *b, CXCursor lvalue)
{
    CXType type = clang_getCursorType(lvalue);
    struct access access = {.where = loc_of(b, lvalue)};

    if (type_is_array(type) && !cursor_is_array(lvalue)) {
        return access; /* the qualifiers are those of what it points to */
    }
    if (type_is_volatile(type)) {
        access.flags |= IR_OPF_VOLATILE;
    }
    if (type_is_atomic(type)) { /* C11 6.2.6.1: plain use is sequentially consistent */
        access.order = IR_ORDER_SEQ_CST;
    }
    return access;
}

value_id lower_read(struct builder *b, CXCursor lvalue)
{
    place_id place = lower_place(b, lvalue);

    return op_read(b, place, access_of(b, lvalue));
}

static local_id local_of(struct builder *b, CXCursor decl)
{
    uint32_t id = 0;

    if (!idmap_get(b->locals, decl.data[0], &id)) {
        CXType type = clang_getCursorType(decl);
        bool is_pointer = type_is_array(type) && clang_getCursorKind(decl) == CXCursor_ParmDecl;
        uint32_t flags = type_is_volatile(type) && !is_pointer ? IR_LOCAL_VOLATILE : 0u;
        const char *name = cursor_name(b->lower->names, decl);
        id = local_new(b, name,
                       is_pointer ? type_name_pointer(b->lower, type) : type_name(b->lower, type),
                       flags)
                 .i;
        idmap_put(b->locals, decl.data[0], id);
    }
    return (local_id){id};
}

place_id lower_decl_place(struct builder *b, CXCursor decl)
{
    if (decl_is_global(decl)) {
        return ir_place_add(b->fn, IR_BASE_GLOBAL, decl_sym(b->lower, decl).i, NULL, 0);
    }
    return place_of_local(b, local_of(b, decl));
}

/* Where the object with this value is: a struct that was read is where it was read. */
static place_id place_holding(struct builder *b, value_id value)
{
    const struct ir_value *at = value_get(b, value);

    if (at->kind == IR_VALUE_READ && b->fn->ops.v[at->u.op.i].kind == IR_READ) {
        return b->fn->ops.v[at->u.op.i].u.access.place;
    }
    return place_of_value(b, value);
}

/* Where the pointer with this value points to. */
static place_id place_pointed(struct builder *b, value_id value)
{
    const struct ir_value *at = value_get(b, value);

    if (at->kind == IR_VALUE_ADDR) {
        return at->u.place;
    }
    return place_extend(b, place_holding(b, value), IR_STEP_DEREF, 0);
}

/* The element `index` further on than `first`; two steps along one array are one. */
static place_id element(struct builder *b, place_id first, value_id index, bool same_array)
{
    const struct ir_place *at = &b->fn->places.v[first.i];

    if (same_array && at->n_steps > 0) {
        struct ir_step last = b->fn->steps.v[at->first_step + at->n_steps - 1];
        if (last.kind == IR_STEP_INDEX) {
            struct ir_place shorter = *at;
            struct ir_step steps[64];
            for (uint32_t i = 0; i < shorter.n_steps; i++) {
                steps[i] = b->fn->steps.v[shorter.first_step + i];
            }
            index = value_binary(b, IR_OP_ADD, (value_id){last.arg}, index);
            first =
                ir_place_add(b->fn, shorter.base_kind, shorter.base, steps, shorter.n_steps - 1);
        }
    }
    return place_extend(b, first, IR_STEP_INDEX, index.i);
}

/* The array that `expr` decays from, or the vector that it is; false: it is a pointer. */
static bool decayed_array(CXCursor expr, CXCursor *ret_array)
{
    CXCursor child;

    expr = cursor_strip(expr);
    enum CXTypeKind kind = clang_getCanonicalType(clang_getCursorType(expr)).kind;
    if ((kind == CXType_Vector || kind == CXType_ExtVector) && cursor_is_lvalue(expr)) {
        *ret_array = expr;
        return true;
    }
    if (clang_getCursorKind(expr) == CXCursor_UnexposedExpr && cursor_is_cast(expr, &child) &&
        cursor_is_array(child) && cursor_is_lvalue(child)) {
        *ret_array = child;
        return true;
    }
    return false;
}

/* pointer[index] */
static place_id place_indexed(struct builder *b, CXCursor pointer, value_id index)
{
    CXCursor array;

    if (decayed_array(pointer, &array)) {
        return element(b, lower_place(b, array), index, false);
    }
    return element(b, lower_pointee(b, pointer), index, true);
}

static place_id lower_subscript(struct builder *b, CXCursor expr)
{
    struct kids kids;

    kids_get(&kids, expr);
    CXCursor pointer = kids.v[0];
    CXCursor index = kids.n > 1 ? kids.v[1] : kids.v[0];
    bool complete = kids.n == 2;
    kids_free(&kids);
    if (!complete) {
        lower_children(b, expr);
        return place_of_value(b, value_unknown(b));
    }
    if (!cursor_is_pointer(pointer) && cursor_is_pointer(index)) { /* 2[p] */
        CXCursor swap = pointer;
        pointer = index;
        index = swap;
    }
    return place_indexed(b, pointer, lower_value(b, index));
}

/* `p + i` and `p - i` as a pointer: the element. */
static place_id place_offset(struct builder *b, CXCursor sum, bool minus)
{
    struct kids kids;

    kids_get(&kids, sum);
    if (kids.n != 2) {
        kids_free(&kids);
        return place_of_value(b, value_unknown(b));
    }
    bool swapped = !cursor_is_pointer(kids.v[0]);
    CXCursor pointer = kids.v[swapped ? 1 : 0];
    value_id index = lower_value(b, kids.v[swapped ? 0 : 1]);
    kids_free(&kids);
    return place_indexed(b, pointer, minus ? value_unary(b, IR_OP_NEG, index) : index);
}

/* Strips casts between pointers; arithmetic on the bytes of an object (container_of) is no path
 * in terms of the type that it is cast to. */
static CXCursor pointer_of(struct builder *b, CXCursor expr)
{
    CXCursor child;
    CXCursor at = cursor_strip(expr);

    while (cursor_is_cast(at, &child) && !cursor_is_lvalue(child) && cursor_is_pointer(child)) {
        child = cursor_strip(child);
        if (clang_getCursorKind(at) == CXCursor_CStyleCastExpr &&
            (clang_getCursorKind(child) == CXCursor_BinaryOperator ||
             type_is_variable(clang_getCursorType(at)))) { /* whose bounds are evaluated */
            return at;
        }
        note_base_cast(b, at);
        at = child;
    }
    return at;
}

/* Reads the pointer that is stored in an lvalue; the read of a plain local goes unsaid. */
static place_id place_through(struct builder *b, CXCursor lvalue)
{
    place_id holder = lower_place(b, lvalue);

    if (!place_is_plain_local(b, holder)) {
        op_read(b, holder, access_of(b, lvalue));
    }
    return place_extend(b, holder, IR_STEP_DEREF, 0);
}

place_id lower_pointee(struct builder *b, CXCursor expr)
{
    CXCursor child;
    CXCursor at = pointer_of(b, expr);

    if (decayed_array(at, &child)) {
        return element(b, lower_place(b, child), value_int(b, 0), false);
    }
    if (cursor_is_cast(at, &child) && cursor_is_lvalue(child) && cursor_is_pointer(child)) {
        return place_through(b, cursor_strip(child));
    }
    if (clang_getCursorKind(at) == CXCursor_UnaryOperator &&
        clang_getCursorUnaryOperatorKind(at) == CXUnaryOperator_AddrOf &&
        cursor_first(at, &child)) {
        return lower_place(b, child);
    }
    if (clang_getCursorKind(at) == CXCursor_BinaryOperator) {
        enum CXBinaryOperatorKind kind = clang_getCursorBinaryOperatorKind(at);
        if (kind == CXBinaryOperator_Add || kind == CXBinaryOperator_Sub) {
            return place_offset(b, at, kind == CXBinaryOperator_Sub);
        }
    }
    return place_pointed(b, lower_value(b, at));
}

/* The steps from the record that `base` is to `field`: through the anonymous members around it.
 * libclang shows some of these members and leaves out others. */
static place_id place_member(struct builder *b, place_id base, record_id record, field_id field)
{
    const struct lower *lower = b->lower;
    uint32_t around[16];
    uint32_t n = 0;
    record_id at = lower->unit->fields.v[field.i].record;

    while (at.i != record.i && lower->record_info.v[at.i].outer.i != ID_NONE && n < 16) {
        around[n] = lower->record_info.v[at.i].outer.i;
        at = lower->unit->fields.v[around[n++]].record;
    }
    while (n > 0) {
        base = place_extend(b, base, IR_STEP_FIELD, around[--n]);
    }
    return place_extend(b, base, IR_STEP_FIELD, field.i);
}

static bool is_anonymous_member(CXCursor expr)
{
    return clang_getCursorKind(expr) == CXCursor_MemberRefExpr &&
           cursor_named(expr, "struct ") + cursor_named(expr, "union ") > 0;
}

static place_id lower_member(struct builder *b, CXCursor expr)
{
    CXCursor base;
    field_id field = record_field(b->lower, clang_getCursorReferenced(expr));

    if (!cursor_first(expr, &base) || !clang_isExpression(clang_getCursorKind(base))) {
        return place_of_value(b, value_unknown(b));
    }
    while (is_anonymous_member(base) && cursor_first(base, &base)) {
    }
    bool arrow = cursor_is_pointer(base);
    place_id place = arrow ? lower_pointee(b, base) : lower_place(b, base);
    if (field.i == ID_NONE) {
        return place;
    }
    record_id record =
        record_of_type(b->lower, arrow ? cursor_pointee(base) : clang_getCursorType(base));
    return place_member(b, place, record, field);
}

static place_id lower_compound_literal(struct builder *b, CXCursor expr)
{
    CXType type = clang_getCursorType(expr);
    CXCursor init;
    place_id place =
        place_of_local(b, local_new(b, NULL, type_name(b->lower, type), IR_LOCAL_TEMP));

    if (cursor_last_expr(expr, &init)) {
        lower_init(b, place, type, init);
    }
    return place;
}

place_id lower_place(struct builder *b, CXCursor expr)
{
    CXCursor child;

    expr = cursor_strip(expr);
    switch ((int)clang_getCursorKind(expr)) { /* libclang's enum is open */
    case CXCursor_DeclRefExpr:
        child = clang_getCursorReferenced(expr);
        if (clang_getCursorKind(child) == CXCursor_VarDecl ||
            clang_getCursorKind(child) == CXCursor_ParmDecl) {
            return lower_decl_place(b, child);
        }
        break;
    case CXCursor_MemberRefExpr:
        return lower_member(b, expr);
    case CXCursor_ArraySubscriptExpr:
        return lower_subscript(b, expr);
    case CXCursor_CompoundLiteralExpr:
        return lower_compound_literal(b, expr);
    case CXCursor_UnaryOperator:
        if (clang_getCursorUnaryOperatorKind(expr) == CXUnaryOperator_Deref &&
            cursor_first(expr, &child)) {
            return lower_pointee(b, child);
        }
        break;
    case CXCursor_UnexposedExpr:
        if (cursor_is_cast(expr, &child) && cursor_is_lvalue(child) &&
            type_is_record(clang_getCursorType(child))) { /* a struct that is passed on */
            return lower_place(b, child);
        }
        break;
    default:
        break;
    }
    return place_holding(b, lower_value(b, expr));
}
