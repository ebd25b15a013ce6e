#include "program/contexts.h"

#include "program/absolute.h"
#include "program/arguments.h"
#include "program/entries.h"
#include "program/exports.h"
#include "program/gil.h"
#include "program/instances.h"
#include "program/rounds.h"
#include "program/slots.h"
#include "program/surely.h"

#include <string.h>

/* Phases of main are told apart while that looks at no more functions than MAX_VISITS all in all.
 */
enum { MIN_PHASES = 4, MAX_PHASES = 48, MAX_VISITS = 100000 };

/* ---- what holds where ------------------------------------------------------------------------ */

path_id contexts_absolute(const struct contexts *contexts, fn_id fn, path_id path)
{
    return absolutes_find(contexts->absolutes, fn, path);
}

static const struct lockset *absolute_set(const struct contexts *contexts, fn_id fn,
                                          const struct lockset *set, const struct lockset *into)
{
    for (uint32_t i = 0; i < set->n; i++) {
        struct token token = set->v[i];
        token.lock = contexts_absolute(contexts, fn, token.lock);
        token.depth = 1;
        if (!path_is_none(token.lock)) {
            into = lockset_drop(contexts->flows->pool, into, token.lock);
            into = lockset_add(contexts->flows->pool, into, token);
        }
    }
    return into;
}

const struct lockset *contexts_from_entry(const struct contexts *contexts, fn_id fn,
                                          const struct lockset *entry, const struct lockset *held,
                                          const struct lockset *gone)
{
    struct lockset_pool *pool = contexts->flows->pool;

    for (uint32_t g = 0; g < gone->n; g++) {
        path_id lost = contexts_absolute(contexts, fn, gone->v[g].lock);
        for (uint32_t i = 0; i < entry->n;) {
            if (path_may_alias(contexts->flows->paths, entry->v[i].lock, lost)) {
                entry = lockset_drop(pool, entry, entry->v[i].lock);
            } else {
                i++;
            }
        }
    }
    return absolute_set(contexts, fn, held, entry);
}

const struct lockset *contexts_with_entry(const struct contexts *contexts, phase_id phase, fn_id fn,
                                          const struct lockset *held, const struct lockset *gone)
{
    return contexts_from_entry(contexts, fn, contexts->phases.v[phase.i].reach[fn.i].held, held,
                               gone);
}

const struct lockset *contexts_may_with_entry(const struct contexts *contexts, phase_id phase,
                                              fn_id fn, const struct lockset *held,
                                              const struct lockset *gone)
{
    return contexts_from_entry(contexts, fn, contexts->phases.v[phase.i].reach[fn.i].may, held,
                               gone);
}

const struct lockset *contexts_held_at(const struct contexts *contexts, phase_id phase, fn_id fn,
                                       op_id op)
{
    const struct held *held = flow_held_at(contexts->flows, fn, op);

    if (held == NULL || !contexts->phases.v[phase.i].reach[fn.i].yes) {
        return NULL;
    }
    if (contexts->arguments == NULL) {
        return contexts_with_entry(contexts, phase, fn, held->must, held->gone);
    }
    struct moment moment = {phase, fn, op};
    struct way_in way = arguments_way(contexts->arguments, moment, NULL);
    if (!way.possible || held->n_cases == 0) {
        return way.possible ? contexts_from_entry(contexts, fn, way.held, held->must, held->gone)
                            : NULL;
    }
    const struct lockset *all = NULL;
    for (uint32_t i = 0; i < held->n_cases; i++) {
        const struct held_case *of = &held->cases[i];
        way = arguments_way(contexts->arguments, moment, &of->need);
        if (way.possible) {
            const struct lockset *here =
                contexts_from_entry(contexts, fn, way.held, of->held, of->gone);
            all = all == NULL ? here : lockset_meet(contexts->flows->pool, all, here);
        }
    }
    return all;
}

bool contexts_comes_to(const struct contexts *contexts, struct moment m)
{
    return contexts->phases.v[m.phase.i].reach[m.fn.i].yes &&
           (contexts->arguments == NULL || arguments_way(contexts->arguments, m, NULL).possible);
}

