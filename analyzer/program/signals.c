#include "program/signals.h"

#include "program/arguments.h"
#include "program/masks.h"

static bool is_known(const struct signal_waits *waits, path_id lock, phase_id handler)
{
    for (size_t i = 0; i < waits->v.n; i++) {
        if (path_eq(waits->v.v[i].lock, lock) && waits->v.v[i].handler.i == handler.i) {
            return true;
        }
    }
    return false;
}

/* A place where a context takes `lock` and a signal can come in. Only what is taken in the function
 * itself: the innermost call. */
static void find_holder(const struct contexts *contexts, struct masks *masks,
                        struct signal_waits *waits, struct signal_wait wait, context_id id)
{
    const struct context *context = &contexts->v.v[id.i];

    for (uint32_t f = 0; f < contexts->flows->linked->fns.n; f++) {
        const struct fn_flow *flow = &contexts->flows->v[f];
        for (size_t i = 0; i < flow->acquisitions.n && masks_reaches(masks, (fn_id){f}); i++) {
            const struct acquisition *a = flow->acquisitions.v[i];
            path_id lock = contexts_absolute(contexts, (fn_id){f}, a->lock);
            if (path_is_none(lock) || !path_eq(lock, wait.lock) || a->recursive ||
                masks_blocked_before(masks, calls_at(contexts->flows->calls, (fn_id){f}, a->op))) {
                continue;
            }
            for (size_t p = 0; p < context->phases.n; p++) {
                struct moment at = {context->phases.v[p], {f}, a->op};
                if (contexts->phases.v[at.phase.i].reach[f].sure &&
                    contexts_comes_to(contexts, at) && !is_known(waits, lock, wait.handler)) {
                    wait.thread = context->phases.v[p];
                    wait.hold_fn = (fn_id){f};
                    wait.hold = a;
                    vec_push(waits, &waits->v, wait);
                }
            }
        }
    }
}

/* Does a handler that gets to `fn` wait for this one there, for one certain lock? */
static bool can_wait(const struct contexts *contexts, phase_id handler, fn_id fn,
                     const struct acquisition *a, path_id lock)
{
    struct moment at = {handler, fn, a->op};

    return a->waits && !a->recursive && !path_is_none(lock) &&
           path_is_exact(contexts->flows->paths, lock) &&
           arguments_surely_lead_to(contexts->arguments, at);
}

static void find_waits(const struct contexts *contexts, struct masks *masks,
                       struct signal_waits *waits, context_id handler, context_id thread)
{
    phase_id phase = contexts->v.v[handler.i].phases.v[0];

    if ((contexts->v.v[handler.i].programs & contexts->v.v[thread.i].programs) == 0) {
        return;
    }
    for (uint32_t f = 0; f < contexts->flows->linked->fns.n; f++) {
        const struct fn_flow *flow = &contexts->flows->v[f];
        for (size_t i = 0; i < flow->acquisitions.n && contexts->phases.v[phase.i].reach[f].sure;
             i++) {
            const struct acquisition *a = flow->acquisitions.v[i];
            path_id lock = contexts_absolute(contexts, (fn_id){f}, a->lock);
            if (can_wait(contexts, phase, (fn_id){f}, a, lock) && !is_known(waits, lock, phase)) {
                find_holder(
                    contexts, masks, waits,
                    (struct signal_wait){.handler = phase, .wait_fn = {f}, .wait = a, .lock = lock},
                    thread);
            }
        }
    }
}

/* Does the handler wait for any lock in `fn`? */
static bool waits_in(const struct contexts *contexts, const struct context *handler, fn_id fn)
{
    const struct fn_flow *flow = &contexts->flows->v[fn.i];
    phase_id phase = handler->phases.v[0];
    bool waits = false;

    for (size_t i = 0; i < flow->acquisitions.n && !waits; i++) {
        path_id lock = contexts_absolute(contexts, fn, flow->acquisitions.v[i]->lock);
        waits = contexts->phases.v[phase.i].reach[fn.i].sure &&
                can_wait(contexts, phase, fn, flow->acquisitions.v[i], lock);
    }
    return waits;
}

/* Does any handler wait for a lock in `focus`? */
static bool any_waits(const struct contexts *contexts, const struct focus *focus)
{
    bool any = false;

    for (uint32_t c = 0; c < contexts->v.n; c++) {
        bool handles = contexts->v.v[c].kind == CONTEXT_SIGNAL;
        for (uint32_t f = 0; f < contexts->flows->linked->fns.n && handles && !any; f++) {
            any = focus_has(focus, (fn_id){f}) && waits_in(contexts, &contexts->v.v[c], (fn_id){f});
        }
    }
    return any;
}

struct signal_waits *signals_find(void *owner, const struct contexts *contexts,
                                  const struct focus *focus)
{
    struct signal_waits *waits = mem_new(owner, struct signal_waits);
    struct masks *masks = any_waits(contexts, focus) ? masks_new(NULL, contexts) : NULL;

    for (uint32_t t = 0; t < contexts->v.n && masks != NULL; t++) {
        enum context_kind kind = contexts->v.v[t].kind;
        if (kind == CONTEXT_SIGNAL || kind == CONTEXT_EXIT) {
            continue;
        }
        masks_explore(masks, &contexts->v.v[t]);
        for (uint32_t h = 0; h < contexts->v.n; h++) {
            if (contexts->v.v[h].kind == CONTEXT_SIGNAL) {
                find_waits(contexts, masks, waits, (context_id){h}, (context_id){t});
            }
        }
    }
    talloc_free(masks);
    return waits;
}
