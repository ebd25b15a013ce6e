/* Initialisers: one write an element; brace elision as C11 6.7.9 has it. */
#include "frontend/body.h"

#include <string.h>

/* ---- what is worth a write ------------------------------------------------------------------ */

/* Of a static initialiser only functions and addresses are kept; a table of numbers costs
 * nothing. */
static bool is_static(const struct builder *b)
{
    return b == b->lower->init;
}

static bool is_literal(CXCursor expr)
{
    CXCursor child;

    while (cursor_is_cast(expr, &child)) {
        expr = child;
    }
    enum CXCursorKind kind = clang_getCursorKind(expr);
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

/* ---- the current object --------------------------------------------------------------------- */

/* An array or record whose members are given values one after the other. */
struct object {
    place_id place;
    CXType type;      /* canonical */
    record_id record; /* ID_NONE: an array, or a scalar in braces */
    int64_t next;     /* index of the next element or field */
};

/* The initialisers of one pair of braces. */
struct list {
    const struct kids *kids;
    unsigned at;
    bool quiet; /* inside a macro that was written as a whole: only functions and addresses */
};

static struct object object_of(struct builder *b, place_id place, CXType type)
{
    struct object object = {place, clang_getCanonicalType(type), record_of_type(b->lower, type), 0};

    return object;
}

/* The place and type of member `next`; false: there is none left. */
static bool member_at(struct builder *b, const struct object *object, place_id *ret_place,
                      CXType *ret_type)
{
    const struct lower *lower = b->lower;

    if (object->record.i != ID_NONE) {
        const struct record_info *info = &lower->record_info.v[object->record.i];
        if (object->next >= info->n_fields) {
            return false;
        }
        uint32_t field = info->first_field + (uint32_t)object->next;
        *ret_place = place_extend(b, object->place, IR_STEP_FIELD, field);
        *ret_type = lower->field_types.v[field];
        return true;
    }
    if (type_is_array(object->type)) {
        long long size = clang_getArraySize(object->type);
        if (size >= 0 && object->next >= size) {
            return false;
        }
        value_id index = value_int(b, object->next);
        *ret_place = place_extend(b, object->place, IR_STEP_INDEX, index.i);
        *ret_type = clang_getArrayElementType(object->type);
        return true;
    }
    *ret_place = object->place;
    *ret_type = object->type;
    return object->next == 0; /* int x = { 1 }; */
}

static bool is_union(const struct builder *b, const struct object *object)
{
    return object->record.i != ID_NONE && b->lower->unit->records.v[object->record.i].is_union;
}

static void step(const struct builder *b, struct object *object)
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

static void fill(struct builder *b, struct object *object, struct list *list, bool braces);

/* Gives the value of `init` to a place. */
static void give(struct builder *b, place_id place, CXType type, CXCursor init, bool quiet)
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
        fill(b, &object, &list, true);
        kids_free(&kids);
        return;
    }
    if (quiet && is_literal(at)) {
        return;
    }
    write_value(b, place, at);
}

/* ---- designators ---------------------------------------------------------------------------- */

/* Follows one designator. `*object` becomes the member, `*outer` (of the first one) goes on after
 * it. */
static bool follow(struct builder *b, struct object *object, CXCursor designator)
{
    int64_t index = 0;
    place_id place;
    CXType type;

    if (clang_getCursorKind(designator) == CXCursor_MemberRef) {
        field_id field = record_field(b->lower, clang_getCursorReferenced(designator));
        if (field.i == ID_NONE) {
            return false;
        }
        const struct ir_field *at = &b->lower->unit->fields.v[field.i];
        object->next = at->index;
        if (at->record.i != object->record.i) { /* of an anonymous member */
            object->record = at->record;
        }
    } else if (cursor_constant(designator, &index)) {
        object->next = index;
    } else {
        return false;
    }
    if (!member_at(b, object, &place, &type)) {
        return false;
    }
    *object = object_of(b, place, type);
    return true;
}

