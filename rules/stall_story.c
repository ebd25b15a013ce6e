#include "rules/stall_story.h"

#include <stdlib.h>

/* A wait that many calls below the lock lead to may hang on conditions that are not followed. */
enum { MAX_SURE_CALLS = 6 };

/* Who holds so many locks at once stops everybody else, or means to. */
enum { MANY_LOCKS = 4 };

/* A pointer in a struct may mean so many functions and each of them be run: the handlers of a
 * protocol. More are the jobs of an interpreter. */
enum { MAX_HANDLERS = 8 };

/* ---- how bad, how sure ------------------------------------------------------------------------
 */

static struct cost cost_under_lock(enum blocks_what what)
{
    return what == BLOCKS_LOOP ? (struct cost){LEVEL_HIGH, true, "runs an event loop", false, NULL}
                               : cost_of(what);
}

static bool is_export(const struct prog *prog, struct moment m)
{
    const struct contexts *contexts = prog->contexts;

    return contexts->v.v[contexts->phases.v[m.phase.i].context.i].kind == CONTEXT_EXPORT;
}

static bool stops_others(const struct prog *prog, const struct stall_case *c)
{
    struct moment holder = c->stall->holder;

    return contexts_held_at(prog->contexts, holder.phase, holder.fn, holder.op)->n >= MANY_LOCKS;
}

/* The first thing that speaks against it; NULL: nothing. */
static const char *doubt_of(const struct prog *prog, const struct stall_case *c)
{
    const struct held_wait *wait = c->stall->wait;

    if (c->cost.quick != NULL) {
        return c->cost.quick;
    }
    if (!wait->site->sure) {
        return "whether it waits depends on an argument or descriptor";
    }
    if (!wait->always) {
        return "the lock is held on some ways there only";
    }
    if (wait->by_pointer || wait->way.n > MAX_SURE_CALLS) {
        return "whether the calls lead to the wait depends on what is not followed";
    }
    if (is_export(prog, c->stall->holder) || is_export(prog, c->wanter->at)) {
        return "nothing shows that threads call the library at once";
    }
    if (stops_others(prog, c)) {
        return "the holder has so many locks that it may have stopped the others";
    }
    bool wanted =
        c->wanter->callback == ID_NONE ? c->wanter->sure : c->wanter->meanings <= MAX_HANDLERS;
    return c->stall->holder_sure && wanted ? NULL : "a thread comes there perhaps only";
}

static void weigh(const struct prog *prog, struct stall_case *c)
{
    bool exact = path_is_exact(prog->paths, c->stall->wait->lock);

    c->doubt = doubt_of(prog, c);
    c->confidence = c->doubt != NULL ? LEVEL_LOW : exact ? LEVEL_HIGH : LEVEL_MEDIUM;
}

/* ---- which cases ------------------------------------------------------------------------------
 */

static int by_number(uint32_t a, uint32_t b)
{
    return a < b ? -1 : a > b;
}

static int by_weight(const void *a, const void *b)
{
    const struct stall_case *x = a;
    const struct stall_case *y = b;
    int order = by_number(y->confidence, x->confidence);

    order = order != 0 ? order : by_number(y->cost.severity, x->cost.severity);
    order = order != 0
                ? order
                : by_number((uint32_t)x->stall->wait->way.n, (uint32_t)y->stall->wait->way.n);
    return order != 0 ? order : x->stall < y->stall ? -1 : x->stall > y->stall;
}

struct stall_cases stall_cases_of(void *owner, struct rule_run *run, bool in_loop)
{
    const struct stalls *stalls = stalls_in(run->prog->stalls, run->prog->focus);
    struct stall_cases cases = {NULL, 0};

    for (size_t i = 0; i < stalls->v.n; i++) {
        const struct stall *stall = &stalls->v.v[i];
        struct stall_case c = {.stall = stall,
                               .wanter = in_loop ? &stall->in_loop : &stall->wanter,
                               .cost = cost_under_lock(stall->wait->site->what)};
        if (c.cost.what != NULL && !stall->holder_in_loop && (stall->has_loop || !in_loop)) {
            weigh(run->prog, &c);
            vec_push(owner, &cases, c);
        }
    }
    if (cases.n > 0) {
        qsort(cases.v, cases.n, sizeof *cases.v, by_weight);
    }
    return cases;
}

const struct stall_case *stall_told_before(const struct stall_cases *cases, size_t i)
{
    const struct held_wait *wait = cases->v[i].stall->wait;

    for (size_t k = 0; k < i; k++) {
        const struct held_wait *other = cases->v[k].stall->wait;
        bool same_lock = path_eq(other->lock, wait->lock);
        bool same_fn = other->fn.i == wait->fn.i;
        bool same_site = other->site == wait->site;
        if (same_lock + same_fn + same_site >= 2) {
            return &cases->v[k];
        }
    }
    return NULL;
}

/* ---- names and places --------------------------------------------------------------------------
 */

