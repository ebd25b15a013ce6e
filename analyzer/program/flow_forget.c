#include "program/flow_pass.h"

#include "program/resolve.h"

static bool lies_behind(const struct paths *paths, path_id path, path_id whole)
{
    while (!path_is_none(path) && !path_eq(path, whole)) {
        path = path_get(paths, path)->parent;
    }
    return !path_is_none(path);
}

/* Forgets what is known of memory that a write of `written` can change, or make another. */
void pass_forget_written(struct pass *pass, struct state *state, path_id written)
{
    struct paths *paths = pass->flows->paths;

    for (uint32_t i = state->n_facts; i-- > 0;) {
        path_id path = {state->facts[i].id};
        if (state->facts[i].about == FACT_PATH &&
            (path_may_alias(paths, path, written) || lies_behind(paths, path, written))) {
            state_drop(state, i);
        }
    }
}

bool pass_callee_writes(struct pass *pass, fn_id callee, path_id class)
{
    struct fn_flow *out = pass->out;
    bool known = false;

    for (size_t i = 0; i < out->asked.n && !known; i++) {
        known = path_eq(out->asked.v[i], class);
    }
    if (!known) {
        vec_push(pass->flows, &out->asked, class);
    }
    return written_by(pass->flows->written, callee, class);
}

static bool callee_changes(struct pass *pass, const struct call *call, const struct fact *fact)
{
    bool only_locks = call->model != NULL &&
                      (call->model->acquire != ARG_NONE || call->model->release != ARG_NONE);

    switch (fact->about) {
    case FACT_LOCAL:
        return !only_locks && (pass->body->ir->locals.v[fact->id].flags & IR_LOCAL_ADDRESS_TAKEN);
    case FACT_CALL:
        return fact->id == call->op.i;
    case FACT_PATH: {
        path_id class = path_class(pass->flows->paths, (path_id){fact->id});
        bool changes = call->model != NULL && call->model->wait_cond != ARG_NONE;
        for (size_t i = 0; i < call->callees.n && !changes; i++) {
            changes = pass_callee_writes(pass, call->callees.v[i], class);
        }
        return changes;
    }
    }
    return false;
}

/* Waiting for a condition is waiting for others to change something. */
void pass_forget_called(struct pass *pass, struct state *state, const struct call *call)
{
    for (uint32_t i = state->n_facts; i-- > 0;) {
        if (callee_changes(pass, call, &state->facts[i])) {
            state_drop(state, i);
        }
    }
}

static bool loop_reads(struct pass *pass, uint32_t head, path_id path)
{
    const struct ir_fn *ir = pass->body->ir;

    for (uint32_t i = 0; i < ir->ops.n; i++) {
        if (ir->ops.v[i].kind == IR_READ &&
            path_eq(resolve_place(pass->out->resolver, ir->ops.v[i].u.access.place), path) &&
            cfg_in_loop(pass->body->cfg, cfg_block_of(pass->body->cfg, (op_id){i}), head)) {
            return true;
        }
    }
    return false;
}

/* A loop that looks at a variable again expects another answer: `while (!done) { ... }`. */
void pass_forget_looped(struct pass *pass, struct state *state, uint32_t head)
{
    for (uint32_t i = state->n_facts; i-- > 0;) {
        if (state->facts[i].about == FACT_PATH &&
            loop_reads(pass, head, (path_id){state->facts[i].id})) {
            state_drop(state, i);
        }
    }
}

void pass_forget_memory(struct pass *pass, struct state *state)
{
    struct paths *paths = pass->flows->paths;

    for (uint32_t i = state->n_facts; i-- > 0;) {
        path_id path = {state->facts[i].id};
        if (state->facts[i].about == FACT_PATH &&
            lockset_find(state->held, path_step(paths, path, STEP_DEREF, 0)) == NULL) {
            state_drop(state, i);
        }
    }
}
