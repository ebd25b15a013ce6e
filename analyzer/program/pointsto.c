#include "program/pointsto.h"

#include "program/resolve.h"

#include <string.h>

/* What a cell may hold. */
enum target_kind {
    TARGET_FUNCTION, /* id: its symbol */
    TARGET_OBJECT,   /* id: path of the object whose address it is */
    TARGET_UNKNOWN,  /* some object without a name: from the heap, from a library */
};

struct target {
    enum target_kind kind;
    uint32_t id;
};

/* A cell with more objects than this holds TARGET_UNKNOWN instead of further ones: nobody asks for
 * them, and cells that hold "any object" would make the sets grow with the square of the program.
 */
enum { MAX_OBJECTS = 16 };

/* A memory cell, or a value in flight. */
struct cell {
    VEC(struct target) targets;
    VEC(uint32_t) to; /* cells that get all this one holds */
    size_t done;      /* targets before this one have been passed on */
    unsigned n_objects;
    bool queued;
};

struct pointsto {
    const struct linked *linked;
    struct paths *paths;
    VEC(struct cell) cells;
    uint32_t *cell_of_path; /* by path id; ID_NONE; grows */
    size_t n_cell_of_path;
    VEC(uint32_t) work;
    struct resolver **resolvers; /* by function */
};

static uint32_t cell_of(struct pointsto *pt, path_id path)
{
    if (path.i >= pt->n_cell_of_path) {
        size_t n = pt->n_cell_of_path * 2 > path.i + 1 ? pt->n_cell_of_path * 2 : path.i + 1u;
        pt->cell_of_path = mem_grow(pt, pt->cell_of_path, sizeof *pt->cell_of_path, n);
        for (size_t i = pt->n_cell_of_path; i < n; i++) {
            pt->cell_of_path[i] = ID_NONE;
        }
        pt->n_cell_of_path = n;
    }
    if (pt->cell_of_path[path.i] == ID_NONE) {
        pt->cell_of_path[path.i] = (uint32_t)pt->cells.n;
        vec_push(pt, &pt->cells, (struct cell){.done = 0});
    }
    return pt->cell_of_path[path.i];
}

static void enqueue(struct pointsto *pt, uint32_t cell)
{
    if (!pt->cells.v[cell].queued) {
        pt->cells.v[cell].queued = true;
        vec_push(pt, &pt->work, cell);
    }
}

static void add_target(struct pointsto *pt, uint32_t cell, struct target target)
{
    struct cell *c = &pt->cells.v[cell];

    if (target.kind == TARGET_OBJECT && c->n_objects >= MAX_OBJECTS) {
        target = (struct target){TARGET_UNKNOWN, 0};
    }
    for (size_t i = 0; i < c->targets.n; i++) {
        if (c->targets.v[i].id == target.id && c->targets.v[i].kind == target.kind) {
            return;
        }
    }
    c->n_objects += target.kind == TARGET_OBJECT ? 1 : 0;
    vec_push(pt, &c->targets, target);
    enqueue(pt, cell);
}

static void add_copy(struct pointsto *pt, uint32_t from, uint32_t to)
{
    struct cell *c = &pt->cells.v[from];

    if (from == to) {
        return;
    }
    for (size_t i = 0; i < c->to.n; i++) {
        if (c->to.v[i] == to) {
            return;
        }
    }
    vec_push(pt, &c->to, to);
    for (size_t i = 0; i < pt->cells.v[from].targets.n; i++) {
        add_target(pt, to, pt->cells.v[from].targets.v[i]);
    }
}

/* The cell of the variable, local or field that a path ends in; ID_NONE for what a pointer points
 * to when no field says of which type it is. */
static uint32_t cell_of_object(struct pointsto *pt, path_id path)
{
    for (; !path_is_none(path); path = path_get(pt->paths, path)->parent) {
        switch (path_get(pt->paths, path)->kind) {
        case STEP_INDEX:
            continue;
        case STEP_FIELD: {
            uint32_t field = path_get(pt->paths, path)->a;
            path_id object =
                path_root(pt->paths, ROOT_OBJECT, pt->linked->fields.v[field].record, 0);
            return cell_of(pt, path_step(pt->paths, object, STEP_FIELD, field));
        }
        case ROOT_VAR:
        case ROOT_LOCAL:
        case ROOT_CALL:
            return cell_of(pt, path);
        case ROOT_PARAM:
        case ROOT_OBJECT:
        case ROOT_NAMED:
        case ROOT_THREAD:
        case ROOT_END:
        case STEP_DEREF:
        case STEP_CONTAINER:
            return ID_NONE;
        }
    }
    return ID_NONE;
}

