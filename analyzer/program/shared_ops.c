#include "program/shared_ops.h"

static bool is_shared(const struct accessmap *map, fn_id fn, path_id path)
{
    const struct variable *variable = accessmap_find(map, fn, path);

    return variable != NULL && variable->shared;
}

/* What a call tells and changes counts as read and written where it is called. */
static void list_call(struct shared_ops *ops, const struct accessmap *map,
                      const struct effects *effects, const struct call *call)
{
    struct fn_effects of;

    if (!effects_of_call(effects, call, &of)) {
        return;
    }
    for (uint32_t i = 0; i < of.n_told; i++) {
        if (is_shared(map, call->fn, of.told[i].path)) {
            vec_push(ops, &ops->reads, (struct shared_op){call->op, of.told[i].path, true, false});
        }
    }
    for (uint32_t i = 0; i < of.n_changed; i++) {
        const struct effect *changed = &of.changed[i];
        if (is_shared(map, call->fn, changed->path)) {
            vec_push(ops, &ops->writes,
                     (struct shared_op){call->op, changed->path, true,
                                        changed->counts && changed->depth > 1});
        }
    }
}

struct shared_ops *shared_ops_of(void *owner, const struct accessmap *map,
                                 const struct effects *effects, fn_id fn)
{
    const struct flows *flows = map->contexts->flows;
    const struct ir_fn *ir = flows->linked->fns.v[fn.i].ir;
    struct shared_ops *ops = mem_new(owner, struct shared_ops);

    for (uint32_t i = 0; i < ir->ops.n; i++) {
        struct shared_op op = {{i}, PATH_NONE, false, false};
        if (ir->ops.v[i].kind == IR_CALL) {
            list_call(ops, map, effects, calls_at(flows->calls, fn, op.op));
            continue;
        }
        if (!accessmap_is_shared_access(map, fn, op.op, &op.path) || !is_shared(map, fn, op.path)) {
            continue;
        }
        if (ir->ops.v[i].kind != IR_WRITE) { /* an RMW reads too: if (count++ == 0) */
            vec_push(ops, &ops->reads, op);
        }
        if (ir->ops.v[i].kind != IR_READ) {
            vec_push(ops, &ops->writes, op);
        }
    }
    return ops;
}
