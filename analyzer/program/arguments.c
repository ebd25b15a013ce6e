#include "program/arguments.h"

#include "program/resolve.h"
#include "program/surely.h"

/* A place whose ways in are more than this is taken to be come to by all of them. */
enum { MAX_UP = 3, MAX_CALLS = 24, MAX_LOOKS = 200 };

struct callers {
    VEC(const struct call *) v;
};

/* Can the arguments of some call, in whatever phase, rule it out as a way to a block? */
enum narrows {
    NARROWS_UNKNOWN, /* not asked yet */
    NARROWS_NOT,
    NARROWS_PERHAPS,
};

struct arguments {
    const struct contexts *contexts;
    struct callers *of;                 /* by fn */
    const struct lockset *every_thread; /* alive_everything() */
    uint8_t **narrows;                  /* enum narrows by fn, then block; NULL: not asked yet */
};

/* One question. */
struct query {
    const struct arguments *arguments;
    unsigned looks; /* calls looked at so far */
};

struct arguments *arguments_build(void *owner, const struct contexts *contexts)
{
    struct arguments *arguments = mem_new(owner, struct arguments);
    const struct calls *calls = contexts->flows->calls;

    arguments->contexts = contexts;
    arguments->every_thread = alive_everything(contexts->alive);
    arguments->of = mem_array(arguments, struct callers, contexts->flows->linked->fns.n + 1);
    arguments->narrows = mem_array(arguments, uint8_t *, contexts->flows->linked->fns.n + 1);
    for (size_t i = 0; i < calls->v.n; i++) {
        for (size_t c = 0; c < calls->v.v[i].callees.n; c++) {
            struct callers *of = &arguments->of[calls->v.v[i].callees.v[c].i];
            vec_push(arguments, &of->v, &calls->v.v[i]);
        }
    }
    return arguments;
}

/* ---- what must hold of a caller's arguments -------------------------------------------------- */

/* Adds to *need. False: it contradicts what is there. */
static bool add_fact(struct need *need, struct fact fact)
{
    for (uint32_t i = 0; i < need->n_when; i++) {
        if (fact_contradicts(&need->when[i], &fact)) {
            return false;
        }
        if (fact_is(&need->when[i], &fact)) {
            return true;
        }
    }
    if (need->n_when < MAX_WHEN) {
        need->when[need->n_when++] = fact;
    }
    return true;
}

static bool add_need(struct need *need, const struct need *other)
{
    for (uint32_t i = 0; other != NULL && i < other->n_when; i++) {
        if (!add_fact(need, other->when[i])) {
            return false;
        }
    }
    return true;
}

bool arguments_can_hand_over(const struct flows *flows, const struct call *call,
                             const struct need *need, struct need *up)
{
    const struct ir_fn *ir = flows->linked->fns.v[call->fn.i].ir;
    uint32_t local;

    up->n_when = 0;
    if (!flow_can_meet(flows, call, need) ||
        !add_need(up, flow_need_of(flows, call->fn, call->op))) {
        return false;
    }
    for (uint32_t i = 0; i < need->n_when; i++) {
        value_id value = call_arg(flows->linked, call, (int)need->when[i].id + 1);
        value = resolve_value(flows->v[call->fn.i].resolver, value);
        const struct ir_value *v = value.i == ID_NONE ? NULL : &ir->values.v[value.i];
        if (v != NULL && v->kind == IR_VALUE_READ && ir->ops.v[v->u.op.i].kind == IR_READ &&
            place_is_local(ir, ir->ops.v[v->u.op.i].u.access.place, &local) &&
            resolve_is_argument(flows->v[call->fn.i].resolver, local)) {
            struct fact fact = need->when[i];
            fact.id = local;
            if (!add_fact(up, fact)) {
                return false;
            }
        }
    }
    return true;
}

/* ---- ways in --------------------------------------------------------------------------------- */

static bool is_entry(const struct contexts *contexts, struct moment m)
{
    const struct context *context = &contexts->v.v[contexts->phases.v[m.phase.i].context.i];

    for (size_t i = 0; i < context->entries.n; i++) {
        if (context->entries.v[i].i == m.fn.i) {
            return true;
        }
    }
    return false;
}

/* Is what the call runs in phase `from` run in phase `to`? */
static bool leads_to(const struct arguments *arguments, struct moment call, phase_id to)
{
    const struct contexts *contexts = arguments->contexts;
    const struct phase *from = &contexts->phases.v[call.phase.i];
    const struct phase *then = &contexts->phases.v[to.i];

    return contexts->phases.v[call.phase.i].context.i == then->context.i &&
           (contexts->v.v[from->context.i].kind != CONTEXT_MAIN ||
            contexts_running_at(contexts, call) == then->running ||
            then->running == arguments->every_thread);
}

