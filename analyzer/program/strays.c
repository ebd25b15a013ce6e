#include "program/strays.h"

#include "program/arguments.h"
#include "program/resolve.h"

enum { NEAR = 2 }; /* calls */

struct search {
    struct strays *out;
    const struct loop_uses *uses;
    const struct contexts *contexts;
    const struct flows *flows;
};

static const struct context *context_of(const struct search *s, phase_id phase)
{
    return &s->contexts->v.v[s->contexts->phases.v[phase.i].context.i];
}

static struct moment moment_of(const struct loop_use *use, uint32_t phase)
{
    return (struct moment){{phase}, use->call->fn, use->call->op};
}

static bool comes_to(const struct search *s, struct moment m)
{
    return contexts_comes_to(s->contexts, m) && flow_held_at(s->flows, m.fn, m.op) != NULL &&
           !doom_at(s->contexts->doom, m.fn, m.op);
}

/* Does the program make a call of which this holds? */
static bool any_call(const struct search *s, const struct model_loop *of,
                     bool (*holds)(const struct model_loop *of, const struct call *call))
{
    for (size_t i = 0; i < s->flows->calls->v.n; i++) {
        if (holds(of, &s->flows->calls->v.v[i])) {
            return true;
        }
    }
    return false;
}

static bool turns_threads_on(const struct model_loop *of, const struct call *call)
{
    return name_list_has(&of->thread_on, call->name);
}

static bool lends_loop(const struct model_loop *of, const struct call *call)
{
    return call->model != NULL && call->model->guards_loop && name_list_has(&of->calls, call->name);
}

/* Does the library lock what the call does? */
static bool is_locked(const struct search *s, const struct loop_use *touch)
{
    return name_list_has(&touch->of->with_threads, touch->call->name) &&
           any_call(s, touch->of, turns_threads_on);
}

/* May this context be the one whose loop it is: does it run one of these loops, or does it ask for
 * the loop that each thread has of its own? */
static bool owns_loop(const struct search *s, const struct context *context,
                      const struct loop_use *touch)
{
    for (size_t i = 0; i < s->uses->v.n; i++) {
        const struct loop_use *use = &s->uses->v.v[i];
        if (use->runs && use->of == touch->of && (use->loops & touch->loops) != 0 &&
            contexts_reaches(s->contexts, context, use->call->fn)) {
            return true;
        }
    }
    for (size_t i = 0; i < s->flows->calls->v.n; i++) {
        const struct call *call = &s->flows->calls->v.v[i];
        if (call->model != NULL && call->model->per_thread &&
            name_list_has(&touch->of->calls, call->name) &&
            contexts_reaches(s->contexts, context, call->fn)) {
            return true;
        }
    }
    return false;
}

/* Does one lock keep the two apart? Or is the loop lent to whoever has a lock (libev's release and
 * acquire callbacks)? */
static bool is_kept_apart(const struct search *s, const struct loop_use *touch, struct moment here,
                          struct moment there)
{
    const struct lockset *mine = contexts_held_at(s->contexts, here.phase, here.fn, here.op);
    const struct lockset *other = contexts_held_at(s->contexts, there.phase, there.fn, there.op);

    if (mine == NULL || other == NULL || mine->n == 0) {
        return mine == NULL || other == NULL;
    }
    for (uint32_t i = 0; i < mine->n; i++) {
        if (lockset_find(other, mine->v[i].lock) != NULL) {
            return true;
        }
    }
    return any_call(s, touch->of, lends_loop);
}

/* A signal handler comes between any two steps of its thread, the loop's in the middle. */
static bool can_meet(const struct search *s, struct moment here, struct moment there)
{
    return context_of(s, here.phase)->kind == CONTEXT_SIGNAL
               ? context_of(s, there.phase)->kind != CONTEXT_SIGNAL
               : contexts_meet(s->contexts, here, there);
}

static bool is_one(loop_set loops)
{
    return loops != 0 && (loops & (loops - 1)) == 0;
}

