#include "program/double_inits.h"
#include "program/protect.h"
#include "program/resolve.h"

#include <string.h>

enum { MAX_DEEP = 3 }; /* calls that are looked into */

/* The ways on for who finds the variable set. */
struct fast_way {
    struct double_pass *pass;
    struct double_check *check;
    path_id lock; /* absolute */
    const struct prog_fn *body;
    bool *seen;   /* by block */
    bool *ran;    /* by op: on the fast way, before any fence */
    bool *copies; /* by local: what the test has read */
    bool returns; /* without a fence */
};

static bool holds_lock(const struct fast_way *w, fn_id fn, op_id op)
{
    const struct held *held = flow_held_at(w->pass->flows, fn, op);

    for (uint32_t i = 0; held != NULL && i < held->must->n; i++) {
        path_id lock = contexts_absolute(w->pass->map->contexts, fn, held->must->v[i].lock);
        if (path_eq(lock, w->lock)) {
            return true;
        }
    }
    return held == NULL;
}

/* Goes through the block up to a fence; false: there is one. */
static bool run_block(struct fast_way *w, uint32_t b, uint32_t first)
{
    const struct ir_block *block = &w->body->ir->blocks.v[b];

    for (uint32_t i = first; i < block->first_op + block->n_ops; i++) {
        if (double_is_fence(w->pass, w->check->fn, (op_id){i})) {
            return false;
        }
        w->ran[i] = true;
    }
    w->returns = w->returns || block->term == IR_RETURN;
    return true;
}

static void run_from(struct fast_way *w, uint32_t from, uint32_t avoid)
{
    const struct ir_fn *ir = w->body->ir;
    VEC(uint32_t) todo = {NULL, 0};

    w->seen[avoid] = true;
    w->seen[from] = true;
    vec_push(w->seen, &todo, from);
    while (todo.n > 0) {
        uint32_t b = todo.v[--todo.n];
        if (!run_block(w, b, ir->blocks.v[b].first_op)) {
            continue;
        }
        for (uint32_t e = 0; e < ir->blocks.v[b].n_succs; e++) {
            uint32_t to = ir->succs.v[ir->blocks.v[b].first_succ + e].block.i;
            if (!w->seen[to]) {
                w->seen[to] = true;
                vec_push(w->seen, &todo, to);
            }
        }
    }
}

/* ---- what a pointer points to ---------------------------------------------------------------- */

/* Does the path go through the pointer? */
static bool is_behind(const struct fast_way *w, path_id path)
{
    const struct paths *paths = w->pass->flows->paths;

    for (; !path_is_none(path); path = path_get(paths, path)->parent) {
        const struct path_node *node = path_get(paths, path);
        if (node->kind == STEP_DEREF && path_eq(node->parent, w->check->path)) {
            return true;
        }
    }
    return false;
}

/* Is it the pointer, as it was read on the fast way or by the test? */
static bool is_the_pointer(const struct fast_way *w, op_id op)
{
    const struct ir_op *o = &w->body->ir->ops.v[op.i];

    return op.i == w->check->test.i ||
           (w->ran[op.i] && o->kind == IR_READ &&
            path_eq(flow_place(w->pass->flows, w->check->fn, o->u.access.place), w->check->path));
}

static bool list_has_pointer(const struct fast_way *w, const struct op_list *ops)
{
    for (size_t i = 0; i < ops->n; i++) {
        if (is_the_pointer(w, ops->v[i])) {
            return true;
        }
    }
    return false;
}

/* Locals that hold what the test has read. */
static void mark_copies(struct fast_way *w)
{
    const struct ir_fn *ir = w->body->ir;
    uint32_t local;

    for (uint32_t i = 0; i < ir->ops.n; i++) {
        const struct ir_op *o = &ir->ops.v[i];
        if (o->kind != IR_WRITE || !place_is_local(ir, o->u.access.place, &local) ||
            o->u.access.value.i == ID_NONE) {
            continue;
        }
        const struct ir_value *v = &ir->values.v[o->u.access.value.i];
        w->copies[local] =
            w->copies[local] || (v->kind == IR_VALUE_READ && is_the_pointer(w, v->u.op));
    }
}

/* Is the place behind such a local? */
static bool is_behind_copy(const struct fast_way *w, place_id place)
{
    const struct ir_fn *ir = w->body->ir;
    const struct ir_place *p = &ir->places.v[place.i];

    return p->base_kind == IR_BASE_LOCAL && p->n_steps > 0 && w->copies[p->base] &&
           ir->steps.v[p->first_step].kind == IR_STEP_DEREF;
}

