/* What went into the effects of a function, and what came out, in each round: so that after an edit
 * a function is looked at again only where something new goes in, and its callers only where
 * something new comes out (early cutoff, as in flow_update.c).
 */
#include "program/effects_look.h"

#include <string.h>

struct standing_of {
    path_id path;
    enum standing standing;
};

struct round_result {
    bool looked;
    struct fn_effects *found; /* NULL: no effects */
};

struct memo {
    uint32_t edition; /* in which the function was asked for last */
    bool touched;     /* it is another one since */
    bool holds;       /* the same goes in as in the edition before, from its callees perhaps not */
    bool known;       /* `before` is what was found in the edition before */
    fn_id first;      /* of its component, ... */
    uint32_t n;       /* ... the size of that, ... */
    uint32_t place;   /* ... and where it stands there */
    uint64_t calls;   /* calls_digest() */
    uint32_t out_params;
    VEC(struct seen_op) seen;
    VEC(struct standing_of) asked;
    struct round_result rounds[MAX_ROUNDS];
    struct round_result before[MAX_ROUNDS];
    const struct fn_effects *was; /* what was known, at this moment, in the edition before */
    bool same;                    /* the same is known now */
};

static struct memo *memo_of(const struct effects *effects, fn_id fn)
{
    return effects->memos[fn.i];
}

/* ---- what goes in ---------------------------------------------------------------------------- */

static enum standing find_standing(const struct effects *effects, fn_id fn, path_id path)
{
    const struct variable *variable = accessmap_find(effects->map, fn, path);

    return variable == NULL || !variable->shared ? STANDING_NONE
           : path_is_none(variable->guard)       ? STANDING_SHARED
                                                 : STANDING_GUARDED;
}

enum standing memo_standing(const struct effects *effects, fn_id fn, path_id path)
{
    struct memo *memo = memo_of(effects, fn);

    for (size_t i = 0; i < memo->asked.n; i++) {
        if (path_eq(memo->asked.v[i].path, path)) {
            return memo->asked.v[i].standing;
        }
    }
    struct standing_of asked = {path, find_standing(effects, fn, path)};
    vec_push(memo, &memo->asked, asked);
    return asked.standing;
}

static bool same_standings(const struct effects *effects, fn_id fn, const struct memo *memo)
{
    bool same = true;

    for (size_t i = 0; i < memo->asked.n && same; i++) {
        same = find_standing(effects, fn, memo->asked.v[i].path) == memo->asked.v[i].standing;
    }
    return same;
}

static bool same_seen(const struct memo *memo, const struct seen_ops *seen)
{
    bool same = memo->seen.n == seen->v.n;

    for (size_t i = 0; i < seen->v.n && same; i++) {
        same = memo->seen.v[i].op.i == seen->v.v[i].op.i &&
               path_eq(memo->seen.v[i].path, seen->v.v[i].path);
    }
    return same;
}

static bool is_as_before(const struct effects *effects, fn_id fn, const struct memo *memo)
{
    return memo->known && !memo->touched &&
           memo->calls == calls_digest(effects->flows->calls, fn) &&
           memo->out_params == out_params_all(effects->out_params, fn) &&
           same_seen(memo, accessmap_seen_ops(effects->map, fn)) &&
           same_standings(effects, fn, memo);
}

static void note_input(const struct effects *effects, fn_id fn, struct memo *memo)
{
    const struct seen_ops *seen = accessmap_seen_ops(effects->map, fn);

    memo->calls = calls_digest(effects->flows->calls, fn);
    memo->out_params = out_params_all(effects->out_params, fn);
    memo->seen.n = 0;
    for (size_t i = 0; i < seen->v.n; i++) {
        vec_push(memo, &memo->seen, seen->v.v[i]);
    }
    memo->asked.n = 0;
}

/* Is of each callee the same known as was then? One that nobody has asked for in either edition
 * does not matter to the function. */
static bool callees_are_as_before(struct effects *effects, fn_id fn)
{
    const struct calls *calls = effects->flows->calls;

    for (uint32_t c = calls->first[fn.i]; c < calls->first[fn.i + 1]; c++) {
        const struct call *call = &calls->v.v[c];
        for (size_t i = 0; call->model == NULL && i < call->callees.n; i++) {
            fn_id callee = call->callees.v[i];
            const struct memo *memo = memo_of(effects, callee);
            if (memo != NULL && !effects->found[callee.i] &&
                memo->edition + 1 == effects->edition) {
                (void)effects_of_fn(effects, callee);
            }
            if (effects->found[callee.i] && !memo_of(effects, callee)->same) {
                return false;
            }
        }
    }
    return true;
}

/* ---- what comes out -------------------------------------------------------------------------- */