static uint32_t cell_of_local(struct pointsto *pt, uint32_t fn, uint32_t local)
{
    return cell_of(pt, path_root(pt->paths, ROOT_LOCAL, fn, local));
}

/* ROOT_CALL with op ID_NONE stands for what a function returns. */
static uint32_t cell_of_result(struct pointsto *pt, uint32_t fn)
{
    return cell_of(pt, path_root(pt->paths, ROOT_CALL, fn, ID_NONE));
}

static uint32_t cell_of_place(struct pointsto *pt, struct resolver *resolver,
                              const struct prog_fn *fn, uint32_t fn_index, place_id place)
{
    uint32_t local;

    if (place_is_local(fn->ir, place, &local)) {
        return cell_of_local(pt, fn_index, local);
    }
    const struct ir_place *p = &fn->ir->places.v[place.i];
    bool in_local = p->base_kind == IR_BASE_LOCAL;
    for (uint32_t i = 0; in_local && i < p->n_steps; i++) {
        in_local = fn->ir->steps.v[p->first_step + i].kind == IR_STEP_INDEX;
    }
    if (in_local) { /* an array of pointers */
        return cell_of_local(pt, fn_index, p->base);
    }
    path_id path = resolve_place(resolver, place);
    return path_is_none(path) ? ID_NONE : cell_of_object(pt, path);
}

/* Lets `value` flow into `cell`. */
static void flow(struct pointsto *pt, struct resolver *resolver, const struct prog_fn *fn,
                 uint32_t fn_index, value_id value, uint32_t cell)
{
    const struct target unknown = {TARGET_UNKNOWN, 0};

    if (value.i == ID_NONE || cell == ID_NONE) {
        return;
    }
    const struct ir_value *v = &fn->ir->values.v[value.i];
    switch (v->kind) {
    case IR_VALUE_FN:
        add_target(pt, cell,
                   (struct target){TARGET_FUNCTION, linked_sym(pt->linked, fn, v->u.sym.i)});
        return;
    case IR_VALUE_ADDR: {
        path_id path = resolve_place(resolver, v->u.place);
        bool named = !path_is_none(path) && !path_has_deref(pt->paths, path);
        add_target(pt, cell, named ? (struct target){TARGET_OBJECT, path.i} : unknown);
        if (!path_is_none(path)) { /* &array of functions: what it holds goes along */
            uint32_t from = cell_of_object(pt, path);
            if (from != ID_NONE) {
                add_copy(pt, from, cell);
            }
        }
        return;
    }
    case IR_VALUE_READ: {
        place_id place = fn->ir->ops.v[v->u.op.i].u.access.place;
        uint32_t from = cell_of_place(pt, resolver, fn, fn_index, place);
        if (from != ID_NONE) {
            add_copy(pt, from, cell);
        } else {
            add_target(pt, cell, unknown);
        }
        return;
    }
    case IR_VALUE_CALL:
        add_copy(pt, cell_of(pt, path_root(pt->paths, ROOT_CALL, fn_index, v->u.op.i)), cell);
        return;
    case IR_VALUE_BINARY:
        if (v->opcode == IR_OP_ADD || v->opcode == IR_OP_SUB) {
            flow(pt, resolver, fn, fn_index, v->u.of.a, cell);
        }
        return;
    case IR_VALUE_UNKNOWN:
    case IR_VALUE_INT:
    case IR_VALUE_STRING:
    case IR_VALUE_UNARY:
        return;
    }
}

static void read_body(struct pointsto *pt, struct resolver *resolver, const struct prog_fn *fn,
                      uint32_t fn_index)
{
    for (size_t i = 0; i < fn->ir->ops.n; i++) {
        const struct ir_op *op = &fn->ir->ops.v[i];
        bool stores = op->kind == IR_WRITE ||
                      (op->kind == IR_RMW &&
                       (op->u.access.opcode == IR_OP_EXCHANGE || op->u.access.opcode == IR_OP_CAS));
        if (stores) {
            uint32_t cell = cell_of_place(pt, resolver, fn, fn_index, op->u.access.place);
            flow(pt, resolver, fn, fn_index, op->u.access.value, cell);
        }
    }
    for (size_t b = 0; b < fn->ir->blocks.n && fn_index != UINT32_MAX; b++) {
        const struct ir_block *block = &fn->ir->blocks.v[b];
        if (block->term == IR_RETURN) {
            flow(pt, resolver, fn, fn_index, block->cond, cell_of_result(pt, fn_index));
        }
    }
}

struct pointsto *pointsto_new(void *owner, const struct linked *linked, struct paths *paths)
{
    struct pointsto *pt = mem_new(owner, struct pointsto);

