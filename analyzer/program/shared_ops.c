#include "program/shared_ops.h"

#include "program/resolve.h"

/* A member of a local struct that the function reads. */
struct member {
    uint32_t local;
    uint32_t field; /* program's */
};

struct listing {
    struct shared_ops *out;
    const struct accessmap *map;
    struct effects *effects;
    const struct flows *flows;
    fn_id fn;
    const struct prog_fn *body;
    VEC(struct member) members; /* owned by `out` */
};

static bool is_shared(const struct listing *l, path_id path)
{
    const struct variable *variable = accessmap_find(l->map, l->fn, path);

    return variable != NULL && variable->shared;
}

static uint32_t program_field(const struct listing *l, uint32_t field)
{
    return field == ID_NONE ? ID_NONE : linked_field(l->flows->linked, l->body, field);
}

static void list_member(struct listing *l, op_id op)
{
    const struct ir_fn *ir = l->body->ir;
    struct member member;

    if (!place_in_local(ir, ir->ops.v[op.i].u.access.place, &member.local, &member.field) ||
        member.field == ID_NONE) {
        return;
    }
    member.field = program_field(l, member.field);
    for (size_t i = 0; i < l->members.n; i++) {
        if (l->members.v[i].local == member.local && l->members.v[i].field == member.field) {
            return;
        }
    }
    vec_push(l->out, &l->members, member);
}

/* `read` is of a whole struct that `local` gets a copy of: it is a read of each member that is
 * looked at there. */
static void list_copy(struct listing *l, struct shared_op read, uint32_t local)
{
    path_id all = read.path;

    for (size_t i = 0; i < l->members.n; i++) {
        if (l->members.v[i].local == local) {
            read.field = l->members.v[i].field;
            read.path = path_step(l->flows->paths, all, STEP_FIELD, read.field);
            if (is_shared(l, read.path)) {
                vec_push(l->out, &l->out->reads, read);
            }
        }
    }
}

/* The struct local that gets a copy of what the op yields. */
static bool copied_to(const struct listing *l, op_id op, uint32_t *ret_local)
{
    const struct ir_fn *ir = l->body->ir;

    for (size_t i = op.i + 1; i < ir->ops.n && l->members.n > 0; i++) {
        const struct ir_op *o = &ir->ops.v[i];
        const struct ir_value *v = o->kind == IR_WRITE && o->u.access.value.i != ID_NONE
                                       ? &ir->values.v[o->u.access.value.i]
                                       : NULL;
        if (v != NULL && (v->kind == IR_VALUE_READ || v->kind == IR_VALUE_CALL) &&
            v->u.op.i == op.i) {
            return place_is_local(ir, o->u.access.place, ret_local);
        }
    }
    return false;
}

static void list_told(struct listing *l, const struct call *call, const struct effect *told)
{
    const struct ir_fn *ir = l->body->ir;
    const struct ir_op *op = &ir->ops.v[call->op.i];
    struct shared_op read = {.op = call->op,
                             .path = told->path,
                             .by_call = true,
                             .slot = told->slot,
                             .field = told->field,
                             .depth = told->depth,
                             .perhaps = told->perhaps};
    uint32_t local;
    uint32_t field;

    if (is_shared(l, told->path)) {
        vec_push(l->out, &l->out->reads, read);
    }
    if (told->field != ID_NONE) {
        return;
    }
    if (told->slot == SLOT_RESULT ? copied_to(l, call->op, &local)
                                  : told->slot < op->u.call.n_args &&
                                        call_fills_local(ir, op, told->slot, &local, &field)) {
        list_copy(l, read, local);
    }
}

/* What a call tells and changes counts as read and written where it is called. */
static void list_call(struct listing *l, const struct call *call)
{
    struct fn_effects of;

    if (!effects_of_call(l->effects, call, &of)) {
        return;
    }
    for (uint32_t i = 0; i < of.n_told; i++) {
        list_told(l, call, &of.told[i]);
    }
    for (uint32_t i = 0; i < of.n_changed; i++) {
        const struct effect *changed = &of.changed[i];
        if (is_shared(l, changed->path) &&
            !ownership_is_private(l->map->ownership, l->fn, changed->path, call->op)) {
            vec_push(l->out, &l->out->writes,
                     (struct shared_op){.op = call->op,
                                        .path = changed->path,
                                        .by_call = true,
                                        .doubt = effect_doubt(changed),
                                        .shift = changed->shift,
                                        .slot = SLOT_RESULT,
                                        .field = ID_NONE,
                                        .depth = changed->depth,
                                        .perhaps = changed->perhaps});
        }
    }
}

static void list_access(struct listing *l, op_id op)
{
    const struct ir_op *o = &l->body->ir->ops.v[op.i];
    struct shared_op access = {.op = op, .slot = SLOT_RESULT, .field = ID_NONE};
    uint32_t local;

    if (!accessmap_is_shared_access(l->map, l->fn, op, &access.path)) {
        return;
    }
    if (o->kind == IR_READ && copied_to(l, op, &local)) {
        list_copy(l, access, local);
    }
    if (!is_shared(l, access.path)) {
        return;
    }
    if (o->kind != IR_WRITE) { /* an RMW reads too: if (count++ == 0) */
        vec_push(l->out, &l->out->reads, access);
    }
    if (o->kind != IR_READ) {
        access.shift = op_shift(l->body->ir, op);
        vec_push(l->out, &l->out->writes, access);
    }
}

struct shared_ops *shared_ops_of(void *owner, const struct accessmap *map, struct effects *effects,
                                 fn_id fn)
{
    const struct flows *flows = map->contexts->flows;
    struct listing l = {.out = mem_new(owner, struct shared_ops),
                        .map = map,
                        .effects = effects,
                        .flows = flows,
                        .fn = fn,
                        .body = &flows->linked->fns.v[fn.i]};
    const struct ir_fn *ir = l.body->ir;

    for (uint32_t i = 0; i < ir->ops.n; i++) {
        if (ir->ops.v[i].kind == IR_READ) {
            list_member(&l, (op_id){i});
        }
    }
    for (uint32_t i = 0; i < ir->ops.n; i++) {
        if (ir->ops.v[i].kind == IR_CALL) {
            list_call(&l, calls_at(flows->calls, fn, (op_id){i}));
        } else {
            list_access(&l, (op_id){i});
        }
    }
    return l.out;
}

bool shared_op_is_part(const struct linked *linked, fn_id fn, const struct shared_op *read,
                       const struct op_list *ops)
{
    for (size_t i = 0; i < ops->parts.n; i++) {
        const struct part *part = &ops->parts.v[i];
        uint32_t field = part->field == ID_NONE
                             ? ID_NONE
                             : linked_field(linked, &linked->fns.v[fn.i], part->field);
        if (part->op.i == read->op.i && part->slot == read->slot && field == read->field) {
            return true;
        }
    }
    return false;
}

struct fn_view *fn_view_new(void *owner, const struct accessmap *map, struct effects *effects,
                            fn_id fn)
{
    const struct flows *flows = map->contexts->flows;
    const struct prog_fn *body = &flows->linked->fns.v[fn.i];
    struct shared_ops *ops = shared_ops_of(owner, map, effects, fn);

    if (ops->reads.n == 0) {
        talloc_free(ops);
        return NULL;
    }
    struct fn_view *view = mem_new(owner, struct fn_view);
    *view = (struct fn_view){.flows = flows, .fn = fn, .ir = body->ir, .cfg = body->cfg};
    view->ops = ops;
    view->depends = depends_new(view, body);
    return view;
}
