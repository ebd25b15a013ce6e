/* Waits that no unlock ends: for a post of a semaphore, a signal of a condition, the others at a
 * barrier, the end of a routine that runs once. Who waits with a lock in hand waits for ever when
 * all who could end the wait need that lock first. */
#include "program/deeds.h"
#include "program/handshakes.h"
#include "program/lockgraph_build.h"

/* What a call does with an object that others wait at. */
enum part {
    PART_NONE,
    PART_WAITS,
    PART_WAKES,
    PART_MEETS, /* both: a barrier */
};

/* A call that waits or wakes. */
struct event_call {
    const struct call *call;
    enum part part;
    path_id object;   /* in absolute terms */
    path_id given_up; /* the lock that a condition wait gives up, in absolute terms; PATH_NONE */
};

struct event_calls {
    VEC(struct event_call) v;
};

/* ---- edges from what is held ----------------------------------------------------------------- */

static const struct acquisition *wait_as_acquisition(struct lockgraph_build *b,
                                                     const struct call *wait, path_id wanted,
                                                     const struct held *held)
{
    struct acquisition *a = mem_new(b->out, struct acquisition);

    *a = (struct acquisition){.op = wait->op,
                              .lock = wanted,
                              .mode = TOKEN_EXCLUSIVE,
                              .waits = true,
                              .held = held->must,
                              .gone = held->gone,
                              .inner_fn = FN_NONE};
    return a;
}

bool lockgraph_wait(struct lockgraph_build *b, const struct call *wait, path_id wanted,
                    context_id context, path_id given_up)
{
    const struct contexts *contexts = b->contexts;
    const struct held *at = flow_held_at(b->flows, wait->fn, wait->op);
    bool any = false;

    if (at == NULL) {
        return false;
    }
    const struct acquisition *a = wait_as_acquisition(b, wait, wanted, at);
    for (uint32_t p = 0; p < contexts->phases.n; p++) {
        const struct phase *phase = &contexts->phases.v[p];
        const struct lockset *held = contexts_held_at(contexts, (phase_id){p}, wait->fn, wait->op);
        if (held == NULL || (context.i != UINT32_MAX && phase->context.i != context.i)) {
            continue;
        }
        for (uint32_t i = 0; i < held->n; i++) {
            const struct token *token = &held->v[i];
            if (!path_is_global(b->flows->paths, token->lock) ||
                (!path_is_none(given_up) &&
                 path_may_alias(b->flows->paths, token->lock, given_up)) ||
                path_eq(token->lock, wanted)) {
                continue;
            }
            uint32_t from = lockgraph_node(b, token->lock);
            uint32_t to = lockgraph_node(b, wanted);
            lockgraph_witness(
                b, lockgraph_edge(b, from, to),
                (struct lock_witness){
                    phase->context, {p}, wait->fn, a, held, token->mode, token->taken});
            any = true;
        }
    }
    return any;
}

/* ---- who waits, who wakes -------------------------------------------------------------------- */

static path_id object_of(const struct lockgraph_build *b, const struct call *call, int arg)
{
    path_id path = contexts_absolute(b->contexts, call->fn, flow_arg_path(b->flows, call, arg));

    return !path_is_none(path) && path_is_global(b->flows->paths, path) ? path : PATH_NONE;
}

/* Is the semaphore a lock here, which this function takes and gives back? */
static bool is_lock(const struct lockgraph_build *b, const struct call *call)
{
    const struct fn_flow *flow = &b->flows->v[call->fn.i];
    path_id own = flow_arg_path(b->flows, call,
                                call->model->acquire != ARG_NONE ? call->model->acquire
                                                                 : call->model->release);

    for (size_t i = 0; i < flow->acquisitions.n; i++) {
        if (path_eq(flow->acquisitions.v[i]->lock, own)) {
            return true;
        }
    }
    return false;
}

/* Is what the call gives back a semaphore? Its type says so where unlocking and posting are one
 * function; else the model's other calls do: nobody locks it. */
