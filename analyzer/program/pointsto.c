#include "program/pointsto.h"

#include "program/fnset.h"
#include "program/pairs.h"
#include "program/resolve.h"

#include <string.h>

/* Which objects with a name a cell may hold the address of. Nobody asks for more than one. */
enum objects {
    OBJECTS_NONE,
    OBJECTS_ONE,
    OBJECTS_MANY, /* or one without a name: from the heap, from a library */
};

/* What a pointer may point to. */
struct targets {
    enum objects objects;
    uint32_t object;               /* OBJECTS_ONE: path of it */
    uint64_t tags;                 /* of objects without a name; TAG_UNKNOWN */
    const struct fnset *functions; /* numbers: pointsto.functions */
};

/* A memory cell, or a value in flight. */
struct cell {
    struct targets holds;
    uint32_t first_edge; /* 1 + index in pointsto.edges, to the cells that get all this one holds;
                            0: none */
    uint32_t n_edges;
    uint32_t gate; /* 1 + number of the gate of the calls through it; 0: none */
    bool queued;
};

struct edge {
    uint32_t to;
    uint32_t next; /* 1 + index; 0: the last one */
};

/* What passes between the calls through one pointer and the bodies behind it. */
struct gate {
    VEC(uint32_t) args; /* cells */
    uint32_t result;    /* cell */
    VEC(fn_id) callees;
};

/* Lists longer than this are looked up in a table. */
enum { SHORT_LIST = 8 };

struct pointsto {
    const struct linked *linked;
    struct paths *paths;
    VEC(struct cell) cells;
    VEC(struct edge) edges;
    struct fnset_pool *sets;
    uint32_t *cell_of_path; /* by path id; ID_NONE; grows */
    size_t n_cell_of_path;
    uint32_t *first_local;   /* by function: of its locals, and what it returns, in `of_locals` */
    uint32_t *of_locals;     /* their cells, to find them faster; ID_NONE: not asked for */
    uint32_t *first_op;      /* by function: of its ops in `of_calls` */
    uint32_t *of_calls;      /* the same of what calls return... */
    uint32_t *of_fields;     /* ... and, by field, of members */
    VEC(uint32_t) functions; /* symbols whose address is taken */
    uint32_t *number_of_function; /* by symbol: index in `functions`; ID_NONE */
    struct pair_set copies;       /* of cells that go to many: cell, to */
    VEC(struct gate) gates;
    struct pair_set admitted; /* gate, callee */
    VEC(uint32_t) work;
    struct resolver **resolvers; /* by function */
};

/* ---- cells ----------------------------------------------------------------------------------- */

static uint32_t add_cell(struct pointsto *pt)
{
    vec_push(pt, &pt->cells, (struct cell){.queued = false});
    return (uint32_t)pt->cells.n - 1;
}

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
        pt->cell_of_path[path.i] = add_cell(pt);
    }
    return pt->cell_of_path[path.i];
}

/* The cell of a root that many ask for; `known` is where it is kept, if anywhere. */
static uint32_t cell_of_root(struct pointsto *pt, uint32_t *known, enum path_kind kind, uint32_t fn,
                             uint32_t of)
{
    uint32_t cell = known == NULL ? ID_NONE : *known;

    if (cell == ID_NONE) {
        cell = cell_of(pt, path_root(pt->paths, kind, fn, of));
    }
    if (known != NULL) {
        *known = cell;
    }
    return cell;
}

/* Of static initialisers `fn` is UINT32_MAX. */
static uint32_t cell_of_local(struct pointsto *pt, uint32_t fn, uint32_t local)
{
    bool kept = fn < pt->linked->fns.n && local < pt->linked->fns.v[fn].ir->locals.n;

    return cell_of_root(pt, kept ? &pt->of_locals[pt->first_local[fn] + local] : NULL, ROOT_LOCAL,
                        fn, local);
}

/* ROOT_CALL with op ID_NONE stands for what a function returns. */
static uint32_t cell_of_result(struct pointsto *pt, uint32_t fn)
{
    return cell_of_root(pt, &pt->of_locals[pt->first_local[fn + 1] - 1], ROOT_CALL, fn, ID_NONE);
}

static uint32_t cell_of_call(struct pointsto *pt, uint32_t fn, op_id op)
{
    uint32_t *known = fn < pt->linked->fns.n ? &pt->of_calls[pt->first_op[fn] + op.i] : NULL;

    return cell_of_root(pt, known, ROOT_CALL, fn, op.i);
}

