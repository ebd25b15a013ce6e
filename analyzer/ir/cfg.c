#include "ir/cfg.h"

#include <string.h>

/* `n` numbers of the memory at *room, which moves on. */
static uint32_t *take(uint32_t **room, uint32_t n, uint32_t value)
{
    uint32_t *v = *room;

    for (uint32_t i = 0; i < n; i++) {
        v[i] = value;
    }
    *room += n;
    return v;
}

static uint32_t succ_of(const struct cfg *cfg, uint32_t b, uint32_t i)
{
    return cfg->fn->succs.v[cfg->fn->blocks.v[b].first_succ + i].block.i;
}

/* Depth-first from the entry, without recursion; fills order and position. */
static void number_blocks(struct cfg *cfg)
{
    uint32_t *stack = mem_array(cfg, uint32_t, cfg->n + 1);
    uint32_t *next = mem_array(cfg, uint32_t, cfg->n + 1);
    bool *seen = mem_array(cfg, bool, cfg->n + 1);
    uint32_t depth = 0;
    uint32_t left = cfg->n;

    if (cfg->n == 0) {
        return;
    }
    stack[depth++] = 0;
    seen[0] = true;
    while (depth > 0) {
        uint32_t b = stack[depth - 1];
        if (next[b] < cfg->fn->blocks.v[b].n_succs) {
            uint32_t s = succ_of(cfg, b, next[b]++);
            if (!seen[s]) {
                seen[s] = true;
                stack[depth++] = s;
            }
        } else {
            cfg->order[--left] = b;
            depth--;
        }
    }
    cfg->n_order = cfg->n - left;
    memmove(cfg->order, cfg->order + left, cfg->n_order * sizeof *cfg->order);
    for (uint32_t i = 0; i < cfg->n_order; i++) {
        cfg->position[cfg->order[i]] = i;
    }
    talloc_free(stack);
    talloc_free(next);
    talloc_free(seen);
}

static void list_preds(struct cfg *cfg)
{
    uint32_t *count = mem_array(cfg, uint32_t, cfg->n + 1);

    for (uint32_t i = 0; i < cfg->n_order; i++) {
        uint32_t b = cfg->order[i];
        for (uint32_t s = 0; s < cfg->fn->blocks.v[b].n_succs; s++) {
            count[succ_of(cfg, b, s)]++;
        }
    }
    for (uint32_t b = 0, at = 0; b <= cfg->n; b++) {
        cfg->first_pred[b] = at;
        at += b < cfg->n ? count[b] : 0;
        count[b] = cfg->first_pred[b];
    }
    cfg->preds = mem_array(cfg, uint32_t, cfg->first_pred[cfg->n] + 1);
    for (uint32_t i = 0; i < cfg->n_order; i++) {
        uint32_t b = cfg->order[i];
        for (uint32_t s = 0; s < cfg->fn->blocks.v[b].n_succs; s++) {
            cfg->preds[count[succ_of(cfg, b, s)]++] = b;
        }
    }
    talloc_free(count);
}

static uint32_t common_dominator(const struct cfg *cfg, uint32_t a, uint32_t b)
{
    while (a != b) {
        while (cfg->position[a] > cfg->position[b]) {
            a = cfg->idom[a];
        }
        while (cfg->position[b] > cfg->position[a]) {
            b = cfg->idom[b];
        }
    }
    return a;
}

static void find_dominators(struct cfg *cfg)
{
    if (cfg->n_order == 0) {
        return;
    }
    cfg->idom[0] = 0;
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t i = 1; i < cfg->n_order; i++) {
            uint32_t b = cfg->order[i];
            uint32_t best = ID_NONE;
            for (uint32_t p = cfg->first_pred[b]; p < cfg->first_pred[b + 1]; p++) {
                uint32_t pred = cfg->preds[p];
                if (cfg->idom[pred] == ID_NONE) {
                    continue;
                }
                best = best == ID_NONE ? pred : common_dominator(cfg, best, pred);
            }
            if (best != cfg->idom[b]) {
                cfg->idom[b] = best;
                changed = true;
            }
        }
    }
}

