#include "frontend/cursor.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static enum CXChildVisitResult add_kid(CXCursor cursor, CXCursor parent, CXClientData data)
{
    struct kids *kids = data;

    (void)parent;
    if (kids->n >= KIDS_FEW && (kids->n & (kids->n - 1)) == 0) {
        CXCursor *wider = mem_checked(malloc(sizeof *wider * kids->n * 2));
        memcpy(wider, kids->v, sizeof *wider * kids->n);
        kids_free(kids);
        kids->v = wider;
    }
    kids->v[kids->n++] = cursor;
    return CXChildVisit_Continue;
}

void kids_get(struct kids *kids, CXCursor parent)
{
    kids->n = 0;
    kids->v = kids->few;
    clang_visitChildren(parent, add_kid, kids);
}

void kids_free(struct kids *kids)
{
    if (kids->v != kids->few) {
        free(kids->v);
    }
}

static enum CXChildVisitResult take_first(CXCursor cursor, CXCursor parent, CXClientData data)
{
    (void)parent;
    *(CXCursor *)data = cursor;
    return CXChildVisit_Break;
}

bool cursor_first(CXCursor parent, CXCursor *ret_child)
{
    *ret_child = clang_getNullCursor();
    return clang_visitChildren(parent, take_first, ret_child) != 0;
}

static enum CXChildVisitResult take_expr(CXCursor cursor, CXCursor parent, CXClientData data)
{
    (void)parent;
    if (clang_isExpression(clang_getCursorKind(cursor))) {
        *(CXCursor *)data = cursor;
    }
    return CXChildVisit_Continue;
}

bool cursor_last_expr(CXCursor parent, CXCursor *ret_child)
{
    *ret_child = clang_getNullCursor();
    clang_visitChildren(parent, take_expr, ret_child);
    return !clang_Cursor_isNull(*ret_child);
}

const char *cx_intern(struct intern *names, CXString text)
{
    const char *chars = clang_getCString(text);
    const char *name = intern_str(names, chars == NULL ? "" : chars);

    clang_disposeString(text);
    return name;
}

const char *cursor_name(struct intern *names, CXCursor cursor)
{
    return cx_intern(names, clang_getCursorSpelling(cursor));
}

bool cursor_named(CXCursor cursor, const char *prefix)
{
    CXString text = clang_getCursorSpelling(cursor);
    const char *chars = clang_getCString(text);
    bool is = chars != NULL && strncmp(chars, prefix, strlen(prefix)) == 0;

    clang_disposeString(text);
    return is;
}

const char *cursor_text(CXCursor cursor, size_t *ret_size)
{
    CXFile file = NULL;
    unsigned offset = 0;
    size_t size = 0;

    clang_getSpellingLocation(clang_getCursorLocation(cursor), &file, NULL, NULL, &offset);
    if (file == NULL) {
        return NULL;
    }
    const char *text = clang_getFileContents(clang_Cursor_getTranslationUnit(cursor), file, &size);
    if (text == NULL || offset >= size) {
        return NULL;
    }
    *ret_size = size - offset;
    return text + offset;
}

void cursor_word(CXCursor cursor, char ret_word[CURSOR_NAME_MAX])
{
    size_t size = 0;
    size_t n = 0;
    const char *text = cursor_text(cursor, &size);

    while (text != NULL && n < size && n < CURSOR_NAME_MAX - 1 &&
           (isalnum((unsigned char)text[n]) || text[n] == '_')) {
        ret_word[n] = text[n];
        n++;
    }
    ret_word[n] = '\0';
}

/* ---- shape ----------------------------------------------------------------------------------- */

/* The branch of __builtin_choose_expr(constant, a, b) that counts. */
static bool chosen(CXCursor expr, CXCursor *ret_child)
{
    char word[CURSOR_NAME_MAX];
    struct kids kids;
    int64_t which = 0;
    bool is = false;

    kids_get(&kids, expr);
    if (kids.n == 3) {
        cursor_word(expr, word);
        if (strcmp(word, "__builtin_choose_expr") == 0 && cursor_constant(kids.v[0], &which)) {
            *ret_child = kids.v[which != 0 ? 1 : 2];
            is = true;
        }
    }
    kids_free(&kids);
    return is;
}

