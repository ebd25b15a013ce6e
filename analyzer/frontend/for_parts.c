#include "frontend/for_parts.h"

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

/* Could this be the step of a loop: a change, or a call? */
static bool looks_like_step(CXCursor expr)
{
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

void for_parts_of(struct lower *lower, CXCursor stmt, const struct kids *kids,
                  struct for_parts *ret_parts)
{
    bool there[3] = {false, false, false};
    size_t size = 0;
    unsigned next = 0;
    const char *text = source_text(lower, clang_getCursorLocation(stmt), &size);
    bool written = text != NULL && for_parts_written(text, size, there);

    /* The text is that of the macro's definition when the loop comes from a macro. A part may be
     * nothing but a macro that is empty: then the number of children tells. */
    if (!written || (unsigned)there[0] + there[1] + there[2] + 1 != kids->n) {
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
