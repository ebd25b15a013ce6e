/* The end of a function's lowering: blocks get their final numbers.
 *
 * Jumps go past blocks that do nothing but jump on. Kept are the blocks that the entry or an op's
 * block reaches then; two of them that can only run one after the other are made one. They are
 * numbered in the order they were started, which is that of the source.
 */
#include "frontend/builder.h"

struct finishing {
    struct builder *b;
    uint32_t *number; /* build block -> final number; ID_NONE: dropped */
    block_id *queue;
    size_t n_queue;
};

static bool only_jumps(const struct build_block *block)
{
    return block->ended && block->n_ops == 0 && block->term == IR_JUMP;
}

/* The first block on the way from `block` that does something; of an empty loop, any of it. */
static block_id target(const struct builder *b, block_id block)
{
    for (size_t guard = 0; guard < b->blocks.n && only_jumps(&b->blocks.v[block.i]); guard++) {
        block = b->blocks.v[block.i].succs.v[0].block;
    }
    return block;
}

static void shorten_jumps(struct builder *b)
{
    for (size_t i = 0; i < b->blocks.n; i++) {
        for (size_t k = 0; k < b->blocks.v[i].succs.n; k++) {
            struct ir_succ *succ = &b->blocks.v[i].succs.v[k];
            succ->block = target(b, succ->block);
        }
    }
}

static void keep(struct finishing *f, block_id block)
{
    if (f->number[block.i] == ID_NONE) {
        f->number[block.i] = 0;
        f->queue[f->n_queue++] = block;
    }
}

static void mark(struct finishing *f)
{
    struct builder *b = f->b;

    keep(f, (block_id){0});
    for (uint32_t i = 0; i < b->blocks.n; i++) {
        if (b->blocks.v[i].started != ID_NONE && b->blocks.v[i].n_ops > 0) {
            keep(f, (block_id){i});
        }
    }
    for (size_t done = 0; done < f->n_queue; done++) {
        const struct build_block *block = &b->blocks.v[f->queue[done].i];
        for (size_t i = 0; i < block->succs.n; i++) {
            keep(f, block->succs.v[i].block);
        }
    }
}

/* ---- merging --------------------------------------------------------------------------------- */

static uint32_t *count_preds(const struct finishing *f)
{
    const struct builder *b = f->b;
    uint32_t *n_preds = mem_array(f->b, uint32_t, b->blocks.n);

    for (size_t at = 0; at < f->n_queue; at++) {
        const struct build_block *block = &b->blocks.v[f->queue[at].i];
        for (size_t i = 0; i < block->succs.n; i++) {
            n_preds[block->succs.v[i].block.i]++;
        }
    }
    return n_preds;
}

/* Can `block` take over what it jumps to: nothing else goes there, and the ops are neighbours? */
static bool can_merge(const struct finishing *f, uint32_t block, const uint32_t *n_preds)
{
    const struct build_block *at = &f->b->blocks.v[block];

    if (!at->ended || at->term != IR_JUMP) {
        return false;
    }
    uint32_t next = at->succs.v[0].block.i;
    const struct build_block *to = &f->b->blocks.v[next];
    return next != block && next != 0 && n_preds[next] == 1 && to->started != ID_NONE &&
           (to->n_ops == 0 || at->n_ops == 0 || at->first_op + at->n_ops == to->first_op);
}

static void merge(struct finishing *f)
{
    struct builder *b = f->b;
    const uint32_t *n_preds = count_preds(f);

    for (uint32_t i = 0; i < b->blocks.n; i++) {
        while (f->number[i] != ID_NONE && can_merge(f, i, n_preds)) {
            struct build_block *block = &b->blocks.v[i];
            uint32_t next = block->succs.v[0].block.i;
            const struct build_block *to = &b->blocks.v[next];
            block->first_op = block->n_ops == 0 ? to->first_op : block->first_op;
            block->n_ops += to->n_ops;
            block->term = to->term;
            block->cond = to->cond;
            block->where = to->where;
            block->ended = to->ended;
            block->succs.v = to->succs.v;
            block->succs.n = to->succs.n;
            f->number[next] = ID_NONE;
        }
    }
}

/* ---- numbers --------------------------------------------------------------------------------- */

/* Numbers the kept blocks; f->queue then has them in that order. */
static void number_blocks(struct finishing *f)
{
    struct builder *b = f->b;
    uint32_t n = 0;
    block_id *by_start = mem_array(b, block_id, b->n_started + b->blocks.n);

    for (uint32_t i = 0; i < b->blocks.n; i++) {
        if (b->blocks.v[i].started == ID_NONE) { /* jumped to, but never placed: a bad label */
            b->blocks.v[i].started = b->n_started++;
        }
        by_start[b->blocks.v[i].started].i = i;
    }
    for (uint32_t i = 0; i < b->n_started; i++) {
        block_id block = by_start[i];
        if (f->number[block.i] != ID_NONE) {
            f->number[block.i] = n;
            f->queue[n++] = block;
        }
    }
    f->n_queue = n;
}

static void emit(struct finishing *f)
{
    struct ir_fn *fn = f->b->fn;

    for (size_t at = 0; at < f->n_queue; at++) {
        const struct build_block *block = &f->b->blocks.v[f->queue[at].i];
        struct ir_block out = {.first_op = block->first_op,
                               .n_ops = block->n_ops,
                               .term = block->term,
                               .cond = block->cond,
                               .where = block->where,
                               .first_succ = (uint32_t)fn->succs.n,
                               .n_succs = (uint32_t)block->succs.n};
        for (size_t i = 0; i < block->succs.n; i++) {
            struct ir_succ succ = block->succs.v[i];
            succ.block.i = f->number[succ.block.i];
            vec_push(fn, &fn->succs, succ);
        }
        vec_push(fn, &fn->blocks, out);
    }
}

void builder_finish(struct builder *b)
{
    scope_finish(b);
    shorten_jumps(b);
    size_t n = b->blocks.n;
    struct finishing f = {
        .b = b, .number = mem_array(b, uint32_t, n), .queue = mem_array(b, block_id, n)};

    for (size_t i = 0; i < n; i++) {
        f.number[i] = ID_NONE;
    }
    mark(&f);
    merge(&f);
    number_blocks(&f);
    emit(&f);
}
