#include "frontend/for_parts.h"

#include "frontend/macro_use.h"
#include "frontend/scan.h"

#include <string.h>

/* ---- the text -------------------------------------------------------------------------------- */

/* Reads one part up to `end`; `*ret_there`: it has a token. */
static bool read_part(struct scan *scan, char end, bool *ret_there)
{
    struct scan_part part;
    bool ends_so = scan_to(scan, ";)", &part) == end;

    *ret_there = part.end > part.begin;
    return ends_so;
}

bool for_parts_written(const char *text, size_t size, bool ret_there[3])
{
    struct scan scan = {text, size, 3};

    if (size < 5 || strncmp(text, "for", 3) != 0 || !scan_char(&scan, '(')) {
        return false;
    }
    return read_part(&scan, ';', &ret_there[0]) && read_part(&scan, ';', &ret_there[1]) &&
           read_part(&scan, ')', &ret_there[2]);
}

/* ---- the guess ------------------------------------------------------------------------------- */

/* The same with the loop in a macro's definition: parts that are the macro's parameters, or have
 * such, are what its use has for them, which may be nothing, or several parts. */
static bool written_by_macro(struct lower *lower, CXSourceLocation where, const char *text,
                             size_t size, bool ret_there[3])
{
    struct scan scan = {text, size, 0};
    struct scan_part word;
    struct scan_part inner;
    struct macro_use use;

    if (!scan_word(&scan, &word) || !scan_char(&scan, '(') || scan_to(&scan, ")", &inner) != ')' ||
        !macro_use_read(lower, where, &use)) {
        return false;
    }
    char *whole = macro_use_text(NULL, text, (struct scan_part){0, scan.at}, &use);
    bool is = for_parts_written(whole, strlen(whole), ret_there);
    talloc_free(whole);
    return is;
}

/* Could this be the step of a loop: a change? What has no value is no condition. */
static bool looks_like_step(CXCursor expr)
{
    if (type_is_void(clang_getCursorType(expr))) {
        return true;
    }
    expr = cursor_strip(expr);
    enum CXUnaryOperatorKind unary = clang_getCursorUnaryOperatorKind(expr);

    return (unary >= CXUnaryOperator_PostInc && unary <= CXUnaryOperator_PreDec) ||
           clang_getCursorKind(expr) == CXCursor_CompoundAssignOperator ||
           clang_getCursorBinaryOperatorKind(expr) == CXBinaryOperator_Comma ||
           clang_getCursorBinaryOperatorKind(expr) == CXBinaryOperator_Assign;
}

static bool looks_like_init(CXCursor cursor)
{
    return clang_getCursorKind(cursor) == CXCursor_DeclStmt ||
           clang_getCursorBinaryOperatorKind(cursor) == CXBinaryOperator_Assign;
}

/* Where the text does not tell, by kinds: declarations and assignments begin, changes step. */
static void guess(const struct kids *kids, bool there[3])
{
    unsigned n = kids->n - 1;

    memset(there, 0, 3 * sizeof there[0]);
    if (n == 1) {
        there[looks_like_init(kids->v[0]) ? 0 : looks_like_step(kids->v[0]) ? 2 : 1] = true;
    } else if (n == 2) {
        bool init = looks_like_init(kids->v[0]);
        bool step = looks_like_step(kids->v[1]);
        there[0] = init;
        there[1] = !init || !step;
        there[2] = !init || step;
    } else {
        there[0] = there[1] = there[2] = n == 3;
    }
}

/* A part may be nothing but a macro that is empty: the number of children tells. */
static bool fits(const bool there[3], const struct kids *kids)
{
    return (unsigned)there[0] + there[1] + there[2] + 1 == kids->n;
}

void for_parts_of(struct lower *lower, CXCursor stmt, const struct kids *kids,
                  struct for_parts *ret_parts)
{
    bool there[3] = {false, false, false};
    size_t size = 0;
    unsigned next = 0;
    CXSourceLocation where = clang_getCursorLocation(stmt);
    const char *text = source_text(lower, where, &size);
    bool written = text != NULL && for_parts_written(text, size, there) && fits(there, kids);

    /* The text is that of the macro's definition when the loop comes from a macro. */
    if (!written && text != NULL) {
        written = written_by_macro(lower, where, text, size, there) && fits(there, kids);
    }
    if (!written) {
        guess(kids, there);
    }
    memset(ret_parts, 0, sizeof *ret_parts);
    ret_parts->has_init = there[0];
    ret_parts->has_cond = there[1];
    ret_parts->has_inc = there[2];
    if (there[0]) {
        ret_parts->init = kids->v[next++];
    }
    if (there[1]) {
        ret_parts->cond = kids->v[next++];
    }
    if (there[2]) {
        ret_parts->inc = kids->v[next++];
    }
    ret_parts->body = kids->v[kids->n - 1];
}