/* Steps into the anonymous members that lead to the field which a designator names. */
static void enter_anonymous(struct builder *b, struct object *object, CXCursor designator)
{
    const struct lower *lower = b->lower;
    uint32_t around[16];
    uint32_t n = 0;

    if (clang_getCursorKind(designator) != CXCursor_MemberRef) {
        return;
    }
    field_id field = record_field(b->lower, clang_getCursorReferenced(designator));
    if (field.i == ID_NONE) {
        return;
    }
    record_id at = lower->unit->fields.v[field.i].record;
    while (at.i != object->record.i && lower->record_info.v[at.i].outer.i != ID_NONE && n < 16) {
        around[n] = lower->record_info.v[at.i].outer.i;
        at = lower->unit->fields.v[around[n++]].record;
    }
    while (n > 0) {
        uint32_t outer = around[--n];
        object->place = place_extend(b, object->place, IR_STEP_FIELD, outer);
        object->type = clang_getCanonicalType(lower->field_types.v[outer]);
        object->record = record_of_type(b->lower, object->type);
    }
}

/* Do these two children belong to one GNU range designator, [low ... high]? */
static bool is_range(struct lower *lower, CXCursor low, CXCursor high)
{
    size_t size = 0;
    size_t size_high = 0;
    const char *text = source_text(lower, clang_getCursorLocation(low), &size);
    const char *end = source_text(lower, clang_getCursorLocation(high), &size_high);

    for (; text != NULL && end != NULL && size > size_high; text++, size--) {
        if (*text == ']') {
            return false;
        }
        if (size > 3 && strncmp(text, "...", 3) == 0) {
            return true;
        }
    }
    return false;
}

/* `.a.b[2] = value`: children are the designators, then the value. The object of the list goes on
 * after the first designator's member. */
static void give_designated(struct builder *b, struct object *list_object, CXCursor init,
                            bool quiet)
{
    struct kids kids;
    struct object object = *list_object;
    bool found = true;

    kids_get(&kids, init);
    for (unsigned i = 0; i + 1 < kids.n && found; i++) {
        CXCursor designator = kids.v[i];
        int64_t high = 0;
        bool range = i + 2 < kids.n && clang_getCursorKind(designator) != CXCursor_MemberRef &&
                     clang_getCursorKind(kids.v[i + 1]) != CXCursor_MemberRef &&
                     is_range(b->lower, designator, kids.v[i + 1]);
        struct object whole = object;
        enter_anonymous(b, &object, designator);
        bool direct = object.place.i == whole.place.i;
        found = follow(b, &object, designator);
        if (i == 0 && clang_getCursorKind(designator) == CXCursor_MemberRef && found && direct) {
            list_object->next =
                b->lower->unit->fields
                    .v[record_field(b->lower, clang_getCursorReferenced(designator)).i]
                    .index;
        } else if (i == 0 && found && direct) {
            (void)cursor_constant(designator, &list_object->next);
        }
        if (range) { /* every element gets it; one is as good as all */
            i++;
            if (i == 1 && cursor_constant(kids.v[1], &high)) {
                list_object->next = high;
            }
        }
    }
    if (found && kids.n > 0) {
        give(b, object.place, object.type, kids.v[kids.n - 1], quiet);
    }
    kids_free(&kids);
    step(b, list_object);
}

/* ---- lists ---------------------------------------------------------------------------------- */

/* Takes initialisers from the list until the object is full; `braces`: the list is the object's
 * own, so designators are meant for it. */
static void fill(struct builder *b, struct object *object, struct list *list, bool braces)
{
    place_id place;
    CXType type;

    while (list->at < list->kids->n) {
        CXCursor init = list->kids->v[list->at];
        if (is_designated(init)) {
            if (!braces) {
                return;
            }
            list->at++;
            give_designated(b, object, init, list->quiet);
            continue;
        }
        if (is_static(b) && !is_aggregate(clang_getArrayElementType(object->type)) &&
            type_is_array(object->type) && is_literal(init)) { /* a table of numbers */
            list->at++;
            object->next++;
            continue;
        }
        if (!member_at(b, object, &place, &type)) {
            if (!braces) {
                return;
            }
            list->at++; /* too many: clang has warned */
            continue;
        }
        step(b, object);
        if (is_aggregate(type) && !gives_whole(init, type)) { /* elided braces */
            struct object inner = object_of(b, place, type);
            unsigned before = list->at;
            fill(b, &inner, list, false);
            list->at += list->at == before ? 1u : 0u;
        } else {
            list->at++;
            give(b, place, type, init, list->quiet);
        }
    }
}

void lower_init(struct builder *b, place_id place, CXType type, CXCursor init)
{
    give(b, place, type, init, false);
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
    lower_init(b, place, clang_getCursorType(decl), init);
    b->host = NULL;
}