    pt->linked = linked;
    pt->paths = paths;
    pt->resolvers = mem_array(pt, struct resolver *, linked->fns.n + 1);
    for (uint32_t i = 0; i < linked->inits.n; i++) {
        struct resolver *resolver = resolver_new_init(pt, linked, paths, i);
        read_body(pt, resolver, &linked->inits.v[i], UINT32_MAX);
        talloc_free(resolver);
    }
    for (uint32_t i = 0; i < linked->fns.n; i++) {
        pt->resolvers[i] = resolver_new(pt, linked, paths, (fn_id){i}, NULL, NULL);
        read_body(pt, pt->resolvers[i], &linked->fns.v[i], i);
    }
    return pt;
}

void pointsto_pass(struct pointsto *pt, fn_id caller, value_id value, fn_id callee, uint32_t param)
{
    if (param < pt->linked->fns.v[callee.i].ir->n_params) {
        flow(pt, pt->resolvers[caller.i], &pt->linked->fns.v[caller.i], caller.i, value,
             cell_of_local(pt, callee.i, param));
    }
}

void pointsto_return(struct pointsto *pt, fn_id caller, op_id op, fn_id callee)
{
    uint32_t from = cell_of_result(pt, callee.i);

    add_copy(pt, from, cell_of(pt, path_root(pt->paths, ROOT_CALL, caller.i, op.i)));
}

void pointsto_return_unknown(struct pointsto *pt, fn_id caller, op_id op)
{
    uint32_t cell = cell_of(pt, path_root(pt->paths, ROOT_CALL, caller.i, op.i));

    add_target(pt, cell, (struct target){TARGET_UNKNOWN, 0});
}

void pointsto_solve(struct pointsto *pt)
{
    for (size_t next = 0; next < pt->work.n; next++) {
        uint32_t cell = pt->work.v[next];
        pt->cells.v[cell].queued = false;
        size_t from = pt->cells.v[cell].done;
        size_t end = pt->cells.v[cell].targets.n;
        pt->cells.v[cell].done = end;
        for (size_t i = 0; i < pt->cells.v[cell].to.n; i++) {
            uint32_t to = pt->cells.v[cell].to.v[i];
            for (size_t t = from; t < end; t++) {
                add_target(pt, to, pt->cells.v[cell].targets.v[t]);
            }
        }
    }
    pt->work.n = 0;
}

static uint32_t cell_of_value(struct pointsto *pt, fn_id fn, const struct ir_value *v)
{
    const struct prog_fn *f = &pt->linked->fns.v[fn.i];

    if (v->kind == IR_VALUE_READ) {
        place_id place = f->ir->ops.v[v->u.op.i].u.access.place;
        return cell_of_place(pt, pt->resolvers[fn.i], f, fn.i, place);
    }
    if (v->kind == IR_VALUE_CALL) {
        return cell_of(pt, path_root(pt->paths, ROOT_CALL, fn.i, v->u.op.i));
    }
    return ID_NONE;
}

struct sym_list pointsto_functions(struct pointsto *pt, void *owner, fn_id fn, value_id value)
{
    struct sym_list list = {NULL, 0};

    if (value.i == ID_NONE) {
        return list;
    }
    const struct prog_fn *f = &pt->linked->fns.v[fn.i];
    const struct ir_value *v = &f->ir->values.v[value.i];
    if (v->kind == IR_VALUE_FN) {
        vec_push(owner, &list, linked_sym(pt->linked, f, v->u.sym.i));
        return list;
    }
    uint32_t cell = cell_of_value(pt, fn, v);
    if (cell == ID_NONE) {
        return list;
    }
    for (size_t i = 0; i < pt->cells.v[cell].targets.n; i++) {
        if (pt->cells.v[cell].targets.v[i].kind == TARGET_FUNCTION) {
            vec_push(owner, &list, pt->cells.v[cell].targets.v[i].id);
        }
    }
    return list;
}

path_id pointsto_only_object(struct pointsto *pt, fn_id fn, path_id root)
{
    const struct path_node *node = path_get(pt->paths, root);
    path_id only = PATH_NONE;
    uint32_t cell;

    if (node->kind == ROOT_PARAM) {
        cell = cell_of_local(pt, fn.i, node->a);
    } else if (node->kind == ROOT_LOCAL || node->kind == ROOT_VAR) {
        cell = cell_of(pt, root);
    } else {
        return PATH_NONE;
    }
    for (size_t i = 0; i < pt->cells.v[cell].targets.n; i++) {
        const struct target *target = &pt->cells.v[cell].targets.v[i];
        if (target->kind == TARGET_FUNCTION) {
            continue;
        }
        if (target->kind == TARGET_UNKNOWN || !path_is_none(only)) {
            return PATH_NONE;
        }
        only = (path_id){target->id};
    }
    return only;
}
