#include "program/doom.h"

struct doom {
    const struct flows *flows;
    bool **doomed; /* by fn, by block: from its start on; NULL: no block is */
    bool *serves;  /* by fn: it runs an event loop, in itself or in what it calls by name */
    uint8_t *at;   /* by call: kept answers of doom_at(); 0: not asked */
};
enum { ANSWER_NO = 1, ANSWER_YES };

/* Does the call run an event loop? What comes before it is no end of the process, even if that ends
 * when the loop does: `run_loop(); exit(0);`. */
static bool call_serves(const struct doom *doom, const struct call *call)
{
    if (call->model != NULL) {
        return call->model->runs_loop != ARG_NONE;
    }
    return !call->indirect && call->callees.n == 1 && doom->serves[call->callees.v[0].i];
}

static void find_serving(struct doom *doom)
{
    const struct calls *calls = doom->flows->calls;
    const struct bottom_up *order = calls_bottom_up(doom->flows->calls);

    for (bool changed = true; changed;) { /* again for circles of calls */
        changed = false;
        for (size_t i = 0; i < order->n; i++) {
            uint32_t f = order->order[i].i;
            for (uint32_t c = calls->first[f]; c < calls->first[f + 1] && !doom->serves[f]; c++) {
                doom->serves[f] = call_serves(doom, &calls->v.v[c]);
                changed |= doom->serves[f];
            }
        }
    }
}

/* Does an op of the block, from `from_op` on, run an event loop? */
static bool block_serves(const struct doom *doom, fn_id fn, uint32_t b, uint32_t from_op)
{
    const struct ir_fn *ir = doom->flows->linked->fns.v[fn.i].ir;
    const struct ir_block *block = &ir->blocks.v[b];

    for (uint32_t i = block->first_op; i < block->first_op + block->n_ops; i++) {
        if (i >= from_op && ir->ops.v[i].kind == IR_CALL &&
            call_serves(doom, calls_at(doom->flows->calls, fn, (op_id){i}))) {
            return true;
        }
    }
    return false;
}

/* Does the block itself hold a call that does not come back, or end in "unreachable"? */
static bool block_ends(const struct flows *flows, fn_id fn, uint32_t b, uint32_t from_op)
{
    const struct ir_fn *ir = flows->linked->fns.v[fn.i].ir;
    const struct ir_block *block = &ir->blocks.v[b];

    for (uint32_t i = block->first_op; i < block->first_op + block->n_ops; i++) {
        if (i >= from_op && ir->ops.v[i].kind == IR_CALL &&
            flow_call_ends(flows, calls_at(flows->calls, fn, (op_id){i}))) {
            return true;
        }
    }
    return block->term == IR_UNREACHABLE;
}

/* Marks the blocks from which a way leads to a marked one, without passing an ending call. */
static void spread_back(const struct cfg *cfg, const bool *ends, bool *marked)
{
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t i = cfg->n_order; i-- > 0;) {
            uint32_t b = cfg->order[i];
            const struct ir_block *block = &cfg->fn->blocks.v[b];
            for (uint32_t e = 0; e < block->n_succs && !marked[b] && !ends[b]; e++) {
                marked[b] = marked[cfg->fn->succs.v[block->first_succ + e].block.i];
                changed |= marked[b];
            }
        }
    }
}

/* block_ends() of each block, from its start on. False: of none. */
static bool find_ends(const struct flows *flows, fn_id fn, bool *ends)
{
    const struct calls *calls = flows->calls;
    const struct cfg *cfg = flows->linked->fns.v[fn.i].cfg;
    bool any = false;

    for (uint32_t b = 0; b < cfg->n; b++) {
        ends[b] = cfg->fn->blocks.v[b].term == IR_UNREACHABLE;
        any = any || ends[b];
    }
    for (uint32_t i = calls->first[fn.i]; i < calls->first[fn.i + 1]; i++) {
        if (flow_call_ends(flows, &calls->v.v[i])) {
            ends[cfg_block_of(cfg, calls->v.v[i].op)] = any = true;
        }
    }
    return any;
}

static void find_doomed(struct doom *doom, fn_id fn)
{
    const struct cfg *cfg = doom->flows->linked->fns.v[fn.i].cfg;
    void *scratch = mem_owner(NULL, "doom");
    bool *ends = mem_array(scratch, bool, cfg->n + 1);
    bool *goes_on = mem_array(scratch, bool, cfg->n + 1);
    bool *dies = mem_array(scratch, bool, cfg->n + 1);
    bool any = find_ends(doom->flows, fn, ends);

    for (uint32_t b = 0; b < cfg->n && any; b++) {
        dies[b] = ends[b];
        /* a loop goes on, too: that of a thread's main function for ever */
        bool in_loop = cfg->loop_head[b] != ID_NONE;
        goes_on[b] = (!ends[b] && (cfg->fn->blocks.v[b].term == IR_RETURN || in_loop)) ||
                     (doom->serves[fn.i] && block_serves(doom, fn, b, 0));
    }
    if (any) {
        spread_back(cfg, ends, goes_on);
        spread_back(cfg, ends, dies);
        bool *doomed = mem_array(doom, bool, cfg->n + 1);
        for (uint32_t b = 0; b < cfg->n; b++) {
            doomed[b] = dies[b] && !goes_on[b];
        }
        doom->doomed[fn.i] = doomed[0] ? NULL : doomed;
    }
    talloc_free(scratch);
}

struct doom *doom_build(void *owner, const struct flows *flows)
{
    struct doom *doom = mem_new(owner, struct doom);

    doom->flows = flows;
    doom->doomed = mem_array(doom, bool *, flows->linked->fns.n + 1);
    doom->serves = mem_array(doom, bool, flows->linked->fns.n + 1);
    doom->at = mem_array(doom, uint8_t, flows->calls->v.n + 1);
    find_serving(doom);
    for (uint32_t f = 0; f < flows->linked->fns.n; f++) {
        find_doomed(doom, (fn_id){f});
    }
    return doom;
}

static bool is_doomed(const struct doom *doom, fn_id fn, op_id op)
{
    const struct cfg *cfg = doom->flows->linked->fns.v[fn.i].cfg;
    const bool *doomed = doom->doomed[fn.i];
    uint32_t b = cfg_block_of(cfg, op);
    const struct ir_block *block = &cfg->fn->blocks.v[b];
    bool goes_on = block->n_succs > 0;
    for (uint32_t e = 0; e < block->n_succs; e++) {
        goes_on = goes_on && doomed[cfg->fn->succs.v[block->first_succ + e].block.i];
    }
    if (doom->serves[fn.i] && block_serves(doom, fn, b, op.i)) {
        return false;
    }
    return goes_on || block_ends(doom->flows, fn, b, op.i);
}

bool doom_at(const struct doom *doom, fn_id fn, op_id op)
{
    const struct calls *calls = doom->flows->calls;

    if (doom->doomed[fn.i] == NULL) {
        return false;
    }
    if (doom->flows->linked->fns.v[fn.i].ir->ops.v[op.i].kind != IR_CALL) {
        return is_doomed(doom, fn, op);
    }
    uint8_t *answer = &doom->at[calls_at(calls, fn, op) - calls->v.v];
    if (*answer == 0) {
        *answer = is_doomed(doom, fn, op) ? ANSWER_YES : ANSWER_NO;
    }
    return *answer == ANSWER_YES;
}
