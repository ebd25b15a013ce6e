/* cfg.h - the shape of a function's control-flow graph: order, dominators, loops, reachability.
 *
 * Dominators by Cooper, Harvey and Kennedy, "A Simple, Fast Dominance Algorithm", 2001; natural
 * loops as in Aho, Lam, Sethi, Ullman, "Compilers", 9.6.
 */
#pragma once

#include "ir/ir.h"

/* Facts about one function's graph, indexed by block_id.i. Owned by the `owner` of cfg_build(). */
struct cfg {
    const struct ir_fn *fn;
    uint32_t n;      /* blocks */
    uint32_t *order; /* reachable blocks in reverse postorder */
    uint32_t n_order;
    uint32_t *position;   /* block -> index in `order`; ID_NONE: unreachable */
    uint32_t *idom;       /* immediate dominator; the entry's is itself; ID_NONE: unreachable */
    uint32_t *below;      /* blocks dominate others whose `rank` is in [rank, below) */
    uint32_t *rank;       /* number in a walk over the tree of dominators; ID_NONE: unreachable */
    uint32_t *first_pred; /* into `preds`; n + 1 entries, so that preds of b end at [b + 1] */
    uint32_t *preds;
    uint32_t *loop_head; /* innermost natural loop's head; ID_NONE: in no loop */
    uint32_t *loop_up;   /* of a head: the head of the loop around it; ID_NONE */
    uint32_t *op_block;  /* op_id.i -> its block */
};

/* The graph's facts. */
struct cfg *cfg_build(void *owner, const struct ir_fn *fn);

/* The block that holds this op. */
uint32_t cfg_block_of(const struct cfg *cfg, op_id op);

/* Does every path from the entry to `b` go through `a`? True for a == b. */
bool cfg_dominates(const struct cfg *cfg, uint32_t a, uint32_t b);

/* Is block `b` inside the natural loop with this head? */
bool cfg_in_loop(const struct cfg *cfg, uint32_t b, uint32_t head);

/* Has `a` always run when control comes to `b`? */
bool cfg_op_before(const struct cfg *cfg, op_id a, op_id b);

/* Can `mid` run between `a` and `b`, and `a` not once more before `b`? */
bool cfg_op_between(const struct cfg *cfg, op_id a, op_id mid, op_id b);

/* Is `op` in any loop? */
bool cfg_op_repeats(const struct cfg *cfg, op_id op);

/* Blocks that can be reached from `from` by one or more edges without entering `avoid` (ID_NONE:
 * nothing is avoided): sets `seen[b]` for each; `seen` has cfg->n entries, false at the start. */
void cfg_reach(const struct cfg *cfg, uint32_t from, uint32_t avoid, bool *seen);

/* The successor of `branch` (its number) behind which alone block `b` runs; ID_NONE: `b` runs on
 * several sides, or whatever was decided. */
uint32_t cfg_side_of(const struct cfg *cfg, uint32_t branch, uint32_t b);