static bool op_uses_pointer(const struct fast_way *w, op_id op)
{
    const struct ir_fn *ir = w->body->ir;
    const struct ir_op *o = &ir->ops.v[op.i];
    struct depends *depends = w->pass->depends[w->check->fn.i];

    if (o->kind != IR_CALL) {
        return is_behind_copy(w, o->u.access.place) ||
               is_behind(w, flow_place(w->pass->flows, w->check->fn, o->u.access.place));
    }
    for (uint32_t i = 0; i < o->u.call.n_args; i++) {
        value_id arg = ir->args.v[o->u.call.first_arg + i];
        if (arg.i != ID_NONE && list_has_pointer(w, depends_of_value(depends, arg))) {
            return true;
        }
    }
    return false;
}

/* The first use of what the pointer points to on the fast way: here, or by who gets it. */
static bool find_pointer_use(struct fast_way *w)
{
    const struct ir_fn *ir = w->body->ir;

    mark_copies(w);
    for (uint32_t i = 0; i < ir->ops.n; i++) {
        if (w->ran[i] && op_uses_pointer(w, (op_id){i}) &&
            !holds_lock(w, w->check->fn, (op_id){i})) {
            w->check->use_fn = w->check->fn;
            w->check->use = (op_id){i};
            return true;
        }
    }
    for (uint32_t b = 0; b < ir->blocks.n; b++) {
        if (ir->blocks.v[b].term == IR_RETURN && w->seen[b] && w->returns &&
            list_has_pointer(w, double_deciding(w->pass, w->check->fn, b))) {
            w->check->use_fn = w->check->fn;
            w->check->use = (op_id){ID_NONE};
            w->check->use_block = b;
            return true;
        }
    }
    return false;
}

/* ---- what a flag stands for ------------------------------------------------------------------ */

/* Adds the functions that the call runs, and those that they call. */
static void add_called(const struct fast_way *w, const struct call *call, unsigned deep, bool *fns)
{
    const struct calls *calls = w->pass->flows->calls;

    for (size_t i = 0; i < call->callees.n && !call->indirect; i++) {
        uint32_t fn = call->callees.v[i].i;
        if (fns[fn]) {
            continue;
        }
        fns[fn] = true;
        for (uint32_t c = calls->first[fn]; c < calls->first[fn + 1] && deep > 1; c++) {
            add_called(w, &calls->v.v[c], deep - 1, fns);
        }
    }
}

/* Does the write belong to what the init does when it finds the variable not set? */
static bool fills(const struct fast_way *w, const struct access *access, const bool *filling)
{
    const struct locked_init *init = w->check->init;
    const struct cfg *cfg = w->pass->flows->linked->fns.v[init->fn.i].cfg;

    if (!access->writes) {
        return false;
    }
    if (access->fn.i != init->fn.i) {
        return filling[access->fn.i];
    }
    uint32_t side = cfg_side_of(cfg, init->branch, cfg_block_of(cfg, init->act));
    return cfg_side_of(cfg, init->branch, cfg_block_of(cfg, access->op)) == side;
}

/* The functions that the init runs when it finds the variable not set. */
static bool *filling_functions(const struct fast_way *w)
{
    const struct flows *flows = w->pass->flows;
    const struct locked_init *init = w->check->init;
    const struct prog_fn *body = &flows->linked->fns.v[init->fn.i];
    bool *fns = mem_array(w->seen, bool, flows->linked->fns.n + 1);
    uint32_t side = cfg_side_of(body->cfg, init->branch, cfg_block_of(body->cfg, init->act));

    for (uint32_t i = 0; i < body->ir->ops.n; i++) {
        if (body->ir->ops.v[i].kind == IR_CALL &&
            cfg_side_of(body->cfg, init->branch, cfg_block_of(body->cfg, (op_id){i})) == side) {
            add_called(w, calls_at(flows->calls, init->fn, (op_id){i}), MAX_DEEP, fns);
        }
    }
    return fns;
}

/* Where it is used on the fast way, and behind it. */
struct places {
    bool *fns;               /* by function: all of it */
    const bool *ran;         /* by op, of the function with the test */
    VEC(struct site) behind; /* calls of that function: what comes after them */
};

static struct places find_places(const struct fast_way *w)
{
    const struct flows *flows = w->pass->flows;
    fn_id fn = w->check->fn;
    struct places p = {.fns = mem_array(w->seen, bool, flows->linked->fns.n + 1), .ran = w->ran};

