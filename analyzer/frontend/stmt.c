/* Statements, apart from loops and switches (loop.c) and declarations (init.c). */
#include "frontend/body.h"

#include "frontend/scan.h"

#include <string.h>

static void lower_compound_stmt(struct builder *b, CXCursor stmt)
{
    const struct cleanup_chain *outer = b->cleanups;
    struct kids kids;

    kids_get(&kids, stmt);
    for (unsigned i = 0; i < kids.n; i++) {
        lower_stmt(b, kids.v[i]);
    }
    kids_free(&kids);
    scope_close(b, outer);
}

/* The statement after labels: `({ ...; out: x; })` has x's value. */
static CXCursor labelled(struct builder *b, CXCursor stmt)
{
    CXCursor child;

    while (clang_getCursorKind(stmt) == CXCursor_LabelStmt && cursor_first(stmt, &child)) {
        scope_place_label(b, scope_label(b, stmt));
        stmt = child;
    }
    return stmt;
}

value_id lower_stmt_expr(struct builder *b, CXCursor expr)
{
    const struct cleanup_chain *outer = b->cleanups;
    struct kids kids;
    CXCursor body;
    value_id value = {ID_NONE};

    if (!cursor_first(expr, &body)) {
        return value_unknown(b);
    }
    kids_get(&kids, body);
    for (unsigned i = 0; i < kids.n; i++) {
        CXCursor stmt = i + 1 == kids.n ? labelled(b, kids.v[i]) : kids.v[i];
        if (i + 1 == kids.n && clang_isExpression(clang_getCursorKind(stmt)) &&
            !type_is_void(clang_getCursorType(expr))) {
            value = lower_value(b, stmt);
        } else {
            lower_stmt(b, stmt);
        }
    }
    kids_free(&kids);
    scope_close(b, outer);
    return value.i == ID_NONE ? value_unknown(b) : value;
}

/* One `if`; the chain of its `else if`s is followed without recursion. */
static void lower_if(struct builder *b, CXCursor stmt)
{
    block_id join = block_new(b);
    bool more = true;

    while (more) {
        struct kids kids;
        block_id yes = block_new(b);
        kids_get(&kids, stmt);
        bool has_else = kids.n > 2;
        block_id no = has_else ? block_new(b) : join;
        more = has_else && clang_getCursorKind(kids.v[2]) == CXCursor_IfStmt;
        if (kids.n > 1) {
            lower_cond(b, kids.v[0], yes, no);
            block_start(b, yes);
            lower_stmt(b, kids.v[1]);
            block_jump(b, join);
        } else {
            lower_children(b, stmt);
        }
        if (has_else) {
            block_start(b, no);
            stmt = kids.v[2];
            if (!more) {
                lower_stmt(b, stmt);
            }
        }
        kids_free(&kids);
    }
    block_start(b, join);
}

static void lower_return(struct builder *b, CXCursor stmt)
{
    CXCursor expr;
    value_id value = {ID_NONE};

    if (cursor_first(stmt, &expr)) {
        value = lower_value(b, expr);
        if (type_is_void(clang_getCursorType(expr))) { /* return f(); of a void function */
            value.i = ID_NONE;
        }
    }
    scope_run_cleanups(b, NULL);
    if (!block_is_open(b)) { /* dead code, or the value does not return */
        return;
    }
    block_end(b, IR_RETURN, value, loc_of(b, stmt));
}

static void lower_goto(struct builder *b, CXCursor stmt)
{
    CXCursor ref;

    if (cursor_first(stmt, &ref) && clang_getCursorKind(ref) == CXCursor_LabelRef) {
        CXCursor label = clang_getCursorReferenced(ref);
        if (clang_getCursorKind(label) == CXCursor_LabelStmt) {
            scope_goto(b, scope_label(b, label), loc_of(b, stmt));
            return;
        }
    }
    block_end(b, IR_UNREACHABLE, (value_id){ID_NONE}, loc_of(b, stmt));
}

/* A computed goto runs no cleanups: GCC doesn't know which, and clang allows none to be left. */
static void lower_computed_goto(struct builder *b, CXCursor stmt)
{
    CXCursor expr;
    value_id value = {ID_NONE};

    if (cursor_first(stmt, &expr)) {
        value = lower_value(b, expr);
    }
    if (block_is_open(b)) {
        vec_push(b, &b->computed, (struct computed_goto){.block = b->current});
        block_end(b, IR_ANY, value, loc_of(b, stmt));
    }
}

static void lower_label(struct builder *b, CXCursor stmt)
{
    CXCursor child;

    scope_place_label(b, scope_label(b, stmt));
    if (cursor_first(stmt, &child)) {
        lower_stmt(b, child);
    }
}

/* ---- asm ------------------------------------------------------------------------------------- */

/* Is the statement `asm goto (template : outputs : inputs : clobbers : labels)`? Its labels are no
 * children: `*ret_goto` has their text. */
