#include "program/gil.h"

#include "program/surely.h"

/* Is the interpreter's own source among the files: what takes its lock, or gives it back? */
static bool has_source(const struct flows *flows)
{
    for (size_t f = 0; f < flows->linked->fns.n; f++) {
        const struct model_fn *model = models_fn(flows->models, flows->linked->fns.v[f].name);
        if (model != NULL && model->kind == LOCK_GIL &&
            (model->acquire == ARG_SINGLETON || model->release == ARG_SINGLETON)) {
            return true;
        }
    }
    return false;
}

path_id gil_find(const struct flows *flows)
{
    const char *name = models_gil(flows->models);

    return name == NULL || has_source(flows) ? PATH_NONE : flow_find_named_lock(flows, name);
}

path_id gil_lock(const struct contexts *contexts)
{
    return contexts->gil;
}

enum gil_state gil_at(const struct contexts *contexts, path_id lock, fn_id fn, op_id op,
                      enum gil_state entry)
{
    const struct held *held = flow_held_at(contexts->flows, fn, op);

    if (held == NULL) {
        return GIL_UNKNOWN;
    }
    if (lockset_find(held->must, lock) != NULL) {
        return GIL_HELD;
    }
    if (lockset_find(held->free, lock) != NULL) {
        return GIL_FREE;
    }
    bool differs = lockset_find(held->may, lock) != NULL || lockset_find(held->gone, lock) != NULL;
    return differs ? GIL_UNKNOWN : entry;
}

const struct gil_way *gil_way(const struct gil_walk *walk, fn_id fn, enum gil_state state)
{
    if (state == GIL_UNKNOWN) {
        return NULL;
    }
    const struct gil_way *way = state == GIL_HELD ? &walk->held[fn.i] : &walk->free[fn.i];
    return way->yes ? way : NULL;
}

/* ---- the walk -------------------------------------------------------------------------------- */

/* A function entered in a state. */
struct entered {
    fn_id fn;
    enum gil_state state;
};

struct walker {
    const struct contexts *contexts;
    struct gil_walk *out;
    VEC(struct entered) queue;
};

/* What the context starts with. Nobody knows it of a signal handler, and of main a program that
 * starts an interpreter tells. */
static enum gil_state state_at_start(const struct walker *walker)
{
    const struct context *context = &walker->contexts->v.v[walker->out->context.i];

    switch (context->kind) {
    case CONTEXT_THREAD:
    case CONTEXT_WORKER:
        return GIL_FREE;
    case CONTEXT_EXPORT:
        return context->holds != NULL &&
                       path_eq(flow_find_named_lock(walker->contexts->flows, context->holds),
                               walker->out->lock)
                   ? GIL_HELD
                   : GIL_UNKNOWN;
    case CONTEXT_MAIN:
    case CONTEXT_LOOP:
    case CONTEXT_SIGNAL:
    case CONTEXT_EXIT:
        break;
    }
    return GIL_UNKNOWN;
}

/* A function that asks whether the lock is held does what it does by the answer. */
static bool asks(const struct contexts *contexts, fn_id fn)
{
    const struct calls *calls = contexts->flows->calls;

    for (uint32_t i = calls->first[fn.i]; i < calls->first[fn.i + 1]; i++) {
        const struct model_fn *model = calls->v.v[i].model;
        if (model != NULL && model->tests == ARG_SINGLETON) {
            return true;
        }
    }
    return false;
}

static void enter(struct walker *walker, fn_id fn, enum gil_state state, struct gil_way way)
{
    struct gil_way *known = state == GIL_HELD ? &walker->out->held[fn.i] : &walker->out->free[fn.i];

    if (state != GIL_UNKNOWN && !known->yes && !asks(walker->contexts, fn)) {
        *known = way;
        vec_push(walker->out, &walker->queue, (struct entered){fn, state});
    }
}

/* With `weak`, pointers that may mean several functions are followed, too. */
static void follow(struct walker *walker, struct entered from, const struct call *call, bool weak)
{
    const struct contexts *contexts = walker->contexts;
    struct fn_list callees = contexts_callees(contexts, walker->out->context, call);
    bool sure = !call->indirect || callees.n == 1;
    const struct gil_way *before =
        from.state == GIL_UNKNOWN ? NULL : gil_way(walker->out, from.fn, from.state);
    enum gil_state entry = before == NULL ? GIL_UNKNOWN : from.state;

    if (callees.n == 0 || (!sure && (!weak || !surely_few(call, callees)))) {
        return;
    }
    struct gil_way way = {.yes = true,
                          .sure = sure && (before == NULL || before->sure),
                          .caller = from.fn,
                          .call = call->op,
                          .before = from.state,
                          .depth = before == NULL ? 1 : before->depth + 1};
    for (size_t i = 0; i < callees.n; i++) {
        enter(walker, callees.v[i], gil_at(contexts, walker->out->lock, call->fn, call->op, entry),
              way);
    }
}

static void follow_calls(struct walker *walker, struct entered from, bool weak)
{
    const struct calls *calls = walker->contexts->flows->calls;

    for (uint32_t i = calls->first[from.fn.i]; i < calls->first[from.fn.i + 1]; i++) {
        follow(walker, from, &calls->v.v[i], weak);
    }
}

static void walk_all(struct walker *walker, bool weak)
{
    const struct contexts *contexts = walker->contexts;

    for (uint32_t f = 0; f < contexts->flows->linked->fns.n; f++) {
        if (contexts_reaches(contexts, &contexts->v.v[walker->out->context.i], (fn_id){f})) {
            follow_calls(walker, (struct entered){{f}, GIL_UNKNOWN}, weak);
        }
    }
    for (size_t next = 0; next < walker->queue.n; next++) {
        follow_calls(walker, walker->queue.v[next], weak);
    }
}

struct gil_walk *gil_walk(void *owner, const struct contexts *contexts, context_id context,
                          path_id lock)
{
    struct gil_walk *out = mem_new(owner, struct gil_walk);
    struct walker walker = {.contexts = contexts, .out = out};
    size_t n = contexts->flows->linked->fns.n + 1;

    *out = (struct gil_walk){.context = context, .lock = lock};
    out->held = mem_array(out, struct gil_way, n);
    out->free = mem_array(out, struct gil_way, n);
    const struct context *c = &contexts->v.v[context.i];
    for (size_t i = 0; i < c->entries.n; i++) {
        enter(&walker, c->entries.v[i], state_at_start(&walker),
              (struct gil_way){.yes = true, .sure = true, .caller = FN_NONE});
    }
    walk_all(&walker, false);
    walk_all(&walker, true);
    return out;
}
