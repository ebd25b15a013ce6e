#include "program/ownership.h"

#include "program/resolve.h"

#include <string.h>

/* Parameter k of a function is owned when every call hands over an object that the caller owns. */
struct ownership {
    const struct flows *flows;
    uint16_t *owned_params;  /* by fn: bit k */
    uint16_t *shown_params;  /* by fn: bit k: what it points to is shown to others in there */
    uint32_t **shown_locals; /* by fn, by local: from which op on others may have its address;
                                ID_NONE: never; NULL: not computed */
};

/* ---- locals ---------------------------------------------------------------------------------- */

/* The local whose address a value is; false: it is none. */
static bool address_of_local(const struct ir_fn *ir, value_id value, uint32_t *ret_local)
{
    if (value.i == ID_NONE) {
        return false;
    }
    const struct ir_value *v = &ir->values.v[value.i];
    if (v->kind == IR_VALUE_BINARY) {
        return address_of_local(ir, v->u.of.a, ret_local);
    }
    if (v->kind != IR_VALUE_ADDR) {
        return false;
    }
    const struct ir_place *place = &ir->places.v[v->u.place.i];
    for (uint32_t i = 0; i < place->n_steps; i++) {
        if (ir->steps.v[place->first_step + i].kind == IR_STEP_DEREF) {
            return false;
        }
    }
    *ret_local = place->base;
    return place->base_kind == IR_BASE_LOCAL;
}

/* Does the model hand an argument to code that runs elsewhere? */
static bool hands_to_others(const struct model_fn *model)
{
    return model != NULL && (model->thread_entry != ARG_NONE || model->callbacks.n > 0 ||
                             model->installs != ARG_NONE);
}

/* Does the call show others what its argument `arg` (from 0) points to? */
static bool shows_argument(const struct ownership *ownership, const struct call *call, uint32_t arg)
{
    if (hands_to_others(call->model)) {
        return true;
    }
    for (size_t i = 0; i < call->callees.n && arg < 16; i++) {
        if ((ownership->shown_params[call->callees.v[i].i] & (1u << arg)) != 0) {
            return true;
        }
    }
    return false;
}

/* The op shows a local to others; in a loop it has been shown from the loop's begin on. */
static void note_shown(const struct ownership *ownership, fn_id fn, op_id op, uint32_t *shown)
{
    const struct cfg *cfg = ownership->flows->linked->fns.v[fn.i].cfg;
    uint32_t head = cfg->loop_head[cfg_block_of(cfg, op)];
    uint32_t from = op.i;

    while (head != ID_NONE && cfg->loop_up[head] != ID_NONE) {
        head = cfg->loop_up[head];
    }
    if (head != ID_NONE && cfg->fn->blocks.v[head].first_op < from) {
        from = cfg->fn->blocks.v[head].first_op;
    }
    *shown = from < *shown ? from : *shown;
}

static void look_at_call(const struct ownership *ownership, fn_id fn, op_id op, uint32_t *shown)
{
    const struct ir_fn *ir = ownership->flows->linked->fns.v[fn.i].ir;
    const struct call *call = calls_at(ownership->flows->calls, fn, op);
    const struct ir_op *o = &ir->ops.v[op.i];
    uint32_t local;

    for (uint32_t i = 0; i < o->u.call.n_args; i++) {
        if (address_of_local(ir, ir->args.v[o->u.call.first_arg + i], &local) &&
            shows_argument(ownership, call, i)) {
            note_shown(ownership, fn, op, &shown[local]);
        }
    }
}

static const uint32_t *shown_locals(const struct ownership *ownership, fn_id fn)
{
    const struct ir_fn *ir = ownership->flows->linked->fns.v[fn.i].ir;
    uint32_t *shown = ownership->shown_locals[fn.i];
    uint32_t local;
    uint32_t into;

    if (shown != NULL) {
        return shown;
    }
    shown = mem_array(ownership, uint32_t, ir->locals.n + 1);
    memset(shown, 0xff, (ir->locals.n + 1) * sizeof *shown);
    for (uint32_t i = 0; i < ir->ops.n; i++) {
        const struct ir_op *op = &ir->ops.v[i];
        if (op->kind == IR_CALL) {
            look_at_call(ownership, fn, (op_id){i}, shown);
        } else if (op->kind == IR_WRITE && address_of_local(ir, op->u.access.value, &local) &&
                   !place_is_local(ir, op->u.access.place, &into)) {
            note_shown(ownership, fn, (op_id){i}, &shown[local]);
        }
    }
    ownership->shown_locals[fn.i] = shown;
    return shown;
}

