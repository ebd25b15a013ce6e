#include "program/settled.h"

#include "program/asked.h"

enum { MAX_CONDITIONS = 6 }; /* of one op; more are forgotten */

struct conditions {
    uint32_t n;
    struct condition v[MAX_CONDITIONS];
};

/* What a branch says of the blocks behind one of its sides. */
struct decided {
    struct condition condition;
    uint32_t before; /* 1 + index in settled.decided: of the branch before it; 0: none */
};

struct settled {
    const struct accessmap *map;
    const struct contexts *contexts;
    const struct flows *flows;
    struct conditions ***entry; /* by context, then function: what holds on every way in; NULL: no
                                   way is known yet, which stands for every condition (the top of
                                   the lattice); when all is found also: nothing holds */
    bool **dirty;               /* the same: calls have not been told yet; NULL: all is found */
    struct conditions none;     /* the entry of most */
    VEC(struct decided) decided;
    uint32_t **last; /* by function, then block: 1 + index in `decided` of the branch that comes
                        last before it; 0: none; NULL: none in the whole function */
};

/* ---- sets of conditions ---------------------------------------------------------------------- */

static bool same(const struct condition *a, const struct condition *b)
{
    return path_eq(a->variable, b->variable) && a->equal == b->equal && a->value == b->value;
}

static bool has(const struct conditions *set, const struct condition *condition)
{
    for (uint32_t i = 0; i < set->n; i++) {
        if (same(&set->v[i], condition)) {
            return true;
        }
    }
    return false;
}

static void add(struct conditions *set, struct condition condition)
{
    if (set->n < MAX_CONDITIONS && !has(set, &condition)) {
        set->v[set->n++] = condition;
    }
}

/* Keeps in *set what `other` says, too. True: it changed. */
static bool meet(struct conditions *set, const struct conditions *other)
{
    bool changed = false;

    for (uint32_t i = set->n; i-- > 0;) {
        if (!has(other, &set->v[i])) {
            set->v[i] = set->v[--set->n];
            changed = true;
        }
    }
    return changed;
}

/* ---- conditions in one function -------------------------------------------------------------- */

/* The `counts` of asked_by(). */
static bool is_settled(const void *user, path_id path)
{
    const struct settled *s = user;
    const struct accessmap *map = s->map;
    path_id class;

    if (path_is_none(path) || !path_is_exact(s->flows->paths, path)) {
        return false;
    }
    class = path_class(s->flows->paths, path);
    return class.i >= map->n_by_class || map->by_class[class.i] == ID_NONE ||
           map->v.v[map->by_class[class.i]].writes == 0;
}

/* Fills s->last of the function. */
static void find_decided(struct settled *s, fn_id fn)
{
    const struct cfg *cfg = s->flows->linked->fns.v[fn.i].cfg;
    uint32_t *last = mem_array(s->last, uint32_t, cfg->n + 1);
    size_t before = s->decided.n;

    for (uint32_t o = 1; o < cfg->n_order; o++) { /* a block comes behind those that dominate it */
        uint32_t b = cfg->order[o];
        struct condition said;
        last[b] = last[cfg->idom[b]];
        if (asked_by(s->flows, fn, cfg->idom[b], b, is_settled, s, &said)) {
            vec_push(s, &s->decided, (struct decided){said, last[b]});
            last[b] = (uint32_t)s->decided.n;
        }
    }
    if (s->decided.n > before) {
        s->last[fn.i] = last;
    } else {
        talloc_free(last);
    }
}

/* Adds what the branches say that lead to block `b` of the function, the nearest first. */
static void add_branches(const struct settled *s, fn_id fn, uint32_t b, struct conditions *set)
{
    uint32_t first = s->last[fn.i] == NULL ? 0 : s->last[fn.i][b];

    for (uint32_t at = first; at != 0; at = s->decided.v[at - 1].before) {
        add(set, s->decided.v[at - 1].condition);
    }
}

/* ---- over calls ------------------------------------------------------------------------------ */

/* Does nothing hold anywhere in the function? */
static bool holds_nothing(const struct settled *s, context_id c, fn_id fn)
{
    const struct conditions *entry = s->entry[c.i][fn.i];

    return s->last[fn.i] == NULL && (entry == NULL || entry->n == 0);
}

/* What holds at an op when context `c` runs it. */
static struct conditions conditions_at(const struct settled *s, context_id c, fn_id fn, op_id op)
{
    struct conditions set = {.n = 0};

    if (s->entry[c.i][fn.i] != NULL) {
        set = *s->entry[c.i][fn.i];
    }
    add_branches(s, fn, cfg_block_of(s->flows->linked->fns.v[fn.i].cfg, op), &set);
    return set;
}

/* `here` holds on one way more into the function. True: less holds on every way. */
static bool enter(struct settled *s, context_id c, fn_id fn, const struct conditions *here)
{
    struct conditions **entry = &s->entry[c.i][fn.i];
    bool changed = *entry == NULL;

    if (*entry == NULL && here->n == 0) {
        *entry = &s->none;
    } else if (*entry == NULL) {
        *entry = mem_new(s->entry, struct conditions);
        **entry = *here;
    } else if ((*entry)->n > 0) {
        changed = meet(*entry, here);
    }
    s->dirty[c.i][fn.i] |= changed;
    return changed;
}

