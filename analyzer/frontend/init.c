/* Initialisers: one write an element; brace elision as C11 6.7.9 has it. */
#include "frontend/init.h"

#include <string.h>

/* ---- what is worth a write ------------------------------------------------------------------- */

/* Of a static initialiser only functions and addresses are kept; a table of numbers costs
 * nothing. */
static bool is_static(const struct builder *b)
{
    return b == b->lower->init;
}

static bool is_literal(CXCursor expr)
{
    CXCursor child;

    while (cursor_is_cast(expr, &child) ||
           (clang_getCursorUnaryOperatorKind(expr) == CXUnaryOperator_Minus &&
            cursor_first(expr, &child))) {
        expr = child;
    }
    enum CXCursorKind kind = clang_getCursorKind(expr);
    if (kind == CXCursor_DeclRefExpr) {
        return clang_getCursorKind(clang_getCursorReferenced(expr)) == CXCursor_EnumConstantDecl;
    }
    return kind == CXCursor_IntegerLiteral || kind == CXCursor_FloatingLiteral ||
           kind == CXCursor_CharacterLiteral || kind == CXCursor_StringLiteral;
}

static void write_value(struct builder *b, place_id place, CXCursor init)
{
    if (is_static(b) && is_literal(init)) {
        return;
    }
    value_id value = lower_value(b, init);
    enum ir_value_kind kind = value_get(b, value)->kind;
    if (is_static(b) && kind != IR_VALUE_FN && kind != IR_VALUE_ADDR && kind != IR_VALUE_BINARY) {
        return;
    }
    op_write(b, place, value, (struct access){.where = loc_of(b, init), .flags = IR_OPF_INIT});
}

/* `x = PTHREAD_MUTEX_INITIALIZER`: the macro that the initialiser of an object of a named type
 * comes from, as one write of an unknown value; false: it is no such initialiser. */
static bool write_macro(struct builder *b, place_id place, CXType type, CXCursor init)
{
    bool named =
        type.kind == CXType_Elaborated && clang_Type_getNamedType(type).kind == CXType_Typedef;

    if (!type_is_record(type) && !type_is_array(type) && !named) {
        return false;
    }
    loc_id where = loc_of(b, init);
    const char *macro = b->fn->locs.v[where.i].macro;
    if (macro == NULL || strcmp(macro, "NULL") == 0) {
        return false;
    }
    op_write(b, place, value_unknown(b), (struct access){.where = where, .flags = IR_OPF_INIT});
    return true;
}

/* Is a braced list nothing but literals, none of them from a macro? */
static bool is_dull(struct builder *b, CXCursor list)
{
    struct kids kids;
    bool dull = source_loc(b->lower, clang_getCursorLocation(list)).macro == NULL;

    kids_get(&kids, list);
    for (unsigned i = 0; i < kids.n && dull; i++) {
        CXCursor init = cursor_strip(kids.v[i]);
        dull = clang_getCursorKind(init) == CXCursor_InitListExpr
                   ? is_dull(b, init)
                   : is_literal(init) &&
                         source_loc(b->lower, clang_getCursorLocation(init)).macro == NULL;
    }
    kids_free(&kids);
    return dull;
}

/* ---- the current object ---------------------------------------------------------------------- */

struct object object_of(struct builder *b, place_id place, CXType type)
{
    struct object object = {place, clang_getCanonicalType(type), record_of_type(b->lower, type), 0};

    return object;
}

/* Fields without a name that are no records, `int : 3`, take no initialiser. */
static void skip_padding(const struct lower *lower, struct object *object)
{
    const struct record_info *info = &lower->record_info.v[object->record.i];

    while (object->next < info->n_fields) {
        uint32_t field = info->first_field + (uint32_t)object->next;
        if (lower->unit->fields.v[field].name[0] != '\0' ||
            type_is_record(lower->field_types.v[field])) {
            return;
        }
        object->next++;
    }
}

/* The type of member `next`; false: there is none left. */
static bool member_type(const struct lower *lower, struct object *object, CXType *ret_type)
{
    if (object->record.i != ID_NONE) {
        const struct record_info *info = &lower->record_info.v[object->record.i];
        skip_padding(lower, object);
        if (object->next >= info->n_fields) {
            return false;
        }
        *ret_type = lower->field_types.v[info->first_field + (uint32_t)object->next];
        return true;
    }
    if (type_is_array(object->type)) {
        long long size = clang_getArraySize(object->type);
        *ret_type = clang_getArrayElementType(object->type);
        return size < 0 || object->next < size;
    }
    *ret_type = object->type;
    return object->next == 0; /* int x = { 1 }; */
}

