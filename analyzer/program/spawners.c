#include "program/spawners.h"

#include "program/resolve.h"

/* A call that starts a trampoline. */
struct box {
    const struct call *start;
    const struct call *hop; /* in the trampoline */
    value_id routine;       /* of the function of `start`: what it puts in the box */
};

struct spawners {
    const struct flows *flows;
    uint32_t *param; /* by fn; ID_NONE: it is no spawner */
    VEC(struct box) boxes;
};

/* ---- trampolines ----------------------------------------------------------------------------- */

/* The member that is read or written last on the way to the place, of the whole program;
 * UINT32_MAX: none. */
static uint32_t member_of(const struct linked *linked, fn_id fn, place_id at)
{
    const struct prog_fn *body = &linked->fns.v[fn.i];
    const struct ir_place *place = &body->ir->places.v[at.i];

    if (place->n_steps == 0) {
        return UINT32_MAX;
    }
    const struct ir_step *last = &body->ir->steps.v[place->first_step + place->n_steps - 1];
    return last->kind == IR_STEP_FIELD ? linked_field(linked, body, last->arg) : UINT32_MAX;
}

/* The member whose value an indirect call calls; UINT32_MAX: none. */
static uint32_t called_member(const struct flows *flows, const struct call *call)
{
    const struct ir_fn *ir = flows->linked->fns.v[call->fn.i].ir;
    value_id callee =
        resolve_value(flows->v[call->fn.i].resolver, ir->ops.v[call->op.i].u.call.callee);
    const struct ir_value *v = callee.i == ID_NONE ? NULL : &ir->values.v[callee.i];

    return call->indirect && v != NULL && v->kind == IR_VALUE_READ
               ? member_of(flows->linked, call->fn, ir->ops.v[v->u.op.i].u.access.place)
               : UINT32_MAX;
}

/* What the function stores in that member, of whatever object; ID_NONE: nothing, or several. */
static value_id stored_in(const struct flows *flows, fn_id fn, uint32_t member)
{
    const struct ir_fn *ir = flows->linked->fns.v[fn.i].ir;
    value_id stored = {ID_NONE};

    for (uint32_t i = 0; i < ir->ops.n; i++) {
        const struct ir_op *op = &ir->ops.v[i];
        if (op->kind == IR_WRITE && member_of(flows->linked, fn, op->u.access.place) == member) {
            if (stored.i != ID_NONE) {
                return (value_id){ID_NONE};
            }
            stored = op->u.access.value;
        }
    }
    return stored;
}

/* Is the routine that the call starts a trampoline for what the function is handed? */
static void find_box(struct spawners *s, const struct call *start)
{
    const struct calls *calls = s->flows->calls;
    void *scratch = mem_owner(NULL, "entries");
    struct fn_list routines = calls_functions_of(
        calls, scratch, start->fn, call_arg(s->flows->linked, start, start->model->thread_entry));
    struct box box = {start, NULL, {ID_NONE}};

    for (uint32_t i = routines.n == 1 ? calls->first[routines.v[0].i] : 0;
         routines.n == 1 && i < calls->first[routines.v[0].i + 1]; i++) {
        uint32_t member = called_member(s->flows, &calls->v.v[i]);
        value_id stored =
            member == UINT32_MAX ? (value_id){ID_NONE} : stored_in(s->flows, start->fn, member);
        if (stored.i != ID_NONE && calls->v.v[i].callees.n > 0) {
            box.hop = box.hop == NULL ? &calls->v.v[i] : box.hop;
            box.routine = box.hop == &calls->v.v[i] ? stored : (value_id){ID_NONE};
        }
    }
    if (box.routine.i != ID_NONE) {
        vec_push(s, &s->boxes, box);
    }
    talloc_free(scratch);
}

static const struct box *box_of(const struct spawners *s, const struct call *start)
{
    for (size_t i = 0; i < s->boxes.n; i++) {
        if (s->boxes.v[i].start == start) {
            return &s->boxes.v[i];
        }
    }
    return NULL;
}

