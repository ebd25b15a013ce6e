#include "program/turn.h"

/* One question. */
struct search {
    const struct cfg *cfg;
    bool *gives; /* by block: it is given back in it */
    bool *comes; /* reached from where it was taken, still with it */
    bool *keeps; /* gets to the end with it */
    uint32_t end;
};

static uint32_t succ_of(const struct search *search, uint32_t b, uint32_t e)
{
    const struct ir_block *block = &search->cfg->fn->blocks.v[b];

    return search->cfg->fn->succs.v[block->first_succ + e].block.i;
}

static void find_comes(struct search *search, uint32_t from)
{
    const struct cfg *cfg = search->cfg;

    search->comes[from] = true;
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t i = 0; i < cfg->n_order; i++) {
            uint32_t b = cfg->order[i];
            bool passes = search->comes[b] && (b == from || !search->gives[b]);
            for (uint32_t e = 0; passes && e < cfg->fn->blocks.v[b].n_succs; e++) {
                uint32_t to = succ_of(search, b, e);
                changed |= !search->comes[to];
                search->comes[to] = true;
            }
        }
    }
}

static void find_keeps(struct search *search)
{
    const struct cfg *cfg = search->cfg;

    search->keeps[search->end] = true;
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t i = cfg->n_order; i-- > 0;) {
            uint32_t b = cfg->order[i];
            for (uint32_t e = 0; !search->keeps[b] && e < cfg->fn->blocks.v[b].n_succs; e++) {
                uint32_t to = succ_of(search, b, e);
                bool keeps = search->keeps[to] && (to == search->end || !search->gives[to]);
                changed |= keeps;
                search->keeps[b] = keeps;
            }
        }
    }
}

static bool is_kept_by(const struct search *search, uint32_t b)
{
    return search->keeps[b] && (b == search->end || !search->gives[b]);
}

/* The side of branch `b` that keeps it, when another one does not. */
static struct turn turn_at(const struct search *search, uint32_t b)
{
    struct turn turn = {.block = ID_NONE};
    uint32_t n = search->cfg->fn->blocks.v[b].n_succs;
    bool parts = false;

    for (uint32_t e = 0; e < n; e++) {
        uint32_t to = succ_of(search, b, e);
        if (is_kept_by(search, to)) {
            turn.block = b;
            turn.side = e;
        } else {
            parts = true;
            turn.guards_one = search->gives[to];
        }
    }
    return parts ? turn : (struct turn){.block = ID_NONE};
}

struct turn turn_find(const struct flows *flows, fn_id fn, op_id taken, uint32_t end,
                      const op_id *gives, size_t n_gives)
{
    const struct cfg *cfg = flows->linked->fns.v[fn.i].cfg;
    void *scratch = mem_owner(NULL, "turn");
    struct search search = {cfg, mem_array(scratch, bool, cfg->n + 1),
                            mem_array(scratch, bool, cfg->n + 1),
                            mem_array(scratch, bool, cfg->n + 1), end};
    struct turn turn = {.block = ID_NONE};

    for (size_t i = 0; i < n_gives; i++) {
        search.gives[cfg_block_of(cfg, gives[i])] = true;
    }
    find_comes(&search, cfg_block_of(cfg, taken));
    find_keeps(&search);
    for (uint32_t i = 0; i < cfg->n_order; i++) {
        uint32_t b = cfg->order[i];
        if (search.comes[b] && search.keeps[b] && b != end) {
            struct turn at = turn_at(&search, b);
            turn = at.block == ID_NONE ? turn : at;
        }
    }
    talloc_free(scratch);
    return turn;
}

bool turn_can_miss(const struct flows *flows, fn_id fn, op_id from, op_id op)
{
    const struct cfg *cfg = flows->linked->fns.v[fn.i].cfg;
    uint32_t first = from.i == ID_NONE ? 0 : cfg_block_of(cfg, from);
    uint32_t block = cfg_block_of(cfg, op);
    bool *seen = mem_array(NULL, bool, cfg->n + 1);
    bool missed = false;

    if (first != block) {
        cfg_reach(cfg, first, block, seen);
        seen[first] = true;
        for (uint32_t b = 0; b < cfg->n; b++) {
            missed = missed || (seen[b] && cfg->fn->blocks.v[b].term == IR_RETURN);
        }
    }
    talloc_free(seen);
    return missed;
}