static uint32_t *new_cells(struct pointsto *pt, uint32_t n)
{
    uint32_t *cells = mem_array(pt, uint32_t, n + 1);

    memset(cells, 0xff, n * sizeof *cells);
    return cells;
}

/* Room for the cells of all locals, results and calls. */
static void number_roots(struct pointsto *pt)
{
    const struct linked *linked = pt->linked;
    uint32_t n_locals = 0;
    uint32_t n_ops = 0;

    pt->first_local = mem_array(pt, uint32_t, linked->fns.n + 1);
    pt->first_op = mem_array(pt, uint32_t, linked->fns.n + 1);
    for (size_t f = 0; f < linked->fns.n; f++) {
        pt->first_local[f] = n_locals;
        pt->first_op[f] = n_ops;
        n_locals += (uint32_t)linked->fns.v[f].ir->locals.n + 1;
        n_ops += (uint32_t)linked->fns.v[f].ir->ops.n;
    }
    pt->first_local[linked->fns.n] = n_locals;
    pt->of_locals = new_cells(pt, n_locals);
    pt->of_calls = new_cells(pt, n_ops);
    pt->of_fields = new_cells(pt, (uint32_t)linked->fields.n);
}

/* True: it is news. */
static bool add_objects(struct targets *to, enum objects objects, uint32_t object)
{
    bool known = objects == OBJECTS_NONE || to->objects == OBJECTS_MANY ||
                 (objects == OBJECTS_ONE && to->objects == OBJECTS_ONE && to->object == object);

    if (known) {
        return false;
    }
    to->tags |= to->objects == OBJECTS_NONE ? 0 : TAG_UNKNOWN; /* one with a name, and others */
    to->objects = to->objects == OBJECTS_NONE ? objects : OBJECTS_MANY;
    to->object = object;
    return true;
}

/* True: some are news. */
static bool add_tags(struct targets *to, uint64_t tags)
{
    uint64_t news = tags & ~to->tags;

    to->tags |= tags;
    return news != 0;
}

static void enqueue(struct pointsto *pt, uint32_t cell)
{
    if (!pt->cells.v[cell].queued) {
        pt->cells.v[cell].queued = true;
        vec_push(pt, &pt->work, cell);
    }
}

static void add_object(struct pointsto *pt, uint32_t cell, path_id object)
{
    if (add_objects(&pt->cells.v[cell].holds, OBJECTS_ONE, object.i)) {
        enqueue(pt, cell);
    }
}

static void add_unknown(struct pointsto *pt, uint32_t cell)
{
    bool news = add_objects(&pt->cells.v[cell].holds, OBJECTS_MANY, 0);

    if (add_tags(&pt->cells.v[cell].holds, TAG_UNKNOWN) || news) {
        enqueue(pt, cell);
    }
}

static void add_tagged(struct pointsto *pt, uint32_t cell, unsigned tag)
{
    bool news = add_objects(&pt->cells.v[cell].holds, OBJECTS_MANY, 0);

    if (add_tags(&pt->cells.v[cell].holds, 1ull << tag) || news) {
        enqueue(pt, cell);
    }
}

static void add_function(struct pointsto *pt, uint32_t cell, uint32_t sym)
{
    struct targets *to = &pt->cells.v[cell].holds;

    if (pt->number_of_function[sym] == ID_NONE) {
        pt->number_of_function[sym] = (uint32_t)pt->functions.n;
        vec_push(pt, &pt->functions, sym);
    }
    const struct fnset *functions =
        fnset_with(pt->sets, to->functions, pt->number_of_function[sym]);
    if (functions != to->functions) {
        to->functions = functions;
        enqueue(pt, cell);
    }
}

/* Lets what `from` holds into `to`. */
static void pass_on(struct pointsto *pt, uint32_t from, uint32_t to)
{
    const struct targets *holds = &pt->cells.v[from].holds;
    struct targets *gets = &pt->cells.v[to].holds;
    bool news = add_objects(gets, holds->objects, holds->object);
    const struct fnset *functions = fnset_join(pt->sets, gets->functions, holds->functions);

    news = add_tags(gets, holds->tags) || news;
    if (functions != gets->functions || news) {
        gets->functions = functions;
        enqueue(pt, to);
    }
}

