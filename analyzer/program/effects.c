#include "program/effects.h"

#include "program/depends.h"

struct effects {
    const struct accessmap *map;
    const struct flows *flows;
    struct fn_effects *v;    /* by fn */
    struct depends *depends; /* of the function that is looked at; NULL: not asked for yet */
};

/* What the condition (or returned value) of a block of `fn` depends on. */
static const struct op_list *deciding_ops(struct effects *effects, fn_id fn, uint32_t block)
{
    if (effects->depends == NULL) {
        effects->depends = depends_new(effects, &effects->flows->linked->fns.v[fn.i]);
    }
    return depends_of_block(effects->depends, block);
}

static void add_effect(uint32_t *n, struct effect *effects, struct effect effect)
{
    for (uint32_t i = 0; i < *n; i++) {
        if (path_eq(effects[i].path, effect.path)) {
            effects[i].depth = effect.depth < effects[i].depth ? effect.depth : effects[i].depth;
            effects[i].counts = effects[i].counts && effect.counts;
            return;
        }
    }
    if (*n < MAX_EFFECTS) {
        effects[(*n)++] = effect;
    }
}

bool effects_of_call(const struct effects *effects, const struct call *call, struct fn_effects *ret)
{
    path_id pointees[MAX_PARAMS];

    *ret = (struct fn_effects){.n_told = 0};
    if (call->model != NULL || call->indirect || call->callees.n != 1) {
        return false;
    }
    const struct fn_effects *callee = &effects->v[call->callees.v[0].i];
    if (callee->n_told + callee->n_changed == 0) {
        return false;
    }
    size_t n = flow_pointees(effects->flows, call, pointees);
    struct paths *paths = effects->flows->paths;
    for (uint32_t i = 0; i < callee->n_told; i++) {
        path_id path = path_substitute(paths, callee->told[i].path, pointees, n);
        if (!path_is_none(path)) {
            add_effect(&ret->n_told, ret->told,
                       (struct effect){path, callee->told[i].depth + 1, false});
        }
    }
    for (uint32_t i = 0; i < callee->n_changed; i++) {
        path_id path = path_substitute(paths, callee->changed[i].path, pointees, n);
        if (!path_is_none(path)) {
            add_effect(
                &ret->n_changed, ret->changed,
                (struct effect){path, callee->changed[i].depth + 1, callee->changed[i].counts});
        }
    }
    return true;
}

/* Reads that one op tells of: its own, or those of the function it calls. */
static void add_told(struct effects *effects, fn_id fn, op_id op, struct fn_effects *out)
{
    const struct ir_fn *ir = effects->flows->linked->fns.v[fn.i].ir;
    struct fn_effects of_call;
    path_id path;

    if (ir->ops.v[op.i].kind != IR_CALL) {
        if (accessmap_is_shared_access(effects->map, fn, op, &path)) {
            add_effect(&out->n_told, out->told, (struct effect){path, 0, false});
        }
        return;
    }
    if (!effects_of_call(effects, calls_at(effects->flows->calls, fn, op), &of_call)) {
        return;
    }
    for (uint32_t i = 0; i < of_call.n_told; i++) {
        if (of_call.told[i].depth <= MAX_EFFECT_DEPTH) {
            add_effect(&out->n_told, out->told, of_call.told[i]);
        }
    }
}

static void find_told(struct effects *effects, fn_id fn)
{
    const struct prog_fn *body = &effects->flows->linked->fns.v[fn.i];

    for (uint32_t b = 0; b < body->ir->blocks.n; b++) {
        const struct ir_block *block = &body->ir->blocks.v[b];
        if (block->term != IR_RETURN || block->cond.i == ID_NONE) {
            continue;
        }
        const struct op_list *ops = deciding_ops(effects, fn, b);
        for (size_t i = 0; i < ops->n; i++) {
            add_told(effects, fn, ops->v[i], &effects->v[fn.i]);
        }
    }
}

/* Does the branch of block `b` depend on the variable of class `class`? */
static bool tests_class(struct effects *effects, fn_id fn, uint32_t b, path_id class)
{
    const struct ir_block *block = &effects->flows->linked->fns.v[fn.i].ir->blocks.v[b];
    path_id read;

    if (block->term != IR_BRANCH && block->term != IR_SWITCH) {
        return false;
    }
    const struct op_list *ops = deciding_ops(effects, fn, b);
    for (size_t i = 0; i < ops->n; i++) {
        if (accessmap_is_shared_access(effects->map, fn, ops->v[i], &read) &&
            path_eq(path_class(effects->flows->paths, read), class)) {
            return true;
        }
    }
    return false;
}

/* Does the function test `path` itself before it gets to block `b`? */
static bool tests_before(struct effects *effects, fn_id fn, path_id path, uint32_t b)
{
    const struct cfg *cfg = effects->flows->linked->fns.v[fn.i].cfg;
    path_id class = path_class(effects->flows->paths, path);

    while (cfg->idom[b] != ID_NONE && cfg->idom[b] != b) { /* the branches that lead to it */
        b = cfg->idom[b];
        if (tests_class(effects, fn, b, class)) {
            return true;
        }
    }
    return false;
}

/* Does the op add to a counter, or take away, atomically? */
static bool counts(const struct ir_op *op)
{
    return op->kind == IR_RMW && op->order != IR_ORDER_NONE &&
           (op->u.access.opcode == IR_OP_ADD || op->u.access.opcode == IR_OP_SUB);
}

static void find_changed(struct effects *effects, fn_id fn)
{
    const struct prog_fn *body = &effects->flows->linked->fns.v[fn.i];
    struct fn_effects *out = &effects->v[fn.i];
    struct fn_effects of_call;
    path_id path;

    for (uint32_t i = 0; i < body->ir->ops.n; i++) {
        const struct ir_op *op = &body->ir->ops.v[i];
        uint32_t b = cfg_block_of(body->cfg, (op_id){i});
        if (op->kind == IR_CALL) {
            const struct call *call = calls_at(effects->flows->calls, fn, (op_id){i});
            (void)effects_of_call(effects, call, &of_call);
            for (uint32_t c = 0; c < of_call.n_changed; c++) {
                if (of_call.changed[c].depth <= MAX_EFFECT_DEPTH &&
                    !tests_before(effects, fn, of_call.changed[c].path, b)) {
                    add_effect(&out->n_changed, out->changed, of_call.changed[c]);
                }
            }
        } else if (op->kind != IR_READ &&
                   accessmap_is_shared_access(effects->map, fn, (op_id){i}, &path) &&
                   !tests_before(effects, fn, path, b)) {
            add_effect(&out->n_changed, out->changed, (struct effect){path, 0, counts(op)});
        }
    }
}

struct effects *effects_build(void *owner, const struct accessmap *map)
{
    struct effects *effects = mem_new(owner, struct effects);

    effects->map = map;
    effects->flows = map->contexts->flows;
    effects->v = mem_array(effects, struct fn_effects, effects->flows->linked->fns.n + 1);
    struct bottom_up order =
        calls_bottom_up(effects, effects->flows->linked, effects->flows->calls);
    for (size_t i = 0; i < order.n; i++) {
        find_told(effects, order.order[i]);
        find_changed(effects, order.order[i]);
        TALLOC_FREE(effects->depends);
    }
    return effects;
}