/* Is the text before `arm`, which is an association of _Generic, the type name `name`? */
static bool arm_is_for(CXCursor arm, const char *name)
{
    CXFile file = NULL;
    unsigned offset = 0;
    size_t size = 0;
    size_t n = strlen(name);

    clang_getSpellingLocation(clang_getCursorLocation(arm), &file, NULL, NULL, &offset);
    const char *text =
        file == NULL ? NULL
                     : clang_getFileContents(clang_Cursor_getTranslationUnit(arm), file, &size);
    if (text == NULL || offset > size) {
        return false;
    }
    while (offset > 0 && text[offset - 1] != ':' && text[offset - 1] != ',') {
        offset--; /* to the colon; a parenthesis or cast may stand between */
    }
    offset -= offset > 0 ? 1 : 0;
    while (offset > 0 && isspace((unsigned char)text[offset - 1])) {
        offset--;
    }
    return offset > n && strncmp(text + offset - n, name, n) == 0 &&
           (isspace((unsigned char)text[offset - n - 1]) || text[offset - n - 1] == ',');
}

/* The association of a _Generic that is selected. libclang lists the controlling expression and
 * all associations without saying which: by the written type name, then by the type of the whole.
 */
static CXCursor selected(CXCursor generic)
{
    struct kids kids;
    CXCursor best = generic;

    kids_get(&kids, generic);
    for (int pass = 0; pass < 4 && kids.n > 0 && clang_equalCursors(best, generic); pass++) {
        CXType type = clang_getUnqualifiedType(clang_getCursorType(kids.v[0]));
        CXString name = clang_getTypeSpelling(pass == 0 ? type : clang_getCanonicalType(type));
        for (unsigned i = 1; i < kids.n; i++) {
            if (!clang_isExpression(clang_getCursorKind(kids.v[i]))) {
                continue;
            }
            if ((pass < 2 && arm_is_for(kids.v[i], clang_getCString(name))) ||
                (pass == 2 && arm_is_for(kids.v[i], "default")) ||
                (pass == 3 &&
                 clang_equalTypes(clang_getCursorType(kids.v[i]), clang_getCursorType(generic)))) {
                best = kids.v[i];
                break;
            }
        }
        clang_disposeString(name);
    }
    kids_free(&kids);
    return best;
}

CXCursor cursor_strip(CXCursor expr)
{
    for (;;) {
        enum CXCursorKind kind = clang_getCursorKind(expr);
        CXCursor inner = expr;
        if (kind == CXCursor_ParenExpr ||
            (kind == CXCursor_UnaryOperator &&
             clang_getCursorUnaryOperatorKind(expr) == CXUnaryOperator_Extension)) {
            if (!cursor_first(expr, &inner)) {
                return expr;
            }
        } else if (kind == CXCursor_GenericSelectionExpr) {
            inner = selected(expr);
            if (clang_equalCursors(inner, expr)) {
                return expr;
            }
        } else if (kind != CXCursor_UnexposedExpr || !chosen(expr, &inner)) {
            return expr;
        }
        expr = inner;
    }
}

bool cursor_is_lvalue(CXCursor expr)
{
    expr = cursor_strip(expr);
    switch ((int)clang_getCursorKind(expr)) { /* libclang's enum is open: no list of all cases */
    case CXCursor_DeclRefExpr: {
        enum CXCursorKind kind = clang_getCursorKind(clang_getCursorReferenced(expr));
        return kind == CXCursor_VarDecl || kind == CXCursor_ParmDecl;
    }
    case CXCursor_MemberRefExpr:
    case CXCursor_ArraySubscriptExpr:
    case CXCursor_CompoundLiteralExpr:
        return true;
    case CXCursor_UnaryOperator:
        return clang_getCursorUnaryOperatorKind(expr) == CXUnaryOperator_Deref;
    default:
        return false;
    }
}

bool cursor_is_cast(CXCursor expr, CXCursor *ret_child)
{
    enum CXCursorKind kind = clang_getCursorKind(expr);

    if (kind == CXCursor_CStyleCastExpr) {
        return cursor_last_expr(expr, ret_child);
    }
    if (kind != CXCursor_UnexposedExpr) {
        return false;
    }
    struct kids kids;
    kids_get(&kids, expr);
    /* An implicit cast begins where its operand begins; va_arg and offsetof don't. */
    bool is =
        kids.n == 1 && clang_isExpression(clang_getCursorKind(kids.v[0])) &&
        clang_equalLocations(clang_getCursorLocation(expr), clang_getCursorLocation(kids.v[0]));
    if (is) {
        *ret_child = kids.v[0];
    }
    kids_free(&kids);
    return is;
}