const struct lockset *contexts_running_at(const struct contexts *contexts, struct moment m)
{
    return alive_running_at(contexts->alive, m.fn, m.op, contexts->phases.v[m.phase.i].running);
}

bool contexts_alone_at(const struct contexts *contexts, struct moment m)
{
    context_id context = contexts->phases.v[m.phase.i].context;

    return contexts->v.v[context.i].kind == CONTEXT_MAIN && !contexts->said_threads &&
           contexts_running_at(contexts, m)->n == 0;
}

bool contexts_reaches(const struct contexts *contexts, const struct context *context, fn_id fn)
{
    for (size_t i = 0; i < context->phases.n; i++) {
        if (contexts->phases.v[context->phases.v[i].i].reach[fn.i].yes) {
            return true;
        }
    }
    return false;
}

bool contexts_surely_runs(const struct contexts *contexts, const struct context *context, fn_id fn)
{
    for (size_t i = 0; i < context->phases.n; i++) {
        if (contexts->phases.v[context->phases.v[i].i].reach[fn.i].sure) {
            return true;
        }
    }
    return false;
}

/* What threads' handles are compared by: their class, or that of the array that they are in. */
static path_id class_of_handle(struct paths *paths, path_id handle)
{
    while (path_get(paths, handle)->kind == STEP_INDEX) {
        handle = path_get(paths, handle)->parent;
    }
    return path_class(paths, handle);
}

bool contexts_is_joined_by(const struct contexts *contexts, context_id context,
                           const struct call *join)
{
    const struct context *c = &contexts->v.v[context.i];
    struct paths *paths = contexts->flows->paths;
    path_id handle = class_of_handle(paths, alive_joined_handle(contexts->alive, join));

    for (size_t i = 0; i < c->created.n && c->kind == CONTEXT_THREAD; i++) {
        struct site site = c->created.v[i];
        const struct call *start =
            calls_at(contexts->flows->calls, (fn_id){site.fn}, (op_id){site.op});
        if (path_eq(class_of_handle(paths, alive_handle(contexts->alive, start)), handle)) {
            return true;
        }
    }
    return false;
}

/* ---- exploring ------------------------------------------------------------------------------- */

/* A function of a phase whose calls have to be looked at (again). */
struct visit {
    phase_id phase;
    fn_id fn;
};

/* What a set of a function is together with what is held on entry. Neighbours mostly hold the same,
 * so the last answer is kept. */
struct combined {
    const struct held *held;
    const struct lockset *entry; /* NULL: nothing was asked yet */
    const struct lockset *both;
};

struct explorer {
    struct contexts *out;
    struct flows *flows;
    const struct calls *calls;
    uint64_t *programs; /* by fn */
    VEC(struct visit) work;
    size_t next;
    struct combined held; /* of the function that is visited */
    struct combined may;
};

static phase_id add_phase(struct explorer *e, context_id context, const struct lockset *running)
{
    phase_id id = {(uint32_t)e->out->phases.n};
    struct phase phase = {context, running,
                          mem_array(e->out, struct reach, e->flows->linked->fns.n + 1)};

    vec_push(e->out, &e->out->phases, phase);
    vec_push(e->out, &e->out->v.v[context.i].phases, id);
    return id;
}

static size_t max_phases(const struct explorer *e)
{
    size_t n = MAX_VISITS / (e->flows->linked->fns.n + 1);

    return n < MIN_PHASES ? MIN_PHASES : n > MAX_PHASES ? MAX_PHASES : n;
}

/* The phase of `context` in which these threads run. When there are very many, all further ones are
 * the one in which every thread may run. */
static phase_id phase_of(struct explorer *e, context_id context, const struct lockset *running)
{
    const struct context *c = &e->out->v.v[context.i];

    if (c->kind != CONTEXT_MAIN) {
        return c->phases.v[0];
    }
    running = c->phases.n < max_phases(e) ? running : alive_everything(e->out->alive);
    for (size_t i = 0; i < c->phases.n; i++) {
        if (e->out->phases.v[c->phases.v[i].i].running == running) {
            return c->phases.v[i];
        }
    }
    return add_phase(e, context, running);
}

