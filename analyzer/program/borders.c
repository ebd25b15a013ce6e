#include "program/borders.h"

enum { MAX_UP = 16 }; /* callers above each other that are asked */

/* The calls of one function. */
struct callers {
    VEC(const struct call *) v;
    bool starts; /* a thread, or main, starts here */
};

struct borders {
    const struct flows *flows;
    struct callers *callers; /* by fn */
};

/* One question: what has been looked at is not looked at again. */
struct search {
    const struct borders *borders;
    void *scratch;
    VEC(const void *) seen; /* givings, or tokens */
};

static bool is_new(struct search *search, const void *what)
{
    for (size_t i = 0; i < search->seen.n; i++) {
        if (search->seen.v[i] == what) {
            return false;
        }
    }
    vec_push(search->scratch, &search->seen, what);
    return true;
}

struct borders *borders_build(void *owner, const struct contexts *contexts)
{
    struct borders *borders = mem_new(owner, struct borders);
    const struct calls *calls = contexts->flows->calls;

    borders->flows = contexts->flows;
    borders->callers = mem_array(borders, struct callers, calls->linked->fns.n + 1);
    for (size_t i = 0; i < calls->v.n; i++) {
        const struct call *call = &calls->v.v[i];
        for (size_t c = 0; c < call->callees.n; c++) {
            vec_push(borders, &borders->callers[call->callees.v[c].i].v, call);
        }
    }
    for (size_t c = 0; c < contexts->v.n; c++) {
        const struct context *context = &contexts->v.v[c];
        for (size_t e = 0; e < context->entries.n; e++) {
            borders->callers[context->entries.v[e].i].starts = true;
        }
    }
    return borders;
}

size_t borders_calls_of(const struct borders *borders, fn_id fn, const struct call *const **ret)
{
    *ret = borders->callers[fn.i].v.v;
    return borders->callers[fn.i].v.n;
}

/* A lock of the callee in the caller's terms; its class where the caller can't say which. */
static path_id in_caller(const struct borders *borders, const struct call *call, path_id lock)
{
    struct paths *paths = borders->flows->paths;
    path_id pointees[MAX_PARAMS];
    size_t n = flow_pointees(borders->flows, call, pointees);
    path_id path = flow_substitute(borders->flows, call, lock, pointees, n);

    return path_is_none(path) ? path_class(paths, lock) : path;
}

/* ---- locks that a function returns with ------------------------------------------------------ */

static bool receives(struct search *search, fn_id fn, path_id lock, unsigned depth);

/* Does the caller give back what it gets by this call, or hand it on to one that does? */
static bool call_receives(struct search *search, const struct call *call, path_id lock,
                          unsigned depth)
{
    const struct borders *borders = search->borders;
    const struct fn_flow *flow = &borders->flows->v[call->fn.i];
    struct paths *paths = borders->flows->paths;
    struct site site = {call->fn.i, call->op.i};
    path_id mine = in_caller(borders, call, lock);

    for (size_t i = 0; i < flow->givings.n; i++) {
        const struct giving *giving = flow->givings.v[i];
        bool taken_here = site_eq(giving->before, site) || giving->before.fn == UINT32_MAX;
        if (giving->how == GIVES_OWN && taken_here && path_may_alias(paths, giving->lock, mine)) {
            return true;
        }
    }
    for (size_t i = 0; i < flow->leavings.n; i++) {
        const struct leaving *leaving = &flow->leavings.v[i];
        for (uint32_t t = 0; t < leaving->held->n && leaving->op.i == ID_NONE; t++) {
            const struct token *token = &leaving->held->v[t];
            bool is_it = (site_eq(token->taken, site) || token->taken.fn == UINT32_MAX) &&
                         path_may_alias(paths, token->lock, mine);
            if (is_it && is_new(search, token) &&
                receives(search, call->fn, token->lock, depth + 1)) {
                return true;
            }
        }
    }
    return flow->capped;
}

static bool receives(struct search *search, fn_id fn, path_id lock, unsigned depth)
{
    const struct callers *callers = &search->borders->callers[fn.i];

    for (size_t i = 0; i < callers->v.n && depth < MAX_UP; i++) {
        if (call_receives(search, callers->v.v[i], lock, depth)) {
            return true;
        }
    }
    return false;
}

