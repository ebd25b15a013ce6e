#include "program/gil_gaps.h"

struct fn_gaps {
    VEC(op_id) calls; /* that run Python code, in order */
    bool always;      /* every way through the function leads into one */
};

struct gil_gaps {
    const struct contexts *contexts;
    struct fn_gaps *v; /* by fn */
};

static bool call_runs(const struct gil_gaps *gaps, const struct call *call)
{
    if (!call->indirect && models_runs_python(gaps->contexts->flows->models, call->name)) {
        return true;
    }
    bool runs = call->model == NULL && call->callees.n > 0;
    for (size_t i = 0; i < call->callees.n && runs; i++) {
        runs = gaps->v[call->callees.v[i].i].always;
    }
    return runs;
}

/* Is there a way from the entry to a return that leads into none of the closed blocks? */
static bool can_return(const struct prog_fn *fn, const bool *closed)
{
    uint32_t *queue = mem_array(NULL, uint32_t, fn->cfg->n + 1);
    bool *seen = mem_array(queue, bool, fn->cfg->n + 1);
    uint32_t n = 0;
    bool returns = false;

    queue[n++] = fn->cfg->order[0];
    seen[fn->cfg->order[0]] = true;
    for (uint32_t next = 0; next < n && !returns; next++) {
        const struct ir_block *block = &fn->ir->blocks.v[queue[next]];
        returns = !closed[queue[next]] && block->term == IR_RETURN;
        for (uint32_t i = 0; i < block->n_succs && !closed[queue[next]]; i++) {
            uint32_t to = fn->ir->succs.v[block->first_succ + i].block.i;
            if (!seen[to]) {
                seen[to] = true;
                queue[n++] = to;
            }
        }
    }
    talloc_free(queue);
    return returns;
}

/* Its callees are known already, but for those of a circle. */
static void find_in(struct gil_gaps *gaps, fn_id fn)
{
    const struct calls *calls = gaps->contexts->flows->calls;
    const struct prog_fn *f = &gaps->contexts->flows->linked->fns.v[fn.i];
    struct fn_gaps *of = &gaps->v[fn.i];
    bool *closed = mem_array(NULL, bool, f->cfg->n + 1);

    for (uint32_t i = calls->first[fn.i]; i < calls->first[fn.i + 1]; i++) {
        if (call_runs(gaps, &calls->v.v[i])) {
            vec_push(gaps, &of->calls, calls->v.v[i].op);
            closed[cfg_block_of(f->cfg, calls->v.v[i].op)] = true;
        }
    }
    of->always = of->calls.n > 0 && !can_return(f, closed);
    talloc_free(closed);
}

struct gil_gaps *gil_gaps_find(void *owner, const struct contexts *contexts)
{
    if (path_is_none(contexts->gil)) {
        return NULL;
    }
    struct gil_gaps *gaps = mem_new(owner, struct gil_gaps);
    const struct linked *linked = contexts->flows->linked;

    gaps->contexts = contexts;
    gaps->v = mem_array(gaps, struct fn_gaps, linked->fns.n + 1);
    const struct bottom_up *up = calls_bottom_up(contexts->flows->calls);
    for (size_t i = 0; i < up->n; i++) {
        find_in(gaps, up->order[i]);
    }
    return gaps;
}

bool gil_gaps_has(const struct gil_gaps *gaps, fn_id fn)
{
    return gaps != NULL && gaps->v[fn.i].calls.n > 0;
}

op_id gil_gap_between(const struct gil_gaps *gaps, fn_id fn, op_id from, op_id to)
{
    for (size_t i = 0; gaps != NULL && i < gaps->v[fn.i].calls.n; i++) {
        op_id call = gaps->v[fn.i].calls.v[i];
        if (call.i != from.i && call.i != to.i &&
            cfg_op_between(gaps->contexts->flows->linked->fns.v[fn.i].cfg, from, call, to)) {
            return call;
        }
    }
    return (op_id){ID_NONE};
}