static bool is_known_semaphore(const struct lockgraph_build *b, path_id object)
{
    const struct calls *calls = b->flows->calls;

    for (size_t i = 0; i < calls->v.n; i++) {
        const struct call *call = &calls->v.v[i];
        if (call->model != NULL && call->model->kind == LOCK_SEM && call->model->acquire >= 1 &&
            path_eq(object_of(b, call, call->model->acquire), object)) {
            return true;
        }
    }
    return false;
}

static struct event_call read_call(const struct lockgraph_build *b, const struct call *call)
{
    const struct model_fn *model = call->model;
    struct event_call event = {call, PART_NONE, PATH_NONE, PATH_NONE};

    if (model == NULL) {
        return event;
    }
    if (model->barrier >= 1) {
        event.part = PART_MEETS;
        event.object = object_of(b, call, model->barrier);
    } else if (model->wait_cond >= 1 && !model->timed && !model->is_try) {
        event.part = PART_WAITS;
        event.object = object_of(b, call, model->wait_cond);
        event.given_up = contexts_absolute(b->contexts, call->fn,
                                           flow_arg_path(b->flows, call, model->wait_lock));
    } else if (model->signals >= 1) {
        event.part = PART_WAKES;
        event.object = object_of(b, call, model->signals);
    } else if (model->kind == LOCK_SEM && model->acquire >= 1 && !model->timed && !model->is_try &&
               !is_lock(b, call) && !handshake_is_new(b->flows, call)) {
        event.part = PART_WAITS;
        event.object = object_of(b, call, model->acquire);
    } else if (model->release >= 1 && !is_lock(b, call)) {
        event.object = object_of(b, call, model->release);
        event.part = is_known_semaphore(b, event.object) ? PART_WAKES : PART_NONE;
    }
    event.part = path_is_none(event.object) ? PART_NONE : event.part;
    return event;
}

static struct event_calls *find_events(struct lockgraph_build *b, void *owner)
{
    struct event_calls *events = mem_new(owner, struct event_calls);

    for (size_t i = 0; i < b->flows->calls->v.n; i++) {
        struct event_call event = read_call(b, &b->flows->calls->v.v[i]);
        if (event.part != PART_NONE) {
            vec_push(events, &events->v, event);
        }
    }
    return events;
}

/* ---- what those who wake need ---------------------------------------------------------------- */

/* How many waits at the same barrier come before this one, in its function: those that meet are of
 * the same round. */
static unsigned round_of(const struct lockgraph_build *b, const struct event_calls *events,
                         const struct event_call *event)
{
    fn_id fn = event->call->fn;
    const struct cfg *cfg = b->flows->linked->fns.v[fn.i].cfg;
    uint32_t to = cfg_block_of(cfg, event->call->op);
    unsigned round = 0;

    for (size_t i = 0; i < events->v.n; i++) {
        const struct event_call *other = &events->v.v[i];
        if (other->call->fn.i == fn.i && path_eq(other->object, event->object)) {
            uint32_t from = cfg_block_of(cfg, other->call->op);
            round +=
                (from == to ? other->call->op.i < event->call->op.i : cfg_dominates(cfg, from, to))
                    ? 1
                    : 0;
        }
    }
    return round;
}

/* Can a run of `by` end the wait of `waiter` by this call? */
static bool can_wake(const struct lockgraph_build *b, const struct event_calls *events,
                     const struct event_call *wake, context_id by, const struct event_call *wait,
                     context_id waiter)
{
    const struct context *context = &b->contexts->v.v[by.i];

    return (wake->part == PART_WAKES ||
            (wake->part == PART_MEETS && round_of(b, events, wake) == round_of(b, events, wait))) &&
           path_eq(wake->object, wait->object) && (by.i != waiter.i || context->many) &&
           contexts_reaches(b->contexts, context, wake->call->fn);
}

/* The acquisition that a call of a function is. */
static const struct acquisition *acquisition_at(const struct lockgraph_build *b, struct site site)
{
    const struct fn_flow *flow = &b->flows->v[site.fn];

    for (size_t i = 0; i < flow->acquisitions.n; i++) {
        if (flow->acquisitions.v[i]->op.i == site.op && flow->acquisitions.v[i]->waits) {
            return flow->acquisitions.v[i];
        }
    }
    return NULL;
}

