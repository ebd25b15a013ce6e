#include "program/accessmap.h"

#include "program/resolve.h"

struct build {
    struct accessmap *out;
    const struct contexts *contexts;
    const struct flows *flows;
};

/* ---- which places other threads can see ------------------------------------------------------ */

static bool sym_can_change(const struct flows *flows, uint32_t sym)
{
    const struct prog_sym *s = &flows->linked->syms.v[sym];

    return (s->flags & (IR_SYM_CONST | IR_SYM_THREAD_LOCAL)) == 0 &&
           !models_type_is_sync(flows->models, s->ir->type);
}

static bool field_can_change(const struct flows *flows, uint32_t field)
{
    const struct prog_field *f = &flows->linked->fields.v[field];

    return (f->flags & IR_FIELD_CONST) == 0 && !models_type_is_sync(flows->models, f->type);
}

/* The local a path starts at, when it stands for the object itself (`s.x`, not `p->x`). */
static bool is_private_local(const struct flows *flows, path_id path)
{
    path_id root = path_root_of(flows->paths, path);
    const struct path_node *node = path_get(flows->paths, root);

    if (path_has_deref(flows->paths, path)) {
        return false;
    }
    if (node->kind != ROOT_LOCAL) {
        return node->kind == ROOT_PARAM || node->kind == ROOT_CALL;
    }
    const struct ir_fn *ir = flows->linked->fns.v[node->a].ir;
    bool plain = path_eq(root, path);
    return plain || (ir->locals.v[node->b].flags & IR_LOCAL_ADDRESS_TAKEN) == 0;
}

/* Does the pointer a fresh object was put into go anywhere before `op`: into memory, into a call?
 * (Order of lowering stands for order of running: good enough for straight set-up code.) */
static bool escapes_before(const struct flows *flows, fn_id fn, uint32_t made, uint32_t op)
{
    const struct ir_fn *ir = flows->linked->fns.v[fn.i].ir;
    const struct resolver *resolver = flows->v[fn.i].resolver;

    for (uint32_t i = made + 1; i < op; i++) {
        const struct ir_op *at = &ir->ops.v[i];
        value_id value = {ID_NONE};
        uint32_t local;
        if (at->kind == IR_WRITE && !place_is_local(ir, at->u.access.place, &local)) {
            value = resolve_value(resolver, at->u.access.value);
        }
        if (value.i != ID_NONE && ir->values.v[value.i].kind == IR_VALUE_CALL &&
            ir->values.v[value.i].u.op.i == made) {
            return true;
        }
    }
    return false;
}

/* Is the object one that this function has just made and not yet shown to anybody? */
static bool is_fresh(const struct flows *flows, fn_id fn, path_id path, uint32_t op)
{
    const struct path_node *node = path_get(flows->paths, path_root_of(flows->paths, path));

    if (node->kind != ROOT_CALL || node->a != fn.i || node->b == ID_NONE) {
        return false;
    }
    const struct call *call = calls_at(flows->calls, fn, (op_id){node->b});
    bool fresh = call->model != NULL && call->model->fresh;
    for (size_t i = 0; i < call->callees.n && !fresh; i++) {
        fresh = flows->v[call->callees.v[i].i].fresh;
    }
    return fresh && !escapes_before(flows, fn, node->b, op);
}

bool accessmap_is_shared_access(const struct accessmap *map, fn_id fn, op_id op, path_id *ret_path)
{
    const struct flows *flows = map->contexts->flows;
    const struct ir_op *o = &flows->linked->fns.v[fn.i].ir->ops.v[op.i];
    uint32_t local;

    if (o->kind == IR_CALL ||
        place_is_local(flows->linked->fns.v[fn.i].ir, o->u.access.place, &local)) {
        return false;
    }
    path_id path = flow_place(flows, fn, o->u.access.place);
    if (path_is_none(path) || is_private_local(flows, path) || is_fresh(flows, fn, path, op.i)) {
        return false;
    }
    for (path_id at = path; !path_is_none(at); at = path_get(flows->paths, at)->parent) {
        const struct path_node *node = path_get(flows->paths, at);
        if (node->kind == STEP_FIELD && !field_can_change(flows, node->a)) {
            return false;
        }
        if (node->kind == STEP_DEREF) {
            break;
        }
        if (node->kind == ROOT_VAR && !sym_can_change(flows, node->a)) {
            return false;
        }
    }
    *ret_path = path;
    path_id class = path_class(flows->paths, path);
    return path_is_global(flows->paths, class);
}

/* ---- the map ------------------------------------------------------------------------------------
 */

