/* Loops and switches. */
#include "frontend/body.h"

#include "frontend/for_parts.h"

/* Loops and switches nest: what break and continue mean is put back afterwards. */
struct targets {
    struct jump_target break_to;
    struct jump_target continue_to;
    block_id switch_block;
};

static struct targets targets_of(const struct builder *b)
{
    return (struct targets){b->break_to, b->continue_to, b->switch_block};
}

static void restore(struct builder *b, struct targets targets)
{
    b->break_to = targets.break_to;
    b->continue_to = targets.continue_to;
    b->switch_block = targets.switch_block;
}

static void lower_body(struct builder *b, CXCursor body, block_id after, block_id again)
{
    struct targets around = targets_of(b);

    b->break_to = (struct jump_target){after, b->cleanups};
    b->continue_to = (struct jump_target){again, b->cleanups};
    lower_stmt(b, body);
    restore(b, around);
}

static void lower_while(struct builder *b, CXCursor cond, CXCursor body)
{
    block_id head = block_new(b);
    block_id inside = block_new(b);
    block_id after = block_new(b);

    block_start(b, head);
    lower_cond(b, cond, inside, after);
    block_start(b, inside);
    lower_body(b, body, after, head);
    block_jump(b, head);
    block_start(b, after);
}

static void lower_do(struct builder *b, CXCursor body, CXCursor cond)
{
    block_id head = block_new(b);
    block_id test = block_new(b);
    block_id after = block_new(b);

    block_start(b, head);
    lower_body(b, body, after, test);
    block_start(b, test);
    lower_cond(b, cond, head, after);
    block_start(b, after);
}

/* A loop without a condition: no way to `inside` but the fall-through. */
static void lower_for(struct builder *b, const struct for_parts *parts)
{
    const struct cleanup_chain *outer = b->cleanups;
    block_id head = block_new(b);
    block_id step = block_new(b);
    block_id after = block_new(b);

    if (parts->has_init) {
        lower_stmt(b, parts->init);
    }
    block_start(b, head);
    if (parts->has_cond) {
        block_id inside = block_new(b);
        lower_cond(b, parts->cond, inside, after);
        block_start(b, inside);
    }
    lower_body(b, parts->body, after, step);
    block_start(b, step);
    if (parts->has_inc) {
        lower_effect(b, parts->inc);
    }
    block_jump(b, head);
    block_start(b, after);
    scope_close(b, outer);
}

void lower_loop(struct builder *b, CXCursor stmt)
{
    enum CXCursorKind kind = clang_getCursorKind(stmt);
    struct for_parts parts;
    struct kids kids;

    kids_get(&kids, stmt);
    if (kind == CXCursor_ForStmt && kids.n > 0) {
        for_parts_of(b->lower, stmt, &kids, &parts);
        lower_for(b, &parts);
    } else if (kids.n == 2 && kind == CXCursor_WhileStmt) {
        lower_while(b, kids.v[0], kids.v[1]);
    } else if (kids.n == 2) {
        lower_do(b, kids.v[0], kids.v[1]);
    } else {
        lower_children(b, stmt);
    }
    kids_free(&kids);
}

/* ---- switch ---------------------------------------------------------------------------------- */

static bool has_default(const struct builder *b, block_id block)
{
    const struct build_block *at = &b->blocks.v[block.i];

    for (size_t i = 0; i < at->succs.n; i++) {
        if (at->succs.v[i].is_default) {
            return true;
        }
    }
    return false;
}

static void lower_switch_body(struct builder *b, CXCursor body, block_id head)
{
    struct targets around = targets_of(b);
    block_id after = block_new(b);

    b->break_to = (struct jump_target){after, b->cleanups};
    b->switch_block = head;
    lower_stmt(b, body);
    restore(b, around);
    if (!has_default(b, head)) {
        block_add_succ(b, head, (struct ir_succ){.block = after, .is_default = true});
    }
    block_start(b, after);
}

void lower_switch(struct builder *b, CXCursor stmt)
{
    struct kids kids;

    kids_get(&kids, stmt);
    if (kids.n == 2) {
        value_id value = lower_value(b, kids.v[0]);
        if (!block_is_open(b)) { /* dead code: cases need a block to hang on */
            block_start(b, block_new(b));
        }
        block_id head = b->current;
        block_end(b, IR_SWITCH, value, loc_of(b, kids.v[0]));
        lower_switch_body(b, kids.v[1], head);
    } else {
        lower_children(b, stmt);
    }
    kids_free(&kids);
}

/* One case or default; the statement that it labels is in `*ret_inner`. */
static bool enter_case(struct builder *b, CXCursor stmt, CXCursor *ret_inner)
{
    struct ir_succ succ = {.is_default = clang_getCursorKind(stmt) == CXCursor_DefaultStmt};
    struct kids kids;

    kids_get(&kids, stmt);
    bool has_inner = kids.n > (succ.is_default ? 0u : 1u);
    if (has_inner) {
        *ret_inner = kids.v[kids.n - 1];
    }
    if (!succ.is_default && kids.n > 0) {
        if (cursor_constant(kids.v[0], &succ.low)) {
            succ.high = succ.low;
        }
        if (kids.n == 3) { /* GNU: case low ... high */
            (void)cursor_constant(kids.v[1], &succ.high);
        }
    }
    kids_free(&kids);
    if (b->switch_block.i != ID_NONE) {
        succ.block = block_new(b);
        block_add_succ(b, b->switch_block, succ);
        block_start(b, succ.block);
    }
    return has_inner;
}

void lower_case(struct builder *b, CXCursor stmt)
{
    enum CXCursorKind kind = clang_getCursorKind(stmt);

    while (kind == CXCursor_CaseStmt || kind == CXCursor_DefaultStmt) { /* case 1: case 2: ... */
        CXCursor inner;
        if (!enter_case(b, stmt, &inner)) {
            return;
        }
        stmt = inner;
        kind = clang_getCursorKind(stmt);
    }
    lower_stmt(b, stmt);
}