static unsigned count_pointers(const struct paths *paths, path_id path)
{
    unsigned pointers = 0;

    for (path_id at = path; !path_is_none(at); at = path_get(paths, at)->parent) {
        pointers += path_get(paths, at)->kind == STEP_DEREF ? 1 : 0;
    }
    return pointers;
}

/* ---- fresh objects --------------------------------------------------------------------------- */

/* Is the value what call `made` returned, or parameter `param` (ID_NONE: not asked)? */
static bool is_pointer_to(const struct ownership *ownership, fn_id fn, value_id value,
                          uint32_t made, uint32_t param)
{
    const struct ir_fn *ir = ownership->flows->linked->fns.v[fn.i].ir;
    uint32_t local;

    value = resolve_value(ownership->flows->v[fn.i].resolver, value);
    if (value.i == ID_NONE) {
        return false;
    }
    const struct ir_value *v = &ir->values.v[value.i];
    if (v->kind == IR_VALUE_CALL) {
        return v->u.op.i == made;
    }
    return v->kind == IR_VALUE_READ &&
           place_is_local(ir, ir->ops.v[v->u.op.i].u.access.place, &local) && local == param;
}

/* Is the pointer stored into memory, or handed to another thread, before `op`? (The order of
 * lowering stands for the order of running: good enough for straight set-up code.) */
static bool is_published(const struct ownership *ownership, fn_id fn, uint32_t from, uint32_t op,
                         uint32_t made, uint32_t param)
{
    const struct flows *flows = ownership->flows;
    const struct ir_fn *ir = flows->linked->fns.v[fn.i].ir;
    uint32_t local;

    for (uint32_t i = from; i < op; i++) {
        const struct ir_op *at = &ir->ops.v[i];
        if (at->kind == IR_WRITE && !place_is_local(ir, at->u.access.place, &local) &&
            is_pointer_to(ownership, fn, at->u.access.value, made, param)) {
            return true;
        }
        bool hands =
            at->kind == IR_CALL && hands_to_others(calls_at(flows->calls, fn, (op_id){i})->model);
        for (uint32_t a = 0; hands && a < at->u.call.n_args; a++) {
            if (is_pointer_to(ownership, fn, ir->args.v[at->u.call.first_arg + a], made, param)) {
                return true;
            }
        }
    }
    return false;
}

path_id ownership_published_in(const struct ownership *ownership, fn_id fn, path_id path, op_id op)
{
    const struct flows *flows = ownership->flows;
    const struct ir_fn *ir = flows->linked->fns.v[fn.i].ir;
    const struct path_node *root = path_get(flows->paths, path_root_of(flows->paths, path));

    if (root->kind != ROOT_CALL || root->a != fn.i || root->b == ID_NONE) {
        return PATH_NONE;
    }
    for (uint32_t i = root->b + 1; i < op.i; i++) {
        const struct ir_op *at = &ir->ops.v[i];
        if (at->kind == IR_WRITE &&
            is_pointer_to(ownership, fn, at->u.access.value, root->b, ID_NONE)) {
            path_id into = flow_place(flows, fn, at->u.access.place);
            if (!path_is_none(into) && path_is_exact(flows->paths, into)) {
                return into;
            }
        }
    }
    return PATH_NONE;
}

/* Does the function hand what call `made` returned to a thread that it starts, as its argument? */
static bool is_made_for_thread(const struct ownership *ownership, fn_id fn, uint32_t made)
{
    const struct calls *calls = ownership->flows->calls;

    for (uint32_t i = calls->first[fn.i]; i < calls->first[fn.i + 1]; i++) {
        const struct call *start = &calls->v.v[i];
        if (start->model != NULL && start->model->thread_entry > 0 &&
            start->model->thread_data > 0) {
            value_id data = call_arg(ownership->flows->linked, start, start->model->thread_data);
            if (data.i != ID_NONE && is_pointer_to(ownership, fn, data, made, ID_NONE)) {
                return true;
            }
        }
    }
    return false;
}

/* Memory that nobody else knows: from an allocator; or from who knows where, if it is got to be a
 * new thread's argument: such are made for the thread. */
static bool call_makes_fresh(const struct ownership *ownership, fn_id fn, uint32_t op)
{
    const struct flows *flows = ownership->flows;
    const struct call *call = calls_at(flows->calls, fn, (op_id){op});
    bool fresh = call->model != NULL ? call->model->fresh : call->callees.n > 0;
    bool unknown = call->model == NULL;

    for (size_t i = 0; i < call->callees.n; i++) {
        const struct fn_flow *callee = &flows->v[call->callees.v[i].i];
        fresh = fresh && callee->fresh;
        unknown = unknown && path_is_none(callee->returned);
    }
    return fresh || (unknown && is_made_for_thread(ownership, fn, op));
}