/* Numbers the tree of dominators so that what is below a block has the numbers behind its own. */
static void rank_dominators(struct cfg *cfg)
{
    uint32_t *next = mem_array(cfg, uint32_t, cfg->n + 1); /* the number of the next child */

    for (uint32_t i = 0; i < cfg->n_order; i++) {
        cfg->below[cfg->order[i]] = 1;
    }
    for (uint32_t i = cfg->n_order; i-- > 1;) { /* `below` counts at first */
        cfg->below[cfg->idom[cfg->order[i]]] += cfg->below[cfg->order[i]];
    }
    for (uint32_t i = 0; i < cfg->n_order; i++) {
        uint32_t b = cfg->order[i];
        cfg->rank[b] = i == 0 ? 0 : next[cfg->idom[b]];
        next[cfg->idom[b]] += cfg->below[b];
        next[b] = cfg->rank[b] + 1;
        cfg->below[b] += cfg->rank[b];
    }
    talloc_free(next);
}

/* Adds to the loop of `head` all blocks that reach its back edge's source `tail`. */
static void mark_loop(struct cfg *cfg, uint32_t head, uint32_t tail, uint32_t *stack, bool *seen)
{
    uint32_t depth = 0;

    memset(seen, 0, cfg->n * sizeof *seen);
    seen[head] = true;
    if (!seen[tail]) {
        seen[tail] = true;
        stack[depth++] = tail;
    }
    while (depth > 0) {
        uint32_t b = stack[--depth];
        for (uint32_t p = cfg->first_pred[b]; p < cfg->first_pred[b + 1]; p++) {
            if (!seen[cfg->preds[p]]) {
                seen[cfg->preds[p]] = true;
                stack[depth++] = cfg->preds[p];
            }
        }
    }
    for (uint32_t b = 0; b < cfg->n; b++) {
        if (!seen[b] || cfg->position[b] == ID_NONE) {
            continue;
        }
        /* heads are visited innermost last, so the newest mark is the innermost loop */
        if (b == head) {
            if (cfg->loop_head[b] != head) {
                cfg->loop_up[head] = cfg->loop_head[b];
            }
        }
        cfg->loop_head[b] = head;
    }
}

/* Back edges go to a block that dominates their source; an outer head comes first in the order. */
static void find_loops(struct cfg *cfg)
{
    uint32_t *stack = mem_array(cfg, uint32_t, cfg->n + 1);
    bool *seen = mem_array(cfg, bool, cfg->n + 1);

    for (uint32_t i = 0; i < cfg->n_order; i++) {
        uint32_t head = cfg->order[i];
        for (uint32_t p = cfg->first_pred[head]; p < cfg->first_pred[head + 1]; p++) {
            if (cfg_dominates(cfg, head, cfg->preds[p])) {
                mark_loop(cfg, head, cfg->preds[p], stack, seen);
            }
        }
    }
    talloc_free(stack);
    talloc_free(seen);
}

/* The arrays, in one piece: a program has a graph for each function, and most are small. */
static void make_room(struct cfg *cfg)
{
    uint32_t n = cfg->n;
    uint32_t n_ops = (uint32_t)cfg->fn->ops.n;
    uint32_t *room = mem_array(cfg, uint32_t, 8 * (size_t)n + 1 + n_ops);

    cfg->order = take(&room, n, 0);
    cfg->position = take(&room, n, ID_NONE);
    cfg->idom = take(&room, n, ID_NONE);
    cfg->below = take(&room, n, 0);
    cfg->rank = take(&room, n, ID_NONE);
    cfg->first_pred = take(&room, n + 1, 0);
    cfg->loop_head = take(&room, n, ID_NONE);
    cfg->loop_up = take(&room, n, ID_NONE);
    cfg->op_block = take(&room, n_ops, 0);
}

struct cfg *cfg_build(void *owner, const struct ir_fn *fn)
{
    struct cfg *cfg = mem_new(owner, struct cfg);
    uint32_t n = (uint32_t)fn->blocks.n;

    cfg->fn = fn;
    cfg->n = n;
    make_room(cfg);
    for (uint32_t b = 0; b < n; b++) {
        for (uint32_t i = 0; i < fn->blocks.v[b].n_ops; i++) {
            cfg->op_block[fn->blocks.v[b].first_op + i] = b;
        }
    }
    number_blocks(cfg);
    list_preds(cfg);
    find_dominators(cfg);
    rank_dominators(cfg);
    find_loops(cfg);
    return cfg;
}

