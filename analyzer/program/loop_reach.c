#include "program/loop_reach.h"

#include "program/surely.h"

struct walk {
    const struct contexts *contexts;
    struct loop_reach *out;
    VEC(uint32_t) queue;
    size_t next;
    VEC(const struct call *) vague; /* calls through pointers of many meanings, for later */
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

    return call->callees.n > 0 && (call->model == NULL || call->model->runs_loop == ARG_NONE) &&
           flow_held_at(contexts->flows, call->fn, call->op) != NULL &&
           !doom_at(contexts->doom, call->fn, call->op);
}

static void follow(struct walk *walk, const struct call *call, uint32_t meanings)
{
    struct loop_step from = walk->out->v[call->fn.i];
    struct loop_step how = {from.callback, call->fn, call->op, from.depth + 1,
                            from.meanings > meanings ? from.meanings : meanings};

    for (size_t c = 0; c < call->callees.n; c++) {
        visit(walk, call->callees.v[c], how);
    }
}

static void look_at(struct walk *walk, const struct call *call)
{
    if (!is_followed(walk, call)) {
        return;
    }
    if (surely_few(call, (struct fn_list){call->callees.v, call->callees.n})) {
        follow(walk, call, 0);
    } else {
        vec_push(walk, &walk->vague, call);
    }
}

/* All that is surely run, in the order of its distance. */
static void run(struct walk *walk)
{
    const struct calls *calls = walk->contexts->flows->calls;

    while (walk->next < walk->queue.n) {
        uint32_t fn = walk->queue.v[walk->next++];
        for (uint32_t i = calls->first[fn]; i < calls->first[fn + 1]; i++) {
            look_at(walk, &calls->v.v[i]);
        }
    }
}

struct loop_reach *loop_reach_build(void *owner, const struct contexts *contexts)
{
    struct walk *walk = mem_new(NULL, struct walk);
    size_t n_fns = contexts->flows->linked->fns.n;

    walk->contexts = contexts;
    walk->out = mem_new(owner, struct loop_reach);
    walk->out->v = mem_array(walk->out, struct loop_step, n_fns + 1);
    for (size_t f = 0; f < n_fns; f++) {
        walk->out->v[f].callback = ID_NONE;
    }
    for (uint32_t i = 0; i < contexts->callbacks.n; i++) {
        visit(walk, contexts->callbacks.v[i].fn, (struct loop_step){i, FN_NONE, {ID_NONE}, 0, 0});
    }
    run(walk);
    for (size_t i = 0; i < walk->vague.n; i++) {
        follow(walk, walk->vague.v[i], (uint32_t)walk->vague.v[i]->callees.n);
        run(walk);
    }
    struct loop_reach *out = walk->out;
    talloc_free(walk);
    return out;
}