/* Has this function taken the object that a local points to out of where others could find it, and
 * not stored it anywhere since? What the object points to is another matter. */
static bool is_taken_out(const struct ownership *ownership, fn_id fn, path_id path, uint32_t local,
                         op_id op)
{
    op_id taken = resolve_taken_out(ownership->flows->v[fn.i].resolver, local);

    return taken.i != ID_NONE && op.i > taken.i &&
           count_pointers(ownership->flows->paths, path) == 1 &&
           !is_published(ownership, fn, taken.i + 1, op.i, ID_NONE, local);
}

bool ownership_is_private(const struct ownership *ownership, fn_id fn, path_id path, op_id op)
{
    const struct flows *flows = ownership->flows;
    path_id root = path_root_of(flows->paths, path);
    const struct path_node *node = path_get(flows->paths, root);
    bool behind_pointer = path_has_deref(flows->paths, path);

    switch (node->kind) {
    case ROOT_LOCAL:
        if (behind_pointer) {
            return node->a == fn.i && is_taken_out(ownership, fn, path, node->b, op);
        }
        return (node->a != fn.i ? ID_NONE - 1 : op.i) <
               shown_locals(ownership, (fn_id){node->a})[node->b];
    case ROOT_PARAM: {
        bool owned = node->a < 16 && ((unsigned)ownership->owned_params[fn.i] >> node->a & 1u) != 0;
        return !behind_pointer ||
               (owned && !is_published(ownership, fn, 0, op.i, ID_NONE, node->a));
    }
    case ROOT_CALL:
        return !behind_pointer ||
               (node->a == fn.i && node->b != ID_NONE && call_makes_fresh(ownership, fn, node->b) &&
                !is_published(ownership, fn, node->b + 1, op.i, node->b, ID_NONE));
    case ROOT_VAR:
    case ROOT_OBJECT:
    case ROOT_NAMED:
    case ROOT_THREAD:
    case ROOT_END:
    case ROOT_EVENT:
    case STEP_DEREF:
    case STEP_FIELD:
    case STEP_INDEX:
    case STEP_CONTAINER:
        return false;
    }
    return false;
}

/* ---- parameters ------------------------------------------------------------------------------ */

/* Only the first pointer of the argument counts: an owned object may hold pointers to shared ones.
 */
static bool argument_is_owned(const struct ownership *ownership, const struct call *call,
                              uint32_t arg)
{
    path_id path = flow_arg_path(ownership->flows, call, (int)arg + 1);

    if (path_is_none(path)) {
        return false;
    }
    return count_pointers(ownership->flows->paths, path) <= 1 &&
           ownership_is_private(ownership, call->fn, path, call->op);
}

/* Takes away what one call does not hand over. True: something was. */
static bool narrow(struct ownership *ownership, const struct call *call, fn_id callee)
{
    uint16_t owned = ownership->owned_params[callee.i];
    uint16_t left = 0;

    if (owned == 0) {
        return false;
    }
    const struct ir_op *op = &ownership->flows->linked->fns.v[call->fn.i].ir->ops.v[call->op.i];
    uint32_t n = call->indirect || call->model != NULL ? 0 : op->u.call.n_args;

    for (uint32_t k = 0; k < n && k < 16; k++) {
        if (((unsigned)owned >> k & 1u) != 0 && argument_is_owned(ownership, call, k)) {
            left = (uint16_t)(left | 1u << k);
        }
    }
    ownership->owned_params[callee.i] = left;
    return left != owned;
}

/* The parameter that a value is, or points into the object of; false: none. */
static bool stems_from_param(const struct ownership *ownership, fn_id fn, value_id value,
                             uint32_t *ret_param)
{
    const struct ir_fn *ir = ownership->flows->linked->fns.v[fn.i].ir;
    const struct ir_place *place;

    value = resolve_value(ownership->flows->v[fn.i].resolver, value);
    if (value.i == ID_NONE) {
        return false;
    }
    const struct ir_value *v = &ir->values.v[value.i];
    if (v->kind == IR_VALUE_BINARY) {
        return stems_from_param(ownership, fn, v->u.of.a, ret_param);
    }
    if (v->kind == IR_VALUE_READ) {
        place = &ir->places.v[ir->ops.v[v->u.op.i].u.access.place.i];
        *ret_param = place->base;
        return place->base_kind == IR_BASE_LOCAL && place->n_steps == 0 && place->base < 16 &&
               place->base < ir->n_params;
    }
    if (v->kind != IR_VALUE_ADDR) {
        return false;
    }
    place = &ir->places.v[v->u.place.i]; /* &p->member */
    *ret_param = place->base;
    return place->base_kind == IR_BASE_LOCAL && place->n_steps > 0 &&
           ir->steps.v[place->first_step].kind == IR_STEP_DEREF && place->base < 16 &&
           place->base < ir->n_params;
}

