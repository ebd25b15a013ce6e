#include "program/deeds.h"

/* Calls of a function that do something that counts. */
struct doings {
    VEC(const struct call *) v;
};

struct deeds {
    const struct contexts *contexts;
    const struct flows *flows;
    struct doings *doings;          /* by fn */
    const struct lockset **left;    /* by fn: done when it returns, in its own terms */
    const struct lockset ***before; /* by context, fn: done on entry; NULL: not computed */
};

static bool comes_before(const struct cfg *cfg, op_id first, op_id second)
{
    uint32_t from = cfg_block_of(cfg, first);
    uint32_t to = cfg_block_of(cfg, second);

    return from == to ? first.i < second.i : cfg_dominates(cfg, from, to);
}

static const struct lockset *add(const struct deeds *deeds, const struct lockset *set, path_id lock,
                                 struct site site)
{
    struct token token = {lock, TOKEN_EXCLUSIVE, 1, site};

    return path_is_none(lock) || lockset_find(set, lock) != NULL
               ? set
               : lockset_add(deeds->flows->pool, set, token);
}

/* What all bodies behind a call have done when it returns, in the caller's terms. */
static const struct lockset *left_by_callees(const struct deeds *deeds, const struct call *call)
{
    const struct lockset *all = NULL;
    path_id pointees[MAX_PARAMS];
    const struct lockset *out = lockset_empty(deeds->flows->pool);

    for (size_t i = 0; i < call->callees.n; i++) {
        const struct lockset *left = deeds->left[call->callees.v[i].i];
        left = left == NULL ? out : left; /* a recursion */
        all = all == NULL ? left : lockset_meet(deeds->flows->pool, all, left);
    }
    if (all == NULL || all->n == 0) {
        return out;
    }
    size_t n = flow_pointees(deeds->flows, call, pointees);
    for (uint32_t i = 0; i < all->n; i++) {
        path_id lock = path_substitute(deeds->flows->paths, all->v[i].lock, pointees, n);
        out = add(deeds, out, lock, all->v[i].taken);
    }
    return out;
}

static bool is_barrier(const struct call *call)
{
    return call->model != NULL && call->model->barrier != ARG_NONE;
}

/* `set` and what one call does. */
static const struct lockset *after(const struct deeds *deeds, const struct call *call,
                                   const struct lockset *set)
{
    const struct model_fn *model = call->model;
    struct site site = {call->fn.i, call->op.i};

    if (is_barrier(call)) {
        return lockset_empty(deeds->flows->pool);
    }
    if (model != NULL && model->acquire >= 1 && !model->is_try && !model->timed) {
        return add(deeds, set, flow_arg_path(deeds->flows, call, model->acquire), site);
    }
    if (model != NULL && model->once_call != ARG_NONE && call->callees.n > 0) {
        return add(deeds, set, contexts_once_lock(deeds->contexts, call), site);
    }
    const struct lockset *left = left_by_callees(deeds, call);
    for (uint32_t i = 0; i < left->n; i++) {
        set = add(deeds, set, left->v[i].lock, left->v[i].taken);
    }
    return set;
}

static void find_doings(struct deeds *deeds, fn_id fn)
{
    const struct calls *calls = deeds->flows->calls;
    const struct lockset *nothing = lockset_empty(deeds->flows->pool);

    for (uint32_t i = calls->first[fn.i]; i < calls->first[fn.i + 1]; i++) {
        const struct call *call = &calls->v.v[i];
        if (is_barrier(call) || after(deeds, call, nothing)->n > 0) {
            vec_push(deeds, &deeds->doings[fn.i].v, call);
        }
    }
}

/* What the function has done before `op`, on top of `set`. */
static const struct lockset *done_before(const struct deeds *deeds, fn_id fn, op_id op,
                                         const struct lockset *set)
{
    const struct cfg *cfg = deeds->flows->linked->fns.v[fn.i].cfg;
    const struct doings *doings = &deeds->doings[fn.i];

    for (size_t i = 0; i < doings->v.n; i++) {
        if (comes_before(cfg, doings->v.v[i]->op, op)) {
            set = after(deeds, doings->v.v[i], set);
        }
    }
    return set;
}

