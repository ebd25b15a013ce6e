#include "program/stalls.h"

#include "program/arguments.h"
#include "program/io_locks.h"
#include "program/lock_wants.h"
#include "program/meant_waits.h"

/* Of one lock so many acquisitions are looked at. */
enum { MAX_WANTS = 64 };

struct search {
    const struct contexts *contexts;
    const struct flows *flows;
    const struct stalls *out;
    const struct io_locks *io;
    const struct lock_wants *wants;
    struct wanted_with *with; /* by want, then phase; ask wanted_with() */
    bool *counted;            /* by context: needs the lock of the stall that is looked at */
};

/* What a context holds where it wants a lock; NULL: it never comes there. */
struct wanted_with {
    bool known;
    const struct lockset *held;
};

static const struct lockset *wanted_with(const struct search *s, const struct lock_want *want,
                                         struct moment at)
{
    size_t number = (size_t)(want - s->wants->v.v);
    struct wanted_with *with = &s->with[number * s->contexts->phases.n + at.phase.i];

    if (!with->known) {
        with->known = true;
        with->held = contexts_held_at(s->contexts, at.phase, at.fn, at.op);
    }
    return with->held;
}

/* ---- can the two be there at once? ------------------------------------------------------------
 */

static enum context_kind kind_of(const struct search *s, struct moment m)
{
    return s->contexts->v.v[s->contexts->phases.v[m.phase.i].context.i].kind;
}

/* A callback of a loop that nobody is seen to run: most likely it is main that does. */
static bool may_be_one_thread(const struct search *s, struct moment a, struct moment b)
{
    enum context_kind x = kind_of(s, a);
    enum context_kind y = kind_of(s, b);

    return (x == CONTEXT_LOOP && (y == CONTEXT_LOOP || y == CONTEXT_MAIN)) ||
           (x == CONTEXT_MAIN && y == CONTEXT_LOOP);
}

/* Does the holder hold another lock that the wanter holds, too, or does the wanter have this one
 * already? Then it does not come to wait for this one. */
static bool is_kept_away(const struct held_wait *wait, const struct lockset *mine,
                         const struct lockset *theirs)
{
    for (uint32_t i = 0; i < theirs->n; i++) {
        const struct token *token = &theirs->v[i];
        const struct token *other = lockset_find(mine, token->lock);
        if (path_eq(token->lock, wait->lock)) {
            return true;
        }
        if (other != NULL && (token->mode == TOKEN_EXCLUSIVE || other->mode == TOKEN_EXCLUSIVE)) {
            return true;
        }
    }
    return false;
}

static bool meets(const struct search *s, const struct held_wait *wait, struct moment holder,
                  const struct lockset *mine, const struct lock_want *want, struct moment wanter)
{
    context_id holding = s->contexts->phases.v[holder.phase.i].context;

    if (may_be_one_thread(s, holder, wanter) || meant_to_join(s->contexts, wanter, holding) ||
        !contexts_meet_at(s->contexts, holder, wanter, wait->lock)) {
        return false;
    }
    const struct lockset *theirs = wanted_with(s, want, wanter);
    return theirs != NULL && !is_kept_away(wait, mine, theirs);
}

/* Readers do not wait for readers; nobody waits for the lock of an object that is his own. */
static bool can_wait(const struct search *s, const struct held_wait *wait,
                     const struct lock_want *want)
{
    const struct acquisition *a = want->acquisition;

    return (a->mode == TOKEN_EXCLUSIVE || wait->token.mode == TOKEN_EXCLUSIVE) &&
           !ownership_is_private(s->contexts->ownership, want->fn, a->lock, a->op) &&
           !doom_at(s->contexts->doom, want->fn, a->op) && !meant_to_wait(s->contexts, want->fn, a);
}

/* ---- who needs it -----------------------------------------------------------------------------
 */