static struct variable *variable_of(struct build *b, path_id class)
{
    struct accessmap *map = b->out;

    if (class.i >= map->n_by_class) {
        size_t n = paths_count(b->flows->paths) * 2 + 64;
        map->by_class = mem_grow(map, map->by_class, sizeof *map->by_class, n);
        for (size_t i = map->n_by_class; i < n; i++) {
            map->by_class[i] = ID_NONE;
        }
        map->n_by_class = n;
    }
    if (map->by_class[class.i] == ID_NONE) {
        map->by_class[class.i] = (uint32_t)map->v.n;
        vec_push(map, &map->v, (struct variable){.class = class, .guard = PATH_NONE});
    }
    return &map->v.v[map->by_class[class.i]];
}

static void add_access(struct build *b, context_id context, fn_id fn, op_id op)
{
    path_id path;

    if (!accessmap_is_shared_access(b->out, fn, op, &path) ||
        contexts_alone_at(b->contexts, context, fn, op)) {
        return;
    }
    const struct lockset *held = contexts_held_at(b->contexts, context, fn, op);
    if (held == NULL) {
        return;
    }
    const struct ir_op *o = &b->flows->linked->fns.v[fn.i].ir->ops.v[op.i];
    struct variable *variable = variable_of(b, path_class(b->flows->paths, path));
    struct access access = {.context = context,
                            .fn = fn,
                            .op = op,
                            .path = contexts_absolute(b->contexts, fn, path),
                            .writes = o->kind != IR_READ,
                            .atomic = o->order != IR_ORDER_NONE,
                            .held = held};
    vec_push(b->out, &variable->accesses, access);
    variable->reads += access.writes ? 0 : 1;
    variable->writes += access.writes ? 1 : 0;
}

static void decide_shared(const struct contexts *contexts, struct variable *variable)
{
    for (size_t i = 0; i < variable->accesses.n && !variable->shared; i++) {
        if (!variable->accesses.v[i].writes) {
            continue;
        }
        for (size_t j = 0; j < variable->accesses.n && !variable->shared; j++) {
            variable->shared = contexts_overlap(contexts, variable->accesses.v[i].context,
                                                variable->accesses.v[j].context);
        }
    }
}

static unsigned count_holding(const struct variable *variable, path_id lock)
{
    unsigned n = 0;

    for (size_t i = 0; i < variable->accesses.n; i++) {
        n += lockset_find(variable->accesses.v[i].held, lock) != NULL ? 1 : 0;
    }
    return n;
}

/* The lock that most accesses hold, if at least half of them and two do. */
static void infer_guard(struct variable *variable)
{
    for (size_t i = 0; i < variable->accesses.n; i++) {
        const struct lockset *held = variable->accesses.v[i].held;
        bool seen = i > 0 && held == variable->accesses.v[i - 1].held;
        for (uint32_t t = 0; t < held->n && !seen; t++) {
            path_id lock = held->v[t].lock;
            if (path_eq(lock, variable->guard)) {
                continue;
            }
            unsigned n = count_holding(variable, lock);
            if (n >= 2 && n * 2 >= variable->accesses.n && n > variable->guarded) {
                variable->guard = lock;
                variable->guarded = n;
            }
        }
    }
}

struct accessmap *accessmap_build(void *owner, const struct contexts *contexts)
{
    struct accessmap *out = mem_new(owner, struct accessmap);
    struct build b = {out, contexts, contexts->flows};

    out->contexts = contexts;
    for (uint32_t c = 0; c < contexts->v.n; c++) {
        for (uint32_t f = 0; f < b.flows->linked->fns.n; f++) {
            if (!contexts->v.v[c].reach[f].yes) {
                continue;
            }
            uint32_t n_ops = (uint32_t)b.flows->linked->fns.v[f].ir->ops.n;
            for (uint32_t op = 0; op < n_ops; op++) {
                add_access(&b, (context_id){c}, (fn_id){f}, (op_id){op});
            }
        }
    }
    for (size_t i = 0; i < out->v.n; i++) {
        decide_shared(contexts, &out->v.v[i]);
        infer_guard(&out->v.v[i]);
    }
    return out;
}

const struct variable *accessmap_find(const struct accessmap *map, fn_id fn, path_id path)
{
    const struct flows *flows = map->contexts->flows;
    path_id class = path_class(flows->paths, calls_sharpen(flows->calls, flows->paths, fn, path));

    if (path_is_none(class) || class.i >= map->n_by_class || map->by_class[class.i] == ID_NONE) {
        return NULL;
    }
    return &map->v.v[map->by_class[class.i]];
}
