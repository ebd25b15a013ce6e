/* lock-lifetime: a lock is used before it is made or after it is destroyed, made or destroyed
 * twice, destroyed while it is held or another thread can still use it, or copied.
 */
#include "rules/rule.h"

#include "program/lifetime.h"

#include <string.h>

/* ---- telling --------------------------------------------------------------------------------- */

/* What is said of each kind, around the lock's name: in the message, of the earlier op, of this op;
 * and what cures it. */
static const struct {
    const char *message;
    const char *before;
    const char *now;
    const char *now_tail;
    const char *cure;
} words[] = {
    [LIFETIME_USED_UNMADE] = {" is used before it is initialised", "allocates the memory of",
                              "uses", ", which is not initialised yet",
                              "initialise the lock right after its memory is allocated"},
    [LIFETIME_USED_ENDED] = {" is used after it was destroyed", "destroys", "uses",
                             ", which is destroyed",
                             "destroy the lock when nothing uses it any more"},
    [LIFETIME_ENDED_TWICE] = {" is destroyed twice", "destroys", "destroys", " again",
                              "leave the destruction to one of the two places"},
    [LIFETIME_MADE_TWICE] = {" is initialised twice: who holds it then is forgotten", "initialises",
                             "initialises", " again",
                             "initialise the lock once, or destroy it in between"},
    [LIFETIME_ENDED_HELD] = {" is destroyed while it is held", "takes", "destroys", "",
                             "give the lock back before it is destroyed"},
    [LIFETIME_COPIED_HELD] = {" is copied while it is held: the copy is locked for ever", "takes",
                              "copies the object around", "",
                              "copy the other members, and initialise the copy's own lock"},
    [LIFETIME_COPIED_USED] = {" is a copy of another lock: if that was held, it is locked for ever",
                              "copies another lock over", "uses", ", the copy",
                              "initialise the copy's own lock before it is used"},
};

/* A phase in which some context gets to `fn`; false: nobody is seen to call it. */
static bool phase_reaching(const struct prog *prog, fn_id fn, phase_id *ret)
{
    for (uint32_t p = 0; p < prog->contexts->phases.n; p++) {
        if (prog->contexts->phases.v[p].reach[fn.i].yes) {
            ret->i = p;
            return true;
        }
    }
    return false;
}

static size_t start_story(struct rule_run *run, struct finding *finding, fn_id fn,
                          unsigned *ret_depth)
{
    const struct prog *prog = run->prog;
    phase_id phase;

    *ret_depth = 0;
    if (!phase_reaching(prog, fn, &phase)) {
        return finding_add_thread(
            finding, mem_printf(finding, "whoever calls '%s'", prog_fn_name(prog, fn)));
    }
    context_id context = prog->contexts->phases.v[phase.i].context;
    size_t thread = finding_add_thread(finding, prog_context_title(finding, prog, context));
    *ret_depth = finding_add_way(run, finding, thread, phase, fn);
    return thread;
}

/* "VERB 'NAME'TAIL". */
static void add_step(struct rule_run *run, struct finding *finding, size_t thread, unsigned depth,
                     struct site at, const char *verb, const char *name, const char *tail)
{
    finding_add_step(run, finding, thread, prog_loc_of(run->prog, at), depth, NULL, "%s '%s'%s",
                     verb, name, tail);
}

