#include "program/resolve.h"

#include <string.h>

enum { MAX_CHAIN = 16 }; /* of locals standing for locals; ends cycles */

#define NOT_ASKED (UINT32_MAX - 1)

struct resolver {
    const struct linked *linked;
    struct paths *paths;
    const struct prog_fn *fn;
    const struct ir_fn *ir; /* the body that it was made for */
    uint32_t fn_index;      /* UINT32_MAX for static initialisers */
    resolve_call_fn *resolve_call;
    void *user;
    value_id *defs;     /* by local: its only written value; ID_NONE */
    value_id *pointers; /* the same, setting it to NULL left aside: what it can point to */
    uint32_t *pointer_writes;
    uint32_t *writes; /* by local */
    op_id *taken;     /* by local: see resolve_taken_out() */
    path_id *places;  /* cache; NOT_ASKED */
    unsigned chain;
};

bool place_is_local(const struct ir_fn *fn, place_id place, uint32_t *ret_local)
{
    const struct ir_place *p = &fn->places.v[place.i];

    *ret_local = p->base;
    return p->base_kind == IR_BASE_LOCAL && p->n_steps == 0;
}

static bool is_null(const struct ir_fn *ir, value_id value)
{
    return value.i != ID_NONE && ir->values.v[value.i].kind == IR_VALUE_INT &&
           ir->values.v[value.i].u.number == 0;
}

static void note_write(struct resolver *resolver, uint32_t local, const struct ir_op *op)
{
    value_id value = op->kind == IR_WRITE ? op->u.access.value : (value_id){ID_NONE};

    resolver->writes[local]++;
    resolver->defs[local] = value;
    if (!is_null(resolver->fn->ir, value)) {
        resolver->pointer_writes[local]++;
        resolver->pointers[local] = value;
    }
}

static bool is_same_place(const struct ir_fn *ir, place_id a, place_id b)
{
    const struct ir_place *x = &ir->places.v[a.i];
    const struct ir_place *y = &ir->places.v[b.i];
    bool same = x->base_kind == y->base_kind && x->base == y->base && x->n_steps == y->n_steps;

    for (uint32_t i = 0; i < x->n_steps && same; i++) {
        const struct ir_step *s = &ir->steps.v[x->first_step + i];
        const struct ir_step *t = &ir->steps.v[y->first_step + i];
        same = s->kind == t->kind && s->arg == t->arg;
    }
    return same;
}

/* The first write after `read` that puts something else than `local` where `read` has looked;
 * ID_NONE: there is none. */
static op_id overwritten(const struct ir_fn *ir, op_id read, uint32_t local)
{
    for (uint32_t i = read.i + 1; i < ir->ops.n; i++) {
        const struct ir_op *op = &ir->ops.v[i];
        uint32_t stored;
        if (op->kind != IR_WRITE ||
            !is_same_place(ir, op->u.access.place, ir->ops.v[read.i].u.access.place)) {
            continue;
        }
        const struct ir_value *v =
            op->u.access.value.i == ID_NONE ? NULL : &ir->values.v[op->u.access.value.i];
        bool put_back = v != NULL && v->kind == IR_VALUE_READ &&
                        place_is_local(ir, ir->ops.v[v->u.op.i].u.access.place, &stored) &&
                        stored == local;
        return put_back ? (op_id){ID_NONE} : (op_id){i};
    }
    return (op_id){ID_NONE};
}

static bool is_pointer(const struct ir_local *local)
{
    size_t n = local->type == NULL ? 0 : strlen(local->type);

    return n > 0 && local->type[n - 1] == '*';
}

/* `item = queue; queue = item->next;` takes the item out: from there on it is not `*queue`. */
static void find_taken(struct resolver *resolver, uint32_t local)
{
    const struct ir_fn *ir = resolver->fn->ir;
    const struct ir_value *v =
        resolver->pointers[local].i == ID_NONE ? NULL : &ir->values.v[resolver->pointers[local].i];
    uint32_t from;

    resolver->taken[local].i = ID_NONE;
    if (!is_pointer(&ir->locals.v[local]) || v == NULL || v->kind != IR_VALUE_READ ||
        ir->ops.v[v->u.op.i].kind != IR_READ ||
        place_is_local(ir, ir->ops.v[v->u.op.i].u.access.place, &from)) {
        return;
    }
    resolver->taken[local] = overwritten(ir, v->u.op, local);
    if (resolver->taken[local].i != ID_NONE) {
        resolver->defs[local].i = ID_NONE;
        resolver->pointers[local].i = ID_NONE;
    }
}

