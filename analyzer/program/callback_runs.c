#include "program/callback_runs.h"

#include <string.h>

/* A call that has the callbacks of `library` run in the loops of `host`. */
struct hosting {
    const char *library;
    const char *host;
};

struct callback_runs {
    const struct flows *flows;
    struct calls *calls;
    VEC(struct hosting) hostings;
};

struct callback_runs *callback_runs_new(void *owner, struct flows *flows)
{
    struct callback_runs *runs = mem_new(owner, struct callback_runs);

    runs->flows = flows;
    runs->calls = flows->calls;
    for (size_t i = 0; i < flows->calls->v.n; i++) {
        const struct model_fn *model = flows->calls->v.v[i].model;
        if (model != NULL && model->hosted_by != NULL) {
            vec_push(runs, &runs->hostings, (struct hosting){model->library, model->hosted_by});
        }
    }
    return runs;
}

/* Is the library's own source among the files? Then its loop is code like any other, and calls what
 * was registered through its own pointers. */
static bool has_loop_body(const struct callback_runs *runs, const char *library)
{
    const struct linked *linked = runs->flows->linked;

    for (size_t f = 0; f < linked->fns.n; f++) {
        const struct model_fn *model = models_fn(runs->flows->models, linked->fns.v[f].name);
        if (model != NULL && model->runs_loop != ARG_NONE && strcmp(model->library, library) == 0) {
            return true;
        }
    }
    return false;
}

/* Can callbacks of `library` run in what `runner` runs? */
static bool is_served(const struct callback_runs *runs, const char *library, const char *runner)
{
    bool served = strcmp(library, runner) == 0;

    for (size_t i = 0; i < runs->hostings.n; i++) {
        served = served || (strcmp(runs->hostings.v[i].library, library) == 0 &&
                            strcmp(runs->hostings.v[i].host, runner) == 0);
    }
    return served;
}

/* Does the call run a loop that the callback is for, perhaps one that it is bound to? */
static bool runs_loop_of(const struct callback_runs *runs, const struct call *call,
                         const struct callback *callback)
{
    return call->model->runs_loop != ARG_NONE &&
           (callback->loops & loops_of(runs->calls->loops, call, call->model->runs_loop)) != 0;
}

enum callback_runner callback_runs_link(struct callback_runs *runs, struct callback *callback)
{
    enum callback_runner runner = RUNNER_UNSEEN;
    const char *host = NULL;
    bool is_own = false;

    for (size_t i = 0; i < runs->calls->v.n; i++) {
        struct call *call = &runs->calls->v.v[i];
        if (call->model == NULL || !is_served(runs, callback->library, call->model->library)) {
            continue;
        }
        if (runs_loop_of(runs, call, callback)) {
            calls_add_callee(runs->calls, call, callback->fn);
            runner = RUNNER_LOOP;
            is_own = is_own || strcmp(call->model->library, callback->library) == 0;
            host = call->model->library;
        } else if (call->model->runs_callbacks) {
            calls_add_callee(runs->calls, call, callback->fn);
            runner = runner == RUNNER_UNSEEN ? RUNNER_WAITER : runner;
        }
    }
    if (host != NULL && !is_own) {
        callback->library = host;
    }
    return runner == RUNNER_UNSEEN && has_loop_body(runs, callback->library) ? RUNNER_LOOP : runner;
}
