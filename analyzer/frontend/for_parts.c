#include "frontend/for_parts.h"

#include <ctype.h>
#include <string.h>

/* ---- the text -------------------------------------------------------------------------------- */

struct scan {
    const char *text;
    size_t size;
    size_t at;
};

/* Past a string or character literal that begins here. */
static void skip_quoted(struct scan *scan)
{
    char quote = scan->text[scan->at++];

    while (scan->at < scan->size && scan->text[scan->at] != quote && scan->text[scan->at] != '\n') {
        scan->at += scan->text[scan->at] == '\\' ? 2 : 1;
    }
    scan->at++;
}

/* Past a comment, when one begins here. */
static bool skip_comment(struct scan *scan)
{
    if (scan->size - scan->at < 2 || scan->text[scan->at] != '/') {
        return false;
    }
    if (scan->text[scan->at + 1] == '/') {
        while (scan->at < scan->size && scan->text[scan->at] != '\n') {
            scan->at++;
        }
        return true;
    }
    if (scan->text[scan->at + 1] != '*') {
        return false;
    }
    scan->at += 2;
    while (scan->size - scan->at >= 2 && strncmp(scan->text + scan->at, "*/", 2) != 0) {
        scan->at++;
    }
    scan->at = scan->size - scan->at >= 2 ? scan->at + 2 : scan->size;
    return true;
}

/* Past blanks, comments and line continuations. */
static void skip_blank(struct scan *scan)
{
    while (scan->at < scan->size && (isspace((unsigned char)scan->text[scan->at]) ||
                                     scan->text[scan->at] == '\\' || skip_comment(scan))) {
        if (scan->at < scan->size &&
            (isspace((unsigned char)scan->text[scan->at]) || scan->text[scan->at] == '\\')) {
            scan->at++;
        }
    }
}

/* Reads one part up to `end` (not included); `*ret_there`: it has a token. */
static bool read_part(struct scan *scan, char end, bool *ret_there)
{
    unsigned depth = 0;

    *ret_there = false;
    for (skip_blank(scan); scan->at < scan->size; skip_blank(scan)) {
        char c = scan->text[scan->at];
        if (depth == 0 && c == end) {
            scan->at++;
            return true;
        }
        if (depth == 0 && (c == ';' || c == ')')) {
            return false;
        }
        *ret_there = true;
        if (c == '"' || c == '\'') {
            skip_quoted(scan);
            continue;
        }
        depth += c == '(' || c == '{' || c == '[' ? 1u : 0u;
        depth -= (c == ')' || c == '}' || c == ']') && depth > 0 ? 1u : 0u;
        scan->at++;
    }
    return false;
}

bool for_parts_written(const char *text, size_t size, bool ret_there[3])
{
    struct scan scan = {text, size, 3};

    if (size < 5 || strncmp(text, "for", 3) != 0) {
        return false;
    }
    skip_blank(&scan);
    if (scan.at >= size || text[scan.at] != '(') {
        return false;
    }
    scan.at++;
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