static void tell_fault(struct rule_run *run, const struct lifetime_fault *fault)
{
    const struct prog *prog = run->prog;
    char *name = prog_path_name(run->owner, prog, fault->fn, fault->lock);
    struct site at = {fault->fn.i, fault->op.i};
    struct finding *finding =
        finding_new(run, prog_loc_of(prog, at), "'%s'%s", name, words[fault->kind].message);
    unsigned depth;
    size_t thread = start_story(run, finding, fault->fn, &depth);
    bool copy_first = fault->kind == LIFETIME_COPIED_USED;
    op_id first = copy_first ? fault->op : fault->other;
    op_id second = copy_first ? fault->other : fault->op;

    if (first.i != ID_NONE) {
        add_step(run, finding, thread, depth, (struct site){fault->fn.i, first.i},
                 words[fault->kind].before, name, "");
    }
    struct site now = {fault->fn.i, second.i};
    if (fault->inner_fn.i != UINT32_MAX) {
        add_step(run, finding, thread, depth++, now, "calls", prog_fn_name(prog, fault->inner_fn),
                 "");
        now = (struct site){fault->inner_fn.i, fault->inner_op.i};
    }
    add_step(run, finding, thread, depth, now, words[fault->kind].now, name,
             words[fault->kind].now_tail);
    finding->severity = LEVEL_HIGH;
    finding->confidence = copy_first ? LEVEL_MEDIUM : LEVEL_HIGH;
    finding_add_reason(run, finding,
                       copy_first ? "that the other lock is held at that time is not shown"
                                  : "it is so on every way through '%s'",
                       prog_fn_name(prog, fault->fn));
    finding->cure = words[fault->kind].cure;
    finding_weigh_cure(finding, name, CURE_LINE);
    finding_identify(run, finding, "%s|%d|%s|%s", run->rule->id, (int)fault->kind,
                     prog_fn_name(prog, fault->fn), name);
}

/* ---- other threads --------------------------------------------------------------------------- */

/* Does the context wait for others somewhere, but by joining them? Then an order is possible that
 * is not seen. */
static bool waits_for_others(const struct prog *prog, context_id id)
{
    const struct context *context = &prog->contexts->v.v[id.i];

    for (size_t i = 0; i < prog->calls->v.n; i++) {
        const struct call *call = &prog->calls->v.v[i];
        bool waits = call->model != NULL &&
                     (call->model->wait_cond != ARG_NONE || call->model->barrier != ARG_NONE ||
                      (call->model->kind == LOCK_SEM && call->model->acquire != ARG_NONE));
        if (waits && contexts_reaches(prog->contexts, context, call->fn)) {
            return true;
        }
    }
    return false;
}

/* Another thread that takes the lock while the moment is; NULL: none. */
static const struct acquisition *use_beside(const struct prog *prog, struct moment moment,
                                            path_id lock, phase_id *ret_phase, fn_id *ret_fn)
{
    const struct contexts *contexts = prog->contexts;
    context_id own = contexts->phases.v[moment.phase.i].context;

    for (uint32_t p = 0; p < contexts->phases.n; p++) {
        if (contexts->phases.v[p].context.i == own.i) {
            continue;
        }
        for (uint32_t f = 0; f < prog->linked->fns.n; f++) {
            const struct fn_flow *flow = &prog->flows->v[f];
            for (size_t i = 0; i < flow->acquisitions.n && contexts->phases.v[p].reach[f].sure;
                 i++) {
                const struct acquisition *a = flow->acquisitions.v[i];
                struct moment other = {{p}, {f}, a->op};
                if (a->inner == NULL &&
                    path_eq(contexts_absolute(contexts, (fn_id){f}, a->lock), lock) &&
                    contexts_meet(contexts, moment, other)) {
                    *ret_phase = (phase_id){p};
                    *ret_fn = (fn_id){f};
                    return a;
                }
            }
        }
    }
    return NULL;
}