enum receivers borders_receivers(const struct borders *borders, fn_id fn, path_id lock)
{
    if (borders->callers[fn.i].v.n == 0) {
        return RECEIVERS_NONE;
    }
    struct search search = {.borders = borders, .scratch = mem_owner(NULL, "receivers")};
    bool aware = receives(&search, fn, lock, 0);
    talloc_free(search.scratch);
    return aware ? RECEIVERS_AWARE : RECEIVERS_UNAWARE;
}

/* ---- locks of the caller's that a function gives back ---------------------------------------- */

const struct giving *borders_giving_at(const struct borders *borders, const struct call *call,
                                       const struct giving *giving)
{
    const struct fn_flow *flow = &borders->flows->v[call->fn.i];
    const struct giving *found = NULL;

    for (size_t i = 0; i < flow->givings.n; i++) {
        const struct giving *outer = flow->givings.v[i];
        if (outer->op.i == call->op.i && outer->inner == giving && outer->how == GIVES_CALLERS) {
            found = outer;
        }
    }
    return found;
}

/* Is it a library that calls back here, without a lock of this class in its caller's hand? What it
 * hands to the callback says nothing of who holds what. */
static bool is_run_by_library(const struct borders *borders, const struct call *call,
                              const struct giving *giving)
{
    struct paths *paths = borders->flows->paths;
    const struct held *held = flow_held_at(borders->flows, call->fn, call->op);
    path_id class = path_class(paths, giving->lock);
    bool holds = false;

    for (uint32_t i = 0; held != NULL && i < held->may->n && !holds; i++) {
        holds = path_eq(path_class(paths, held->may->v[i].lock), class);
    }
    return call->model != NULL && held != NULL && !holds;
}

static struct holders holders_above(struct search *search, fn_id fn, const struct giving *giving,
                                    unsigned depth);

static struct holders holders_through(struct search *search, const struct call *call,
                                      const struct giving *giving, unsigned depth)
{
    const struct fn_flow *flow = &search->borders->flows->v[call->fn.i];
    struct holders holders = {0};
    bool found = false;

    for (size_t i = 0; i < flow->givings.n; i++) {
        const struct giving *outer = flow->givings.v[i];
        if (outer->op.i != call->op.i || outer->inner != giving) {
            continue;
        }
        found = true;
        if (outer->standby) {
            continue;
        }
        holders.unknown |= outer->merged;
        holders.some_hold |= outer->how == GIVES_OWN;
        if (outer->how == GIVES_CALLERS && is_new(search, outer)) {
            struct holders above = holders_above(search, call->fn, outer, depth + 1);
            holders.some_hold |= above.some_hold;
            holders.some_lack |= above.some_lack;
            holders.open |= above.open;
            holders.unknown |= above.unknown;
        }
    }
    if (!found && is_run_by_library(search->borders, call, giving)) {
        holders.open = true;
    } else {
        holders.unknown |= !found;
    }
    return holders;
}

static struct holders holders_above(struct search *search, fn_id fn, const struct giving *giving,
                                    unsigned depth)
{
    const struct callers *callers = &search->borders->callers[fn.i];
    struct holders all = {.some_lack = callers->starts,
                          .open = callers->v.n == 0 && !callers->starts,
                          .unknown = depth >= MAX_UP};

    for (size_t i = 0; i < callers->v.n && depth < MAX_UP; i++) {
        struct holders one = holders_through(search, callers->v.v[i], giving, depth);
        all.some_hold |= one.some_hold;
        all.some_lack |= one.some_lack;
        all.open |= one.open;
        all.unknown |= one.unknown;
    }
    return all;
}

struct holders borders_holders(const struct borders *borders, fn_id fn, const struct giving *giving)
{
    struct search search = {.borders = borders, .scratch = mem_owner(NULL, "holders")};
    struct holders holders = holders_above(&search, fn, giving, 0);

    talloc_free(search.scratch);
    return holders;
}

struct holders borders_holders_through(const struct borders *borders, const struct call *call,
                                       const struct giving *giving)
{
    struct search search = {.borders = borders, .scratch = mem_owner(NULL, "holders")};
    struct holders holders = holders_through(&search, call, giving, 0);

    talloc_free(search.scratch);
    return holders;
}
