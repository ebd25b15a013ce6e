#include "program/meetings.h"

#include "program/rounds.h"
#include "program/separation.h"

#include <stdlib.h>

enum { MAX_PLACES = 100 }; /* of a function in one phase: beyond, only where it holds other locks */

/* A place that stands for what follows it. */
struct place {
    struct moment at;
    const struct lockset *held;
};

struct places {
    VEC(struct place) v;
};

/* The places of `fn` in a phase; with `by_block` also where a block begins. */
static void find_places(void *owner, const struct contexts *contexts, phase_id phase, fn_id fn,
                        bool by_block, struct places *ret)
{
    const struct prog_fn *body = &contexts->flows->linked->fns.v[fn.i];
    const struct lockset *running = NULL;
    const struct lockset *before = NULL;
    uint32_t block = ID_NONE;

    *ret = (struct places){.v = {NULL, 0}};
    for (uint32_t i = 0; i < body->ir->ops.n; i++) {
        struct moment at = {phase, fn, {i}};
        const struct lockset *held = contexts_held_at(contexts, phase, fn, at.op);
        if (held == NULL) {
            continue;
        }
        const struct lockset *threads = contexts_running_at(contexts, at);
        uint32_t in = by_block ? cfg_block_of(body->cfg, at.op) : ID_NONE;
        if (before == NULL || held != before || threads != running || in != block) {
            vec_push(owner, &ret->v, (struct place){at, held});
        }
        before = held;
        running = threads;
        block = in;
    }
}

static struct places places_of(void *owner, const struct contexts *contexts, phase_id phase,
                               fn_id fn)
{
    struct places places = {.v = {NULL, 0}};

    if (contexts->phases.v[phase.i].reach[fn.i].yes) {
        find_places(owner, contexts, phase, fn, true, &places);
        if (places.v.n > MAX_PLACES) {
            find_places(owner, contexts, phase, fn, false, &places);
        }
    }
    return places;
}

/* Locks in both, of which who holds one keeps the other out. `certain`: only single objects. */
static const struct lockset *common_locks(const struct contexts *contexts, const struct lockset *a,
                                          const struct lockset *b, bool certain)
{
    struct lockset_pool *pool = contexts->flows->pool;
    const struct lockset *common = lockset_empty(pool);

    for (uint32_t i = 0; i < a->n; i++) {
        const struct token *mine = &a->v[i];
        const struct token *theirs = lockset_find(b, mine->lock);
        if (theirs != NULL && (mine->mode == TOKEN_EXCLUSIVE || theirs->mode == TOKEN_EXCLUSIVE) &&
            (!certain || path_is_exact(contexts->flows->paths, mine->lock))) {
            common = lockset_add(pool, common,
                                 (struct token){mine->lock, TOKEN_EXCLUSIVE, 1, SITE_NONE});
        }
    }
    return common;
}

static bool is_handler(const struct context *context)
{
    return context->kind == CONTEXT_SIGNAL || context->kind == CONTEXT_EXIT;
}

/* Why contexts don't overlap. */
static enum apart why_never(const struct contexts *contexts, context_id a, context_id b)
{
    const struct context *x = &contexts->v.v[a.i];
    const struct context *y = &contexts->v.v[b.i];

    if (a.i == b.i) {
        return APART_ONE_THREAD;
    }
    if ((x->programs & y->programs) == 0) {
        return APART_PROGRAMS;
    }
    return is_handler(x) || is_handler(y) ? APART_INTERRUPTS : APART_LOADED;
}

/* Why two moments of contexts that overlap don't meet. */
static enum apart why_not(const struct contexts *contexts, struct moment a, struct moment b)
{
    const struct settled *settled = separation_settled(contexts->separation);
    const struct errands *errands = separation_errands(contexts->separation);

    if (contexts_meet(contexts, a, b)) {
        return APART_NOT;
    }
    if (rounds_apart(contexts->rounds, a, b)) {
        return APART_BARRIER;
    }
    if (settled != NULL && settled_exclude(settled, a, b)) {
        return APART_SETTINGS;
    }
    if (errands != NULL && errands_apart(errands, a, b)) {
        return APART_ERRANDS;
    }
    if (said_apart(contexts->said, contexts, a, b)) {
        return APART_SAID;
    }
    uint64_t programs = contexts->phases.v[a.phase.i].reach[a.fn.i].programs &
                        contexts->phases.v[b.phase.i].reach[b.fn.i].programs;
    return programs == 0 ? APART_PROGRAMS : APART_NOT_RUNNING;
}