/* Edges from a wake-up to the locks in `needs`, as one waker takes them. */
static void add_needs(struct lockgraph_build *b, uint32_t node, context_id waker,
                      const struct lockset *needs, const struct lockset *own)
{
    const struct contexts *contexts = b->contexts;

    for (uint32_t i = 0; i < needs->n; i++) {
        const struct token *token = lockset_find(own, needs->v[i].lock);
        if (token == NULL || site_eq(token->taken, SITE_NONE)) {
            continue;
        }
        fn_id fn = {token->taken.fn};
        const struct acquisition *a = acquisition_at(b, token->taken);
        phase_id phase = contexts->v.v[waker.i].phases.v[0];
        for (size_t p = 0; p < contexts->v.v[waker.i].phases.n; p++) {
            phase_id one = contexts->v.v[waker.i].phases.v[p];
            phase = contexts->phases.v[one.i].reach[fn.i].yes ? one : phase;
        }
        const struct held *at = a == NULL ? NULL : flow_held_at(b->flows, fn, a->op);
        if (at == NULL || !contexts->phases.v[phase.i].reach[fn.i].yes) {
            continue;
        }
        const struct lockset *held = contexts_with_entry(contexts, phase, fn, a->held, at->gone);
        uint32_t to = lockgraph_node(b, token->lock);
        lockgraph_witness(
            b, lockgraph_edge(b, node, to),
            (struct lock_witness){waker, phase, fn, a, held, TOKEN_EXCLUSIVE, SITE_NONE});
    }
}

/* What every one that could end the wait needs; of a barrier each one, for all have to come. */
static void add_wakers(struct lockgraph_build *b, struct deeds *deeds,
                       const struct event_calls *events, const struct event_call *wait,
                       context_id waiter, path_id wanted)
{
    const struct lockset *common = NULL;
    bool all_have_to_come = wait->part == PART_MEETS;
    uint32_t node = lockgraph_node(b, wanted);

    for (int round = 0; round < 2; round++) { /* what all need, then who needs it */
        for (size_t i = 0; i < events->v.n; i++) {
            const struct event_call *wake = &events->v.v[i];
            for (uint32_t c = 0; c < b->contexts->v.n; c++) {
                if (!can_wake(b, events, wake, (context_id){c}, wait, waiter)) {
                    continue;
                }
                const struct lockset *needs =
                    deeds_before(deeds, (context_id){c}, wake->call->fn, wake->call->op);
                needs = needs == NULL ? lockset_empty(b->flows->pool) : needs;
                if (round == 0) {
                    common = common == NULL || all_have_to_come
                                 ? needs
                                 : lockset_meet(b->flows->pool, common, needs);
                } else {
                    add_needs(b, node, (context_id){c}, all_have_to_come ? needs : common, needs);
                }
            }
        }
        if (common == NULL) {
            return;
        }
    }
}

/* A wait for a routine that runs once and has surely been run by the waiter itself is none. */
static void add_once(struct lockgraph_build *b, struct deeds *deeds, const struct once *once)
{
    for (uint32_t c = 0; c < b->contexts->v.n; c++) {
        const struct lockset *before =
            deeds_before(deeds, (context_id){c}, once->call->fn, once->call->op);
        if (before != NULL && lockset_find(before, once->lock) == NULL) {
            (void)lockgraph_wait(b, once->call, once->lock, (context_id){c}, PATH_NONE);
        }
    }
}

void lockgraph_add_waits(struct lockgraph_build *b)
{
    struct deeds *deeds = deeds_build(NULL, b->contexts);
    struct event_calls *events = find_events(b, deeds);

    for (size_t i = 0; i < events->v.n; i++) {
        const struct event_call *wait = &events->v.v[i];
        for (uint32_t c = 0; c < b->contexts->v.n && wait->part != PART_WAKES; c++) {
            path_id wanted = path_root(b->flows->paths, ROOT_EVENT, wait->object.i, c);
            if (lockgraph_wait(b, wait->call, wanted, (context_id){c}, wait->given_up)) {
                add_wakers(b, deeds, events, wait, (context_id){c}, wanted);
            }
        }
    }
    for (size_t i = 0; i < b->contexts->once.n; i++) {
        add_once(b, deeds, &b->contexts->once.v[i]);
    }
    talloc_free(deeds);
}
