#include "program/completion.h"

#include "program/resolve.h"

/* "field == goal", both as classes. */
struct told {
    op_id look; /* reads the field */
    path_id field;
    path_id goal;
};

static const struct prog_fn *body_of(const struct accessmap *map, fn_id fn)
{
    return &map->contexts->flows->linked->fns.v[fn.i];
}

/* The class of what is used at an op; PATH_NONE: a local, or not known. */
static path_id class_at(const struct accessmap *map, fn_id fn, op_id op)
{
    const struct ir_fn *ir = body_of(map, fn)->ir;
    uint32_t local;

    if (ir->ops.v[op.i].kind == IR_CALL ||
        place_is_local(ir, ir->ops.v[op.i].u.access.place, &local)) {
        return PATH_NONE;
    }
    path_id path = flow_place(map->contexts->flows, fn, ir->ops.v[op.i].u.access.place);
    return path_is_none(path) ? path : path_class(map->contexts->flows->paths, path);
}

/* The class of the variable whose value it is; PATH_NONE. */
static path_id class_of_value(const struct accessmap *map, fn_id fn, value_id value,
                              op_id *ret_read)
{
    const struct ir_fn *ir = body_of(map, fn)->ir;

    value = resolve_value(map->contexts->flows->v[fn.i].resolver, value);
    if (value.i == ID_NONE || ir->values.v[value.i].kind != IR_VALUE_READ) {
        return PATH_NONE;
    }
    *ret_read = ir->values.v[value.i].u.op;
    return class_at(map, fn, *ret_read);
}

/* ---- the job's side -------------------------------------------------------------------------- */

/* Does a lock, or an atomic store and load, make the looker see what was done before the store? */
static bool synchronise(const struct accessmap *map, struct moment store, struct moment look)
{
    enum ir_order released = body_of(map, store.fn)->ir->ops.v[store.op.i].order;
    enum ir_order acquired = body_of(map, look.fn)->ir->ops.v[look.op.i].order;
    const struct lockset *x = contexts_held_at(map->contexts, store.phase, store.fn, store.op);
    const struct lockset *y = contexts_held_at(map->contexts, look.phase, look.fn, look.op);

    for (uint32_t i = 0; x != NULL && y != NULL && i < x->n; i++) {
        if (lockset_find(y, x->v[i].lock) != NULL) {
            return true;
        }
    }
    return released >= IR_ORDER_RELEASE && acquired > IR_ORDER_RELAXED;
}

/* Can `op` run after `store`, in one call of the function? */
static bool can_follow(const struct cfg *cfg, op_id store, op_id op)
{
    uint32_t from = cfg_block_of(cfg, store);
    uint32_t to = cfg_block_of(cfg, op);
    bool *seen = mem_array(NULL, bool, cfg->n + 1);

    cfg_reach(cfg, from, ID_NONE, seen);
    bool can = seen[to] || (from == to && store.i < op.i);
    talloc_free(seen);
    return can;
}

/* Does the function of `done` set the field to its goal, and never come to `done` after that? */
static bool ends_with_goal(const struct accessmap *map, struct moment done, struct moment look,
                           const struct told *told)
{
    const struct prog_fn *body = body_of(map, done.fn);

    for (uint32_t i = 0; i < body->ir->ops.n; i++) {
        op_id store = {i};
        op_id read;
        if (body->ir->ops.v[i].kind == IR_WRITE &&
            path_eq(class_at(map, done.fn, store), told->field) &&
            path_eq(class_of_value(map, done.fn, body->ir->ops.v[i].u.access.value, &read),
                    told->goal) &&
            !can_follow(body->cfg, store, done.op) &&
            synchronise(map, (struct moment){done.phase, done.fn, store}, look)) {
            return true;
        }
    }
    return false;
}

/* Do all others than the looker write the field, and its goal, in the job's function only? */
static bool is_jobs_own(const struct accessmap *map, const struct access *rival, struct moment act,
                        path_id class, bool jobs)
{
    const struct variable *variable = accessmap_find(map, rival->fn, class);
    context_id looker = map->contexts->phases.v[act.phase.i].context;

    for (size_t i = 0; variable != NULL && i < variable->accesses.n; i++) {
        const struct access *access = &variable->accesses.v[i];
        if (access->writes && access->sure && access->context.i != looker.i &&
            !(jobs && access->context.i == rival->context.i && access->fn.i == rival->fn.i)) {
            return false;
        }
    }
    return true;
}

/* ---- the looker's side ----------------------------------------------------------------------- */

/* The comparison of two variables that branch `b` makes, if side `side` means that they are equal.
 */
static bool is_equality(const struct accessmap *map, fn_id fn, uint32_t b, uint32_t side,
                        value_id *ret_a, value_id *ret_b)
{
    const struct ir_fn *ir = body_of(map, fn)->ir;
    value_id cond = ir->blocks.v[b].cond;
    bool equal = side == 0;

    while (cond.i != ID_NONE && ir->values.v[cond.i].kind == IR_VALUE_UNARY &&
           ir->values.v[cond.i].opcode == IR_OP_NOT) {
        cond = ir->values.v[cond.i].u.of.a;
        equal = !equal;
    }
    if (ir->blocks.v[b].term != IR_BRANCH || cond.i == ID_NONE) {
        return false;
    }
    const struct ir_value *v = &ir->values.v[cond.i];
    if (v->kind != IR_VALUE_BINARY || v->opcode != (equal ? IR_OP_EQ : IR_OP_NE)) {
        return false;
    }
    *ret_a = v->u.of.a;
    *ret_b = v->u.of.b;
    return true;
}

static bool tells(const struct accessmap *map, struct moment act, const struct access *rival,
                  value_id field, value_id goal)
{
    struct told told = {.look = {ID_NONE}};
    op_id read;

    told.field = class_of_value(map, act.fn, field, &told.look);
    told.goal = class_of_value(map, act.fn, goal, &read);
    return !path_is_none(told.field) && !path_is_none(told.goal) &&
           is_jobs_own(map, rival, act, told.field, true) &&
           is_jobs_own(map, rival, act, told.goal, false) &&
           ends_with_goal(map, (struct moment){rival->phase, rival->fn, rival->op},
                          (struct moment){act.phase, act.fn, told.look}, &told);
}

bool completion_tells(const struct accessmap *map, struct moment act, const struct access *rival)
{
    const struct cfg *cfg = body_of(map, act.fn)->cfg;
    const struct context *looker =
        &map->contexts->v.v[map->contexts->phases.v[act.phase.i].context.i];
    uint32_t to = cfg_block_of(cfg, act.op);
    value_id x;
    value_id y;

    for (uint32_t b = to; !looker->many && cfg->idom[b] != ID_NONE && cfg->idom[b] != b;) {
        b = cfg->idom[b];
        uint32_t side = cfg_side_of(cfg, b, to);
        if (side != ID_NONE && is_equality(map, act.fn, b, side, &x, &y) &&
            (tells(map, act, rival, x, y) || tells(map, act, rival, y, x))) {
            return true;
        }
    }
    return false;
}