/* An argument that is, or points into the object of, a parameter of the function that calls. */
struct handed {
    const struct call *call;
    uint32_t arg;
    uint32_t param;
};

struct handed_list {
    VEC(struct handed) v;
};

/* Notes what one op shows by itself, and what it hands to callees, which may. */
static void look_at_op(struct ownership *ownership, fn_id fn, op_id op, struct handed_list *list)
{
    const struct ir_fn *ir = ownership->flows->linked->fns.v[fn.i].ir;
    const struct ir_op *o = &ir->ops.v[op.i];
    uint32_t param;
    uint32_t into;

    if (o->kind == IR_WRITE && !place_is_local(ir, o->u.access.place, &into) &&
        stems_from_param(ownership, fn, o->u.access.value, &param)) {
        ownership->shown_params[fn.i] = (uint16_t)(ownership->shown_params[fn.i] | (1u << param));
    }
    for (uint32_t i = 0; o->kind == IR_CALL && i < o->u.call.n_args; i++) {
        if (stems_from_param(ownership, fn, ir->args.v[o->u.call.first_arg + i], &param)) {
            vec_push(list, &list->v,
                     (struct handed){calls_at(ownership->flows->calls, fn, op), i, param});
        }
    }
}

static void find_shown_params(struct ownership *ownership)
{
    struct handed_list *list = mem_new(NULL, struct handed_list);

    for (uint32_t f = 0; f < ownership->flows->linked->fns.n; f++) {
        uint32_t n_ops = (uint32_t)ownership->flows->linked->fns.v[f].ir->ops.n;
        for (uint32_t i = 0; i < n_ops; i++) {
            look_at_op(ownership, (fn_id){f}, (op_id){i}, list);
        }
    }
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = 0; i < list->v.n; i++) {
            const struct handed *handed = &list->v.v[i];
            uint16_t *shown = &ownership->shown_params[handed->call->fn.i];
            if (((unsigned)*shown >> handed->param & 1u) == 0 &&
                shows_argument(ownership, handed->call, handed->arg)) {
                *shown = (uint16_t)(*shown | (1u << handed->param));
                changed = true;
            }
        }
    }
    talloc_free(list);
}

static void start_with_called(struct ownership *ownership)
{
    const struct calls *calls = ownership->flows->calls;

    for (size_t i = 0; i < calls->v.n; i++) {
        for (size_t c = 0; c < calls->v.v[i].callees.n; c++) {
            ownership->owned_params[calls->v.v[i].callees.v[c].i] = UINT16_MAX;
        }
    }
}

/* Takes away until all agrees. What a call hands over can change only when the function that calls
 * has lost a parameter. */
static void find_owned_params(struct ownership *ownership)
{
    const struct calls *calls = ownership->flows->calls;
    uint32_t n_fns = (uint32_t)ownership->flows->linked->fns.n;
    bool *dirty = mem_array(NULL, bool, n_fns + 1);

    memset(dirty, true, n_fns * sizeof *dirty);
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t f = 0; f < n_fns; f++) {
            bool look = dirty[f];
            dirty[f] = false;
            for (uint32_t i = calls->first[f]; i < calls->first[f + 1] && look; i++) {
                const struct call *call = &calls->v.v[i];
                for (size_t c = 0; c < call->callees.n; c++) {
                    if (narrow(ownership, call, call->callees.v[c])) {
                        dirty[call->callees.v[c].i] = changed = true;
                    }
                }
            }
        }
    }
    talloc_free(dirty);
}

struct ownership *ownership_build(void *owner, const struct flows *flows)
{
    struct ownership *ownership = mem_new(owner, struct ownership);

    ownership->flows = flows;
    ownership->owned_params = mem_array(ownership, uint16_t, flows->linked->fns.n + 1);
    ownership->shown_locals = mem_array(ownership, uint32_t *, flows->linked->fns.n + 1);
    ownership->shown_params = mem_array(ownership, uint16_t, flows->linked->fns.n + 1);
    find_shown_params(ownership);
    start_with_called(ownership);
    find_owned_params(ownership);
    return ownership;
}