/* The callback in which a phase runs the function; ID_NONE: none. */
static uint32_t callback_of(const struct search *s, phase_id phase, fn_id fn)
{
    uint32_t callback = s->out->loops->v[fn.i].callback;

    if (callback == ID_NONE) {
        return ID_NONE;
    }
    fn_id entry = s->contexts->callbacks.v[callback].fn;
    return s->contexts->phases.v[phase.i].reach[entry.i].yes ? callback : ID_NONE;
}

/* Is `a` a clearer case than `b`? */
static bool is_clearer(const struct search *s, const struct wanter *a, const struct wanter *b)
{
    if (a->sure != b->sure) {
        return a->sure;
    }
    if (a->meanings != b->meanings) {
        return a->meanings < b->meanings;
    }
    return s->contexts->phases.v[a->at.phase.i].reach[a->at.fn.i].depth <
           s->contexts->phases.v[b->at.phase.i].reach[b->at.fn.i].depth;
}

static void take(const struct search *s, struct stall *stall, const struct wanter *wanter)
{
    context_id context = s->contexts->phases.v[wanter->at.phase.i].context;

    if (!s->counted[context.i]) {
        s->counted[context.i] = true;
        stall->n_contexts += s->contexts->v.v[context.i].many ? 2 : 1;
    }
    if (stall->wanter.acquisition == NULL || is_clearer(s, wanter, &stall->wanter)) {
        stall->wanter = *wanter;
    }
    if (wanter->callback != ID_NONE &&
        (!stall->has_loop || is_clearer(s, wanter, &stall->in_loop))) {
        stall->in_loop = *wanter;
        stall->has_loop = true;
    }
}

static void look_at_want(const struct search *s, struct stall *stall, const struct lockset *mine,
                         const struct lock_want *want)
{
    for (uint32_t p = 0; p < s->contexts->phases.n; p++) {
        struct moment at = {{p}, want->fn, want->acquisition->op};
        if (!s->contexts->phases.v[p].reach[want->fn.i].yes ||
            !meets(s, stall->wait, stall->holder, mine, want, at)) {
            continue;
        }
        uint32_t callback = callback_of(s, at.phase, at.fn);
        struct wanter wanter = {.at = at, .acquisition = want->acquisition, .callback = callback};
        wanter.meanings = callback == ID_NONE ? 0 : s->out->loops->v[at.fn.i].meanings;
        wanter.sure = callback == ID_NONE ? arguments_surely_lead_to(s->contexts->arguments, at)
                                          : wanter.meanings == 0;
        take(s, stall, &wanter);
    }
}

/* Nobody waits for his own end: a way on which a thread seems to join its own context is none that
 * a working program goes. */
static bool joins_itself(const struct search *s, const struct held_wait *wait, phase_id phase)
{
    const struct call *call = wait->site->call;

    return call->model != NULL && call->model->join != ARG_NONE &&
           contexts_is_joined_by(s->contexts, s->contexts->phases.v[phase.i].context, call);
}

/* ---- one wait ----------------------------------------------------------------------------------
 */

/* All that need the lock while `phase` waits. False: nobody does. */
static bool fill(const struct search *s, struct stall *stall, phase_id phase)
{
    const struct held_wait *wait = stall->wait;
    struct moment holder = {phase, wait->fn, wait->way.v[0]->op};
    const struct lockset *mine = contexts_held_at(s->contexts, phase, holder.fn, holder.op);
    size_t first;

    if (mine == NULL || joins_itself(s, stall->wait, phase) ||
        contexts_alone_at(s->contexts, holder) ||
        ownership_is_private(s->contexts->ownership, wait->fn, wait->token.lock, holder.op)) {
        return false;
    }
    stall->holder = holder;
    stall->holder_sure = arguments_surely_lead_to(s->contexts->arguments, holder);
    stall->holder_in_loop = callback_of(s, phase, wait->fn) != ID_NONE;
    size_t n = lock_wants_of(s->wants, wait->lock, &first);
    for (size_t i = 0; i < s->contexts->v.n; i++) {
        s->counted[i] = false;
    }
    for (size_t i = first; i < first + n && i < first + MAX_WANTS; i++) {
        if (can_wait(s, wait, &s->wants->v.v[i])) {
            look_at_want(s, stall, mine, &s->wants->v.v[i]);
        }
    }
    return stall->n_contexts > 0;
}