static bool is_new_copy(struct pointsto *pt, uint32_t from, uint32_t to)
{
    const struct cell *c = &pt->cells.v[from];
    bool gets_long = c->n_edges == SHORT_LIST;

    if (c->n_edges > SHORT_LIST) {
        return pair_set_add(pt, &pt->copies, from, to);
    }
    for (uint32_t e = c->first_edge; e != 0; e = pt->edges.v[e - 1].next) {
        if (pt->edges.v[e - 1].to == to) {
            return false;
        }
    }
    for (uint32_t e = c->first_edge; e != 0 && gets_long; e = pt->edges.v[e - 1].next) {
        (void)pair_set_add(pt, &pt->copies, from, pt->edges.v[e - 1].to);
    }
    return !gets_long || pair_set_add(pt, &pt->copies, from, to);
}

static void add_copy(struct pointsto *pt, uint32_t from, uint32_t to)
{
    if (from != to && is_new_copy(pt, from, to)) {
        vec_push(pt, &pt->edges, (struct edge){to, pt->cells.v[from].first_edge});
        pt->cells.v[from].first_edge = (uint32_t)pt->edges.n;
        pt->cells.v[from].n_edges++;
        pass_on(pt, from, to);
    }
}

/* One for the member of all objects of the type. */
static uint32_t cell_of_field(struct pointsto *pt, uint32_t field)
{
    if (pt->of_fields[field] == ID_NONE) {
        path_id object = path_root(pt->paths, ROOT_OBJECT, pt->linked->fields.v[field].record, 0);
        pt->of_fields[field] = cell_of(pt, path_step(pt->paths, object, STEP_FIELD, field));
    }
    return pt->of_fields[field];
}

/* The cell of the variable, local or field that a path ends in; ID_NONE for what a pointer points
 * to when no field says of which type it is. */
