/* Functions and variables: symbols, their keys over units, their attributes. */
#include "frontend/lower.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* The file that a declaration is in: the definition's, else the first declaration's, so that it
 * does not depend on the unit that asks. */
static struct ir_loc home_of(struct lower *lower, CXCursor decl)
{
    CXCursor definition = clang_getCursorDefinition(decl);
    CXCursor first = clang_Cursor_isNull(definition) ? clang_getCanonicalCursor(decl) : definition;

    return source_loc(lower, clang_getCursorLocation(first));
}

const char *decl_key(struct lower *lower, CXCursor decl, bool internal)
{
    const char *usr = cx_intern(lower->names, clang_getCursorUSR(decl));
    /* "c:@..." is the same in every file; "c:conn.c@..." has only the file's last name. Anonymous
     * members share "...@Sa". */
    bool anonymous = clang_Cursor_isAnonymousRecordDecl(decl) != 0;

    if (!internal && !anonymous && strncmp(usr, "c:@", 3) == 0) {
        return usr;
    }
    struct ir_loc loc = home_of(lower, decl);
    const char *path = loc.file.i == ID_NONE ? "" : lower->unit->files.v[loc.file.i];
    char *text = anonymous ? mem_printf(NULL, "%s|%u:%u|%s", path, loc.line, loc.column, usr)
                           : mem_printf(NULL, "%s|%s", path, usr);
    const char *key = intern_str(lower->names, text);
    talloc_free(text);
    return key;
}

bool decl_is_global(CXCursor decl)
{
    return clang_getCursorKind(decl) == CXCursor_VarDecl &&
           clang_Cursor_hasVarDeclGlobalStorage(decl) == 1;
}

/* Does the attribute's text begin with `name`, underscores aside (__noreturn__, _Noreturn)? */
static bool is_attribute(struct lower *lower, CXCursor attribute, const char *name)
{
    size_t size = 0;
    size_t n = strlen(name);
    size_t at = 0;
    const char *text = source_text(lower, clang_getCursorLocation(attribute), &size);

    while (text != NULL && at < size && text[at] == '_') {
        at++;
    }
    if (text == NULL || size - at < n || strncasecmp(text + at, name, n) != 0) {
        return false;
    }
    for (at += n; at < size && text[at] == '_';) {
        at++;
    }
    return at == size || !isalnum((unsigned char)text[at]);
}

bool decl_has_attribute(struct lower *lower, CXCursor decl, const char *name)
{
    struct kids kids;
    bool has = false;

    if (!clang_Cursor_hasAttrs(decl)) {
        return false;
    }
    kids_get(&kids, decl);
    for (unsigned i = 0; i < kids.n && !has; i++) {
        has = clang_isAttribute(clang_getCursorKind(kids.v[i])) &&
              is_attribute(lower, kids.v[i], name);
    }
    kids_free(&kids);
    return has;
}

/* __attribute__((const)) or ((pure)): a call of it changes nothing. */
static bool decl_is_pure(CXCursor decl)
{
    struct kids kids;
    bool pure = false;

    if (!clang_Cursor_hasAttrs(decl)) {
        return false;
    }
    kids_get(&kids, decl);
    for (unsigned i = 0; i < kids.n && !pure; i++) {
        enum CXCursorKind kind = clang_getCursorKind(kids.v[i]);
        pure = kind == CXCursor_ConstAttr || kind == CXCursor_PureAttr;
    }
    kids_free(&kids);
    return pure;
}

static uint32_t fn_flags(struct lower *lower, CXCursor decl, const char *type)
{
    uint32_t flags = 0;

    /* GNU's noreturn is part of the type, _Noreturn is an attribute. */
    if (strstr(type, "noreturn") != NULL || decl_has_attribute(lower, decl, "noreturn")) {
        flags |= IR_SYM_NORETURN;
    }
    flags |= decl_has_attribute(lower, decl, "constructor") ? IR_SYM_CONSTRUCTOR : 0u;
    flags |= decl_is_pure(decl) ? IR_SYM_CONST : 0u;
    return flags;
}

static uint32_t var_flags(CXCursor decl)
{
    CXType type = clang_getCursorType(decl);
    enum CXCursorKind parent = clang_getCursorKind(clang_getCursorSemanticParent(decl));
    uint32_t flags = 0;

    flags |= clang_getCursorTLSKind(decl) != CXTLS_None ? IR_SYM_THREAD_LOCAL : 0u;
    flags |= type_is_const(type) ? IR_SYM_CONST : 0u;
    flags |= type_is_volatile(type) ? IR_SYM_VOLATILE : 0u;
    flags |= type_is_atomic(type) ? IR_SYM_ATOMIC : 0u;
    flags |= type_is_array(type) ? IR_SYM_ARRAY : 0u;
    if (parent == CXCursor_FunctionDecl && clang_Cursor_getStorageClass(decl) == CX_SC_Static) {
        flags |= IR_SYM_STATIC_LOCAL | IR_SYM_INTERNAL | IR_SYM_DEFINED;
    }
    return flags;
}

