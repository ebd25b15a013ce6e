#include "program/frees.h"

#include "program/resolve.h"

#include <stdlib.h>
#include <string.h>

/* Bodies behind a pointer that still tell what is called. */
enum { FEW_CALLEES = 3, MAX_FREED_PARAMS = 16, MAX_OFFSETS = 4 };

/* A call and one body that it runs, by body. */
struct caller {
    uint32_t callee;
    const struct call *call;
};

struct build {
    struct frees *out;
    const struct flows *flows;
    VEC(struct caller) callers;
    VEC(struct free_event) work; /* events whose callers have not been looked at */
};

/* ---- values ---------------------------------------------------------------------------------- */

uint32_t frees_param_of(const struct flows *flows, fn_id fn, value_id value)
{
    const struct ir_fn *ir = flows->linked->fns.v[fn.i].ir;
    uint32_t local;

    for (unsigned i = 0; i < MAX_OFFSETS; i++) {
        value = resolve_value(flows->v[fn.i].resolver, value);
        if (value.i == ID_NONE) {
            return ID_NONE;
        }
        const struct ir_value *v = &ir->values.v[value.i];
        if (v->kind == IR_VALUE_READ) {
            bool is_param = place_is_local(ir, ir->ops.v[v->u.op.i].u.access.place, &local) &&
                            local < ir->n_params && local < MAX_FREED_PARAMS;
            return is_param ? local : ID_NONE;
        }
        if (v->kind != IR_VALUE_BINARY || (v->opcode != IR_OP_ADD && v->opcode != IR_OP_SUB)) {
            return ID_NONE;
        }
        value = v->u.of.a;
    }
    return ID_NONE;
}

/* The type's last name, without typedefs. */
static const char *bare(const char *type)
{
    const char *last = type == NULL ? NULL : strrchr(type, '|');

    return last == NULL ? type : last + 1;
}

/* The type of what a place holds, where it is declared: the last field's, the variable's. */
static const char *declared_type(const struct prog_fn *fn, const struct linked *linked,
                                 place_id place)
{
    const struct ir_place *p = &fn->ir->places.v[place.i];
    uint32_t last = p->n_steps;

    while (last > 0 && fn->ir->steps.v[p->first_step + last - 1].kind == IR_STEP_INDEX) {
        last--;
    }
    if (last > 0) {
        const struct ir_step *step = &fn->ir->steps.v[p->first_step + last - 1];
        return step->kind == IR_STEP_FIELD
                   ? linked->fields.v[linked_field(linked, fn, step->arg)].type
                   : NULL;
    }
    switch (p->base_kind) {
    case IR_BASE_LOCAL:
        return fn->ir->locals.v[p->base].type;
    case IR_BASE_GLOBAL:
        return fn->unit->syms.v[p->base].type;
    case IR_BASE_VALUE:
        return NULL;
    }
    return NULL;
}

/* Does the type say what the pointer points to? */
static bool tells(const char *type)
{
    size_t n = type == NULL ? 0 : strlen(type);

    return n > 0 && type[n - 1] == '*' && strcmp(type, "void *") != 0;
}

const char *frees_type_of_place(const struct flows *flows, fn_id fn, place_id place)
{
    const struct prog_fn *body = &flows->linked->fns.v[fn.i];
    const char *type = bare(declared_type(body, flows->linked, place));

    return tells(type) ? type : NULL;
}

const char *frees_pointer_type(const struct flows *flows, fn_id fn, value_id value)
{
    const struct prog_fn *body = &flows->linked->fns.v[fn.i];

    for (unsigned i = 0; i < MAX_OFFSETS && value.i != ID_NONE; i++) {
        const struct ir_value *v = &body->ir->values.v[value.i];
        if (v->kind != IR_VALUE_READ) {
            return NULL;
        }
        place_id place = body->ir->ops.v[v->u.op.i].u.access.place;
        const char *type = frees_type_of_place(flows, fn, place);
        uint32_t local;
        if (type != NULL) {
            return type;
        }
        if (!place_is_local(body->ir, place, &local)) {
            return NULL;
        }
        value = resolve_single_def(flows->v[fn.i].resolver, local);
    }
    return NULL;
}

/* ---- building -------------------------------------------------------------------------------- */

static int by_callee(const void *a, const void *b)
{
    const struct caller *x = a;
    const struct caller *y = b;

    if (x->callee != y->callee) {
        return x->callee < y->callee ? -1 : 1;
    }
    return x->call < y->call ? -1 : x->call > y->call;
}