static bool same_effects(const struct effect *a, const struct effect *b, uint32_t n)
{
    bool same = true;

    for (uint32_t i = 0; i < n && same; i++) {
        same = path_eq(a[i].path, b[i].path) && a[i].depth == b[i].depth &&
               a[i].slot == b[i].slot && a[i].field == b[i].field && a[i].atomic == b[i].atomic &&
               a[i].counts == b[i].counts && a[i].sets == b[i].sets && a[i].shift == b[i].shift &&
               a[i].perhaps == b[i].perhaps && a[i].at_times == b[i].at_times;
    }
    return same;
}

/* To the last detail, unlike what ends the rounds. */
static bool is_identical(const struct fn_effects *a, const struct fn_effects *b)
{
    return a == b || (a != NULL && b != NULL && a->n_told == b->n_told &&
                      a->n_changed == b->n_changed && same_effects(a->told, b->told, a->n_told) &&
                      same_effects(a->changed, b->changed, a->n_changed));
}

bool memo_recall(struct effects *effects, fn_id fn, uint32_t round,
                 const struct fn_effects **ret_found)
{
    struct memo *memo = memo_of(effects, fn);

    if (!memo->holds || !memo->before[round].looked || !callees_are_as_before(effects, fn)) {
        return false;
    }
    *ret_found = memo_put(effects, fn, round, memo->before[round].found);
    return true;
}

const struct fn_effects *memo_put(struct effects *effects, fn_id fn, uint32_t round,
                                  const struct fn_effects *found)
{
    struct memo *memo = memo_of(effects, fn);
    struct round_result *result = &memo->rounds[round];

    result->looked = true;
    if (found != NULL) {
        result->found = mem_new(memo, struct fn_effects);
        *result->found = *found;
    }
    return result->found;
}

void memo_passed(struct effects *effects, fn_id fn, uint32_t round)
{
    struct memo *memo = memo_of(effects, fn);

    memo->was = effects_join(memo->was, memo->before[round].found);
    memo->same = memo->known && is_identical(memo->was, effects->v[fn.i]);
}

/* ---- a component ----------------------------------------------------------------------------- */

static void drop_results(struct round_result *results)
{
    for (uint32_t round = 0; round < MAX_ROUNDS; round++) {
        talloc_free(results[round].found);
        results[round] = (struct round_result){false, NULL};
    }
}

/* Makes ready for the edition: what was found in the one before, if that is known, is put aside. */
static struct memo *turn_over(struct effects *effects, fn_id fn)
{
    if (effects->memos[fn.i] == NULL) {
        effects->memos[fn.i] = mem_new(effects->memos, struct memo);
    }
    struct memo *memo = effects->memos[fn.i];
    memo->known = memo->edition != 0 && memo->edition + 1 == effects->edition;
    memcpy(memo->before, memo->rounds, sizeof memo->before);
    memset(memo->rounds, 0, sizeof memo->rounds);
    if (!memo->known) {
        drop_results(memo->before);
    }
    memo->edition = effects->edition;
    memo->was = NULL;
    memo->same = memo->known;
    effects->found[fn.i] = true;
    return memo;
}

/* Is it the component that it was? Notes what it is now. */
static bool is_same_component(const struct effects *effects, const struct component *component)
{
    bool same = true;

    for (uint32_t i = 0; i < component->n; i++) {
        struct memo *memo = memo_of(effects, component->fns[i]);
        same = same && memo->known && memo->first.i == component->fns[0].i &&
               memo->n == component->n && memo->place == i;
        memo->first = component->fns[0];
        memo->n = component->n;
        memo->place = i;
    }
    return same;
}

void memo_begin(struct effects *effects, const struct component *component)
{
    for (uint32_t i = 0; i < component->n; i++) {
        (void)turn_over(effects, component->fns[i]);
    }
    bool same = is_same_component(effects, component);
    for (uint32_t i = 0; i < component->n; i++) {
        fn_id fn = component->fns[i];
        struct memo *memo = memo_of(effects, fn);
        memo->holds = same && is_as_before(effects, fn, memo);
        memo->touched = false;
        if (!memo->holds) {
            note_input(effects, fn, memo);
        }
    }
}

void memo_end(struct effects *effects, const struct component *component)
{
    for (uint32_t i = 0; i < component->n; i++) {
        struct memo *memo = memo_of(effects, component->fns[i]);
        memo->was = NULL; /* there may have been more rounds than now */
        for (uint32_t round = 0; round < MAX_ROUNDS; round++) {
            memo->was = effects_join(memo->was, memo->before[round].found);
        }
        memo->same = memo->known && is_identical(memo->was, effects->v[component->fns[i].i]);
        drop_results(memo->before);
        memo->was = NULL;
    }
}

void memo_touch(struct effects *effects, const bool *touched)
{
    for (size_t i = 0; i < effects->flows->linked->fns.n; i++) {
        if (effects->memos[i] != NULL) {
            effects->memos[i]->touched = effects->memos[i]->touched || touched[i];
        }
    }
    effects->edition++;
}