static bool follow_calls(struct settled *s, context_id c, fn_id fn)
{
    const struct calls *calls = s->flows->calls;
    const struct cfg *cfg = s->flows->linked->fns.v[fn.i].cfg;
    struct conditions here = {.n = 0};
    uint32_t block = ID_NONE; /* that `here` is of */
    bool nothing = holds_nothing(s, c, fn);
    bool changed = false;

    for (uint32_t i = calls->first[fn.i]; i < calls->first[fn.i + 1]; i++) {
        const struct call *call = &calls->v.v[i];
        if (call->callees.n == 0) {
            continue;
        }
        if (!nothing && block != cfg_block_of(cfg, call->op)) {
            block = cfg_block_of(cfg, call->op);
            here = conditions_at(s, c, fn, call->op);
        }
        for (size_t t = 0; t < call->callees.n; t++) {
            changed |= enter(s, c, call->callees.v[t], &here);
            if (call->callees.v[t].i == fn.i) {
                block = ID_NONE; /* less holds here, too */
            }
        }
    }
    return changed;
}

/* What holds where the thread is started holds in it. */
static bool follow_creation(struct settled *s, context_id c)
{
    const struct context *context = &s->contexts->v.v[c.i];
    struct conditions start = {.n = 0};
    bool known = false;
    bool changed = false;

    for (size_t i = 0; i < context->created.n; i++) {
        struct site site = context->created.v[i];
        for (uint32_t creator = 0; creator < s->contexts->v.n; creator++) {
            if (contexts_reaches(s->contexts, &s->contexts->v.v[creator], (fn_id){site.fn})) {
                struct conditions here =
                    conditions_at(s, (context_id){creator}, (fn_id){site.fn}, (op_id){site.op});
                if (known) {
                    (void)meet(&start, &here);
                } else {
                    start = here;
                }
                known = true;
            }
        }
    }
    for (size_t i = 0; i < context->entries.n; i++) {
        changed |= enter(s, c, context->entries.v[i], &start);
    }
    return changed;
}

static bool follow_context(struct settled *s, context_id c)
{
    uint32_t n_fns = (uint32_t)s->flows->linked->fns.n;
    bool changed = follow_creation(s, c);

    for (uint32_t f = 0; f < n_fns; f++) {
        if (s->dirty[c.i][f]) {
            s->dirty[c.i][f] = false;
            changed |= follow_calls(s, c, (fn_id){f});
        }
    }
    return changed;
}

/* Keeps of the entries those that say something: hardly any. */
static void keep_entries(struct settled *s, uint32_t n_fns)
{
    for (size_t c = 0; c < s->contexts->v.n; c++) {
        for (uint32_t f = 0; f < n_fns; f++) {
            if (s->entry[c][f] != NULL && s->entry[c][f]->n == 0) {
                if (s->entry[c][f] != &s->none) {
                    talloc_free(s->entry[c][f]);
                }
                s->entry[c][f] = NULL;
            }
        }
    }
}

struct settled *settled_build(void *owner, const struct accessmap *map)
{
    struct settled *s = mem_new(owner, struct settled);
    uint32_t n_fns = (uint32_t)map->contexts->flows->linked->fns.n;

    s->map = map;
    s->contexts = map->contexts;
    s->flows = map->contexts->flows;
    s->last = mem_array(s, uint32_t *, n_fns + 1);
    for (uint32_t f = 0; f < n_fns; f++) {
        find_decided(s, (fn_id){f});
    }
    s->entry = mem_array(s, struct conditions **, s->contexts->v.n + 1);
    s->dirty = mem_array(s, bool *, s->contexts->v.n + 1);
    for (uint32_t c = 0; c < s->contexts->v.n; c++) {
        s->dirty[c] = mem_array(s->dirty, bool, n_fns + 1);
        s->entry[c] = mem_array(s->entry, struct conditions *, n_fns + 1);
    }
    for (bool changed = true; changed;) { /* ends: sets only get smaller */
        changed = false;
        for (uint32_t c = 0; c < s->contexts->v.n; c++) {
            changed |= follow_context(s, (context_id){c});
        }
    }
    TALLOC_FREE(s->dirty);
    keep_entries(s, n_fns);
    return s;
}

bool settled_exclude(const struct settled *settled, struct moment a, struct moment b)
{
    const struct contexts *contexts = settled->contexts;
    struct conditions x = conditions_at(settled, contexts->phases.v[a.phase.i].context, a.fn, a.op);
    struct conditions y = conditions_at(settled, contexts->phases.v[b.phase.i].context, b.fn, b.op);

    for (uint32_t i = 0; i < x.n; i++) {
        for (uint32_t j = 0; j < y.n; j++) {
            if (condition_contradict(&x.v[i], &y.v[j])) {
                return true;
            }
        }
    }
    return false;
}
