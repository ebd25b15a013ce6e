#include "program/masks.h"

#include <string.h>

/* What a change of the signal mask does; the values are those of SIG_BLOCK and so on in glibc and
 * musl (signal.h). */
enum mask_change {
    MASK_BLOCK,
    MASK_UNBLOCK,
    MASK_SET,
};

/* Signals are held back or not when a function is entered: what holds when it returns. */
struct mask_effect {
    bool from_open;
    bool from_blocked;
};

struct masks {
    const struct contexts *contexts;
    const struct flows *flows;
    struct mask_effect *effects; /* by fn */
    bool *seen;                  /* by fn, of the context at hand: it gets there... */
    bool *blocked;               /* ... with signals held back on every way */
    bool *before[2]; /* by call (its index in calls.v): are signals held back before it, if they are
                        not (or are) when its function is entered? Valid where `known` is */
    bool *known[2];  /* by fn */
    const struct ir_op *watched; /* an op that is asked for, not a call; NULL */
    bool blocked_there;          /* are signals held back before it? */
};

/* ---- the mask, along a function -------------------------------------------------------------- */

static bool constant_arg(const struct flows *flows, const struct call *call, int arg, int64_t *ret)
{
    value_id value = call_arg(flows->linked, call, arg);

    if (value.i == ID_NONE) {
        return false;
    }
    const struct ir_value *v = &flows->linked->fns.v[call->fn.i].ir->values.v[value.i];
    *ret = v->u.number;
    return v->kind == IR_VALUE_INT;
}

/* A mask that is set while the old one is saved holds signals back; one without is the old one. */
static bool after_change(const struct masks *masks, const struct call *call, bool blocked)
{
    int mask = call->model->signal_mask;
    int64_t how;
    int64_t set;
    int64_t old;

    if (constant_arg(masks->flows, call, mask, &set) && set == 0) {
        return blocked; /* NULL: it only asks */
    }
    if (!constant_arg(masks->flows, call, mask - 1, &how) || how == MASK_UNBLOCK) {
        return false;
    }
    bool saves = !constant_arg(masks->flows, call, mask + 1, &old) || old != 0;
    return how == MASK_BLOCK || (how == MASK_SET && saves);
}

static bool after_call(const struct masks *masks, const struct call *call, bool blocked)
{
    if (call->model != NULL) {
        return call->model->signal_mask > 1 ? after_change(masks, call, blocked) : blocked;
    }
    bool all = true;
    for (size_t i = 0; i < call->callees.n; i++) {
        const struct mask_effect *effect = &masks->effects[call->callees.v[i].i];
        all = all && (blocked ? effect->from_blocked : effect->from_open);
    }
    return call->callees.n == 0 ? blocked : all;
}

/* One way through the block: what holds behind it. Notes what holds before each call. */
static bool through_block(struct masks *masks, fn_id fn, const struct ir_block *block, bool entry,
                          bool blocked)
{
    const struct calls *calls = masks->flows->calls;
    const struct ir_fn *ir = masks->flows->linked->fns.v[fn.i].ir;

    for (uint32_t i = block->first_op; i < block->first_op + block->n_ops; i++) {
        if (ir->ops.v[i].kind == IR_CALL) {
            const struct call *call = calls_at(calls, fn, (op_id){i});
            masks->before[entry][call - calls->v.v] = blocked;
            blocked = after_call(masks, call, blocked);
        } else if (&ir->ops.v[i] == masks->watched) {
            masks->blocked_there = blocked;
        }
    }
    return blocked;
}

/* Are signals held back when the function returns, if they are (or are not) when it is entered?
 * Sets masks->before of its calls. */
static bool follow(struct masks *masks, fn_id fn, bool entry)
{
    const struct cfg *cfg = masks->flows->linked->fns.v[fn.i].cfg;
    bool *in = mem_array(NULL, bool, cfg->n + 1);
    bool at_end = true;

    for (uint32_t b = 0; b < cfg->n; b++) {
        in[b] = b != 0 || entry;
    }
    for (bool changed = true; changed;) {
        changed = false;
        at_end = true;
        for (uint32_t o = 0; o < cfg->n_order; o++) {
            const struct ir_block *block = &cfg->fn->blocks.v[cfg->order[o]];
            bool blocked = through_block(masks, fn, block, entry, in[cfg->order[o]]);
            at_end = block->term == IR_RETURN ? at_end && blocked : at_end;
            for (uint32_t e = 0; e < block->n_succs; e++) {
                bool *to = &in[cfg->fn->succs.v[block->first_succ + e].block.i];
                changed |= *to && !blocked;
                *to = *to && blocked;
            }
        }
    }
    talloc_free(in);
    return at_end;
}

/* Does the call leave the mask as it is? */
static bool keeps_mask(const struct masks *masks, const struct call *call)
{
    bool keeps = call->model == NULL || call->model->signal_mask <= 1;

    for (size_t i = 0; keeps && call->model == NULL && i < call->callees.n; i++) {
        const struct mask_effect *effect = &masks->effects[call->callees.v[i].i];
        keeps = effect->from_blocked && !effect->from_open;
    }
    return keeps;
}

/* Do all calls of the function? Most functions have nothing to do with signals. */
static bool all_keep_mask(const struct masks *masks, fn_id fn)
{
    const struct calls *calls = masks->flows->calls;
    bool keep = true;

    for (uint32_t i = calls->first[fn.i]; keep && i < calls->first[fn.i + 1]; i++) {
        keep = keeps_mask(masks, &calls->v.v[i]);
    }
    return keep;
}

