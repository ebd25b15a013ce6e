#include "program/upkeep.h"

enum { MAX_CALLERS = 3 };

struct lock_list {
    VEC(path_id) v; /* in terms of the function */
};

struct upkeep {
    const struct contexts *contexts;
    struct lock_list *v; /* by fn: locks that it initialises or destroys, itself or by a wrapper */
};

static void add(struct upkeep *upkeep, fn_id fn, path_id lock)
{
    struct lock_list *list = &upkeep->v[fn.i];

    for (size_t i = 0; i < list->v.n; i++) {
        if (path_eq(list->v.v[i], lock)) {
            return;
        }
    }
    if (!path_is_none(lock)) {
        vec_push(upkeep, &list->v, lock);
    }
}

/* A callee that is handed the lock itself (`lock_init(&c->mu)`) is a wrapper. */
static void add_wrapped(struct upkeep *upkeep, const struct call *call, fn_id callee)
{
    const struct flows *flows = upkeep->contexts->flows;
    path_id pointees[MAX_PARAMS];

    if (upkeep->v[callee.i].v.n == 0) {
        return;
    }
    size_t n = flow_pointees(flows, call, pointees);
    for (size_t i = 0; i < upkeep->v[callee.i].v.n; i++) {
        path_id lock = upkeep->v[callee.i].v.v[i];
        const struct path_node *node = path_get(flows->paths, lock);
        if (node->kind == STEP_DEREF) {
            add(upkeep, call->fn, path_substitute(flows->paths, lock, pointees, n));
        }
    }
}

static void look_at_call(struct upkeep *upkeep, const struct call *call)
{
    const struct flows *flows = upkeep->contexts->flows;

    if (call->model != NULL && call->model->init != ARG_NONE) {
        add(upkeep, call->fn, flow_arg_path(flows, call, call->model->init));
    }
    if (call->model != NULL && call->model->destroy != ARG_NONE) {
        add(upkeep, call->fn, flow_arg_path(flows, call, call->model->destroy));
    }
    for (size_t c = 0; c < call->callees.n && call->model == NULL && !call->indirect; c++) {
        add_wrapped(upkeep, call, call->callees.v[c]);
    }
}

struct upkeep *upkeep_build(void *owner, const struct contexts *contexts)
{
    struct upkeep *upkeep = mem_new(owner, struct upkeep);
    const struct calls *calls = contexts->flows->calls;

    upkeep->contexts = contexts;
    upkeep->v = mem_array(upkeep, struct lock_list, contexts->flows->linked->fns.n + 1);
    for (unsigned round = 0; round < 2; round++) { /* a wrapper may stand behind its caller */
        for (size_t i = 0; i < calls->v.n; i++) {
            look_at_call(upkeep, &calls->v.v[i]);
        }
    }
    return upkeep;
}

static bool keeps_up(const struct upkeep *upkeep, fn_id fn, path_id object)
{
    struct paths *paths = upkeep->contexts->flows->paths;

    for (size_t i = 0; i < upkeep->v[fn.i].v.n; i++) {
        path_id class = path_class(paths, upkeep->v[fn.i].v.v[i]);
        if (path_eq(path_root_of(paths, class), object)) {
            return true;
        }
    }
    return false;
}

bool upkeep_is_at_work(const struct upkeep *upkeep, phase_id phase, fn_id fn, path_id class)
{
    const struct contexts *contexts = upkeep->contexts;
    path_id object = path_root_of(contexts->flows->paths, class);

    for (unsigned up = 0; up <= MAX_CALLERS && fn.i != UINT32_MAX; up++) {
        const struct reach *reach = &contexts->phases.v[phase.i].reach[fn.i];
        if (path_get(contexts->flows->paths, object)->kind == ROOT_OBJECT &&
            keeps_up(upkeep, fn, object)) {
            return true;
        }
        fn = reach->caller;
        phase = reach->caller_phase;
    }
    return false;
}