static struct way_in find_way(struct query *q, struct moment m, const struct need *more,
                              unsigned up);

/* One more way: by the call `from`, which is come to as `before` says. */
static void add_way(const struct contexts *contexts, struct way_in *way, struct moment from,
                    const struct call *call, const struct way_in *before, const struct need *need)
{
    const struct held *at = flow_held_at(contexts->flows, from.fn, from.op);
    const struct reach *reach = &contexts->phases.v[from.phase.i].reach[from.fn.i];
    const struct lockset *held =
        contexts_from_entry(contexts, from.fn, before->held, at->must, at->gone);

    held = contexts_with_once(contexts, held, call);
    if (!way->possible) {
        way->possible = true;
        way->held = held;
        way->from = from;
        way->need = *need;
        return;
    }
    way->held = lockset_meet(contexts->flows->pool, way->held, held);
    if (reach->depth < contexts->phases.v[way->from.phase.i].reach[way->from.fn.i].depth) {
        way->from = from;
        way->need = *need;
    }
}

/* The ways by one call, in all phases of the context. */
static void add_ways(struct query *q, struct way_in *way, phase_id phase, const struct call *call,
                     const struct need *need, unsigned up)
{
    const struct contexts *contexts = q->arguments->contexts;
    const struct context *context = &contexts->v.v[contexts->phases.v[phase.i].context.i];
    struct need above;
    bool can = arguments_can_hand_over(contexts->flows, call, need, &above);

    if (flow_held_at(contexts->flows, call->fn, call->op) == NULL ||
        doom_at(contexts->doom, call->fn, call->op)) {
        return;
    }
    for (size_t p = 0; p < context->phases.n; p++) {
        struct moment from = {context->phases.v[p], call->fn, call->op};
        if (!contexts->phases.v[from.phase.i].reach[call->fn.i].yes ||
            !leads_to(q->arguments, from, phase)) {
            continue;
        }
        struct way_in before = {.possible = false};
        if (can) {
            before = find_way(q, from, &above, up + 1);
        }
        way->narrowed = way->narrowed || !before.possible || before.narrowed;
        if (before.possible) {
            add_way(contexts, way, from, call, &before, &above);
        }
    }
}

/* Do the arguments of no call say more than that it leads here? */
static bool says_nothing(const struct query *q, const struct callers *callers,
                         const struct need *need)
{
    struct need above;

    for (size_t i = 0; i < callers->v.n; i++) {
        if (!arguments_can_hand_over(q->arguments->contexts->flows, callers->v.v[i], need,
                                     &above) ||
            above.n_when > 0) {
            return false;
        }
    }
    return true;
}

static struct way_in any_way(const struct contexts *contexts, struct moment m)
{
    const struct reach *reach = &contexts->phases.v[m.phase.i].reach[m.fn.i];

    return (struct way_in){.possible = reach->yes,
                           .held = reach->held,
                           .from = {reach->caller_phase, reach->caller, reach->call}};
}

/* The way to the moment, `up` calls away from the one that is asked for. */
static struct way_in find_way(struct query *q, struct moment m, const struct need *more,
                              unsigned up)
{
    const struct contexts *contexts = q->arguments->contexts;
    const struct callers *callers = &q->arguments->of[m.fn.i];
    struct way_in any = any_way(contexts, m);
    struct way_in way = {.possible = false};
    struct need need = {.n_when = 0};

    if (!add_need(&need, flow_need_of(contexts->flows, m.fn, m.op)) || !add_need(&need, more)) {
        return way;
    }
    if (need.n_when == 0 || up == MAX_UP || callers->v.n > MAX_CALLS || is_entry(contexts, m) ||
        says_nothing(q, callers, &need)) {
        return any;
    }
    for (size_t i = 0; i < callers->v.n; i++) {
        add_ways(q, &way, m.phase, callers->v.v[i], &need, up);
        if (q->looks++ > MAX_LOOKS) {
            return any;
        }
    }
    return way.narrowed ? way : any;
}

/* find_way() without a phase, `up` calls away: false only if it narrows nothing in any. */
static bool can_narrow(struct query *q, fn_id fn, const struct need *need, unsigned up)
{
    const struct flows *flows = q->arguments->contexts->flows;
    const struct callers *callers = &q->arguments->of[fn.i];
    struct need above;

    if (need->n_when == 0 || up == MAX_UP || callers->v.n > MAX_CALLS) {
        return false;
    }
    for (size_t i = 0; i < callers->v.n; i++) {
        if (q->looks++ > MAX_LOOKS ||
            !arguments_can_hand_over(flows, callers->v.v[i], need, &above) ||
            can_narrow(q, callers->v.v[i]->fn, &above, up + 1)) {
            return true;
        }
    }
    return false;
}

