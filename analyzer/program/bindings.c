#include "program/bindings.h"

#include "program/resolve.h"

/* A call that makes a handle one of certain loops. */
struct binding {
    fn_id fn;
    path_id handle; /* in terms of `fn`; PATH_NONE: not known which */
    loop_set loops;
    const char *library;
};

struct bindings {
    const struct contexts *contexts;
    VEC(struct binding) v;
};

static path_id handle_of(const struct contexts *contexts, const struct call *call, int arg)
{
    const struct flows *flows = contexts->flows;
    value_id value = call_arg(flows->linked, call, arg);

    return value.i == ID_NONE ? PATH_NONE : resolve_pointee(flows->v[call->fn.i].resolver, value);
}

struct bindings *bindings_build(void *owner, const struct contexts *contexts)
{
    struct bindings *bindings = mem_new(owner, struct bindings);
    const struct calls *calls = contexts->flows->calls;

    bindings->contexts = contexts;
    for (size_t i = 0; i < calls->v.n; i++) {
        const struct call *call = &calls->v.v[i];
        if (call->model == NULL || call->model->binds_handle == ARG_NONE) {
            continue;
        }
        struct binding binding = {call->fn, handle_of(contexts, call, call->model->binds_handle),
                                  loops_of(calls->loops, call, call->model->binds_loop),
                                  call->model->library};
        vec_push(bindings, &bindings->v, binding);
    }
    return bindings;
}

/* What the function that registers for a handle binds it to itself: event_set(e, ...);
 * event_base_set(base, e); 0: nothing. */
static loop_set bound_beside(const struct bindings *bindings, fn_id fn, path_id handle)
{
    loop_set loops = 0;

    for (size_t i = 0; i < bindings->v.n && !path_is_none(handle); i++) {
        const struct binding *binding = &bindings->v.v[i];
        loops |= binding->fn.i == fn.i && path_eq(binding->handle, handle) ? binding->loops : 0;
    }
    return loops;
}

/* Is one a local variable, which the other, a certain object, is not? */
static bool are_apart(const struct paths *paths, path_id local, path_id handle)
{
    return path_get(paths, path_root_of(paths, local))->kind == ROOT_LOCAL &&
           !path_has_deref(paths, local) && path_is_exact(paths, handle);
}

/* What anybody may bind such a handle to; 0: nobody does. */
static loop_set bound_anywhere(const struct bindings *bindings, path_id handle, const char *library)
{
    struct paths *paths = bindings->contexts->flows->paths;
    loop_set loops = 0;

    for (size_t i = 0; i < bindings->v.n; i++) {
        const struct binding *binding = &bindings->v.v[i];
        path_id theirs = contexts_absolute(bindings->contexts, binding->fn, binding->handle);
        bool apart = !path_is_none(theirs) && are_apart(paths, theirs, handle);
        if (binding->library == library && !apart &&
            (path_is_none(theirs) || !path_is_global(paths, theirs) ||
             path_may_alias(paths, theirs, handle))) {
            loops |= binding->loops;
        }
    }
    return loops;
}

loop_set bindings_of_object(const struct bindings *bindings, fn_id fn, path_id handle,
                            const char *library)
{
    const struct contexts *contexts = bindings->contexts;
    loop_set loops = bound_beside(bindings, fn, handle);

    if (loops != 0) {
        return loops;
    }
    handle = contexts_absolute(contexts, fn, handle);
    if (path_is_none(handle) || !path_is_global(contexts->flows->paths, handle)) {
        return LOOPS_ANY;
    }
    loops = bound_anywhere(bindings, handle, library);
    return loops == 0 ? LOOPS_ANY : loops;
}

loop_set bindings_of_handle(const struct bindings *bindings, const struct call *call, int arg,
                            const char *library)
{
    return bindings_of_object(bindings, call->fn, handle_of(bindings->contexts, call, arg),
                              library);
}

loop_set bindings_of(const struct bindings *bindings, const struct call *call,
                     const struct model_callback *callback)
{
    if (callback->loop != ARG_NONE) {
        return loops_of(bindings->contexts->flows->calls->loops, call, callback->loop);
    }
    return callback->handle == ARG_NONE
               ? LOOPS_ANY
               : bindings_of_handle(bindings, call, callback->handle, call->model->library);
}

loop_set bindings_seen(const struct bindings *bindings, const struct call *call, int arg,
                       const char *library)
{
    const struct contexts *contexts = bindings->contexts;
    path_id own = handle_of(contexts, call, arg);
    path_id handle = contexts_absolute(contexts, call->fn, own);
    loop_set loops = bound_beside(bindings, call->fn, own);

    for (size_t i = 0; i < bindings->v.n && !path_is_none(handle); i++) {
        const struct binding *binding = &bindings->v.v[i];
        path_id theirs = contexts_absolute(contexts, binding->fn, binding->handle);
        if (binding->library == library && !path_is_none(theirs) && path_eq(theirs, handle)) {
            loops |= binding->loops;
        }
    }
    return loops;
}