    for (uint32_t i = 0; i < w->body->ir->ops.n; i++) {
        if (w->ran[i] && w->body->ir->ops.v[i].kind == IR_CALL) {
            add_called(w, calls_at(flows->calls, fn, (op_id){i}), MAX_DEEP, p.fns);
        }
    }
    for (size_t c = 0; c < flows->calls->v.n && w->returns; c++) {
        const struct call *call = &flows->calls->v.v[c];
        if (call->callees.n == 1 && call->callees.v[0].i == fn.i && call->model == NULL) {
            vec_push(w->seen, &p.behind, (struct site){call->fn.i, call->op.i});
        }
    }
    p.fns[fn.i] = false;
    p.fns[w->check->init->fn.i] = false;
    p.fns[w->check->init->store_fn.i] = false;
    return p;
}

static bool is_used_at(const struct fast_way *w, const struct places *p,
                       const struct access *access)
{
    if (access->fn.i == w->check->fn.i) {
        return p->ran[access->op.i];
    }
    for (size_t i = 0; i < p->behind.n; i++) {
        const struct cfg *cfg = w->pass->flows->linked->fns.v[p->behind.v[i].fn].cfg;
        if (p->behind.v[i].fn == access->fn.i &&
            cfg_op_before(cfg, (op_id){p->behind.v[i].op}, access->op)) {
            return true;
        }
    }
    return p->fns[access->fn.i];
}

/* A use of the variable that nothing keeps apart from this write by the init; NULL. */
static const struct access *use_of(const struct fast_way *w, const struct places *p,
                                   const struct variable *variable, const struct access *write)
{
    const struct contexts *contexts = w->pass->map->contexts;

    for (size_t i = 0; i < variable->accesses.n; i++) {
        const struct access *use = &variable->accesses.v[i];
        if (!use->writes && use->sure && is_used_at(w, p, use) &&
            contexts_overlap(contexts, use->context, write->context) &&
            !protect_apart(contexts, use, write)) {
            return use;
        }
    }
    return NULL;
}

static bool find_flag_use(struct fast_way *w)
{
    const struct accessmap *map = w->pass->map;
    const bool *filling = filling_functions(w);
    struct places places = find_places(w);

    for (size_t i = 0; i < map->v.n; i++) {
        const struct variable *variable = &map->v.v[i];
        if (variable == w->check->init->variable || !variable->shared) {
            continue;
        }
        for (size_t k = 0; k < variable->sure_writes.n; k++) {
            const struct access *write = &variable->accesses.v[variable->sure_writes.v[k]];
            const struct access *use =
                fills(w, write, filling) ? use_of(w, &places, variable, write) : NULL;
            if (use != NULL) {
                w->check->use_fn = use->fn;
                w->check->use = use->op;
                w->check->used = variable;
                w->check->filled = write;
                w->check->user = use;
                return true;
            }
        }
    }
    return false;
}

/* ---- both ------------------------------------------------------------------------------------ */

static bool is_pointer(const struct fast_way *w)
{
    const struct flows *flows = w->pass->flows;
    path_id path = w->check->path;
    const struct path_node *node = path_get(flows->paths, path);

    while (node->kind == STEP_INDEX) {
        path = node->parent;
        node = path_get(flows->paths, path);
    }
    const char *type = node->kind == ROOT_VAR     ? flows->linked->syms.v[node->a].ir->type
                       : node->kind == STEP_FIELD ? flows->linked->fields.v[node->a].type
                                                  : NULL;
    return type == NULL ? node->kind == STEP_DEREF : strchr(type, '*') != NULL;
}

bool double_find_use(struct double_pass *pass, struct double_check *check, uint32_t branch,
                     uint32_t slow_side, path_id lock)
{
    const struct prog_fn *body = &pass->flows->linked->fns.v[check->fn.i];
    const struct ir_block *block = &body->ir->blocks.v[branch];
    void *scratch = mem_owner(NULL, "fast way");
    struct fast_way w = {.pass = pass,
                         .check = check,
                         .lock = lock,
                         .body = body,
                         .seen = mem_array(scratch, bool, body->ir->blocks.n + 1),
                         .ran = mem_array(scratch, bool, body->ir->ops.n + 1),
                         .copies = mem_array(scratch, bool, body->ir->locals.n + 1)};
    bool fenced = false;

    for (uint32_t i = check->test.i; i < block->first_op + block->n_ops; i++) {
        fenced = fenced || (cfg_block_of(body->cfg, (op_id){i}) == branch &&
                            double_is_fence(pass, check->fn, (op_id){i}));
    }
    if (!fenced || check->weak_store) {
        run_from(&w, body->ir->succs.v[block->first_succ + (1 - slow_side)].block.i, branch);
    }
    check->weak_test = check->weak_test && !fenced;
    bool found = is_pointer(&w) ? find_pointer_use(&w) || find_flag_use(&w) : find_flag_use(&w);
    talloc_free(scratch);
    return found;
}