static void find_defs(struct resolver *resolver)
{
    const struct ir_fn *ir = resolver->fn->ir;

    for (size_t i = 0; i < ir->ops.n; i++) {
        const struct ir_op *op = &ir->ops.v[i];
        uint32_t local;
        if ((op->kind == IR_WRITE || op->kind == IR_RMW) &&
            place_is_local(ir, op->u.access.place, &local)) {
            note_write(resolver, local, op);
        }
    }
    for (size_t i = 0; i < ir->locals.n; i++) {
        bool aliased = (ir->locals.v[i].flags & IR_LOCAL_ADDRESS_TAKEN) != 0;
        bool open = i < ir->n_params || aliased;
        if (resolver->writes[i] != 1 || open) {
            resolver->defs[i].i = ID_NONE;
        }
        if (resolver->pointer_writes[i] != 1 || open) {
            resolver->pointers[i].i = ID_NONE;
        }
        find_taken(resolver, (uint32_t)i);
    }
}

/* The arrays, few and bare: there are two resolvers for each function. */
static void make_room(struct resolver *resolver)
{
    size_t n_locals = resolver->fn->ir->locals.n;
    size_t n_places = resolver->fn->ir->places.n;

    resolver->defs = mem_array(resolver, value_id, n_locals * 2 + 1);
    resolver->pointers = resolver->defs + n_locals;
    resolver->writes = mem_array(resolver, uint32_t, n_locals * 2 + 1);
    resolver->pointer_writes = resolver->writes + n_locals;
    resolver->taken = mem_array(resolver, op_id, n_locals + 1);
    resolver->places = mem_array(resolver, path_id, n_places + 1);
    for (size_t i = 0; i < n_places; i++) {
        resolver->places[i].i = NOT_ASKED;
    }
}

static struct resolver *make(void *owner, const struct linked *linked, struct paths *paths,
                             const struct prog_fn *fn, uint32_t fn_index)
{
    struct resolver *resolver = mem_new(owner, struct resolver);

    resolver->linked = linked;
    resolver->paths = paths;
    resolver->fn = fn;
    resolver->ir = fn->ir;
    resolver->fn_index = fn_index;
    make_room(resolver);
    find_defs(resolver);
    return resolver;
}

struct resolver *resolver_new(void *owner, const struct linked *linked, struct paths *paths,
                              fn_id fn, resolve_call_fn *resolve_call, void *user)
{
    struct resolver *resolver = make(owner, linked, paths, &linked->fns.v[fn.i], fn.i);

    resolver->resolve_call = resolve_call;
    resolver->user = user;
    return resolver;
}

struct resolver *resolver_new_init(void *owner, const struct linked *linked, struct paths *paths,
                                   uint32_t unit)
{
    return make(owner, linked, paths, &linked->inits.v[unit], UINT32_MAX);
}

bool resolver_is_of(const struct resolver *resolver, const struct ir_fn *ir)
{
    return resolver->ir == ir;
}

value_id resolve_single_def(const struct resolver *resolver, uint32_t local)
{
    return resolver->defs[local];
}

bool resolve_is_argument(const struct resolver *resolver, uint32_t local)
{
    return local < resolver->fn->ir->n_params && resolver->writes[local] == 0;
}

op_id resolve_taken_out(const struct resolver *resolver, uint32_t local)
{
    return resolver->taken[local];
}

value_id resolve_value(const struct resolver *resolver, value_id value)
{
    const struct ir_fn *ir = resolver->fn->ir;

    for (unsigned i = 0; i < MAX_CHAIN && value.i != ID_NONE; i++) {
        uint32_t local;
        const struct ir_value *v = &ir->values.v[value.i];
        if (v->kind != IR_VALUE_READ ||
            !place_is_local(ir, ir->ops.v[v->u.op.i].u.access.place, &local) ||
            resolver->defs[local].i == ID_NONE) {
            return value;
        }
        value = resolver->defs[local];
    }
    return value;
}

/* Root for a local or parameter as an object (not what it points to). */
static path_id local_root(struct resolver *resolver, uint32_t local)
{
    if (resolve_is_argument(resolver, local)) {
        return path_root(resolver->paths, ROOT_PARAM, local, 0);
    }
    return path_root(resolver->paths, ROOT_LOCAL, resolver->fn_index, local);
}

/* What local `local`, a pointer, points to. */
static path_id local_pointee(struct resolver *resolver, uint32_t local)
{
    if (resolver->pointers[local].i != ID_NONE) {
        path_id path = resolve_pointee(resolver, resolver->pointers[local]);
        if (!path_is_none(path)) {
            return path;
        }
    }
    return path_step(resolver->paths, local_root(resolver, local), STEP_DEREF, 0);
}