/* The same for the block of the moment, by its own branches: asked once for all phases. */
static bool block_can_narrow(const struct arguments *arguments, struct moment m)
{
    const struct flows *flows = arguments->contexts->flows;
    const struct cfg *cfg = flows->linked->fns.v[m.fn.i].cfg;
    const struct need *need = flow_need_of(flows, m.fn, m.op);

    if (need == NULL) {
        return false;
    }
    if (arguments->narrows[m.fn.i] == NULL) {
        arguments->narrows[m.fn.i] = mem_array(arguments->narrows, uint8_t, cfg->n + 1);
    }
    uint8_t *narrows = &arguments->narrows[m.fn.i][cfg_block_of(cfg, m.op)];
    if (*narrows == NARROWS_UNKNOWN) {
        struct query query = {.arguments = arguments};
        *narrows = can_narrow(&query, m.fn, need, 0) ? NARROWS_PERHAPS : NARROWS_NOT;
    }
    return *narrows == NARROWS_PERHAPS;
}

struct way_in arguments_way(const struct arguments *arguments, struct moment moment,
                            const struct need *need)
{
    struct query query = {.arguments = arguments};

    if (need == NULL && !block_can_narrow(arguments, moment)) {
        return any_way(arguments->contexts, moment);
    }
    return find_way(&query, moment, need, 0);
}

/* The same with `need` of the function's arguments, `up` calls away from the moment that is asked
 * for. */
static bool surely_get(const struct arguments *arguments, struct moment m, const struct need *need,
                       unsigned up)
{
    const struct contexts *contexts = arguments->contexts;
    const struct reach *reach = contexts->phases.v[m.phase.i].reach;
    const struct callers *callers = &arguments->of[m.fn.i];
    context_id context = contexts->phases.v[m.phase.i].context;
    struct need above;
    bool leads = need == NULL || need->n_when == 0 || is_entry(contexts, m) || up == MAX_UP;

    for (size_t i = 0; i < callers->v.n && !leads; i++) {
        const struct call *call = callers->v.v[i];
        leads = reach[call->fn.i].sure &&
                surely_few(call, contexts_callees(contexts, context, call)) &&
                arguments_can_hand_over(contexts->flows, call, need, &above) &&
                surely_get(arguments, (struct moment){m.phase, call->fn, call->op}, &above, up + 1);
    }
    return reach[m.fn.i].sure && leads;
}

bool arguments_surely_lead_to(const struct arguments *arguments, struct moment moment)
{
    return surely_get(arguments, moment,
                      flow_need_of(arguments->contexts->flows, moment.fn, moment.op), 0);
}

/* ---- what a parameter points to ---------------------------------------------------------------
 */

/* What the calls of the context make of a path about parameters of `fn`; PATH_NONE: not one thing.
 * *caller is a function that makes it so. */
static path_id substituted(const struct arguments *arguments, const struct context *context,
                           fn_id fn, path_id path, fn_id *caller)
{
    const struct contexts *contexts = arguments->contexts;
    const struct callers *callers = &arguments->of[fn.i];
    path_id pointees[MAX_PARAMS];
    path_id one = PATH_NONE;

    for (size_t i = 0; i < callers->v.n && callers->v.n <= MAX_CALLS; i++) {
        const struct call *call = callers->v.v[i];
        if (!contexts_reaches(contexts, context, call->fn)) {
            continue;
        }
        size_t n = flow_pointees(contexts->flows, call, pointees);
        path_id here = call->indirect || call->model != NULL
                           ? PATH_NONE
                           : path_substitute(contexts->flows->paths, path, pointees, n);
        bool same = path_is_none(one) ||
                    (path_eq(here, one) &&
                     (call->fn.i == caller->i || path_is_exact(contexts->flows->paths, here)));
        if (path_is_none(here) || !same) {
            return PATH_NONE;
        }
        one = here;
        *caller = call->fn;
    }
    return one;
}

path_id arguments_object(const struct arguments *arguments, struct moment moment, path_id path)
{
    const struct contexts *contexts = arguments->contexts;
    context_id id = contexts->phases.v[moment.phase.i].context;
    struct paths *paths = contexts->flows->paths;
    path_id at = path;

    for (unsigned up = 0;
         up < MAX_UP && path_get(paths, path_root_of(paths, at))->kind == ROOT_PARAM; up++) {
        at = is_entry(contexts, moment)
                 ? PATH_NONE
                 : substituted(arguments, &contexts->v.v[id.i], moment.fn, at, &moment.fn);
        if (path_is_none(at)) {
            return path;
        }
    }
    return path_is_exact(paths, at) ? at : path;
}
