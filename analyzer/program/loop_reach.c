#include "program/loop_reach.h"

#include "program/surely.h"

struct walk {
    const struct contexts *contexts;
    struct loop_reach *out;
    VEC(uint32_t) queue;
};

static void visit(struct walk *walk, fn_id fn, struct loop_step how)
{
    if (walk->out->v[fn.i].callback == ID_NONE) {
        walk->out->v[fn.i] = how;
        vec_push(walk, &walk->queue, fn.i);
    }
}

static bool is_followed(const struct walk *walk, const struct call *call)
{
    const struct contexts *contexts = walk->contexts;

    return call->callees.n > 0 &&
           surely_few(call, (struct fn_list){call->callees.v, call->callees.n}) &&
           (call->model == NULL || call->model->runs_loop == ARG_NONE) &&
           flow_held_at(contexts->flows, call->fn, call->op) != NULL &&
           !doom_at(contexts->doom, call->fn, call->op);
}

static void follow(struct walk *walk, const struct call *call)
{
    struct loop_step from = walk->out->v[call->fn.i];
    struct loop_step how = {from.callback, call->fn, call->op, from.depth + 1};

    for (size_t c = 0; c < call->callees.n && is_followed(walk, call); c++) {
        visit(walk, call->callees.v[c], how);
    }
}

struct loop_reach *loop_reach_build(void *owner, const struct contexts *contexts)
{
    struct walk *walk = mem_new(NULL, struct walk);
    const struct calls *calls = contexts->flows->calls;
    size_t n_fns = contexts->flows->linked->fns.n;

    walk->contexts = contexts;
    walk->out = mem_new(owner, struct loop_reach);
    walk->out->v = mem_array(walk->out, struct loop_step, n_fns + 1);
    for (size_t f = 0; f < n_fns; f++) {
        walk->out->v[f].callback = ID_NONE;
    }
    for (uint32_t i = 0; i < contexts->callbacks.n; i++) {
        visit(walk, contexts->callbacks.v[i].fn, (struct loop_step){i, FN_NONE, {ID_NONE}, 0});
    }
    for (size_t next = 0; next < walk->queue.n; next++) {
        uint32_t fn = walk->queue.v[next];
        for (uint32_t i = calls->first[fn]; i < calls->first[fn + 1]; i++) {
            follow(walk, &calls->v.v[i]);
        }
    }
    struct loop_reach *out = walk->out;
    talloc_free(walk);
    return out;
}