/* Is the variable an array? `typeof(a) copy = a` with a parameter `a` is a pointer: what is no list
 * and no text initialises no array (C11 6.7.9). */
static bool is_array_var(CXCursor decl)
{
    CXCursor init = clang_Cursor_getVarDeclInitializer(decl);

    if (clang_getCursorKind(decl) != CXCursor_VarDecl) {
        return false;
    }
    init = cursor_strip(init);
    switch ((int)clang_getCursorKind(init)) { /* libclang's enum is open */
    case CXCursor_UnexposedExpr:
    case CXCursor_CStyleCastExpr:
    case CXCursor_CallExpr:
    case CXCursor_UnaryOperator:
    case CXCursor_BinaryOperator:
    case CXCursor_ConditionalOperator:
    case CXCursor_StmtExpr:
        return false;
    default:
        return true;
    }
}

bool cursor_is_array(CXCursor expr)
{
    CXCursor child;

    if (!type_is_array(clang_getCursorType(expr))) {
        return false;
    }
    expr = cursor_strip(expr);
    switch ((int)clang_getCursorKind(expr)) { /* libclang's enum is open */
    case CXCursor_DeclRefExpr:
        return is_array_var(clang_getCursorReferenced(expr));
    case CXCursor_MemberRefExpr:
    case CXCursor_ArraySubscriptExpr:
    case CXCursor_CompoundLiteralExpr:
    case CXCursor_StringLiteral:
    case CXCursor_InitListExpr:
        return true;
    case CXCursor_UnaryOperator:
        return clang_getCursorUnaryOperatorKind(expr) == CXUnaryOperator_Deref;
    case CXCursor_UnexposedExpr: /* __func__ is a text */
        return cursor_is_cast(expr, &child) && cursor_is_array(child);
    default:
        return false;
    }
}

bool cursor_is_pointer(CXCursor expr)
{
    CXType type = clang_getCursorType(expr);

    return type_is_pointer(type) || (type_is_array(type) && !cursor_is_array(expr));
}

CXType cursor_pointee(CXCursor pointer)
{
    CXType type = clang_getCanonicalType(clang_getCursorType(pointer));

    return type_is_array(type) ? clang_getArrayElementType(type) : clang_getPointeeType(type);
}

/* ---- types ----------------------------------------------------------------------------------- */

static enum CXTypeKind canonical_kind(CXType type)
{
    return clang_getCanonicalType(type).kind;
}

bool type_is_array(CXType type)
{
    enum CXTypeKind kind = canonical_kind(type);

    return kind == CXType_ConstantArray || kind == CXType_IncompleteArray ||
           kind == CXType_VariableArray || kind == CXType_DependentSizedArray;
}

bool type_is_function(CXType type)
{
    enum CXTypeKind kind = canonical_kind(type);

    return kind == CXType_FunctionProto || kind == CXType_FunctionNoProto;
}

bool type_is_record(CXType type)
{
    return canonical_kind(type) == CXType_Record;
}

bool type_is_pointer(CXType type)
{
    return canonical_kind(type) == CXType_Pointer;
}

bool type_is_void(CXType type)
{
    return canonical_kind(type) == CXType_Void;
}

bool type_is_variable(CXType type)
{
    for (int guard = 0; guard < 64; guard++) {
        type = clang_getCanonicalType(type);
        if (type.kind == CXType_VariableArray) {
            return true;
        }
        if (type.kind != CXType_Pointer && !type_is_array(type)) {
            return false;
        }
        type = type_is_array(type) ? clang_getArrayElementType(type) : clang_getPointeeType(type);
    }
    return false;
}

/* A qualifier of an array may sit on the array or on its elements. */
static CXType element_of(CXType type)
{
    for (int guard = 0; guard < 16 && type_is_array(type); guard++) {
        type = clang_getArrayElementType(clang_getCanonicalType(type));
    }
    return clang_getCanonicalType(type);
}

bool type_is_atomic(CXType type)
{
    return element_of(type).kind == CXType_Atomic;
}

bool type_is_volatile(CXType type)
{
    return clang_isVolatileQualifiedType(clang_getCanonicalType(type)) ||
           clang_isVolatileQualifiedType(element_of(type));
}

bool type_is_const(CXType type)
{
    return clang_isConstQualifiedType(clang_getCanonicalType(type)) ||
           clang_isConstQualifiedType(element_of(type));
}
