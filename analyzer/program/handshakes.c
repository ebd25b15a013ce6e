#include "program/handshakes.h"

#include "program/resolve.h"

/* The next call of the function behind op `from` that takes the lock and waits for it, or gives it
 * back; NULL: there is none. */
static const struct call *next_use(const struct flows *flows, fn_id fn, uint32_t from, path_id lock)
{
    const struct calls *calls = flows->calls;

    for (uint32_t i = calls->first[fn.i]; i < calls->first[fn.i + 1]; i++) {
        const struct call *call = &calls->v.v[i];
        int arg = call->model == NULL        ? ARG_NONE
                  : call->model->acquire > 0 ? call->model->acquire
                                             : call->model->release;
        if (call->op.i > from && arg > 0 && path_eq(flow_arg_path(flows, call, arg), lock)) {
            return call;
        }
    }
    return NULL;
}

static bool is_given_back(const struct flows *flows, fn_id fn, path_id lock)
{
    const struct calls *calls = flows->calls;

    for (uint32_t i = calls->first[fn.i]; i < calls->first[fn.i + 1]; i++) {
        const struct call *call = &calls->v.v[i];
        if (call->model != NULL && call->model->release > 0 &&
            path_eq(flow_arg_path(flows, call, call->model->release), lock)) {
            return true;
        }
    }
    return false;
}

/* Does it only try? */
static bool tries(const struct flows *flows, const struct call *take)
{
    const struct model_fn *model = take->model;
    value_id flag = call_arg(flows->linked, take, model->wait_flag);
    const struct ir_fn *ir = flows->linked->fns.v[take->fn.i].ir;

    return model->is_try || model->timed ||
           (flag.i != ID_NONE && ir->values.v[flag.i].kind == IR_VALUE_INT &&
            ir->values.v[flag.i].u.number == 0);
}

static bool comes_after(const struct flows *flows, const struct call *before,
                        const struct call *after)
{
    const struct cfg *cfg = flows->linked->fns.v[before->fn.i].cfg;

    return cfg_dominates(cfg, cfg_block_of(cfg, before->op), cfg_block_of(cfg, after->op));
}

/* Are there two calls in the function that take it, with none between them that gives it back? */
static bool is_taken_twice(const struct flows *flows, fn_id fn, path_id lock)
{
    const struct call *before = NULL;
    const struct call *use = NULL;

    for (uint32_t from = 0; (use = next_use(flows, fn, from, lock)) != NULL; from = use->op.i) {
        bool takes = use->model->acquire > 0 && !tries(flows, use);
        if (takes && before != NULL && comes_after(flows, before, use)) {
            return true;
        }
        before = takes ? use : NULL;
    }
    return false;
}

bool handshake_is(const struct flows *flows, const struct call *take)
{
    path_id lock = flow_arg_path(flows, take, take->model->acquire);

    return !is_given_back(flows, take->fn, lock) || is_taken_twice(flows, take->fn, lock);
}

/* Does the op store a lock that a call before it has made, where `lock` is found? */
static bool stores_new(const struct flows *flows, fn_id fn, uint32_t op, path_id lock)
{
    const struct ir_fn *ir = flows->linked->fns.v[fn.i].ir;
    const struct ir_op *write = &ir->ops.v[op];

    if (write->kind != IR_WRITE || write->u.access.value.i == ID_NONE) {
        return false;
    }
    const struct ir_value *value = &ir->values.v[write->u.access.value.i];
    if (value->kind != IR_VALUE_CALL) {
        return false;
    }
    const struct call *maker = calls_at(flows->calls, fn, value->u.op);
    return maker->model != NULL && maker->model->init == ARG_RETURNED &&
           (path_eq(flow_arg_path(flows, maker, ARG_RETURNED), lock) ||
            path_eq(path_step(flows->paths, flow_place(flows, fn, write->u.access.place),
                              STEP_DEREF, 0),
                    lock));
}

bool handshake_is_new(const struct flows *flows, const struct call *take)
{
    const struct prog_fn *fn = &flows->linked->fns.v[take->fn.i];
    path_id lock = flow_arg_path(flows, take, take->model->acquire);
    uint32_t block = cfg_block_of(fn->cfg, take->op);

    for (uint32_t i = take->op.i; i-- > 0;) {
        if (stores_new(flows, take->fn, i, lock)) {
            return cfg_dominates(fn->cfg, cfg_block_of(fn->cfg, (op_id){i}), block) &&
                   next_use(flows, take->fn, i, lock) == take;
        }
    }
    return false;
}
