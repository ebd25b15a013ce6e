/* A thread that is joined with a lock held is a node of the graph: "held L, then waited for the end
 * of T", and T, which has not ended, waits for whatever it takes. */
#include "program/lockgraph_build.h"

/* Edges from the thread to all that it takes. */
static void add_needs(struct lockgraph_build *b, context_id thread, uint32_t node)
{
    const struct contexts *contexts = b->contexts;
    phase_id phase = contexts->v.v[thread.i].phases.v[0];

    for (uint32_t f = 0; f < b->flows->linked->fns.n; f++) {
        const struct fn_flow *flow = &b->flows->v[f];
        bool runs = contexts->phases.v[phase.i].reach[f].sure;
        for (size_t i = 0; i < flow->acquisitions.n && runs; i++) {
            const struct acquisition *a = flow->acquisitions.v[i];
            path_id lock = contexts_absolute(contexts, (fn_id){f}, a->lock);
            const struct held *at = flow_held_at(b->flows, (fn_id){f}, a->op);
            if (!a->waits || at == NULL || !path_is_global(b->flows->paths, lock)) {
                continue;
            }
            const struct lockset *held =
                contexts_with_entry(contexts, phase, (fn_id){f}, a->held, at->gone);
            uint32_t to = lockgraph_node(b, lock);
            lockgraph_witness(
                b, lockgraph_edge(b, node, to),
                (struct lock_witness){thread, phase, {f}, a, held, TOKEN_EXCLUSIVE, SITE_NONE});
        }
    }
}

void lockgraph_add_joins(struct lockgraph_build *b)
{
    const struct calls *calls = b->flows->calls;

    for (uint32_t c = 0; c < b->contexts->v.n; c++) {
        path_id thread = path_root(b->flows->paths, ROOT_END, c, 0);
        bool waited_for = false;
        for (size_t i = 0; i < calls->v.n; i++) {
            const struct call *join = &calls->v.v[i];
            bool joins = join->model != NULL && join->model->join != ARG_NONE &&
                         !join->model->is_try && !join->model->timed &&
                         contexts_is_joined_by(b->contexts, (context_id){c}, join);
            waited_for |= joins && lockgraph_wait(b, join, thread, CONTEXT_ANY, PATH_NONE);
        }
        if (waited_for) {
            add_needs(b, (context_id){c}, lockgraph_node(b, thread));
        }
    }
}