static void enter(struct explorer *e, phase_id phase, fn_id fn, struct reach how)
{
    struct reach *reach = &e->out->phases.v[phase.i].reach[fn.i];
    bool changed = !reach->yes;
    bool queued = reach->queued;

    if (!reach->yes) {
        *reach = how;
    } else {
        const struct lockset *held = lockset_meet(e->flows->pool, reach->held, how.held);
        const struct lockset *may = lockset_join(e->flows->pool, reach->may, how.may);
        changed =
            held != reach->held || may != reach->may || (how.programs & ~reach->programs) != 0;
        reach->programs |= how.programs;
        reach->held = held;
        reach->may = may;
    }
    reach->queued = queued || changed;
    if (changed && !queued) {
        vec_push(e->out, &e->work, (struct visit){phase, fn});
    }
}

struct fn_list contexts_callees(const struct contexts *contexts, context_id context,
                                const struct call *call)
{
    struct context *c = &contexts->v.v[context.i];

    return call == c->hop ? (struct fn_list){&c->hop_to, 1}
                          : (struct fn_list){call->callees.v, call->callees.n};
}

path_id contexts_once_lock(const struct contexts *contexts, const struct call *call)
{
    for (size_t i = 0; i < contexts->once.n; i++) {
        if (contexts->once.v[i].call == call) {
            return contexts->once.v[i].lock;
        }
    }
    return PATH_NONE;
}

static void find_once(struct contexts *contexts, struct flows *flows)
{
    for (size_t i = 0; i < flows->calls->v.n; i++) {
        const struct call *call = &flows->calls->v.v[i];
        if (call->model != NULL && call->model->once_call != ARG_NONE && call->callees.n > 0) {
            const char *routine = flows->linked->fns.v[call->callees.v[0].i].name;
            const char *name = mem_printf(contexts, "%s(%s)", call->name, routine);
            vec_push(contexts, &contexts->once, (struct once){call, flow_named_lock(flows, name)});
        }
    }
}

/* A routine that runs once (pthread_once) never runs beside itself, nor beside what waits for it.
 */
const struct lockset *contexts_with_once(const struct contexts *contexts,
                                         const struct lockset *held, const struct call *call)
{
    path_id lock = contexts_once_lock(contexts, call);
    struct token token = {lock, TOKEN_EXCLUSIVE, 1, {call->fn.i, call->op.i}};

    return path_is_none(lock) ? held : lockset_add(contexts->flows->pool, held, token);
}

/* What may be held, without the locks of objects that nobody else knows yet: no one can wait for
 * those. */
static const struct lockset *may_be_held_at(const struct contexts *contexts, phase_id phase,
                                            const struct call *call, const struct held *held)
{
    const struct lockset *must = held->must;

    for (uint32_t i = 0; i < must->n;) {
        if (ownership_is_private(contexts->ownership, call->fn, must->v[i].lock, call->op)) {
            must = lockset_drop(contexts->flows->pool, must, must->v[i].lock);
        } else {
            i++;
        }
    }
    return contexts_may_with_entry(contexts, phase, call->fn, must, held->gone);
}

/* `may` without what `callee` gives back for some arguments: it is called with the lock and without
 * (`pause(STOP)`, `pause(GO)`), and what it does then has nothing to do with each other. */
static const struct lockset *kept_by(const struct explorer *e, fn_id callee,
                                     const struct lockset *may)
{
    const struct fn_flow *flow = &e->flows->v[callee.i];
    const struct lockset *none = lockset_empty(e->flows->pool);

    for (size_t i = 0; may->n > 0 && i < flow->outcomes.n; i++) { /* mostly nothing may be held */
        const struct outcome *outcome = &flow->outcomes.v[i];
        may = outcome->n_when > 0 ? contexts_from_entry(e->out, callee, may, none, outcome->gone)
                                  : may;
    }
    return may;
}

/* contexts_from_entry() of what holds at a call, asked once for neighbours that agree. */
static const struct lockset *with_entry(const struct explorer *e, struct combined *last, fn_id fn,
                                        const struct lockset *entry, const struct held *held)
{
    if (last->held != held || last->entry != entry) {
        *last = (struct combined){held, entry,
                                  contexts_from_entry(e->out, fn, entry, held->must, held->gone)};
    }
    return last->both;
}