static void tell_event(struct rule_run *run, const struct lifetime_event *event, phase_id phase,
                       path_id lock, phase_id other, fn_id user, const struct acquisition *use)
{
    const struct prog *prog = run->prog;
    const struct contexts *contexts = prog->contexts;
    char *name = prog_path_name(run->owner, prog, event->fn, lock);
    struct finding *finding = finding_new(
        run, prog_loc_of(prog, (struct site){event->fn.i, event->op.i}), "'%s' is %s", name,
        event->makes ? "initialised when a thread already runs that uses it"
                     : "destroyed while a thread runs that still uses it");
    context_id own = contexts->phases.v[phase.i].context;
    context_id theirs = contexts->phases.v[other.i].context;
    unsigned depth;

    size_t thread =
        finding_add_context(run, finding, (struct moment){phase, event->fn, event->op}, &depth);
    add_step(run, finding, thread, depth, (struct site){event->fn.i, event->op.i},
             event->makes ? "initialises" : "destroys", name, "");
    thread = finding_add_context(run, finding, (struct moment){other, user, use->op}, &depth);
    add_step(run, finding, thread, depth, (struct site){user.i, use->op.i}, "takes", name, "");
    finding->severity = LEVEL_HIGH;
    finding->confidence = LEVEL_HIGH;
    finding_add_reason(run, finding, "the thread is started before, and not joined by then");
    if (waits_for_others(prog, own) || waits_for_others(prog, theirs)) {
        finding->confidence = LEVEL_LOW;
        finding_add_reason(run, finding, "the two also wait for each other by other means");
    }
    finding->cure = event->makes ? "initialise the lock before the thread is started"
                                 : "destroy the lock after the thread has been joined";
    finding_weigh_cure(finding, name, CURE_FUNCTION);
    finding_identify(run, finding, "%s|%s|%s|%s", run->rule->id,
                     event->makes ? "made beside" : "ended beside", prog_fn_name(prog, event->fn),
                     name);
}

/* Is something wrong with it already for its own thread? */
static bool is_told(const struct lifetimes *lifetimes, const struct lifetime_event *event)
{
    for (size_t i = 0; i < lifetimes->faults.n; i++) {
        const struct lifetime_fault *fault = &lifetimes->faults.v[i];
        bool inner = fault->inner_fn.i == event->fn.i && fault->inner_op.i == event->op.i;
        if (inner || (fault->fn.i == event->fn.i && fault->op.i == event->op.i)) {
            return true;
        }
    }
    return false;
}

/* Only main knows which threads run: see contexts_meet(). */
static void check_event(struct rule_run *run, const struct lifetimes *lifetimes,
                        const struct lifetime_event *event)
{
    const struct contexts *contexts = run->prog->contexts;
    path_id lock = contexts_absolute(contexts, event->fn, event->lock);
    phase_id other;
    fn_id user;

    if (path_is_none(lock) || !path_is_exact(run->prog->paths, lock) || is_told(lifetimes, event)) {
        return;
    }
    for (uint32_t p = 0; p < contexts->phases.n; p++) {
        struct moment moment = {{p}, event->fn, event->op};
        const struct phase *phase = &contexts->phases.v[p];
        if (contexts->v.v[phase->context.i].kind != CONTEXT_MAIN ||
            !phase->reach[event->fn.i].yes) {
            continue;
        }
        const struct acquisition *use = use_beside(run->prog, moment, lock, &other, &user);
        if (use != NULL) {
            tell_event(run, event, (phase_id){p}, lock, other, user, use);
            return;
        }
    }
}

/* ---- stack frames ---------------------------------------------------------------------------- */

/* A lock behind the argument that a thread's entry gets, or in the object `data` that this always
 * is; PATH_NONE: it takes none. */
static path_id lock_behind_argument(const struct prog *prog, fn_id entry, path_id data)
{
    const struct fn_flow *flow = &prog->flows->v[entry.i];

    for (size_t i = 0; i < flow->acquisitions.n; i++) {
        path_id lock = flow->acquisitions.v[i]->lock;
        const struct path_node *root = path_get(prog->paths, path_root_of(prog->paths, lock));
        unsigned pointers = 0;
        for (path_id at = lock; !path_is_none(at); at = path_get(prog->paths, at)->parent) {
            if (path_eq(at, data) && !path_has_deref(prog->paths, lock)) {
                return lock;
            }
            pointers += path_get(prog->paths, at)->kind == STEP_DEREF ? 1 : 0;
        }
        if (root->kind == ROOT_PARAM && pointers == 1) {
            return lock;
        }
    }
    return PATH_NONE;
}