uint32_t cfg_block_of(const struct cfg *cfg, op_id op)
{
    return cfg->op_block[op.i];
}

bool cfg_dominates(const struct cfg *cfg, uint32_t a, uint32_t b)
{
    return cfg->rank[b] != ID_NONE && cfg->rank[a] <= cfg->rank[b] && cfg->rank[b] < cfg->below[a];
}

bool cfg_in_loop(const struct cfg *cfg, uint32_t b, uint32_t head)
{
    for (uint32_t at = cfg->loop_head[b]; at != ID_NONE; at = cfg->loop_up[at]) {
        if (at == head) {
            return true;
        }
    }
    return false;
}

bool cfg_op_repeats(const struct cfg *cfg, op_id op)
{
    return cfg->loop_head[cfg_block_of(cfg, op)] != ID_NONE;
}

void cfg_reach(const struct cfg *cfg, uint32_t from, uint32_t avoid, bool *seen)
{
    uint32_t *stack = mem_array(NULL, uint32_t, cfg->n + 1);
    uint32_t depth = 0;

    stack[depth++] = from;
    while (depth > 0) {
        uint32_t b = stack[--depth];
        for (uint32_t i = 0; i < cfg->fn->blocks.v[b].n_succs; i++) {
            uint32_t s = succ_of(cfg, b, i);
            if (s != avoid && !seen[s]) {
                seen[s] = true;
                stack[depth++] = s;
            }
        }
    }
    talloc_free(stack);
}

bool cfg_op_before(const struct cfg *cfg, op_id a, op_id b)
{
    uint32_t x = cfg_block_of(cfg, a);
    uint32_t y = cfg_block_of(cfg, b);

    return x == y ? a.i < b.i : cfg_dominates(cfg, x, y);
}

static bool can_follow(const struct cfg *cfg, op_id from, op_id to, uint32_t avoid, bool *seen)
{
    uint32_t x = cfg_block_of(cfg, from);
    uint32_t y = cfg_block_of(cfg, to);

    memset(seen, 0, cfg->n * sizeof *seen);
    cfg_reach(cfg, x, avoid, seen);
    return (x == y && from.i < to.i) || seen[y];
}

bool cfg_op_between(const struct cfg *cfg, op_id a, op_id mid, op_id b)
{
    uint32_t avoid = cfg_block_of(cfg, a);
    bool *seen = mem_array(NULL, bool, cfg->n + 1);
    bool can = can_follow(cfg, a, mid, avoid, seen) && can_follow(cfg, mid, b, avoid, seen);

    talloc_free(seen);
    return can;
}

/* Is `head` entered from `branch` only (loops back to it aside)? */
static bool entered_only_from(const struct cfg *cfg, uint32_t head, uint32_t branch)
{
    for (uint32_t p = cfg->first_pred[head]; p < cfg->first_pred[head + 1]; p++) {
        uint32_t pred = cfg->preds[p];
        if (pred != branch && !cfg_dominates(cfg, head, pred)) {
            return false;
        }
    }
    return true;
}

/* Does another successor of `branch` lead elsewhere (not so for `if (x) { } else { }`)? */
static bool is_one_of_several(const struct cfg *cfg, uint32_t branch, uint32_t head)
{
    const struct ir_block *block = &cfg->fn->blocks.v[branch];

    for (uint32_t i = 0; i < block->n_succs; i++) {
        if (cfg->fn->succs.v[block->first_succ + i].block.i != head) {
            return true;
        }
    }
    return false;
}

uint32_t cfg_side_of(const struct cfg *cfg, uint32_t branch, uint32_t b)
{
    const struct ir_block *block = &cfg->fn->blocks.v[branch];

    for (uint32_t i = 0; i < block->n_succs; i++) {
        uint32_t head = cfg->fn->succs.v[block->first_succ + i].block.i;
        if (head != branch && cfg_dominates(cfg, head, b) && entered_only_from(cfg, head, branch) &&
            is_one_of_several(cfg, branch, head)) {
            return i;
        }
    }
    return ID_NONE;
}
