#include "program/sources_index.h"

#include "program/resolve.h"

#include <stdlib.h>

static uint32_t index_of(const struct ir_fn *ir, const struct ir_step *step)
{
    const struct ir_value *v = step->arg == ID_NONE ? NULL : &ir->values.v[step->arg];
    bool constant = v != NULL && v->kind == IR_VALUE_INT && v->u.number >= 0;

    return constant ? (uint32_t)v->u.number : ID_NONE;
}

/* What the call returns is memory that nobody has written to. */
static bool is_new_memory(const struct sources *s, uint32_t fn_index, op_id op)
{
    const struct call *call = calls_at(s->flows->calls, (fn_id){fn_index}, op);

    return call != NULL && call->model != NULL && call->model->fresh;
}

bool sources_cell_behind(const struct sources *s, const struct prog_fn *fn, uint32_t fn_index,
                         uint32_t local, struct cell *ret)
{
    const struct ir_fn *ir = fn->ir;

    while (local >= ir->n_params) {
        value_id def = fn_index == UINT32_MAX
                           ? (value_id){ID_NONE}
                           : resolve_single_def(s->flows->v[fn_index].resolver, local);
        const struct ir_value *v = def.i == ID_NONE ? NULL : &ir->values.v[def.i];
        if (v != NULL && v->kind == IR_VALUE_ADDR) {
            return sources_cell_of_place(s, fn, fn_index, v->u.place, ret);
        }
        if (v != NULL && v->kind == IR_VALUE_CALL && is_new_memory(s, fn_index, v->u.op)) {
            break;
        }
        if (v == NULL || v->kind != IR_VALUE_READ ||
            !place_is_local(ir, ir->ops.v[v->u.op.i].u.access.place, &local)) {
            return false;
        }
    }
    *ret = (struct cell){CELL_BEHIND, fn_index, local, ID_NONE};
    return true;
}

/* The cell of the place's base, or of its last member; *ret_next: the step behind that. */
static struct cell cell_of_base(const struct linked *linked, const struct prog_fn *fn,
                                uint32_t fn_index, const struct ir_place *p, uint32_t *ret_next)
{
    const struct ir_step *steps = fn->ir->steps.v + p->first_step;
    struct cell cell = {CELL_LOCAL, fn_index, p->base, ID_NONE};

    if (p->base_kind != IR_BASE_LOCAL) {
        uint32_t symbol = p->base_kind == IR_BASE_GLOBAL ? linked_sym(linked, fn, p->base) : 0;
        cell = (struct cell){CELL_VAR, symbol, 0, ID_NONE};
    }
    *ret_next = 0;
    for (uint32_t i = 0; i < p->n_steps; i++) {
        if (steps[i].kind == IR_STEP_FIELD) {
            cell = (struct cell){CELL_FIELD, linked_field(linked, fn, steps[i].arg), 0, ID_NONE};
            *ret_next = i + 1;
        }
    }
    return cell;
}

bool sources_cell_of_place(const struct sources *s, const struct prog_fn *fn, uint32_t fn_index,
                           place_id place, struct cell *ret)
{
    const struct ir_fn *ir = fn->ir;
    const struct ir_place *p = &ir->places.v[place.i];
    const struct ir_step *steps = ir->steps.v + p->first_step;
    bool in_array = false; /* `ret` is an element already */
    uint32_t i;

    *ret = cell_of_base(s->flows->linked, fn, fn_index, p, &i);
    for (; i < p->n_steps; i++) {
        if (steps[i].kind == IR_STEP_INDEX) {
            ret->item = in_array ? ID_NONE : index_of(ir, &steps[i]);
        } else if (steps[i].kind == IR_STEP_DEREF && i == 0 && p->base_kind == IR_BASE_LOCAL &&
                   sources_cell_behind(s, fn, fn_index, p->base, ret)) {
            in_array = ret->item != ID_NONE;
        } else {
            return false;
        }
    }
    return ret->kind == CELL_FIELD || p->base_kind != IR_BASE_VALUE;
}

size_t sources_n_callers(const struct sources *s, fn_id fn)
{
    return s->first_caller[fn.i + 1] - s->first_caller[fn.i];
}

uint32_t sources_caller(const struct sources *s, fn_id fn, size_t i)
{
    return s->callers[s->first_caller[fn.i] + i];
}

/* ---- the index ------------------------------------------------------------------------------- */

static void note_place(struct sources *s, const struct prog_fn *fn, uint32_t fn_index,
                       place_id place, struct touch touch)
{
    struct cell cell;

    if (!sources_cell_of_place(s, fn, touch.init ? UINT32_MAX : fn_index, place, &cell)) {
        return;
    }
    touch.what = cell.a;
    if (cell.kind == CELL_VAR) {
        vec_push(s, &s->vars, touch);
    } else if (cell.kind == CELL_FIELD) {
        vec_push(s, &s->fields, touch);
    }
}