static path_id add_steps(struct resolver *resolver, path_id path, const struct ir_place *place,
                         uint32_t from)
{
    const struct ir_fn *ir = resolver->fn->ir;

    for (uint32_t i = from; i < place->n_steps; i++) {
        const struct ir_step *step = &ir->steps.v[place->first_step + i];
        switch (step->kind) {
        case IR_STEP_DEREF:
            path = path_step(resolver->paths, path, STEP_DEREF, 0);
            break;
        case IR_STEP_FIELD:
            path = path_step(resolver->paths, path, STEP_FIELD,
                             linked_field(resolver->linked, resolver->fn, step->arg));
            break;
        case IR_STEP_CONTAINER:
            path = path_step(resolver->paths, path, STEP_CONTAINER,
                             linked_field(resolver->linked, resolver->fn, step->arg));
            break;
        case IR_STEP_INDEX: {
            value_id index = resolve_value(resolver, (value_id){step->arg});
            const struct ir_value *v = index.i == ID_NONE ? NULL : &ir->values.v[index.i];
            bool constant = v != NULL && v->kind == IR_VALUE_INT && v->u.number >= 0 &&
                            v->u.number < UINT32_MAX;
            path = path_step(resolver->paths, path, STEP_INDEX,
                             constant ? (uint32_t)v->u.number : PATH_INDEX_ANY);
            break;
        }
        }
    }
    return path;
}

static path_id compute_place(struct resolver *resolver, const struct ir_place *place)
{
    const struct ir_fn *ir = resolver->fn->ir;
    bool through_pointer =
        place->n_steps > 0 && ir->steps.v[place->first_step].kind == IR_STEP_DEREF;

    switch (place->base_kind) {
    case IR_BASE_GLOBAL: {
        uint32_t sym = linked_sym(resolver->linked, resolver->fn, place->base);
        return add_steps(resolver, path_root(resolver->paths, ROOT_VAR, sym, 0), place, 0);
    }
    case IR_BASE_LOCAL:
        if (through_pointer) {
            return add_steps(resolver, local_pointee(resolver, place->base), place, 1);
        }
        return add_steps(resolver, local_root(resolver, place->base), place, 0);
    case IR_BASE_VALUE:
        if (through_pointer) {
            return add_steps(resolver, resolve_pointee(resolver, (value_id){place->base}), place,
                             1);
        }
        return PATH_NONE;
    }
    return PATH_NONE;
}

path_id resolve_place(struct resolver *resolver, place_id place)
{
    if (resolver->places[place.i].i != NOT_ASKED) {
        return resolver->places[place.i];
    }
    if (resolver->chain >= MAX_CHAIN) {
        return PATH_NONE;
    }
    resolver->chain++;
    path_id path = compute_place(resolver, &resolver->fn->ir->places.v[place.i]);
    resolver->chain--;
    if (resolver->chain == 0) {
        resolver->places[place.i] = path;
    }
    return path;
}

static path_id pointee_of_read(struct resolver *resolver, op_id op)
{
    place_id place = resolver->fn->ir->ops.v[op.i].u.access.place;
    uint32_t local;

    if (place_is_local(resolver->fn->ir, place, &local)) {
        return local_pointee(resolver, local);
    }
    return path_step(resolver->paths, resolve_place(resolver, place), STEP_DEREF, 0);
}

static path_id pointee_of_call(struct resolver *resolver, op_id op)
{
    if (resolver->resolve_call != NULL) {
        path_id path = resolver->resolve_call(resolver->user, (fn_id){resolver->fn_index}, op);
        if (!path_is_none(path)) {
            return path;
        }
    }
    path_id root = path_root(resolver->paths, ROOT_CALL, resolver->fn_index, op.i);
    return path_step(resolver->paths, root, STEP_DEREF, 0);
}

static path_id compute_pointee(struct resolver *resolver, const struct ir_value *value)
{
    switch (value->kind) {
    case IR_VALUE_ADDR:
        return resolve_place(resolver, value->u.place);
    case IR_VALUE_READ:
        return pointee_of_read(resolver, value->u.op);
    case IR_VALUE_CALL:
        return pointee_of_call(resolver, value->u.op);
    case IR_VALUE_BINARY:
        if (value->opcode == IR_OP_ADD || value->opcode == IR_OP_SUB) {
            path_id base = resolve_pointee(resolver, value->u.of.a);
            return path_step(resolver->paths, base, STEP_INDEX, PATH_INDEX_ANY);
        }
        return PATH_NONE;
    case IR_VALUE_UNKNOWN:
    case IR_VALUE_INT:
    case IR_VALUE_STRING:
    case IR_VALUE_FN:
    case IR_VALUE_UNARY:
        return PATH_NONE;
    }
    return PATH_NONE;
}

path_id resolve_pointee(struct resolver *resolver, value_id value)
{
    if (value.i == ID_NONE || resolver->chain >= MAX_CHAIN) {
        return PATH_NONE;
    }
    resolver->chain++;
    path_id path = compute_pointee(resolver, &resolver->fn->ir->values.v[value.i]);
    resolver->chain--;
    return path;
}
