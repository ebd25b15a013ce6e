#include "program/joins.h"

#include "program/resolve.h"

/* The index step nearest to the end of the path; PATH_NONE: no index on the way. */
static path_id last_index(const struct paths *paths, path_id path)
{
    while (!path_is_none(path) && path_get(paths, path)->kind != STEP_INDEX) {
        path = path_get(paths, path)->parent;
    }
    return path;
}

/* The local that the call uses as an index in its argument `arg`; false: it uses none. */
static bool index_local(const struct flows *flows, const struct call *call, int arg,
                        uint32_t *ret_local)
{
    const struct ir_fn *ir = flows->linked->fns.v[call->fn.i].ir;
    value_id value = call_arg(flows->linked, call, arg);
    const struct ir_value *v = value.i == ID_NONE ? NULL : &ir->values.v[value.i];
    const struct ir_place *place = NULL;

    if (v != NULL && v->kind == IR_VALUE_ADDR) {
        place = &ir->places.v[v->u.place.i];
    } else if (v != NULL && v->kind == IR_VALUE_READ) {
        place = &ir->places.v[ir->ops.v[v->u.op.i].u.access.place.i];
    }
    for (uint32_t i = 0; place != NULL && i < place->n_steps; i++) {
        const struct ir_step *step = &ir->steps.v[place->first_step + i];
        const struct ir_value *index =
            step->kind == IR_STEP_INDEX ? &ir->values.v[step->arg] : NULL;
        if (index != NULL && index->kind == IR_VALUE_READ &&
            place_is_local(ir, ir->ops.v[index->u.op.i].u.access.place, ret_local)) {
            return true;
        }
    }
    return false;
}

/* The one number that a local starts at; false: none, or several. */
static bool starts_at(const struct ir_fn *ir, uint32_t local, int64_t *ret)
{
    unsigned n = 0;
    uint32_t to;

    for (size_t i = 0; i < ir->ops.n; i++) {
        const struct ir_op *op = &ir->ops.v[i];
        if (op->kind != IR_WRITE || op->u.access.value.i == ID_NONE ||
            !place_is_local(ir, op->u.access.place, &to) || to != local) {
            continue;
        }
        const struct ir_value *v = &ir->values.v[op->u.access.value.i];
        n += 1;
        *ret = v->kind == IR_VALUE_INT ? v->u.number : 0;
        if (v->kind != IR_VALUE_INT) {
            return false;
        }
    }
    return n == 1;
}

/* The one number that a local is compared with: `i < 4`; false: none, or several. */
static bool ends_at(const struct ir_fn *ir, uint32_t local, int64_t *ret)
{
    unsigned n = 0;
    uint32_t read;

    for (size_t i = 0; i < ir->values.n; i++) {
        const struct ir_value *v = &ir->values.v[i];
        if (v->kind != IR_VALUE_BINARY || v->opcode != IR_OP_LT) {
            continue;
        }
        const struct ir_value *left = &ir->values.v[v->u.of.a.i];
        const struct ir_value *right = &ir->values.v[v->u.of.b.i];
        if (left->kind == IR_VALUE_READ &&
            place_is_local(ir, ir->ops.v[left->u.op.i].u.access.place, &read) && read == local) {
            n += 1;
            *ret = right->u.number;
            if (right->kind != IR_VALUE_INT) {
                return false;
            }
        }
    }
    return n == 1;
}

/* Does the loop of the join begin later, or end earlier, than that of the start? */
static bool loop_is_shorter(const struct flows *flows, const struct call *start,
                            const struct call *join)
{
    const struct ir_fn *from = flows->linked->fns.v[start->fn.i].ir;
    const struct ir_fn *to = flows->linked->fns.v[join->fn.i].ir;
    uint32_t i;
    uint32_t j;
    int64_t first;
    int64_t second;

    if (!index_local(flows, start, start->model->thread_handle, &i) ||
        !index_local(flows, join, join->model->join, &j)) {
        return false;
    }
    return (starts_at(from, i, &first) && starts_at(to, j, &second) && second > first) ||
           (ends_at(from, i, &first) && ends_at(to, j, &second) && second < first);
}

bool joins_only_some(const struct flows *flows, const struct call *start, path_id started,
                     const struct call *join, path_id joined)
{
    path_id own = last_index(flows->paths, started);
    path_id theirs = last_index(flows->paths, joined);

    if (path_is_none(own) || path_is_none(theirs)) {
        return false;
    }
    uint32_t i = path_get(flows->paths, own)->a;
    uint32_t j = path_get(flows->paths, theirs)->a;
    if (j != PATH_INDEX_ANY) {
        return i != j;
    }
    return i == PATH_INDEX_ANY && start->model != NULL && loop_is_shorter(flows, start, join);
}