bool object_member(struct builder *b, struct object *object, place_id *ret_place, CXType *ret_type)
{
    if (!member_type(b->lower, object, ret_type)) {
        return false;
    }
    if (object->record.i != ID_NONE) {
        uint32_t first = b->lower->record_info.v[object->record.i].first_field;
        *ret_place = place_extend(b, object->place, IR_STEP_FIELD, first + (uint32_t)object->next);
    } else if (type_is_array(object->type)) {
        value_id index = value_int(b, object->next);
        *ret_place = place_extend(b, object->place, IR_STEP_INDEX, index.i);
    } else {
        *ret_place = object->place;
    }
    return true;
}

static bool is_union(const struct builder *b, const struct object *object)
{
    return object->record.i != ID_NONE && b->lower->unit->records.v[object->record.i].is_union;
}

void object_step(const struct builder *b, struct object *object)
{
    object->next += is_union(b, object) ? INT32_MAX : 1;
}

static bool is_aggregate(CXType type)
{
    return type_is_record(type) || type_is_array(type);
}

/* Does the initialiser stand for the whole aggregate, rather than for its first member? */
static bool gives_whole(CXCursor init, CXType type)
{
    CXCursor at = cursor_strip(init);

    if (clang_getCursorKind(at) == CXCursor_InitListExpr) {
        return true;
    }
    if (type_is_array(type)) {
        return type_is_array(clang_getCursorType(at)); /* a string, or a compound literal */
    }
    return type_is_record(clang_getCursorType(at));
}

static bool is_designated(CXCursor init)
{
    return clang_getCursorKind(init) == CXCursor_UnexposedExpr &&
           type_is_void(clang_getCursorType(init));
}

void init_give(struct builder *b, place_id place, CXType type, CXCursor init, bool quiet)
{
    CXCursor at = cursor_strip(init);

    if (!quiet) {
        quiet = write_macro(b, place, type, init);
    }
    if (clang_getCursorKind(at) == CXCursor_InitListExpr) {
        struct kids kids;
        struct object object = object_of(b, place, type);
        struct list list = {&kids, 0, quiet};
        kids_get(&kids, at);
        init_fill(b, &object, &list, true);
        kids_free(&kids);
        return;
    }
    if (quiet && is_literal(at)) {
        return;
    }
    write_value(b, place, at);
}

/* ---- lists ----------------------------------------------------------------------------------- */

/* Is the initialiser of the next member, of type `type`, of no use: only numbers and texts, in a
 * static object? No place is made for it then; tables can be long. */
static bool is_useless(struct builder *b, CXCursor init, CXType type)
{
    if (!is_static(b)) {
        return false;
    }
    CXCursor at = cursor_strip(init);
    if (clang_getCursorKind(at) == CXCursor_InitListExpr) {
        return is_dull(b, at);
    }
    return !is_aggregate(type) && is_literal(at) &&
           source_loc(b->lower, clang_getCursorLocation(at)).macro == NULL;
}

/* Gives the next member, which there is, one or more of the list's initialisers. */
static void fill_member(struct builder *b, struct object *object, struct list *list)
{
    CXCursor init = list->kids->v[list->at];
    unsigned before = list->at;
    place_id place;
    CXType type;

    if (!object_member(b, object, &place, &type)) {
        return;
    }
    object_step(b, object);
    if (is_aggregate(type) && !gives_whole(init, type)) { /* elided braces */
        struct object inner = object_of(b, place, type);
        init_fill(b, &inner, list, false);
        list->at += list->at == before ? 1u : 0u;
        return;
    }
    list->at++;
    init_give(b, place, type, init, list->quiet);
}

void init_fill(struct builder *b, struct object *object, struct list *list, bool braces)
{
    CXType type;

    while (list->at < list->kids->n) {
        CXCursor init = list->kids->v[list->at];
        bool designated = is_designated(init);
        if (!braces && (designated || !member_type(b->lower, object, &type))) {
            return;
        }
        if (designated) {
            list->at++;
            init_designated(b, object, list, init);
        } else if (!member_type(b->lower, object, &type)) {
            list->at++; /* too many: clang has warned */
        } else if (is_useless(b, init, type)) {
            list->at++;
            object_step(b, object);
        } else {
            fill_member(b, object, list);
        }
    }
}

void lower_init(struct builder *b, place_id place, CXType type, CXCursor init)
{
    init_give(b, place, type, init, false);
}

void lower_static_init(struct lower *lower, struct builder *host, CXCursor decl)
{
    CXCursor init = clang_Cursor_getVarDeclInitializer(decl);
    struct builder *b = lower->init;

    if (clang_Cursor_isNull(init)) {
        return;
    }
    b->host = host;
    place_id place = ir_place_add(b->fn, IR_BASE_GLOBAL, decl_sym(lower, decl).i, NULL, 0);
    /* What is constant is no lock: its numbers from macros are not worth a word. */
    CXType type = clang_getCursorType(decl);
    init_give(b, place, type, init, type_is_const(type));
    b->host = NULL;
}
