#include "program/instances.h"

#include "program/rounds.h"
#include "program/separation.h"

#include <string.h>

/* Two sites of one function of which a run can only come to one: if (a) start(); else start(); */
static bool exclude_each_other(const struct contexts *contexts, struct site x, struct site y)
{
    if (x.fn != y.fn) {
        return false;
    }
    const struct cfg *cfg = contexts->flows->linked->fns.v[x.fn].cfg;
    uint32_t bx = cfg_block_of(cfg, (op_id){x.op});
    uint32_t by = cfg_block_of(cfg, (op_id){y.op});
    bool *seen = mem_array(NULL, bool, cfg->n + 1);
    cfg_reach(cfg, bx, ID_NONE, seen);
    bool together = bx == by || seen[by];
    memset(seen, 0, cfg->n * sizeof *seen);
    cfg_reach(cfg, by, ID_NONE, seen);
    together = together || seen[bx];
    talloc_free(seen);
    return !together;
}

/* Can one run come to two of these sites? *ret_why is the second. */
static bool any_together(const struct contexts *contexts, const struct site *v, size_t n,
                         struct site *ret_why)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t j = i + 1; j < n; j++) {
            if (!exclude_each_other(contexts, v[i], v[j])) {
                *ret_why = v[j];
                return true;
            }
        }
    }
    return false;
}

struct site_list {
    VEC(struct site) v;
};

/* Calls through which `context` gets into `fn`. */
static struct site_list *ways_into(const struct contexts *contexts, const struct context *context,
                                   fn_id fn)
{
    struct site_list *ways = mem_new(NULL, struct site_list);

    for (size_t i = 0; i < contexts->flows->calls->v.n; i++) {
        const struct call *call = &contexts->flows->calls->v.v[i];
        for (size_t c = 0; c < call->callees.n; c++) {
            if (call->callees.v[c].i == fn.i && contexts_reaches(contexts, context, call->fn)) {
                vec_push(ways, &ways->v, (struct site){call->fn.i, call->op.i});
            }
        }
    }
    return ways;
}

/* Is the call in a loop, or one that itself calls back again and again (uv_run)? */
static bool repeats(const struct contexts *contexts, struct site site)
{
    const struct call *call = calls_at(contexts->flows->calls, (fn_id){site.fn}, (op_id){site.op});

    return cfg_op_repeats(contexts->flows->linked->fns.v[site.fn].cfg, (op_id){site.op}) ||
           (call->model != NULL && call->model->runs_loop != ARG_NONE);
}

/* Can `fn` come to be called while it runs? */
static bool is_recursive(const struct contexts *contexts, fn_id fn)
{
    const struct calls *calls = contexts->flows->calls;
    bool *seen = mem_array(NULL, bool, contexts->flows->linked->fns.n + 1);
    VEC(fn_id) work = {NULL, 0};

    vec_push(NULL, &work, fn);
    while (work.n > 0 && !seen[fn.i]) {
        fn_id at = work.v[--work.n];
        for (uint32_t i = calls->first[at.i]; i < calls->first[at.i + 1]; i++) {
            const struct call *call = &calls->v.v[i];
            for (size_t c = 0; c < call->callees.n; c++) {
                if (!seen[call->callees.v[c].i]) {
                    seen[call->callees.v[c].i] = true;
                    vec_push(NULL, &work, call->callees.v[c]);
                }
            }
        }
    }
    bool recursive = seen[fn.i];
    talloc_free(work.v);
    talloc_free(seen);
    return recursive;
}

static bool is_one_of(const struct contexts *contexts, const struct lockset *threads,
                      const struct site *sites, size_t n_sites)
{
    for (uint32_t i = 0; threads != NULL && i < threads->n; i++) {
        const struct call *starter = alive_starter(contexts->alive, threads->v[i].lock);
        for (size_t s = 0; s < n_sites; s++) {
            if (site_eq((struct site){starter->fn.i, starter->op.i}, sites[s])) {
                return true;
            }
        }
    }
    return false;
}

/* Can a thread that the function of the site starts at one of these sites be running at the site?
 */
static bool is_running_there(const struct contexts *contexts, struct site at,
                             const struct site *sites, size_t n_sites)
{
    const struct lockset *none = lockset_empty(contexts->flows->pool);

    return is_one_of(contexts,
                     alive_running_at(contexts->alive, (fn_id){at.fn}, (op_id){at.op}, none), sites,
                     n_sites);
}