static uint32_t cell_of_object(struct pointsto *pt, path_id path)
{
    for (; !path_is_none(path); path = path_get(pt->paths, path)->parent) {
        switch (path_get(pt->paths, path)->kind) {
        case STEP_INDEX:
            continue;
        case STEP_FIELD:
            return cell_of_field(pt, path_get(pt->paths, path)->a);
        case ROOT_VAR:
        case ROOT_LOCAL:
        case ROOT_CALL:
            return cell_of(pt, path);
        case ROOT_PARAM:
        case ROOT_OBJECT:
        case ROOT_NAMED:
        case ROOT_THREAD:
        case ROOT_END:
        case ROOT_EVENT:
        case STEP_DEREF:
        case STEP_CONTAINER:
            return ID_NONE;
        }
    }
    return ID_NONE;
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
    if (value.i == ID_NONE || cell == ID_NONE) {
        return;
    }
    const struct ir_value *v = &fn->ir->values.v[value.i];
    switch (v->kind) {
    case IR_VALUE_FN:
        add_function(pt, cell, linked_sym(pt->linked, fn, v->u.sym.i));
        return;
    case IR_VALUE_ADDR: {
        path_id path = resolve_place(resolver, v->u.place);
        if (!path_is_none(path) && !path_has_deref(pt->paths, path)) {
            add_object(pt, cell, path);
        } else {
            add_unknown(pt, cell);
        }
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
            add_unknown(pt, cell);
        }
        return;
    }
    case IR_VALUE_CALL:
        add_copy(pt, cell_of_call(pt, fn_index, v->u.op), cell);
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

/* The resolver of a function: that of `before`, if the body is the same. */
static struct resolver *resolver_of(struct pointsto *pt, struct pointsto *before, uint32_t fn)
{
    struct resolver *known = before == NULL ? NULL : before->resolvers[fn];

    if (known == NULL || !resolver_is_of(known, pt->linked->fns.v[fn].ir)) {
        return resolver_new(pt, pt->linked, pt->paths, (fn_id){fn}, NULL, NULL);
    }
    before->resolvers[fn] = NULL;
    return mem_steal(pt, known);
}

struct pointsto *pointsto_new(void *owner, const struct linked *linked, struct paths *paths,
                              struct pointsto *before)
{
    struct pointsto *pt = mem_new(owner, struct pointsto);

    pt->linked = linked;
    pt->paths = paths;
    pt->sets = fnset_pool_new(pt);
    number_roots(pt);
    pt->number_of_function = mem_array(pt, uint32_t, linked->syms.n + 1);
    memset(pt->number_of_function, 0xff, linked->syms.n * sizeof *pt->number_of_function);
    pt->resolvers = mem_array(pt, struct resolver *, linked->fns.n + 1);
    for (uint32_t i = 0; i < linked->inits.n; i++) {
        struct resolver *resolver = resolver_new_init(pt, linked, paths, i);
        read_body(pt, resolver, &linked->inits.v[i], UINT32_MAX);
        talloc_free(resolver);
    }
    for (uint32_t i = 0; i < linked->fns.n; i++) {
        pt->resolvers[i] = resolver_of(pt, before, i);
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

    add_copy(pt, from, cell_of_call(pt, caller.i, op));
}

void pointsto_return_unknown(struct pointsto *pt, fn_id caller, op_id op)
{
    add_unknown(pt, cell_of_call(pt, caller.i, op));
}

void pointsto_return_tagged(struct pointsto *pt, fn_id caller, op_id op, unsigned tag)
{
    add_tagged(pt, cell_of_call(pt, caller.i, op), tag);
}

void pointsto_store_tagged(struct pointsto *pt, fn_id fn, value_id value, unsigned tag)
{
    path_id path = resolve_pointee(pt->resolvers[fn.i], value);
    uint32_t cell = path_is_none(path) ? ID_NONE : cell_of_object(pt, path);

    if (cell != ID_NONE) {
        add_tagged(pt, cell, tag);
    }
}

void pointsto_return_value(struct pointsto *pt, fn_id caller, op_id op, value_id value)
{
    flow(pt, pt->resolvers[caller.i], &pt->linked->fns.v[caller.i], caller.i, value,
         cell_of_call(pt, caller.i, op));
}

void pointsto_solve(struct pointsto *pt)
{
    for (size_t next = 0; next < pt->work.n; next++) {
        uint32_t cell = pt->work.v[next];
        pt->cells.v[cell].queued = false;
        for (uint32_t e = pt->cells.v[cell].first_edge; e != 0; e = pt->edges.v[e - 1].next) {
            pass_on(pt, cell, pt->edges.v[e - 1].to);
        }
    }
    pt->work.n = 0;
}

void pointsto_finish(struct pointsto *pt)
{
    for (size_t i = 0; i < pt->gates.n; i++) {
        talloc_free(pt->gates.v[i].args.v);
        talloc_free(pt->gates.v[i].callees.v);
    }
    TALLOC_FREE(pt->gates.v);
    TALLOC_FREE(pt->edges.v);
    TALLOC_FREE(pt->copies.slots);
    TALLOC_FREE(pt->admitted.slots);
    TALLOC_FREE(pt->work.v);
}

static uint32_t cell_of_value(struct pointsto *pt, fn_id fn, const struct ir_value *v)
{
    const struct prog_fn *f = &pt->linked->fns.v[fn.i];

    if (v->kind == IR_VALUE_READ) {
        place_id place = f->ir->ops.v[v->u.op.i].u.access.place;
        return cell_of_place(pt, pt->resolvers[fn.i], f, fn.i, place);
    }
    if (v->kind == IR_VALUE_CALL) {
        return cell_of_call(pt, fn.i, v->u.op);
    }
    return ID_NONE;
}

/* ---- calls through pointers ------------------------------------------------------------------ */

uint32_t pointsto_gate(struct pointsto *pt, fn_id caller, value_id pointer)
{
    const struct ir_value *v = &pt->linked->fns.v[caller.i].ir->values.v[pointer.i];
    uint32_t cell = cell_of_value(pt, caller, v);

    if (cell == ID_NONE) {
        return ID_NONE;
    }
    if (pt->cells.v[cell].gate == 0) {
        uint32_t result = add_cell(pt);
        vec_push(pt, &pt->gates, (struct gate){.result = result});
        pt->cells.v[cell].gate = (uint32_t)pt->gates.n;
    }
    return pt->cells.v[cell].gate - 1;
}

static void let_through(struct pointsto *pt, uint32_t arg_cell, fn_id callee, uint32_t i)
{
    if (i < pt->linked->fns.v[callee.i].ir->n_params) {
        add_copy(pt, arg_cell, cell_of_local(pt, callee.i, i));
    }
}

void pointsto_enter(struct pointsto *pt, uint32_t gate, fn_id caller, value_id value, uint32_t i)
{
    while (pt->gates.v[gate].args.n <= i) {
        struct gate *g = &pt->gates.v[gate];
        uint32_t number = (uint32_t)g->args.n;
        uint32_t cell = add_cell(pt);
        vec_push(pt, &g->args, cell);
        for (size_t c = 0; c < g->callees.n; c++) {
            let_through(pt, cell, g->callees.v[c], number);
        }
    }
    flow(pt, pt->resolvers[caller.i], &pt->linked->fns.v[caller.i], caller.i, value,
         pt->gates.v[gate].args.v[i]);
}

void pointsto_leave(struct pointsto *pt, uint32_t gate, fn_id caller, op_id op)
{
    add_copy(pt, pt->gates.v[gate].result, cell_of_call(pt, caller.i, op));
}

void pointsto_admit(struct pointsto *pt, uint32_t gate, fn_id callee)
{
    struct gate *g = &pt->gates.v[gate];

    if (!pair_set_add(pt, &pt->admitted, gate, callee.i)) {
        return;
    }
    vec_push(pt, &g->callees, callee);
    for (uint32_t i = 0; i < g->args.n; i++) {
        let_through(pt, g->args.v[i], callee, i);
    }
    add_copy(pt, cell_of_result(pt, callee.i), g->result);
}

size_t pointsto_count_functions(struct pointsto *pt, fn_id fn, value_id value)
{
    const struct ir_value *v =
        value.i == ID_NONE ? NULL : &pt->linked->fns.v[fn.i].ir->values.v[value.i];
    uint32_t cell = v == NULL ? ID_NONE : cell_of_value(pt, fn, v);
    size_t n = v != NULL && v->kind == IR_VALUE_FN ? 1 : 0;

    if (cell != ID_NONE) {
        const struct fnset *functions = pt->cells.v[cell].holds.functions;
        n += functions == NULL ? 0 : functions->n;
    }
    return n;
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
    const struct fnset *functions = pt->cells.v[cell].holds.functions;
    for (uint32_t w = 0; functions != NULL && w < functions->n_words; w++) {
        for (uint64_t left = functions->bits[w]; left != 0; left &= left - 1) {
            vec_push(owner, &list, pt->functions.v[w * 64 + (uint32_t)__builtin_ctzll(left)]);
        }
    }
    return list;
}

/* The one object that the cell of this path holds the address of, or how many. */
static uint64_t objects_at(const struct pointsto *pt, size_t path)
{
    uint32_t cell = path < pt->n_cell_of_path ? pt->cell_of_path[path] : ID_NONE;
    const struct targets *holds = cell == ID_NONE ? NULL : &pt->cells.v[cell].holds;

    return holds == NULL                   ? OBJECTS_NONE
           : holds->objects != OBJECTS_ONE ? (uint64_t)holds->objects
                                           : (uint64_t)holds->object << 2 | OBJECTS_ONE;
}

bool pointsto_compare(const struct pointsto *before, const struct pointsto *now, bool *others)
{
    size_t n =
        before->n_cell_of_path > now->n_cell_of_path ? before->n_cell_of_path : now->n_cell_of_path;
    bool same = true;

    for (uint32_t i = 0; i < n && same; i++) {
        if (objects_at(before, i) != objects_at(now, i)) {
            const struct path_node *root =
                path_get(now->paths, path_root_of(now->paths, (path_id){i}));
            same = root->kind == ROOT_LOCAL || root->kind == ROOT_CALL; /* its own */
            others[same ? root->a : 0] = true;
        }
    }
    return same;
}

struct resolver *pointsto_resolver(const struct pointsto *pt, fn_id fn)
{
    return pt->resolvers[fn.i];
}

path_id pointsto_only_object(struct pointsto *pt, fn_id fn, path_id root)
{
    const struct path_node *node = path_get(pt->paths, root);
    uint32_t cell;

    if (node->kind == ROOT_PARAM) {
        cell = cell_of_local(pt, fn.i, node->a);
    } else if (node->kind == ROOT_LOCAL || node->kind == ROOT_VAR) {
        cell = cell_of(pt, root);
    } else if (node->kind == STEP_FIELD) {
        cell = cell_of_object(pt, root);
        if (cell == ID_NONE) {
            return PATH_NONE;
        }
    } else {
        return PATH_NONE;
    }
    const struct targets *holds = &pt->cells.v[cell].holds;
    return holds->objects == OBJECTS_ONE ? (path_id){holds->object} : PATH_NONE;
}

uint64_t pointsto_tags(struct pointsto *pt, fn_id fn, value_id value, path_id *ret_object)
{
    const struct ir_value *v = &pt->linked->fns.v[fn.i].ir->values.v[value.i];

    *ret_object = PATH_NONE;
    if (v->kind == IR_VALUE_ADDR) {
        *ret_object = resolve_place(pt->resolvers[fn.i], v->u.place);
        return path_is_none(*ret_object) ? TAG_UNKNOWN : 0;
    }
    uint32_t cell = cell_of_value(pt, fn, v);
    if (cell == ID_NONE) {
        return TAG_UNKNOWN;
    }
    const struct targets *holds = &pt->cells.v[cell].holds;
    *ret_object = holds->objects == OBJECTS_ONE ? (path_id){holds->object} : PATH_NONE;
    return holds->tags;
}