static const struct lockset *may_be_held(struct explorer *e, phase_id phase,
                                         const struct call *call, const struct held *held)
{
    const struct lockset *entry = e->out->phases.v[phase.i].reach[call->fn.i].may;

    return held->must->n > 0 ? may_be_held_at(e->out, phase, call, held)
                             : with_entry(e, &e->may, call->fn, entry, held);
}

/* Threads that may be running when the call's callees are entered: a loop calls them again and
 * again, so what one of them has started is there when the next one comes. */
static const struct lockset *running_in(const struct explorer *e, struct moment now,
                                        const struct call *call)
{
    const struct lockset *running = contexts_running_at(e->out, now);
    bool loops = call->model != NULL && call->model->runs_loop != ARG_NONE;

    for (size_t c = 0; c < call->callees.n && loops; c++) {
        const struct lockset *left = alive_left(e->out->alive, call->callees.v[c]);
        running = left == NULL ? running : lockset_join(e->flows->pool, running, left);
    }
    return running;
}

static void follow_call(struct explorer *e, phase_id phase, const struct call *call)
{
    const struct held *at =
        call->callees.n == 0 ? NULL : flow_held_at(e->flows, call->fn, call->op);

    if (at == NULL || doom_at(e->out->doom, call->fn, call->op)) {
        return;
    }
    const struct reach from = e->out->phases.v[phase.i].reach[call->fn.i];
    context_id context = e->out->phases.v[phase.i].context;
    const struct lockset *held = with_entry(e, &e->held, call->fn, from.held, at);
    struct fn_list callees = contexts_callees(e->out, context, call);
    bool few = surely_few(call, callees);
    bool is_main = e->out->v.v[context.i].kind == CONTEXT_MAIN;
    struct moment now = {phase, call->fn, call->op};
    phase_id then = phase_of(e, context, running_in(e, now, call));
    struct reach how = {
        .yes = true,
        .sure = is_main,
        .held = contexts_with_once(e->out, held, call),
        .may = contexts_with_once(e->out, few ? may_be_held(e, phase, call, at) : held, call),
        .caller = call->fn,
        .call = call->op,
        .caller_phase = phase,
        .depth = from.depth + 1};
    const struct lockset *may = how.may;
    for (size_t c = 0; c < callees.n; c++) {
        how.may = kept_by(e, callees.v[c], may);
        how.programs = from.programs & e->programs[callees.v[c].i];
        if (how.programs != 0) {
            enter(e, then, callees.v[c], how);
        }
    }
}

/* Is the thread that `start` starts joined with `token` still held as it was taken, on every way on
 * from there, in the same function? */
static bool is_kept_to_join(const struct explorer *e, const struct call *start,
                            const struct token *token)
{
    const struct cfg *cfg = e->flows->linked->fns.v[start->fn.i].cfg;
    path_id handle = alive_handle(e->out->alive, start);
    bool *seen = mem_array(NULL, bool, cfg->n + 1);
    bool kept = false;

    for (uint32_t i = e->calls->first[start->fn.i]; i < e->calls->first[start->fn.i + 1]; i++) {
        const struct call *join = &e->calls->v.v[i];
        uint32_t b = cfg_block_of(cfg, join->op);
        if (join->model == NULL || join->model->join == ARG_NONE || join->op.i < start->op.i ||
            join->model->is_try || join->model->timed ||
            !path_eq(alive_joined_handle(e->out->alive, join), handle)) {
            continue;
        }
        const struct held *held = flow_held_at(e->flows, join->fn, join->op);
        const struct token *then = held == NULL ? NULL : lockset_find(held->must, token->lock);
        if (then == NULL || !site_eq(then->taken, token->taken)) {
            continue;
        }
        memset(seen, 0, cfg->n * sizeof *seen);
        cfg_reach(cfg, cfg_block_of(cfg, start->op), b, seen);
        kept = true;
        for (uint32_t k = 0; k < cfg->n && b != cfg_block_of(cfg, start->op); k++) {
            kept = kept && !(seen[k] && cfg->fn->blocks.v[k].term == IR_RETURN && k != b);
        }
        break;
    }
    talloc_free(seen);
    return kept;
}