/* A spawner whose one call starts several: a loop around pthread_create() in there, whatever calls
 * it. *ret_why is the start in the loop. */
static bool starts_several(const struct contexts *contexts, const struct context *context,
                           struct site *ret_why)
{
    for (size_t i = 0; i < context->created.n; i++) {
        struct site site = context->created.v[i];
        if (cfg_op_repeats(contexts->flows->linked->fns.v[site.fn].cfg, (op_id){site.op}) &&
            is_running_there(contexts, site, &site, 1)) {
            *ret_why = site;
            return true;
        }
    }
    return false;
}

/* Has the function of the site always joined the thread that is started there, when it returns and
 * when it starts the next one? */
static bool is_over_before_the_next(const struct contexts *contexts, const struct context *context,
                                    struct site site)
{
    return !is_running_there(contexts, site, context->started.v, context->started.n) &&
           !is_one_of(contexts, alive_left(contexts->alive, (fn_id){site.fn}), context->started.v,
                      context->started.n) &&
           !is_recursive(contexts, (fn_id){site.fn});
}

/* Can `context` come to this site more than once? *ret_why is the call that shows it. */
static bool comes_again(const struct contexts *contexts, const struct context *context,
                        struct site site, struct site *ret_why)
{
    *ret_why = site;
    if (context->many) {
        return true;
    }
    for (unsigned depth = 0; depth < 32; depth++) {
        *ret_why = site;
        if (repeats(contexts, site)) {
            return true;
        }
        struct site_list *ways = ways_into(contexts, context, (fn_id){site.fn});
        bool several = any_together(contexts, ways->v.v, ways->v.n, ret_why);
        bool none = ways->v.n == 0;
        for (size_t i = 1; i < ways->v.n && !several; i++) {
            several = repeats(contexts, ways->v.v[i]);
        }
        site = none ? site : ways->v.v[0];
        talloc_free(ways);
        if (several || none) {
            return several;
        }
    }
    return true;
}

/* A thread whose handle is one variable, by which it is joined somewhere, runs once at a time: a
 * second start would lose the first one's handle. */
static bool has_one_handle(const struct contexts *contexts, const struct context *context)
{
    path_id only = PATH_NONE;

    for (size_t i = 0; i < context->created.n; i++) {
        struct site site = context->created.v[i];
        const struct call *call =
            calls_at(contexts->flows->calls, (fn_id){site.fn}, (op_id){site.op});
        path_id handle = alive_handle(contexts->alive, call);
        if (!path_is_exact(contexts->flows->paths, handle) ||
            (!path_is_none(only) && !path_eq(only, handle))) {
            return false;
        }
        only = handle;
    }
    return !path_is_none(only) && alive_is_joined(contexts->alive, only);
}

/* One round over all contexts. False: nothing new. */
static bool count_contexts(struct contexts *contexts)
{
    bool changed = false;

    for (size_t i = 0; i < contexts->v.n; i++) {
        struct context *context = &contexts->v.v[i];
        if (context->kind != CONTEXT_THREAD && context->kind != CONTEXT_WORKER) {
            continue;
        }
        uint64_t programs = context->programs;
        struct site why = SITE_NONE;
        bool many = (context->many_said == SAID_NOT && context->many) ||
                    starts_several(contexts, context, &why);
        for (size_t s = 0; s < context->started.n; s++) {
            struct site site = context->started.v[s];
            for (size_t c = 0; c < contexts->v.n; c++) {
                const struct context *creator = &contexts->v.v[c];
                if (contexts_reaches(contexts, creator, (fn_id){site.fn})) {
                    programs |= creator->programs;
                    many = many ||
                           ((creator->many || !is_over_before_the_next(contexts, context, site)) &&
                            comes_again(contexts, creator, site, &why));
                }
            }
        }
        many = (many || any_together(contexts, context->started.v, context->started.n, &why)) &&
               !has_one_handle(contexts, context);
        context->many_found = context->many_found || many;
        many = context->many_said == SAID_NOT ? many : context->many_said == SAID_YES;
        if (many != context->many || programs != context->programs) {
            context->many_site = context->many ? context->many_site : why;
            context->many = many;
            context->programs = programs;
            changed = true;
        }
    }
    return changed;
}

