/* container_of: from a member to the object around it, by arithmetic on bytes.
 *
 * `(T *)((char *)p - offsetof(T, m))`, in any of its spellings, is the place that p points to with
 * a step IR_STEP_CONTAINER. So a lock in the object has one path, whether it is reached from the
 * object or from a list node or handle inside it.
 */
#include "frontend/body.h"

#include <string.h>

enum { MEMBERS_MAX = 8 };

/* The members named by offsetof(T, a.b) or &((T *)0)->a.b, outermost first. */
struct members {
    CXCursor decls[MEMBERS_MAX];
    unsigned n;
};

/* The expression without parentheses and casts of any kind. */
static CXCursor without_casts(CXCursor expr)
{
    CXCursor child;

    expr = cursor_strip(expr);
    while (cursor_is_cast(expr, &child)) {
        expr = cursor_strip(child);
    }
    return expr;
}

/* The same, but for the casts that read a variable or make an array a pointer. */
static CXCursor without_pointer_casts(CXCursor expr)
{
    CXCursor child;

    expr = cursor_strip(expr);
    while (cursor_is_cast(expr, &child) && !cursor_is_lvalue(child)) {
        expr = cursor_strip(child);
    }
    return expr;
}

/* offsetof(T, a.b): its children are the type, the members, and indices of arrays among them, which
 * don't matter: a step leads to the object around the array. */
static bool members_of_offsetof(CXCursor expr, struct members *members)
{
    char word[CURSOR_NAME_MAX];
    struct kids kids;

    cursor_word(expr, word);
    if (clang_getCursorKind(expr) != CXCursor_UnexposedExpr ||
        strcmp(word, "__builtin_offsetof") != 0) {
        return false;
    }
    kids_get(&kids, expr);
    for (unsigned i = 0; i < kids.n && members->n < MEMBERS_MAX; i++) {
        if (clang_getCursorKind(kids.v[i]) == CXCursor_MemberRef) {
            members->decls[members->n++] = clang_getCursorReferenced(kids.v[i]);
        }
    }
    kids_free(&kids);
    return members->n > 0;
}

static bool is_null_pointer(CXCursor expr)
{
    int64_t number = 1;

    return type_is_pointer(clang_getCursorType(expr)) &&
           cursor_constant(without_casts(expr), &number) && number == 0;
}

/* &((T *)0)->a.b, as before offsetof had a builtin. */
static bool members_of_null(CXCursor expr, struct members *members)
{
    CXCursor at;
    CXCursor base;

    if (clang_getCursorUnaryOperatorKind(expr) != CXUnaryOperator_AddrOf ||
        !cursor_first(expr, &at)) {
        return false;
    }
    for (at = cursor_strip(at); clang_getCursorKind(at) == CXCursor_MemberRefExpr;
         at = cursor_strip(base)) {
        if (members->n == MEMBERS_MAX || !cursor_first(at, &base)) {
            return false;
        }
        memmove(members->decls + 1, members->decls, members->n * sizeof members->decls[0]);
        members->decls[0] = clang_getCursorReferenced(at);
        members->n++;
    }
    return members->n > 0 && is_null_pointer(at);
}

/* The object whose member, named by `members`, the place is. */
static place_id enclosing(struct builder *b, place_id place, const struct members *members)
{
    const struct lower *lower = b->lower;

    for (unsigned i = members->n; i-- > 0;) {
        field_id field = record_field(b->lower, members->decls[i]);
        field_id before = {i > 0 ? record_field(b->lower, members->decls[i - 1]).i : ID_NONE};
        for (unsigned n = 0; field.i != ID_NONE && field.i != before.i && n < MEMBERS_MAX; n++) {
            place = place_extend(b, place, IR_STEP_CONTAINER, field.i);
            /* through the anonymous members around it: offsetof names them, `->` doesn't */
            field = lower->record_info.v[lower->unit->fields.v[field.i].record.i].outer;
        }
    }
    return place;
}

bool lower_container(struct builder *b, CXCursor cast, place_id *ret_place)
{
    struct members members = {.n = 0};
    struct kids kids;
    CXCursor sum = without_casts(cast);

    if (clang_getCursorKind(sum) != CXCursor_BinaryOperator ||
        clang_getCursorBinaryOperatorKind(sum) != CXBinaryOperator_Sub) {
        return false;
    }
    kids_get(&kids, sum);
    CXCursor pointer = without_pointer_casts(kids.v[0]);
    CXCursor offset = without_casts(kids.v[kids.n - 1]);
    kids_free(&kids);
    CXCursor child;
    CXCursor at = cursor_is_cast(pointer, &child) ? child : pointer;
    if (!(cursor_is_pointer(at) || cursor_is_array(at)) ||
        !(members_of_offsetof(offset, &members) || members_of_null(offset, &members))) {
        return false;
    }
    *ret_place = enclosing(b, lower_pointee(b, pointer), &members);
    return true;
}

/* ---- the first member ------------------------------------------------------------------------ */

static enum CXVisitorResult take_field(CXCursor field, CXClientData data)
{
    *(CXCursor *)data = field;
    return CXVisit_Break;
}

/* The struct, as a declaration, that a pointer of this type points to; false: none. */
static bool pointed_struct(CXType pointer, CXCursor *ret_decl)
{
    CXType type = clang_getCanonicalType(clang_getPointeeType(clang_getCanonicalType(pointer)));

    if (!type_is_pointer(pointer) || !type_is_record(type)) {
        return false;
    }
    *ret_decl = clang_getTypeDeclaration(type);
    return clang_getCursorKind(*ret_decl) == CXCursor_StructDecl;
}

/* Is `inner` the first member of `outer`, or the first member of that? Then those members are
 * flagged. */
static bool flag_bases(struct builder *b, CXCursor outer, CXCursor inner)
{
    CXCursor first = clang_getNullCursor();

    clang_Type_visitFields(clang_getCursorType(outer), take_field, &first);
    if (clang_Cursor_isNull(first) || !type_is_record(clang_getCursorType(first))) {
        return false;
    }
    CXCursor member = clang_getTypeDeclaration(clang_getCanonicalType(clang_getCursorType(first)));
    if (!clang_equalCursors(member, inner) && !flag_bases(b, member, inner)) {
        return false;
    }
    field_id field = record_field(b->lower, first);
    if (field.i != ID_NONE) {
        b->lower->unit->fields.v[field.i].flags |= IR_FIELD_BASE;
    }
    return true;
}

void note_base_cast(struct builder *b, CXCursor cast)
{
    CXCursor to;
    CXCursor from;
    CXCursor at = cast;

    if (!pointed_struct(clang_getCursorType(cast), &to)) {
        return;
    }
    do { /* a cast by way of void * counts, too */
        if (!cursor_is_cast(at, &at)) {
            return;
        }
        at = cursor_strip(at);
    } while (!pointed_struct(clang_getCursorType(at), &from));
    if (!clang_equalCursors(from, to) && !flag_bases(b, from, to)) {
        (void)flag_bases(b, to, from);
    }
}
