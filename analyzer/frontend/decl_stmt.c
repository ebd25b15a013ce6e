/* Local declarations: initialisers, static locals, the cleanup attribute. */
#include "frontend/body.h"

#include <ctype.h>
#include <string.h>

/* What follows "cleanup(" in the attributes of a declaration's text; NULL: it has none. */
static const char *cleanup_argument(const char *text)
{
    static const char *const forms[] = {"__attribute__((cleanup(", "[[gnu::cleanup("};

    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        const char *at = strstr(text, forms[i]);
        if (at != NULL) {
            return at + strlen(forms[i]);
        }
    }
    return NULL;
}

/* The function that "cleanup(NAME)" names in the text of a declaration; NONE without. */
static sym_id cleanup_in(struct lower *lower, const char *text)
{
    char name[CURSOR_NAME_MAX];
    size_t n = 0;
    const char *at = cleanup_argument(text);

    if (at == NULL) {
        return (sym_id){ID_NONE};
    }
    for (; isspace((unsigned char)*at); at++) {
    }
    while ((isalnum((unsigned char)at[n]) || at[n] == '_') && n < sizeof name - 1) {
        name[n] = at[n];
        n++;
    }
    name[n] = '\0';
    return decl_fn_named(lower, name);
}

/* The declaration as clang prints it, without its initialiser. */
static CXString printed(CXCursor decl)
{
    CXPrintingPolicy policy = clang_getCursorPrintingPolicy(decl);

    clang_PrintingPolicy_setProperty(policy, CXPrintingPolicy_SuppressInitializers, 1);
    CXString text = clang_getCursorPrettyPrinted(decl, policy);
    clang_PrintingPolicy_dispose(policy);
    return text;
}

/* Attributes are nameless cursors, and their tokens in a macro are not theirs alone; the printed
 * declaration has them expanded. */
static sym_id cleanup_fn(struct lower *lower, CXCursor decl)
{
    struct kids kids;
    sym_id fn = {ID_NONE};
    bool has_attribute = false;

    kids_get(&kids, decl);
    for (unsigned i = 0; i < kids.n; i++) {
        has_attribute = has_attribute || clang_isAttribute(clang_getCursorKind(kids.v[i]));
    }
    kids_free(&kids);
    if (has_attribute) {
        CXString text = printed(decl);
        fn = cleanup_in(lower, clang_getCString(text) == NULL ? "" : clang_getCString(text));
        clang_disposeString(text);
    }
    return fn;
}

void lower_bounds(struct builder *b, CXCursor decl)
{
    CXCursor init = clang_Cursor_getVarDeclInitializer(decl);
    bool is_typedef = clang_getCursorKind(decl) == CXCursor_TypedefDecl;
    struct kids kids;

    if (!type_is_variable(is_typedef ? clang_getTypedefDeclUnderlyingType(decl)
                                     : clang_getCursorType(decl))) {
        return;
    }
    kids_get(&kids, decl);
    for (unsigned i = 0; i < kids.n; i++) {
        if (clang_isExpression(clang_getCursorKind(kids.v[i])) &&
            !clang_equalCursors(kids.v[i], init)) {
            lower_value(b, kids.v[i]);
        }
    }
    kids_free(&kids);
}

static void lower_var(struct builder *b, CXCursor decl)
{
    CXType type = clang_getCursorType(decl);
    CXCursor init = clang_Cursor_getVarDeclInitializer(decl);

    if (decl_is_global(decl)) {
        if (clang_Cursor_getStorageClass(decl) != CX_SC_Extern) {
            decl_define(b->lower, decl);
            lower_static_init(b->lower, b, decl);
        }
        return;
    }
    place_id place = lower_decl_place(b, decl);
    lower_bounds(b, decl);
    if (!clang_Cursor_isNull(init)) {
        lower_init(b, place, type, init);
    }
    sym_id fn = cleanup_fn(b->lower, decl);
    if (fn.i != ID_NONE) {
        scope_add_cleanup(b, place, fn, loc_of(b, decl));
    }
}

void lower_decl_stmt(struct builder *b, CXCursor stmt)
{
    struct kids kids;

    kids_get(&kids, stmt);
    for (unsigned i = 0; i < kids.n; i++) {
        if (clang_getCursorKind(kids.v[i]) == CXCursor_VarDecl) {
            lower_var(b, kids.v[i]);
        } else if (clang_getCursorKind(kids.v[i]) == CXCursor_TypedefDecl) {
            lower_bounds(b, kids.v[i]);
        }
    }
    kids_free(&kids);
}