const struct call *spawners_hop(const struct spawners *spawners, const struct call *start)
{
    const struct box *box = box_of(spawners, start);

    return box == NULL ? NULL : box->hop;
}

/* ---- spawners -------------------------------------------------------------------------------- */

/* The same for what the models know. */
static value_id entry_by_model(const struct spawners *s, const struct call *call)
{
    const struct box *box = box_of(s, call);

    if (box != NULL) {
        return box->routine;
    }
    if (call->model->thread_entry > 0) {
        return call_arg(s->flows->linked, call, call->model->thread_entry);
    }
    for (size_t i = 0; i < call->model->callbacks.n; i++) {
        const struct model_callback *callback = &call->model->callbacks.v[i];
        if (callback->runs == RUNS_WORKER || callback->runs == RUNS_THREAD) {
            return call_arg(s->flows->linked, call, callback->arg);
        }
    }
    return (value_id){ID_NONE};
}

value_id spawners_entry(const struct spawners *spawners, const struct call *call)
{
    if (call->model != NULL) {
        return entry_by_model(spawners, call);
    }
    for (size_t i = 0; i < call->callees.n; i++) {
        uint32_t param = spawners->param[call->callees.v[i].i];
        if (param != ID_NONE) {
            return call_arg(spawners->flows->linked, call, (int)param + 1);
        }
    }
    return (value_id){ID_NONE};
}

/* The parameter of the call's function that the value is; ID_NONE: none. */
static uint32_t as_param(const struct spawners *s, const struct call *call, value_id value)
{
    const struct ir_fn *ir = s->flows->linked->fns.v[call->fn.i].ir;
    const struct resolver *resolver = s->flows->v[call->fn.i].resolver;
    uint32_t local;

    value = value.i == ID_NONE ? value : resolve_value(resolver, value);
    const struct ir_value *v = value.i == ID_NONE ? NULL : &ir->values.v[value.i];
    return v != NULL && v->kind == IR_VALUE_READ &&
                   place_is_local(ir, ir->ops.v[v->u.op.i].u.access.place, &local) &&
                   local < ir->n_params && resolve_is_argument(resolver, local)
               ? local
               : ID_NONE;
}

uint32_t spawners_param(const struct spawners *spawners, fn_id fn)
{
    return spawners->param[fn.i];
}

bool spawners_is_handed_on(const struct spawners *spawners, const struct call *call)
{
    uint32_t param = as_param(spawners, call, spawners_entry(spawners, call));

    return param != ID_NONE && param == spawners->param[call->fn.i];
}

/* The one parameter that all of its starts that are up to the caller run. */
static uint32_t find_param(const struct spawners *s, fn_id fn)
{
    const struct calls *calls = s->flows->calls;
    uint32_t found = ID_NONE;

    for (uint32_t i = calls->first[fn.i]; i < calls->first[fn.i + 1]; i++) {
        const struct call *call = &calls->v.v[i];
        uint32_t param = as_param(s, call, spawners_entry(s, call));
        if (param != ID_NONE && found != ID_NONE && param != found) {
            return ID_NONE;
        }
        found = param == ID_NONE ? found : param;
    }
    return found;
}

struct spawners *spawners_build(void *owner, const struct flows *flows)
{
    struct spawners *s = mem_new(owner, struct spawners);
    const struct calls *calls = flows->calls;
    size_t n_fns = flows->linked->fns.n;

    s->flows = flows;
    s->param = mem_array(s, uint32_t, n_fns + 1);
    for (size_t f = 0; f < n_fns; f++) {
        s->param[f] = ID_NONE;
    }
    for (size_t i = 0; i < calls->v.n; i++) {
        if (calls->v.v[i].model != NULL && calls->v.v[i].model->thread_entry > 0) {
            find_box(s, &calls->v.v[i]);
        }
    }
    const struct bottom_up *order = calls_bottom_up(flows->calls);
    for (size_t i = 0; i < order->n; i++) {
        s->param[order->order[i].i] = find_param(s, order->order[i]);
    }
    return s;
}