/* What whoever starts the thread holds from there until it has joined it: that protects the thread,
 * too. */
static const struct lockset *lent_to(const struct explorer *e, const struct context *context)
{
    struct lockset_pool *pool = e->flows->pool;
    const struct lockset *lent = NULL;

    if (context->holds != NULL) {
        path_id lock = flow_named_lock(e->flows, context->holds);
        struct token token = {lock, TOKEN_EXCLUSIVE, 1, SITE_NONE};
        return lockset_add(pool, lockset_empty(pool), token);
    }
    for (size_t i = 0; i < context->created.n && context->kind == CONTEXT_THREAD; i++) {
        struct site site = context->created.v[i];
        const struct call *start = calls_at(e->calls, (fn_id){site.fn}, (op_id){site.op});
        const struct held *held = flow_held_at(e->flows, start->fn, start->op);
        const struct lockset *here = lockset_empty(pool);
        for (uint32_t t = 0; held != NULL && t < held->must->n; t++) {
            struct token token = held->must->v[t];
            if (is_kept_to_join(e, start, &token)) {
                token.lock = contexts_absolute(e->out, start->fn, token.lock);
                token.depth = 1;
                here = path_is_global(e->flows->paths, token.lock) ? lockset_add(pool, here, token)
                                                                   : here;
            }
        }
        lent = lent == NULL ? here : lockset_meet(pool, lent, here);
    }
    return lent == NULL ? lockset_empty(pool) : lent;
}

static void explore(struct explorer *e, context_id id)
{
    const struct context *context = &e->out->v.v[id.i];
    phase_id first = add_phase(e, id, lockset_empty(e->flows->pool));

    for (size_t i = 0; i < context->entries.n; i++) {
        struct reach start = {.yes = true,
                              .sure = true,
                              .held = lent_to(e, context),
                              .may = context->holds != NULL ? lent_to(e, context)
                                                            : lockset_empty(e->flows->pool),
                              .programs = e->programs[context->entries.v[i].i],
                              .caller = FN_NONE};
        enter(e, first, context->entries.v[i], start);
    }
    while (e->next < e->work.n) {
        struct visit visit = e->work.v[e->next++];
        e->out->phases.v[visit.phase.i].reach[visit.fn.i].queued = false;
        e->held.entry = e->may.entry = NULL;
        for (uint32_t i = e->calls->first[visit.fn.i]; i < e->calls->first[visit.fn.i + 1]; i++) {
            follow_call(e, visit.phase, &e->calls->v.v[i]);
        }
    }
}

/* By function: the programs that it can be linked into; all, if it is in none that has a main. */
static uint64_t *find_programs(void *owner, const struct linked *linked)
{
    uint64_t *programs = mem_array(owner, uint64_t, linked->fns.n + 1);

    for (size_t f = 0; f < linked->fns.n; f++) {
        uint64_t of_unit = linked->programs[linked->fns.v[f].unit_index];
        programs[f] = of_unit == 0 ? UINT64_MAX : of_unit;
    }
    return programs;
}

struct contexts *contexts_build(void *owner, struct flows *flows)
{
    struct contexts *out = mem_new(owner, struct contexts);
    struct explorer e = {.out = out, .flows = flows, .calls = flows->calls};

    out->flows = flows;
    out->spawners = spawners_build(out, flows);
    out->absolutes = absolutes_new(out, flows);
    out->said = said_new(out, out, models_claims(flows->models));
    entries_find(out, flows);
    out->gil = gil_find(flows);
    slots_find(out, flows);
    said_add_entries(out, out->said);
    exports_find(out, flows);
    out->alive = alive_build(out, flows, out->spawners);
    out->doom = doom_build(out, flows);
    out->own_loops = own_loops_find(out, out);
    out->ownership = ownership_build(out, flows);
    find_once(out, flows);
    e.programs = find_programs(NULL, flows->linked);
    for (uint32_t i = 0; i < out->v.n; i++) {
        explore(&e, (context_id){i});
    }
    talloc_free(e.programs);
    surely_find(out);
    instances_count(out);
    out->arguments = arguments_build(out, out);
    out->rounds = rounds_build(out, out);
    return out;
}