void instances_count(struct contexts *contexts)
{
    while (count_contexts(contexts)) {
        /* threads that start threads */
    }
    for (size_t i = 0; i < contexts->v.n; i++) {
        struct context *context = &contexts->v.v[i];
        if (context->programs == 0) { /* a library's: whoever calls it */
            context->programs = UINT64_MAX;
        }
    }
}

bool contexts_overlap(const struct contexts *contexts, context_id a, context_id b)
{
    const struct context *x = &contexts->v.v[a.i];
    const struct context *y = &contexts->v.v[b.i];

    if (x->kind == CONTEXT_SIGNAL || y->kind == CONTEXT_SIGNAL || x->kind == CONTEXT_EXIT ||
        y->kind == CONTEXT_EXIT) {
        return false; /* a handler interrupts its thread, it does not run beside it */
    }
    if (a.i == b.i) {
        return x->many;
    }
    if ((x->at_start && y->holds != NULL) || (y->at_start && x->holds != NULL)) {
        return false; /* a module is loaded before anybody uses it */
    }
    return (x->programs & y->programs) != 0;
}

/* Has a thread that is in `running`, or one that such a thread has started, become `other`? */
static bool is_among(const struct contexts *contexts, const struct lockset *running,
                     context_id other, unsigned depth)
{
    const struct context *o = &contexts->v.v[other.i];

    bool is_thread = o->kind == CONTEXT_THREAD || o->kind == CONTEXT_WORKER;
    if (o->kind == CONTEXT_LOOP || (is_thread && o->started.n == 0)) {
        return true; /* nobody is seen to start it */
    }
    for (uint32_t i = 0; i < running->n; i++) {
        const struct call *starter = alive_starter(contexts->alive, running->v[i].lock);
        for (size_t s = 0; s < o->started.n; s++) {
            if (site_eq((struct site){starter->fn.i, starter->op.i}, o->started.v[s])) {
                return true;
            }
        }
    }
    for (uint32_t c = 0; c < contexts->v.n && depth < 4; c++) {
        const struct context *creator = &contexts->v.v[c];
        bool creates = false;
        for (size_t s = 0; s < o->started.n && creator->kind != CONTEXT_MAIN; s++) {
            creates =
                creates || contexts_surely_runs(contexts, creator, (fn_id){o->started.v[s].fn});
        }
        if (creates && c != other.i && is_among(contexts, running, (context_id){c}, depth + 1)) {
            return true;
        }
    }
    return false;
}

static bool is_running_at(const struct contexts *contexts, struct moment m, context_id other)
{
    const struct phase *phase = &contexts->phases.v[m.phase.i];

    return contexts->v.v[phase->context.i].kind != CONTEXT_MAIN ||
           is_among(contexts, contexts_running_at(contexts, m), other, 0);
}

static bool is_settled(const struct contexts *contexts, struct moment a, struct moment b)
{
    const struct settled *settled = separation_settled(contexts->separation);

    return settled != NULL && settled_exclude(settled, a, b);
}

static bool is_errand(const struct contexts *contexts, struct moment a, struct moment b)
{
    const struct errands *errands = separation_errands(contexts->separation);

    return errands != NULL && errands_apart(errands, a, b);
}

bool contexts_meet(const struct contexts *contexts, struct moment a, struct moment b)
{
    context_id x = contexts->phases.v[a.phase.i].context;
    context_id y = contexts->phases.v[b.phase.i].context;

    uint64_t programs = contexts->phases.v[a.phase.i].reach[a.fn.i].programs &
                        contexts->phases.v[b.phase.i].reach[b.fn.i].programs;

    return programs != 0 && contexts_overlap(contexts, x, y) && is_running_at(contexts, a, y) &&
           is_running_at(contexts, b, x) && !rounds_apart(contexts->rounds, a, b) &&
           !is_settled(contexts, a, b) && !is_errand(contexts, a, b) &&
           !said_apart(contexts->said, contexts, a, b);
}

bool contexts_meet_at(const struct contexts *contexts, struct moment a, struct moment b,
                      path_id about)
{
    bool meet = contexts_meet(contexts, a, b);
    const struct kept *kept = meet ? separation_kept(contexts->separation) : NULL;

    return meet && (kept == NULL || !kept_exclude(kept, a, b, about));
}