static bool is_asm_goto(struct builder *b, CXCursor stmt, struct computed_goto *ret_goto)
{
    struct scan scan = {NULL, 0, 0};
    struct scan_part part;
    bool is = false;

    scan.text = source_text(b->lower, clang_getCursorLocation(stmt), &scan.size);
    while (scan.text != NULL && scan_word(&scan, &part)) { /* asm volatile goto, __asm__ goto */
        is = is || (part.end - part.begin == 4 && strncmp(scan.text + part.begin, "goto", 4) == 0);
        scan_blank(&scan);
    }
    if (!is || !scan_char(&scan, '(')) {
        return false;
    }
    for (unsigned section = 0; section < 4; section++) {
        (void)scan_to(&scan, ":)", &part);
    }
    (void)scan_to(&scan, ")", &part);
    ret_goto->text = scan.text + part.begin;
    ret_goto->size = part.end - part.begin;
    return true;
}

/* Operands in source order; an lvalue is an output or a memory operand: written from unknown
 * sources, and read too where the constraint is "+" or it is an input, which libclang hides. */
void lower_asm(struct builder *b, CXCursor stmt)
{
    struct kids kids;

    kids_get(&kids, stmt);
    for (unsigned i = 0; i < kids.n; i++) {
        if (!clang_isExpression(clang_getCursorKind(kids.v[i])) ||
            clang_getCursorKind(kids.v[i]) == CXCursor_StringLiteral) {
            continue;
        }
        if (cursor_is_lvalue(kids.v[i])) {
            place_id place = lower_place(b, kids.v[i]);
            op_rmw(b, place, IR_OP_NONE, value_unknown(b), access_of(b, kids.v[i]));
        } else {
            lower_value(b, kids.v[i]);
        }
    }
    kids_free(&kids);
    struct computed_goto labels = {
        .block = b->current, .cleanups = b->cleanups, .where = loc_of(b, stmt)};
    if (is_asm_goto(b, stmt, &labels) && block_is_open(b)) {
        block_id next = block_new(b);
        block_add_succ(b, b->current, (struct ir_succ){.block = next});
        vec_push(b, &b->computed, labels);
        block_end(b, IR_ANY, (value_id){ID_NONE}, labels.where);
        block_start(b, next);
    }
}

/* ---- all ------------------------------------------------------------------------------------- */

static void lower_other(struct builder *b, CXCursor stmt)
{
    enum CXCursorKind kind = clang_getCursorKind(stmt);

    if (clang_isExpression(kind)) {
        lower_effect(b, stmt);
    } else if (clang_isStatement(kind)) { /* OpenMP directives and other rare ones */
        lower_children(b, stmt);
    }
}

/* False: the statement is no jump. */
static bool lower_jump(struct builder *b, CXCursor stmt)
{
    switch ((int)clang_getCursorKind(stmt)) { /* libclang's enum is open */
    case CXCursor_ReturnStmt:
        lower_return(b, stmt);
        return true;
    case CXCursor_BreakStmt:
        scope_leave(b, b->break_to);
        return true;
    case CXCursor_ContinueStmt:
        scope_leave(b, b->continue_to);
        return true;
    case CXCursor_GotoStmt:
        lower_goto(b, stmt);
        return true;
    case CXCursor_IndirectGotoStmt:
        lower_computed_goto(b, stmt);
        return true;
    default:
        return false;
    }
}

void lower_stmt(struct builder *b, CXCursor stmt)
{
    CXCursor child;

    switch ((int)clang_getCursorKind(stmt)) { /* libclang's enum is open */
    case CXCursor_CompoundStmt:
        lower_compound_stmt(b, stmt);
        break;
    case CXCursor_DeclStmt:
        lower_decl_stmt(b, stmt);
        break;
    case CXCursor_IfStmt:
        lower_if(b, stmt);
        break;
    case CXCursor_WhileStmt:
    case CXCursor_DoStmt:
    case CXCursor_ForStmt:
        lower_loop(b, stmt);
        break;
    case CXCursor_SwitchStmt:
        lower_switch(b, stmt);
        break;
    case CXCursor_CaseStmt:
    case CXCursor_DefaultStmt:
        lower_case(b, stmt);
        break;
    case CXCursor_LabelStmt:
        lower_label(b, stmt);
        break;
    case CXCursor_GCCAsmStmt:
    case CXCursor_MSAsmStmt:
        lower_asm(b, stmt);
        break;
    case CXCursor_UnexposedStmt: /* [[fallthrough]]; and statements with attributes */
        if (cursor_last_expr(stmt, &child)) {
            lower_stmt(b, child);
        } else {
            lower_children(b, stmt);
        }
        break;
    default:
        if (!lower_jump(b, stmt)) {
            lower_other(b, stmt);
        }
        break;
    }
}