static void list_callers(struct build *build)
{
    const struct calls *calls = build->flows->calls;

    for (size_t i = 0; i < calls->v.n; i++) {
        const struct call *call = &calls->v.v[i];
        for (size_t c = 0; c < call->callees.n && call->callees.n <= FEW_CALLEES; c++) {
            vec_push(build->out, &build->callers, (struct caller){call->callees.v[c].i, call});
        }
    }
    if (build->callers.n > 0) {
        qsort(build->callers.v, build->callers.n, sizeof *build->callers.v, by_callee);
    }
}

/* Is it memory that the function has made itself and that nobody else has seen? Its end is no
 * business of others. */
static bool is_own_fresh(const struct flows *flows, fn_id fn, value_id value)
{
    const struct ir_fn *ir = flows->linked->fns.v[fn.i].ir;

    value = resolve_value(flows->v[fn.i].resolver, value);
    if (value.i == ID_NONE || ir->values.v[value.i].kind != IR_VALUE_CALL) {
        return false;
    }
    const struct call *call = calls_at(flows->calls, fn, ir->values.v[value.i].u.op);
    bool fresh = call->model != NULL ? call->model->fresh : call->callees.n > 0;
    for (size_t c = 0; c < call->callees.n; c++) {
        fresh = fresh && flows->v[call->callees.v[c].i].fresh;
    }
    return fresh;
}

/* A call that frees its argument `value`. */
static void add_event(struct build *build, const struct call *call, value_id value, struct site at,
                      unsigned depth)
{
    struct free_event event = {.fn = call->fn, .op = call->op, .value = value, .at = at};
    uint32_t param = frees_param_of(build->flows, call->fn, value);

    if (is_own_fresh(build->flows, call->fn, value)) {
        return;
    }
    event.depth = depth;
    event.type = frees_pointer_type(build->flows, call->fn, value);
    if (event.type != NULL) {
        vec_push(build->out, &build->out->v, event);
    }
    if (param != ID_NONE && (build->out->params[call->fn.i] >> param & 1u) == 0) {
        build->out->params[call->fn.i] |= 1u << param;
        vec_push(build->out, &build->work, event);
    }
}

static void add_deallocators(struct build *build)
{
    const struct calls *calls = build->flows->calls;

    for (size_t i = 0; i < calls->v.n; i++) {
        const struct call *call = &calls->v.v[i];
        value_id value = call->model != NULL && call->model->frees > 0
                             ? call_arg(build->flows->linked, call, call->model->frees)
                             : (value_id){ID_NONE};
        if (value.i != ID_NONE) {
            add_event(build, call, value, (struct site){call->fn.i, call->op.i}, 0);
        }
    }
}

/* What frees its parameter does so for those who call it. */
static void add_calls_of(struct build *build, struct free_event event)
{
    uint32_t param = frees_param_of(build->flows, event.fn, event.value);
    size_t low = 0;
    size_t high = build->callers.n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (build->callers.v[middle].callee < event.fn.i) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (; low < build->callers.n && build->callers.v[low].callee == event.fn.i; low++) {
        const struct call *call = build->callers.v[low].call;
        const struct ir_fn *ir = build->flows->linked->fns.v[call->fn.i].ir;
        const struct ir_op *op = &ir->ops.v[call->op.i];
        if (param < op->u.call.n_args) {
            add_event(build, call, ir->args.v[op->u.call.first_arg + param], event.at,
                      event.depth + 1);
        }
    }
}

static int by_type(const void *a, const void *b)
{
    const struct free_event *x = a;
    const struct free_event *y = b;
    int order = strcmp(x->type, y->type);

    if (order != 0) {
        return order;
    }
    if (x->fn.i != y->fn.i) {
        return x->fn.i < y->fn.i ? -1 : 1;
    }
    return x->op.i < y->op.i ? -1 : x->op.i > y->op.i;
}

struct frees *frees_build(void *owner, const struct flows *flows)
{
    struct frees *out = mem_new(owner, struct frees);
    struct build build = {.out = out, .flows = flows};

    out->flows = flows;
    out->params = mem_array(out, uint32_t, flows->linked->fns.n + 1);
    list_callers(&build);
    add_deallocators(&build);
    for (size_t i = 0; i < build.work.n; i++) {
        if (build.work.v[i].depth < MAX_FREE_DEPTH) {
            add_calls_of(&build, build.work.v[i]);
        }
    }
    if (out->v.n > 0) {
        qsort(out->v.v, out->v.n, sizeof *out->v.v, by_type);
    }
    talloc_free(build.callers.v);
    talloc_free(build.work.v);
    return out;
}

size_t frees_of_type(const struct frees *frees, const char *type, size_t *ret_first)
{
    size_t low = 0;
    size_t high = frees->v.n;
    size_t n = 0;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(frees->v.v[middle].type, type) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *ret_first = low;
    while (low + n < frees->v.n && strcmp(frees->v.v[low + n].type, type) == 0) {
        n++;
    }
    return n;
}