static bool is_better(const struct stall *a, const struct stall *b)
{
    if (a->holder_sure != b->holder_sure) {
        return a->holder_sure;
    }
    if (a->holder_in_loop != b->holder_in_loop) {
        return b->holder_in_loop;
    }
    return a->wanter.sure && !b->wanter.sure;
}

/* The clearest one of all phases that come to the wait. */
static void look_at(struct search *s, struct stalls *out, const struct held_wait *wait)
{
    struct stall best = {.n_contexts = 0};

    if (io_locks_serialise(s->io, wait)) {
        return;
    }
    for (uint32_t p = 0; p < s->contexts->phases.n; p++) {
        struct stall stall = {.wait = wait};
        if (s->contexts->phases.v[p].reach[wait->fn.i].yes && fill(s, &stall, (phase_id){p}) &&
            (best.n_contexts == 0 || is_better(&stall, &best))) {
            best = stall;
        }
    }
    if (best.n_contexts > 0) {
        vec_push(out, &out->v, best);
    }
}

/* ---- asking -----------------------------------------------------------------------------------
 */

struct stalls *stalls_new(void *owner, const struct accessmap *map, struct blocking_sites *sites)
{
    struct stalls *stalls = mem_new(owner, struct stalls);

    stalls->map = map;
    stalls->sites = sites;
    return stalls;
}

static const struct held_waits *held_waits_of(struct stalls *stalls)
{
    if (stalls->held == NULL) {
        stalls->held = held_waits_find(stalls, blocking_sites_all(stalls->sites));
    }
    return stalls->held;
}

static void find(struct stalls *out)
{
    void *scratch = mem_owner(NULL, "stalls");
    const struct contexts *contexts = out->map->contexts;
    const struct held_waits *held = held_waits_of(out);

    out->loops = loop_reach_build(out, contexts);
    struct search s = {.contexts = contexts,
                       .flows = contexts->flows,
                       .out = out,
                       .io = io_locks_new(scratch, held, out->map),
                       .wants = lock_wants_build(scratch, contexts),
                       .counted = mem_array(scratch, bool, contexts->v.n + 1)};
    s.with = mem_array(scratch, struct wanted_with, s.wants->v.n * contexts->phases.n + 1);
    for (size_t i = 0; i < held->v.n; i++) {
        look_at(&s, out, &held->v.v[i]);
    }
    talloc_free(scratch);
}

const struct stalls *stalls_all(struct stalls *stalls)
{
    if (!stalls->found) {
        stalls->found = true;
        find(stalls);
    }
    return stalls;
}

static bool is_wanted_in(const struct focus *focus, const struct lock_wants *wants, path_id lock)
{
    size_t first;
    size_t n = lock_wants_of(wants, lock, &first);
    bool in = false;

    for (size_t i = first; i < first + n && !in; i++) {
        in = focus_has(focus, wants->v.v[i].fn);
    }
    return in;
}

/* Can a wait, or who needs its lock meanwhile, be in focus? */
static bool can_be_in(struct stalls *stalls, const struct focus *focus)
{
    const struct held_waits *held = held_waits_of(stalls);
    struct lock_wants *wants = lock_wants_build(NULL, stalls->map->contexts);
    bool in = false;

    for (size_t i = 0; i < held->v.n && !in; i++) {
        const struct held_wait *wait = &held->v.v[i];
        in = focus_has(focus, wait->site->call->fn) || is_wanted_in(focus, wants, wait->lock);
    }
    talloc_free(wants);
    return in;
}

const struct stalls *stalls_in(struct stalls *stalls, const struct focus *focus)
{
    static const struct stalls none = {.found = true};

    return focus == NULL || can_be_in(stalls, focus) ? stalls_all(stalls) : &none;
}