static bool fn_waits(const struct prog *prog, fn_id fn)
{
    for (uint32_t i = prog->calls->first[fn.i]; i < prog->calls->first[fn.i + 1]; i++) {
        const struct call *call = &prog->calls->v.v[i];
        if (call->model != NULL && call->model->blocks != BLOCKS_NOTHING &&
            call->model->blocks != BLOCKS_LOCK) {
            return true;
        }
        if (call->model != NULL && call->model->kind == LOCK_SEM) {
            return true;
        }
    }
    return false;
}

static void check_start(struct rule_run *run, const struct call *start)
{
    const struct prog *prog = run->prog;
    const struct model_fn *model = start->model;
    const struct lockset *left = alive_left(prog->contexts->alive, start->fn);
    path_id data = flow_arg_path(prog->flows, start, model->thread_data);
    bool runs_on = false;

    if (path_is_none(data) || path_has_deref(prog->paths, data) ||
        path_get(prog->paths, path_root_of(prog->paths, data))->kind != ROOT_LOCAL ||
        strcmp(prog_fn_name(prog, start->fn), "main") == 0 || fn_waits(prog, start->fn)) {
        return;
    }
    for (uint32_t i = 0; left != NULL && i < left->n; i++) {
        runs_on |= alive_starter(prog->contexts->alive, left->v[i].lock) == start;
    }
    void *scratch = mem_owner(NULL, "entries");
    struct fn_list entries = calls_functions_of(prog->calls, scratch, start->fn,
                                                call_arg(prog->linked, start, model->thread_entry));
    for (size_t i = 0; i < entries.n && runs_on; i++) {
        path_id lock = lock_behind_argument(prog, entries.v[i], data);
        if (path_is_none(lock)) {
            continue;
        }
        const char *name = prog_path_name(run->owner, prog, start->fn, data);
        struct finding *finding = finding_new(
            run, prog_loc_of(prog, (struct site){start->fn.i, start->op.i}),
            "'%s' lies on the stack of '%s', which returns while thread '%s' still locks it", name,
            prog_fn_name(prog, start->fn), prog_fn_name(prog, entries.v[i]));
        unsigned depth;
        size_t thread = start_story(run, finding, start->fn, &depth);
        add_step(run, finding, thread, depth, (struct site){start->fn.i, start->op.i},
                 "starts a thread with a pointer to", name, ", and returns");
        finding->severity = LEVEL_HIGH;
        finding->confidence = LEVEL_HIGH;
        finding_add_reason(run, finding, "the function neither joins the thread nor waits for it");
        finding->cure = "join the thread before the function returns, or allocate the object";
        finding_weigh_cure(finding, name, CURE_FUNCTION);
        finding_identify(run, finding, "%s|stack|%s|%s", run->rule->id,
                         prog_fn_name(prog, start->fn), name);
        break;
    }
    talloc_free(scratch);
}

void rule_lock_lifetime(struct rule_run *run)
{
    void *scratch = mem_owner(NULL, "lifetimes");
    const struct lifetimes *lifetimes = lifetimes_find(scratch, run->prog->flows);

    for (size_t i = 0; i < lifetimes->faults.n; i++) {
        tell_fault(run, &lifetimes->faults.v[i]);
    }
    for (size_t i = 0; i < lifetimes->events.n; i++) {
        check_event(run, lifetimes, &lifetimes->events.v[i]);
    }
    for (size_t i = 0; i < run->prog->calls->v.n; i++) {
        const struct call *call = &run->prog->calls->v.v[i];
        if (call->model != NULL && call->model->thread_entry > 0 && call->model->thread_data > 0) {
            check_start(run, call);
        }
    }
    talloc_free(scratch);
}
