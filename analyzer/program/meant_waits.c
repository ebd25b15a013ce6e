#include "program/meant_waits.h"

static bool gives_back(const struct flows *flows, const struct call *call, path_id lock)
{
    const struct model_fn *model = call->model;

    return model != NULL && model->release >= 1 &&
           path_eq(flow_arg_path(flows, call, model->release), lock);
}

bool meant_to_wait(const struct contexts *contexts, fn_id fn, const struct acquisition *a)
{
    const struct flows *flows = contexts->flows;
    const struct prog_fn *body = &flows->linked->fns.v[fn.i];
    const struct ir_block *block = &body->ir->blocks.v[cfg_block_of(body->cfg, a->op)];

    for (uint32_t i = a->op.i + 1; i < block->first_op + block->n_ops; i++) {
        switch (body->ir->ops.v[i].kind) {
        case IR_CALL:
            return gives_back(flows, calls_at(flows->calls, fn, (op_id){i}), a->lock);
        case IR_READ: /* of a pointer to the lock, as the argument */
            break;
        case IR_WRITE:
        case IR_RMW:
            return false;
        }
    }
    return false;
}

/* Can control come from one op to the other, in one run of the function? */
static bool can_follow(const struct cfg *cfg, op_id from, op_id to)
{
    bool *seen = mem_array(NULL, bool, cfg->n + 1);
    uint32_t a = cfg_block_of(cfg, from);
    uint32_t b = cfg_block_of(cfg, to);

    cfg_reach(cfg, a, ID_NONE, seen);
    bool follows = a == b ? to.i > from.i : seen[b];
    talloc_free(seen);
    return follows;
}

bool meant_to_join(const struct contexts *contexts, struct moment wanter, context_id holder)
{
    const struct calls *calls = contexts->flows->calls;
    const struct cfg *cfg = contexts->flows->linked->fns.v[wanter.fn.i].cfg;

    for (uint32_t i = calls->first[wanter.fn.i]; i < calls->first[wanter.fn.i + 1]; i++) {
        const struct call *join = &calls->v.v[i];
        if (join->model != NULL && join->model->join != ARG_NONE &&
            contexts_is_joined_by(contexts, holder, join) && can_follow(cfg, wanter.op, join->op)) {
            return true;
        }
    }
    return false;
}