static void note_ops(struct sources *s, const struct prog_fn *fn, uint32_t fn_index, bool init)
{
    const struct ir_fn *ir = fn->ir;

    for (uint32_t i = 0; i < ir->ops.n; i++) {
        const struct ir_op *op = &ir->ops.v[i];
        struct touch touch = {.fn = fn_index, .op = i, .init = init};
        if (op->kind == IR_WRITE || op->kind == IR_RMW) {
            note_place(s, fn, fn_index, op->u.access.place, touch);
        }
        for (uint32_t a = 0; op->kind == IR_CALL && a < op->u.call.n_args; a++) {
            value_id arg = ir->args.v[op->u.call.first_arg + a];
            if (arg.i != ID_NONE && ir->values.v[arg.i].kind == IR_VALUE_ADDR) {
                note_place(s, fn, fn_index, ir->values.v[arg.i].u.place, touch);
            }
        }
    }
}

static int by_what(const void *a, const void *b)
{
    const struct touch *x = a;
    const struct touch *y = b;

    if (x->what != y->what) {
        return x->what < y->what ? -1 : 1;
    }
    if (x->init != y->init) {
        return x->init ? -1 : 1;
    }
    if (x->fn != y->fn) {
        return x->fn < y->fn ? -1 : 1;
    }
    return x->op < y->op ? -1 : x->op > y->op;
}

/* Calls by the body they run before they return. What a model stands for runs no body with its own
 * arguments. */
static void list_callers(struct sources *s)
{
    const struct calls *calls = s->flows->calls;
    size_t n_fns = s->flows->linked->fns.n;

    s->first_caller = mem_array(s, uint32_t, n_fns + 2);
    for (size_t i = 0; i < calls->v.n; i++) {
        for (size_t c = 0; c < calls->v.v[i].callees.n && calls->v.v[i].model == NULL; c++) {
            s->first_caller[calls->v.v[i].callees.v[c].i + 2]++;
        }
    }
    for (size_t f = 2; f < n_fns + 2; f++) {
        s->first_caller[f] += s->first_caller[f - 1];
    }
    s->callers = mem_array(s, uint32_t, s->first_caller[n_fns + 1] + 1);
    for (size_t i = 0; i < calls->v.n; i++) {
        for (size_t c = 0; c < calls->v.v[i].callees.n && calls->v.v[i].model == NULL; c++) {
            s->callers[s->first_caller[calls->v.v[i].callees.v[c].i + 1]++] = (uint32_t)i;
        }
    }
}

static void list_handed(struct sources *s, void *scratch, uint32_t call_index, int entry, int data)
{
    const struct calls *calls = s->flows->calls;
    const struct call *call = &calls->v.v[call_index];
    value_id value = call_arg(s->flows->linked, call, entry);

    if (data <= 0 || value.i == ID_NONE) {
        return;
    }
    struct fn_list fns = calls_functions_of(calls, scratch, call->fn, value);
    for (size_t f = 0; f < fns.n; f++) {
        vec_push(s, &s->handed, (struct handed){fns.v[f].i, call_index, data});
    }
}

static void list_registered(struct sources *s)
{
    const struct calls *calls = s->flows->calls;
    void *scratch = mem_owner(NULL, "registered");

    for (size_t i = 0; i < calls->v.n; i++) {
        const struct call *call = &calls->v.v[i];
        if (call->model != NULL && call->model->thread_entry > 0) {
            list_handed(s, scratch, (uint32_t)i, call->model->thread_entry,
                        call->model->thread_data);
        }
        for (size_t k = 0; call->model != NULL && k < call->model->callbacks.n; k++) {
            list_handed(s, scratch, (uint32_t)i, call->model->callbacks.v[k].arg,
                        call->model->callbacks.v[k].data);
            value_id value = call_arg(s->flows->linked, call, call->model->callbacks.v[k].arg);
            struct fn_list fns = calls_functions_of(calls, scratch, call->fn, value);
            for (size_t f = 0; value.i != ID_NONE && f < fns.n; f++) {
                struct registered at = {fns.v[f].i, (uint32_t)i, (uint32_t)k};
                vec_push(s, &s->registered, at);
            }
        }
    }
    talloc_free(scratch);
}

struct sources *sources_build(void *owner, const struct flows *flows)
{
    struct sources *s = mem_new(owner, struct sources);

    s->flows = flows;
    for (uint32_t i = 0; i < flows->linked->inits.n; i++) {
        note_ops(s, &flows->linked->inits.v[i], i, true);
    }
    for (uint32_t i = 0; i < flows->linked->fns.n; i++) {
        note_ops(s, &flows->linked->fns.v[i], i, false);
    }
    if (s->vars.n > 0) {
        qsort(s->vars.v, s->vars.n, sizeof *s->vars.v, by_what);
    }
    if (s->fields.n > 0) {
        qsort(s->fields.v, s->fields.n, sizeof *s->fields.v, by_what);
    }
    list_callers(s);
    list_registered(s);
    return s;
}