/* Locks that two places have in common: notes them for the whole pair. */
static void note_common(const struct contexts *contexts, const struct lockset *common,
                        struct meeting *pair)
{
    struct lockset_pool *pool = contexts->flows->pool;

    pair->always = pair->always == NULL ? common : lockset_meet(pool, pair->always, common);
    pair->common = lockset_join(pool, pair->common, common);
}

/* What becomes of a pair when two places of it are looked at. */
static void look_at(const struct contexts *contexts, const struct place *a, const struct place *b,
                    bool overlap, struct meeting *pair)
{
    enum apart apart = overlap ? why_not(contexts, a->at, b->at)
                               : why_never(contexts, pair->a.context, pair->b.context);

    if (apart == APART_NOT) {
        const struct lockset *common = common_locks(contexts, a->held, b->held, true);
        note_common(contexts, common, pair);
        apart = common->n > 0 ? APART_LOCK : APART_NOT;
    }
    if (apart < pair->apart) {
        pair->apart = apart;
        pair->a.at = a->at;
        pair->a.held = a->held;
        pair->b.at = b->at;
        pair->b.held = b->held;
        pair->alike = common_locks(contexts, a->held, b->held, false);
    }
}

static void look_at_phases(const struct contexts *contexts, fn_id a, fn_id b, struct meeting *pair)
{
    const struct context *x = &contexts->v.v[pair->a.context.i];
    const struct context *y = &contexts->v.v[pair->b.context.i];
    bool overlap = contexts_overlap(contexts, pair->a.context, pair->b.context);

    for (size_t i = 0; i < x->phases.n; i++) {
        void *scratch = mem_owner(NULL, "places");
        struct places of_a = places_of(scratch, contexts, x->phases.v[i], a);
        for (size_t j = 0; j < y->phases.n && of_a.v.n > 0; j++) {
            struct places of_b = places_of(scratch, contexts, y->phases.v[j], b);
            for (size_t k = 0; k < of_a.v.n; k++) {
                for (size_t m = 0; m < of_b.v.n; m++) {
                    look_at(contexts, &of_a.v.v[k], &of_b.v.v[m], overlap, pair);
                }
            }
        }
        talloc_free(scratch);
    }
}

static int least_apart_first(const void *a, const void *b)
{
    const struct meeting *x = a;
    const struct meeting *y = b;

    if (x->apart != y->apart) {
        return x->apart < y->apart ? -1 : 1;
    }
    if (x->a.context.i != y->a.context.i) {
        return x->a.context.i < y->a.context.i ? -1 : 1;
    }
    return (x->b.context.i > y->b.context.i) - (x->b.context.i < y->b.context.i);
}

struct meetings *meetings_of(void *owner, const struct contexts *contexts, fn_id a, fn_id b)
{
    enum { NOTHING_SEEN = APART_SAID + 1 };
    struct meetings *out = mem_new(owner, struct meetings);

    for (uint32_t x = 0; x < contexts->v.n; x++) {
        for (uint32_t y = 0; y < contexts->v.n; y++) {
            struct meeting pair = {.apart = (enum apart)NOTHING_SEEN,
                                   .a.context = {x},
                                   .b.context = {y},
                                   .common = lockset_empty(contexts->flows->pool),
                                   .alike = lockset_empty(contexts->flows->pool)};
            if ((a.i == b.i && y < x) || !contexts_reaches(contexts, &contexts->v.v[x], a) ||
                !contexts_reaches(contexts, &contexts->v.v[y], b)) {
                continue;
            }
            look_at_phases(contexts, a, b, &pair);
            if ((int)pair.apart != NOTHING_SEEN) {
                vec_push(out, &out->v, pair);
            }
        }
    }
    if (out->v.n > 0) {
        qsort(out->v.v, out->v.n, sizeof *out->v.v, least_apart_first);
    }
    return out;
}