static bool can_return(const struct cfg *cfg)
{
    bool returns = false;

    for (uint32_t o = 0; !returns && o < cfg->n_order; o++) {
        returns = cfg->fn->blocks.v[cfg->order[o]].term == IR_RETURN;
    }
    return returns;
}

static struct mask_effect effect_of(struct masks *masks, fn_id fn)
{
    if (all_keep_mask(masks, fn)) {
        bool returns = can_return(masks->flows->linked->fns.v[fn.i].cfg);
        return (struct mask_effect){.from_open = !returns, .from_blocked = true};
    }
    return (struct mask_effect){follow(masks, fn, false), follow(masks, fn, true)};
}

/* Finds out what holds before the calls of the function. */
static void know_calls(struct masks *masks, fn_id fn, bool entry)
{
    const struct calls *calls = masks->flows->calls;
    const struct cfg *cfg = masks->flows->linked->fns.v[fn.i].cfg;

    masks->known[entry][fn.i] = true;
    if (!all_keep_mask(masks, fn)) {
        (void)follow(masks, fn, entry);
        return;
    }
    for (uint32_t i = calls->first[fn.i]; i < calls->first[fn.i + 1]; i++) {
        bool reachable = cfg->position[cfg_block_of(cfg, calls->v.v[i].op)] != ID_NONE;
        masks->before[entry][i] = entry || !reachable;
    }
}

/* Are signals held back before this call? */
static bool blocked_before(struct masks *masks, const struct call *call, bool entry)
{
    if (!masks->known[entry][call->fn.i]) {
        know_calls(masks, call->fn, entry);
    }
    return masks->before[entry][call - masks->flows->calls->v.v];
}

/* Nothing is held back or let in before a call that is never come to. */
static void make_room(struct masks *masks)
{
    size_t n_calls = masks->flows->calls->v.n;

    for (int entry = 0; entry < 2; entry++) {
        masks->known[entry] = mem_array(masks, bool, masks->flows->linked->fns.n + 1);
        masks->before[entry] = mem_array(masks, bool, n_calls + 1);
        memset(masks->before[entry], true, n_calls * sizeof *masks->before[entry]);
    }
}

static void find_effects(struct masks *masks)
{
    const struct bottom_up *order = calls_bottom_up(masks->flows->calls);

    masks->effects = mem_array(masks, struct mask_effect, masks->flows->linked->fns.n + 1);
    for (size_t i = 0; i < order->n; i++) {
        masks->effects[order->order[i].i] = (struct mask_effect){false, true};
    }
    for (size_t i = 0; i < order->n; i++) {
        masks->effects[order->order[i].i] = effect_of(masks, order->order[i]);
    }
}

/* ---- the mask, along a context --------------------------------------------------------------- */

/* Functions whose calls are to be looked at (again). */
struct entered {
    fn_id *v;
    size_t n;
};

static void enter(struct masks *masks, struct entered *entered, fn_id fn, bool blocked)
{
    bool changed = !masks->seen[fn.i] || (masks->blocked[fn.i] && !blocked);

    masks->blocked[fn.i] = masks->seen[fn.i] ? masks->blocked[fn.i] && blocked : blocked;
    masks->seen[fn.i] = true;
    if (changed) {
        entered->v[entered->n++] = fn;
    }
}

static void follow_calls(struct masks *masks, struct entered *entered, fn_id fn)
{
    const struct calls *calls = masks->flows->calls;

    for (uint32_t i = calls->first[fn.i]; i < calls->first[fn.i + 1]; i++) {
        const struct call *call = &calls->v.v[i];
        bool blocked = call->callees.n > 0 && blocked_before(masks, call, masks->blocked[fn.i]);
        for (size_t c = 0; c < call->callees.n; c++) {
            enter(masks, entered, call->callees.v[c], blocked);
        }
    }
}

void masks_explore(struct masks *masks, const struct context *context)
{
    uint32_t n = (uint32_t)masks->flows->linked->fns.n;
    struct entered entered = {mem_array(NULL, fn_id, 2 * (size_t)n + 1),
                              0}; /* each twice at most */

    talloc_free(masks->seen);
    talloc_free(masks->blocked);
    masks->seen = mem_array(masks, bool, n + 1);
    masks->blocked = mem_array(masks, bool, n + 1);
    for (size_t i = 0; i < context->entries.n; i++) {
        enter(masks, &entered, context->entries.v[i], false);
    }
    while (entered.n > 0) {
        follow_calls(masks, &entered, entered.v[--entered.n]);
    }
    talloc_free(entered.v);
}

struct masks *masks_new(void *owner, const struct contexts *contexts)
{
    struct masks *masks = mem_new(owner, struct masks);

    masks->contexts = contexts;
    masks->flows = contexts->flows;
    make_room(masks);
    find_effects(masks);
    return masks;
}

bool masks_reaches(const struct masks *masks, fn_id fn)
{
    return masks->seen[fn.i];
}

bool masks_blocked_before(struct masks *masks, const struct call *call)
{
    return blocked_before(masks, call, masks->blocked[call->fn.i]);
}

bool masks_blocked_at(struct masks *masks, fn_id fn, op_id op)
{
    masks->watched = &masks->flows->linked->fns.v[fn.i].ir->ops.v[op.i];
    masks->blocked_there = true;
    (void)follow(masks, fn, masks->blocked[fn.i]);
    masks->watched = NULL;
    return masks->blocked_there;
}
