#include "program/handover.h"

#include "program/depends.h"

enum { MAX_STEPS = 4 }; /* callers that are looked at */

struct handover {
    const struct contexts *contexts;
    struct depends **depends; /* by fn; NULL: not asked for yet */
};

/* The access, or the call that leads to it: an op on the way. */
struct way {
    struct moment v[MAX_STEPS];
    unsigned n;
};

struct handover *handover_new(void *owner, const struct contexts *contexts)
{
    struct handover *handover = mem_new(owner, struct handover);

    handover->contexts = contexts;
    handover->depends = mem_array(handover, struct depends *, contexts->flows->linked->fns.n + 1);
    return handover;
}

static struct way way_of(const struct contexts *contexts, const struct access *access)
{
    struct way way = {.n = 0};
    struct moment at = {access->phase, access->fn, access->op};

    while (way.n < MAX_STEPS && at.fn.i != UINT32_MAX) {
        const struct reach *reach = &contexts->phases.v[at.phase.i].reach[at.fn.i];
        way.v[way.n++] = at;
        at = (struct moment){reach->caller_phase, reach->caller, reach->call};
    }
    return way;
}

static const struct prog_fn *body_of(const struct handover *h, fn_id fn)
{
    return &h->contexts->flows->linked->fns.v[fn.i];
}

static path_id path_at(const struct handover *h, struct moment m)
{
    const struct ir_op *op = &body_of(h, m.fn)->ir->ops.v[m.op.i];

    if (op->kind == IR_CALL) {
        return PATH_NONE;
    }
    return contexts_absolute(h->contexts, m.fn,
                             flow_place(h->contexts->flows, m.fn, op->u.access.place));
}

/* Does the look see what was done before the store? */
static bool synchronise(const struct handover *h, struct moment store, struct moment look)
{
    enum ir_order released = body_of(h, store.fn)->ir->ops.v[store.op.i].order;
    enum ir_order acquired = body_of(h, look.fn)->ir->ops.v[look.op.i].order;

    if (released >= IR_ORDER_RELEASE && acquired >= IR_ORDER_CONSUME &&
        acquired != IR_ORDER_RELEASE) {
        return true;
    }
    const struct lockset *x = contexts_held_at(h->contexts, store.phase, store.fn, store.op);
    const struct lockset *y = contexts_held_at(h->contexts, look.phase, look.fn, look.op);
    for (uint32_t i = 0; x != NULL && y != NULL && i < x->n; i++) {
        if (lockset_find(y, x->v[i].lock) != NULL) {
            return true;
        }
    }
    return false;
}

/* Is the flag of `look` stored to after `done`, each time? */
static bool is_told_after(const struct handover *h, struct moment done, struct moment look,
                          path_id flag)
{
    const struct prog_fn *body = body_of(h, done.fn);
    uint32_t from = cfg_block_of(body->cfg, done.op);

    for (uint32_t i = 0; i < body->ir->ops.n; i++) {
        const struct ir_op *op = &body->ir->ops.v[i];
        struct moment store = {done.phase, done.fn, {i}};
        if (op->kind != IR_WRITE && op->kind != IR_RMW) {
            continue;
        }
        uint32_t to = cfg_block_of(body->cfg, store.op);
        bool after = to == from ? i > done.op.i : cfg_dominates(body->cfg, from, to);
        if (after && path_eq(path_at(h, store), flag) && synchronise(h, store, look)) {
            return true;
        }
    }
    return false;
}

/* Does block `branch` let only one of its sides come to block `to`? */
static bool decides(const struct prog_fn *body, uint32_t branch, uint32_t to)
{
    const struct ir_block *block = &body->ir->blocks.v[branch];

    for (uint32_t e = 0; e < block->n_succs && block->term == IR_BRANCH; e++) {
        uint32_t succ = body->ir->succs.v[block->first_succ + e].block.i;
        if (succ != branch && cfg_dominates(body->cfg, succ, to)) {
            return true;
        }
    }
    return false;
}

static bool is_told(const struct handover *h, const struct way *done, struct moment look)
{
    path_id flag = path_at(h, look);

    for (unsigned i = 0; i < done->n && !path_is_none(flag); i++) {
        if (is_told_after(h, done->v[i], look, flag)) {
            return true;
        }
    }
    return false;
}

/* Does `next` only happen after a look at a flag that is set when `done` is over? */
static bool comes_after(struct handover *h, const struct way *done, struct moment next)
{
    const struct prog_fn *body = body_of(h, next.fn);
    uint32_t to = cfg_block_of(body->cfg, next.op);
    struct depends **depends = &h->depends[next.fn.i];

    for (uint32_t b = 0; b < body->cfg->n; b++) {
        if (b == to || body->cfg->position[b] == ID_NONE || !cfg_dominates(body->cfg, b, to) ||
            !decides(body, b, to)) {
            continue;
        }
        *depends = *depends == NULL ? depends_new(h, body) : *depends;
        const struct op_list *looks = depends_of_block(*depends, b);
        for (size_t i = 0; i < looks->n; i++) {
            if (is_told(h, done, (struct moment){next.phase, next.fn, looks->v[i]})) {
                return true;
            }
        }
    }
    return false;
}

static bool hands_over(struct handover *h, const struct way *done, const struct way *next)
{
    for (unsigned i = 0; i < next->n; i++) {
        if (comes_after(h, done, next->v[i])) {
            return true;
        }
    }
    return false;
}

/* Can the context come here more than once? */
static bool comes_again(const struct handover *h, const struct access *access,
                        const struct way *way)
{
    bool again = h->contexts->v.v[access->context.i].many;

    for (unsigned i = 0; i < way->n; i++) {
        again = again || cfg_op_repeats(body_of(h, way->v[i].fn)->cfg, way->v[i].op);
    }
    return again;
}

bool handover_orders(struct handover *h, const struct access *a, const struct access *b)
{
    struct way x = way_of(h->contexts, a);
    struct way y = way_of(h->contexts, b);
    bool forth = hands_over(h, &x, &y);
    bool back = hands_over(h, &y, &x);

    return (forth && (back || !comes_again(h, a, &x))) ||
           (back && (forth || !comes_again(h, b, &y)));
}