const char *stall_lock_name(void *owner, const struct prog *prog, const struct stall_case *c)
{
    return prog_path_name(owner, prog, FN_NONE, c->stall->wait->lock);
}

static struct loc loc_of_call(const struct prog *prog, const struct call *call)
{
    return prog_loc_of(prog, (struct site){call->fn.i, call->op.i});
}

struct loc stall_wait_loc(const struct prog *prog, const struct stall_case *c)
{
    return loc_of_call(prog, c->stall->wait->site->call);
}

struct loc stall_want_loc(const struct prog *prog, const struct stall_case *c)
{
    return prog_loc_of(prog, (struct site){c->wanter->at.fn.i, c->wanter->at.op.i});
}

/* ---- the story --------------------------------------------------------------------------------
 */

static void tell_holder(struct rule_run *run, struct finding *finding, const struct stall_case *c,
                        const char *lock)
{
    const struct prog *prog = run->prog;
    const struct held_wait *wait = c->stall->wait;
    struct moment holder = c->stall->holder;
    unsigned depth;
    size_t thread = finding_add_context(run, finding, holder, &depth);

    if (!site_eq(wait->token.taken, SITE_NONE)) {
        finding_add_step(run, finding, thread, prog_loc_of(prog, wait->token.taken), depth, NULL,
                         "takes '%s'", lock);
    }
    for (size_t i = 0; i + 1 < wait->way.n; i++) {
        finding_add_step(run, finding, thread, loc_of_call(prog, wait->way.v[i]), depth++, NULL,
                         "calls '%s'", prog_fn_name(prog, wait->way.v[i + 1]->fn));
    }
    finding_add_step(run, finding, thread, stall_wait_loc(prog, c), depth,
                     contexts_held_at(prog->contexts, holder.phase, holder.fn, holder.op),
                     "'%s' %s, and '%s' stays taken", wait->site->call->name, c->cost.what, lock);
}

/* The calls by which the loop comes to the function; gives their number. */
static unsigned add_loop_way(struct rule_run *run, struct finding *finding, size_t thread, fn_id fn)
{
    const struct prog *prog = run->prog;
    const struct loop_step *step = &prog->stalls->loops->v[fn.i];

    if (step->caller.i == UINT32_MAX) {
        finding_add_step(run, finding, thread, prog_loc_of_fn(prog, fn), 0, NULL,
                         "the loop calls '%s'", prog_fn_name(prog, fn));
        return 1;
    }
    unsigned depth = add_loop_way(run, finding, thread, step->caller);
    finding_add_step(run, finding, thread,
                     prog_loc_of(prog, (struct site){step->caller.i, step->call.i}), depth, NULL,
                     "calls '%s'", prog_fn_name(prog, fn));
    return depth + 1;
}

static size_t add_loop_thread(struct rule_run *run, struct finding *finding,
                              const struct wanter *wanter, unsigned *ret_depth)
{
    const struct prog *prog = run->prog;
    const struct callback *callback = &prog->contexts->callbacks.v[wanter->callback];
    size_t thread = finding_add_thread(finding, prog_callback_title(finding, prog, callback));

    *ret_depth = add_loop_way(run, finding, thread, wanter->at.fn);
    return thread;
}

static void tell_wanter(struct rule_run *run, struct finding *finding, const struct stall_case *c,
                        const char *lock)
{
    const struct prog *prog = run->prog;
    const struct wanter *wanter = c->wanter;
    unsigned depth;
    size_t thread = wanter->callback != ID_NONE
                        ? add_loop_thread(run, finding, wanter, &depth)
                        : finding_add_context(run, finding, wanter->at, &depth);
    fn_id fn = wanter->at.fn;
    const struct acquisition *a = wanter->acquisition;
    for (; a->inner != NULL; a = a->inner) {
        finding_add_step(run, finding, thread, prog_loc_of(prog, (struct site){fn.i, a->op.i}),
                         depth++, NULL, "calls '%s'", prog_fn_name(prog, a->inner_fn));
        fn = a->inner_fn;
    }
    finding_add_step(run, finding, thread, prog_loc_of(prog, (struct site){fn.i, a->op.i}), depth,
                     NULL,
                     wanter->callback != ID_NONE ? "waits for '%s'; nothing else of this loop runs"
                                                 : "waits for '%s'",
                     lock);
}

void stall_tell(struct rule_run *run, struct finding *finding, const struct stall_case *c)
{
    const char *lock = stall_lock_name(finding, run->prog, c);

    tell_holder(run, finding, c, lock);
    tell_wanter(run, finding, c, lock);
    finding->confidence = c->confidence;
    finding->variable = lock;
    finding_add_reason(run, finding,
                       path_is_exact(run->prog->paths, c->stall->wait->lock)
                           ? "the lock is one certain object"
                           : "a lock class stands for many objects");
    if (c->wanter->meanings > 0) {
        finding_add_reason(run, finding, "the callback gets there by a pointer of %u meanings",
                           c->wanter->meanings);
    }
    if (c->doubt != NULL) {
        finding_add_reason(run, finding, "%s", c->doubt);
    }
}