/* Is that context the only one that runs loops of the library? */
static bool is_only_runner(const struct search *s, const struct model_loop *of,
                           const struct context *runner)
{
    for (size_t i = 0; i < s->uses->v.n; i++) {
        const struct loop_use *use = &s->uses->v.v[i];
        for (size_t c = 0; c < s->contexts->v.n && use->runs && use->of == of; c++) {
            const struct context *other = &s->contexts->v.v[c];
            if (other != runner && contexts_reaches(s->contexts, other, use->call->fn)) {
                return false;
            }
        }
    }
    return !runner->many;
}

/* Finds who runs the loop meanwhile. Threads of which there are many have a loop each. */
static bool find_run(const struct search *s, struct stray *stray)
{
    const struct loop_use *touch = stray->touch;
    const struct context *mine = context_of(s, stray->here.phase);

    for (size_t i = 0; i < s->uses->v.n; i++) {
        const struct loop_use *run = &s->uses->v.v[i];
        if (!run->runs || run->of != touch->of || (run->loops & touch->loops) == 0) {
            continue;
        }
        for (uint32_t p = 0; p < s->contexts->phases.n; p++) {
            struct moment there = moment_of(run, p);
            const struct context *runner = context_of(s, there.phase);
            if (runner != mine && !runner->many && comes_to(s, there) &&
                can_meet(s, stray->here, there) && !is_kept_apart(s, touch, stray->here, there)) {
                stray->run = run;
                stray->there = there;
                stray->one_loop = is_one(run->loops) && run->loops == touch->loops;
                stray->one_runner = is_only_runner(s, touch->of, runner);
                return true;
            }
        }
    }
    return false;
}

static bool may_stray(const struct context *context, const struct loop_use *touch)
{
    switch (context->kind) {
    case CONTEXT_MAIN:
    case CONTEXT_THREAD:
    case CONTEXT_WORKER:
        return true;
    case CONTEXT_SIGNAL:
        return !name_list_has(&touch->of->signal_ok, touch->call->name);
    case CONTEXT_LOOP:
    case CONTEXT_EXIT:
    case CONTEXT_EXPORT:
        break;
    }
    return false;
}

/* Is the object that the call touches one that no other thread can see? */
static bool is_private(const struct search *s, const struct loop_use *touch)
{
    const struct call *call = touch->call;
    value_id value = call_arg(s->flows->linked, call, touch->arg);
    path_id path =
        value.i == ID_NONE ? PATH_NONE : resolve_pointee(s->flows->v[call->fn.i].resolver, value);

    return !path_is_none(path) &&
           ownership_is_private(s->contexts->ownership, call->fn, path, call->op);
}

static void look_at(struct search *s, const struct loop_use *touch)
{
    const struct context *done = NULL;

    for (uint32_t p = 0; p < s->contexts->phases.n; p++) {
        struct stray stray = {.touch = touch, .here = moment_of(touch, p)};
        const struct context *context = context_of(s, stray.here.phase);
        if (context == done || !may_stray(context, touch) || !comes_to(s, stray.here) ||
            owns_loop(s, context, touch) || !find_run(s, &stray)) {
            continue;
        }
        done = context;
        stray.far =
            s->contexts->phases.v[p].reach[touch->call->fn.i].depth > NEAR &&
            contexts_reaches(s->contexts, context_of(s, stray.there.phase), touch->call->fn);
        stray.sure = arguments_surely_lead_to(s->contexts->arguments, stray.here);
        vec_push(s->out, &s->out->v, stray);
    }
}

struct strays *strays_find(void *owner, const struct loop_uses *uses)
{
    struct strays *out = mem_new(owner, struct strays);
    struct search s = {out, uses, uses->contexts, uses->contexts->flows};

    for (size_t i = 0; i < uses->v.n; i++) {
        const struct loop_use *touch = &uses->v.v[i];
        if (!touch->runs && !is_locked(&s, touch) && !is_private(&s, touch)) {
            look_at(&s, touch);
        }
    }
    return out;
}
