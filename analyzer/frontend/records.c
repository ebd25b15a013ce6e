/* Structs and unions: ids of records and fields. */
#include "frontend/lower.h"

#include <string.h>

/* "struct conn", the typedef's name, or "". */
static const char *record_name(struct lower *lower, CXCursor decl)
{
    const char *name = cx_intern(lower->names, clang_getTypeSpelling(clang_getCursorType(decl)));

    return strchr(name, '(') != NULL ? intern_str(lower->names, "") : name;
}

static uint32_t field_flags(CXCursor decl, CXType type)
{
    uint32_t flags = 0;

    flags |= type_is_atomic(type) ? IR_FIELD_ATOMIC : 0u;
    flags |= type_is_volatile(type) ? IR_FIELD_VOLATILE : 0u;
    flags |= type_is_const(type) ? IR_FIELD_CONST : 0u;
    /* one of no width ends a run of bit-fields (C11 6.7.2.1) and is none itself */
    bool has_bits = clang_Cursor_isBitField(decl) && clang_getFieldDeclBitWidth(decl) > 0;
    flags |= has_bits ? IR_FIELD_BITS : 0u;
    flags |= type_is_array(type) ? IR_FIELD_ARRAY : 0u;
    return flags;
}

struct field_walk {
    struct lower *lower;
    record_id record;
    uint32_t n;
};

static enum CXVisitorResult add_field(CXCursor decl, CXClientData data)
{
    struct field_walk *walk = data;
    struct lower *lower = walk->lower;
    CXType type = clang_getCursorType(decl);
    struct ir_field field = {.record = walk->record, .index = walk->n++};
    CXFile file;

    /* An anonymous member's spelling is that of its type, "struct s::(anonymous ...". */
    const char *name = cursor_name(lower->names, decl);
    field.name = strchr(name, '(') != NULL ? intern_str(lower->names, "") : name;
    field.type = type_name(lower, type);
    field.flags = field_flags(decl, type);
    clang_getExpansionLocation(clang_getCursorLocation(decl), &file, &field.line, NULL, NULL);
    field.file = source_file_id(lower, file);
    idmap_put(lower->fields, decl.data[0], (uint32_t)lower->unit->fields.n);
    vec_push(lower->unit, &lower->unit->fields, field);
    vec_push(lower, &lower->field_types, type);
    attrs_note(lower, decl, IR_ATTR_ON_FIELD, (uint32_t)lower->unit->fields.n - 1);
    return CXVisit_Continue;
}

static record_id add_record(struct lower *lower, CXCursor decl, field_id outer)
{
    struct ir_unit *unit = lower->unit;
    struct field_walk walk = {lower, {(uint32_t)unit->records.n}, 0};
    struct ir_record record = {.name = record_name(lower, decl)};
    struct record_info info = {.first_field = (uint32_t)unit->fields.n, .outer = outer};

    record.key = decl_key(lower, decl, false);
    record.is_union = clang_getCursorKind(decl) == CXCursor_UnionDecl;
    vec_push(unit, &unit->records, record);
    vec_push(lower, &lower->record_info, info);
    idmap_put(lower->records, decl.data[0], walk.record.i);
    attrs_note(lower, decl, IR_ATTR_ON_RECORD, walk.record.i);
    clang_Type_visitFields(clang_getCursorType(decl), add_field, &walk);
    lower->record_info.v[walk.record.i].n_fields = walk.n;
    for (uint32_t i = info.first_field; i < info.first_field + walk.n; i++) {
        uint32_t known = 0;
        CXType type = lower->field_types.v[i];
        CXCursor inner = clang_getTypeDeclaration(clang_getCanonicalType(type));
        if (unit->fields.v[i].name[0] == '\0' && type_is_record(type) &&
            !idmap_get(lower->records, inner.data[0], &known)) {
            add_record(lower, inner, (field_id){i});
        }
    }
    return walk.record;
}

record_id record_of_type(struct lower *lower, CXType type)
{
    uint32_t id = ID_NONE;
    CXCursor decl = clang_getTypeDeclaration(clang_getCanonicalType(type));

    if (!type_is_record(type)) {
        return (record_id){ID_NONE};
    }
    CXCursor definition = clang_getCursorDefinition(decl);
    if (!clang_Cursor_isNull(definition)) {
        decl = definition;
    }
    if (idmap_get(lower->records, decl.data[0], &id)) {
        return (record_id){id};
    }
    return add_record(lower, decl, (field_id){ID_NONE});
}

/* The outermost record around an anonymous one, so that fields of all are registered with the
 * member that holds them. */
static CXCursor outermost(CXCursor record)
{
    CXCursor parent = clang_getCursorSemanticParent(record);

    while (clang_Cursor_isAnonymousRecordDecl(record) &&
           (clang_getCursorKind(parent) == CXCursor_StructDecl ||
            clang_getCursorKind(parent) == CXCursor_UnionDecl)) {
        record = parent;
        parent = clang_getCursorSemanticParent(record);
    }
    return record;
}

field_id record_field(struct lower *lower, CXCursor decl)
{
    uint32_t id = ID_NONE;

    if (!idmap_get(lower->fields, decl.data[0], &id)) {
        CXCursor record = outermost(clang_getCursorSemanticParent(decl));
        record_of_type(lower, clang_getCursorType(record));
        if (!idmap_get(lower->fields, decl.data[0], &id)) {
            return (field_id){ID_NONE};
        }
    }
    return (field_id){id};
}