static void set_place(struct lower *lower, struct ir_sym *sym, CXCursor decl)
{
    struct ir_loc loc = source_loc(lower, clang_getCursorLocation(decl));

    sym->file = loc.file;
    sym->line = loc.line;
    sym->column = loc.column;
}

static sym_id add_sym(struct lower *lower, CXCursor decl)
{
    struct ir_unit *unit = lower->unit;
    struct ir_sym sym = {.name = cursor_name(lower->names, decl)};
    bool is_fn = clang_getCursorKind(decl) == CXCursor_FunctionDecl;
    CXType type = clang_getCursorType(decl);

    sym.kind = is_fn ? IR_SYM_FN : IR_SYM_VAR;
    sym.type =
        is_fn ? cx_intern(lower->names, clang_getTypeSpelling(type)) : type_name(lower, type);
    sym.flags = is_fn ? fn_flags(lower, decl, sym.type) : var_flags(decl);
    if (clang_getCursorLinkage(decl) == CXLinkage_Internal) {
        sym.flags |= IR_SYM_INTERNAL;
    }
    if (clang_Location_isInSystemHeader(clang_getCursorLocation(decl))) {
        sym.flags |= IR_SYM_SYSTEM;
    }
    sym.key = decl_key(lower, decl, (sym.flags & IR_SYM_INTERNAL) != 0);
    set_place(lower, &sym, decl);
    vec_push(unit, &unit->syms, sym);
    sym_id id = {(uint32_t)unit->syms.n - 1};
    if ((sym.flags & IR_SYM_SYSTEM) == 0) {
        attrs_note(lower, decl, IR_ATTR_ON_SYM, id.i);
        attrs_note_type(lower, is_fn ? sym.type : "", id);
    }
    return id;
}

sym_id decl_sym(struct lower *lower, CXCursor decl)
{
    uint32_t id = ID_NONE;

    if (idmap_get(lower->syms, decl.data[0], &id)) {
        return (sym_id){id};
    }
    CXCursor first = clang_getCanonicalCursor(decl);
    if (clang_equalCursors(first, decl) || !idmap_get(lower->syms, first.data[0], &id)) {
        id = add_sym(lower, decl).i;
        if (!clang_equalCursors(first, decl)) {
            idmap_put(lower->syms, first.data[0], id);
        }
    }
    idmap_put(lower->syms, decl.data[0], id);
    return (sym_id){id};
}

sym_id decl_define(struct lower *lower, CXCursor decl)
{
    sym_id id = decl_sym(lower, decl);
    struct ir_sym *sym = &lower->unit->syms.v[id.i];

    /* The last declaration has the attributes of all. */
    sym->flags |= sym->kind == IR_SYM_FN ? fn_flags(lower, decl, sym->type) : var_flags(decl);
    sym->flags |= IR_SYM_DEFINED;
    set_place(lower, sym, decl);
    attrs_note(lower, decl, IR_ATTR_ON_SYM, id.i);
    return id;
}

/* ---- functions by name ----------------------------------------------------------------------- */

static enum CXChildVisitResult index_fn(CXCursor cursor, CXCursor parent, CXClientData data)
{
    struct lower *lower = data;
    uint32_t known = 0;

    (void)parent;
    if (clang_getCursorKind(cursor) == CXCursor_FunctionDecl) {
        const char *name = cursor_name(lower->names, cursor);
        if (!idmap_get(lower->fn_names, name, &known)) {
            idmap_put(lower->fn_names, name, (uint32_t)lower->fn_decls.n);
            vec_push(lower, &lower->fn_decls, cursor);
        }
    }
    return CXChildVisit_Continue;
}

sym_id decl_fn_named(struct lower *lower, const char *name)
{
    uint32_t at = 0;

    if (lower->fn_names == NULL) {
        lower->fn_names = idmap_new(lower);
        clang_visitChildren(clang_getTranslationUnitCursor(lower->tu), index_fn, lower);
    }
    if (!idmap_get(lower->fn_names, intern_str(lower->names, name), &at)) {
        return (sym_id){ID_NONE};
    }
    return decl_sym(lower, lower->fn_decls.v[at]);
}