/* What it has done at each of its ends. */
static const struct lockset *done_at_end(const struct deeds *deeds, fn_id fn)
{
    const struct cfg *cfg = deeds->flows->linked->fns.v[fn.i].cfg;
    const struct doings *doings = &deeds->doings[fn.i];
    const struct lockset *all = NULL;

    for (uint32_t o = 0; o < cfg->n_order; o++) {
        uint32_t end = cfg->order[o];
        const struct lockset *set = lockset_empty(deeds->flows->pool);
        if (cfg->fn->blocks.v[end].term != IR_RETURN) {
            continue;
        }
        for (size_t i = 0; i < doings->v.n; i++) {
            if (cfg_dominates(cfg, cfg_block_of(cfg, doings->v.v[i]->op), end)) {
                set = after(deeds, doings->v.v[i], set);
            }
        }
        all = all == NULL ? set : lockset_meet(deeds->flows->pool, all, set);
    }
    return all == NULL ? lockset_empty(deeds->flows->pool) : all;
}

struct deeds *deeds_build(void *owner, const struct contexts *contexts)
{
    struct deeds *deeds = mem_new(owner, struct deeds);

    deeds->contexts = contexts;
    deeds->flows = contexts->flows;
    deeds->doings = mem_array(deeds, struct doings, deeds->flows->linked->fns.n + 1);
    deeds->left = mem_array(deeds, const struct lockset *, deeds->flows->linked->fns.n + 1);
    deeds->before = mem_array(deeds, const struct lockset **, contexts->v.n + 1);
    const struct bottom_up *order = calls_bottom_up(deeds->flows->calls);
    for (size_t i = 0; i < order->n; i++) {
        find_doings(deeds, order->order[i]);
        deeds->left[order->order[i].i] = done_at_end(deeds, order->order[i]);
    }
    return deeds;
}

/* The set with its locks in absolute terms. */
static const struct lockset *absolute(const struct deeds *deeds, fn_id fn,
                                      const struct lockset *set)
{
    const struct lockset *out = lockset_empty(deeds->flows->pool);

    for (uint32_t i = 0; i < set->n; i++) {
        path_id lock = contexts_absolute(deeds->contexts, fn, set->v[i].lock);
        if (!path_is_none(lock) && path_is_global(deeds->flows->paths, lock)) {
            out = add(deeds, out, lock, set->v[i].taken);
        }
    }
    return out;
}

static const struct lockset *before_in(const struct deeds *deeds, const struct lockset *entry,
                                       fn_id fn, op_id op)
{
    return absolute(deeds, fn, done_before(deeds, fn, op, entry));
}

/* Hands what was done before each call of `fn` to the callees. True: something changed. */
static bool hand_down(const struct deeds *deeds, const struct lockset **before, uint32_t fn)
{
    const struct calls *calls = deeds->flows->calls;
    bool changed = false;

    for (uint32_t i = calls->first[fn]; i < calls->first[fn + 1]; i++) {
        const struct call *call = &calls->v.v[i];
        if (call->callees.n == 0) {
            continue;
        }
        const struct lockset *done = before_in(deeds, before[fn], (fn_id){fn}, call->op);
        for (size_t c = 0; c < call->callees.n; c++) {
            const struct lockset **to = &before[call->callees.v[c].i];
            const struct lockset *met =
                *to == NULL ? done : lockset_meet(deeds->flows->pool, *to, done);
            changed |= met != *to;
            *to = met;
        }
    }
    return changed;
}

static const struct lockset **explore(struct deeds *deeds, context_id id)
{
    const struct context *context = &deeds->contexts->v.v[id.i];
    uint32_t n = (uint32_t)deeds->flows->linked->fns.n;
    const struct lockset **before = mem_array(deeds, const struct lockset *, n + 1);

    for (size_t i = 0; i < context->entries.n; i++) {
        before[context->entries.v[i].i] = lockset_empty(deeds->flows->pool);
    }
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t f = 0; f < n; f++) {
            changed |= before[f] != NULL && hand_down(deeds, before, f);
        }
    }
    return before;
}

const struct lockset *deeds_before(struct deeds *deeds, context_id context, fn_id fn, op_id op)
{
    if (deeds->before[context.i] == NULL) {
        deeds->before[context.i] = explore(deeds, context);
    }
    const struct lockset *entry = deeds->before[context.i][fn.i];
    return entry == NULL ? NULL : before_in(deeds, entry, fn, op);
}
