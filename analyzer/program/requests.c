#include "program/requests.h"

#include "program/resolve.h"

#include <stdlib.h>

enum { MAX_WRAPPERS = 4 };

struct build {
    struct requests *out;
    const struct flows *flows;
};

/* ---- who starts what ------------------------------------------------------------------------- */

/* Does the function ever return something else than 0? */
static bool returns_nonzero(const struct linked *linked, fn_id fn)
{
    const struct ir_fn *ir = linked->fns.v[fn.i].ir;

    for (uint32_t b = 0; b < ir->blocks.n; b++) {
        value_id value = ir->blocks.v[b].cond;
        if (ir->blocks.v[b].term == IR_RETURN && value.i != ID_NONE &&
            (ir->values.v[value.i].kind != IR_VALUE_INT || ir->values.v[value.i].u.number != 0)) {
            return true;
        }
    }
    return false;
}

/* Does the loop run the callback more than once for one registration? */
static bool runs_again(const struct build *b, const struct call *call,
                       const struct model_callback *how, fn_id callback)
{
    if (how->again == ARG_NONE || how->again == AGAIN_ALWAYS) {
        return how->again == AGAIN_ALWAYS;
    }
    if (how->again == ARG_RETURNED) {
        return returns_nonzero(b->flows->linked, callback);
    }
    value_id value = call_arg(b->flows->linked, call, how->again);
    if (value.i == ID_NONE) {
        return false;
    }
    const struct ir_value *v = &b->flows->linked->fns.v[call->fn.i].ir->values.v[value.i];
    if (v->kind != IR_VALUE_INT) {
        return how->again_bit == 0; /* a time that is worked out is one */
    }
    return how->again_bit == 0 ? v->u.number != 0 : (v->u.number & how->again_bit) != 0;
}

static void add_request(struct build *b, struct request request)
{
    for (size_t i = 0; i < b->out->v.n; i++) {
        struct request *known = &b->out->v.v[i];
        if (known->call == request.call && known->callback.i == request.callback.i) {
            known->again = known->again || request.again;
            return;
        }
    }
    vec_push(b->out, &b->out->v, request);
}

/* The parameter of the function that the value is; false: it is none. */
static bool is_handed_in(const struct build *b, fn_id fn, value_id value, uint32_t *ret_param)
{
    const struct ir_fn *ir = b->flows->linked->fns.v[fn.i].ir;

    value = resolve_value(b->flows->v[fn.i].resolver, value);
    return value.i != ID_NONE && ir->values.v[value.i].kind == IR_VALUE_READ &&
           place_is_local(ir, ir->ops.v[ir->values.v[value.i].u.op.i].u.access.place, ret_param) &&
           *ret_param < ir->n_params;
}

static bool calls_body(const struct call *call, fn_id fn)
{
    for (size_t i = 0; i < call->callees.n; i++) {
        if (call->callees.v[i].i == fn.i) {
            return !call->indirect;
        }
    }
    return false;
}

/* Adds what `value`, handed over at `call`, can be; for a wrapper's parameter that is what the
 * wrapper's callers hand over. `at` is the library's call. */
static void add_chosen(struct build *b, const struct call *call, value_id value,
                       const struct call *at, const struct model_callback *how, unsigned depth)
{
    const struct calls *calls = b->flows->calls;
    uint32_t param = 0;
    bool wrapped = false;

    if (value.i == ID_NONE) {
        return;
    }
    if (depth < MAX_WRAPPERS && is_handed_in(b, call->fn, value, &param)) {
        for (size_t i = 0; i < calls->v.n; i++) {
            const struct call *outer = &calls->v.v[i];
            if (calls_body(outer, call->fn)) {
                add_chosen(b, outer, call_arg(b->flows->linked, outer, (int)param + 1), at, how,
                           depth + 1);
                wrapped = true;
            }
        }
    }
    if (wrapped) {
        return;
    }
    void *scratch = mem_owner(NULL, "requests");
    struct fn_list fns = calls_functions_of(calls, scratch, call->fn, value);
    for (size_t i = 0; i < fns.n; i++) {
        add_request(b, (struct request){.call = call,
                                        .callback = fns.v[i],
                                        .by = at->name,
                                        .again = runs_again(b, at, how, fns.v[i])});
    }
    talloc_free(scratch);
}

static void read_call(struct build *b, const struct call *call)
{
    const struct model_fn *model = calls_model(call);

    for (size_t i = 0; model != NULL && i < model->callbacks.n; i++) {
        const struct model_callback *how = &model->callbacks.v[i];
        if (how->runs == RUNS_LOOP) {
            add_chosen(b, call, call_arg(b->flows->linked, call, how->arg), call, how, 0);
        }
    }
}

static int by_call(const void *a, const void *b)
{
    const struct request *x = a;
    const struct request *y = b;

    if (x->call != y->call) {
        return x->call < y->call ? -1 : 1; /* calls are sorted by function and op */
    }
    return x->callback.i < y->callback.i ? -1 : x->callback.i > y->callback.i;
}

struct requests *requests_find(void *owner, const struct contexts *contexts)
{
    struct requests *out = mem_new(owner, struct requests);
    struct build b = {out, contexts->flows};

    out->contexts = contexts;
    for (size_t i = 0; i < b.flows->calls->v.n; i++) {
        read_call(&b, &b.flows->calls->v.v[i]);
    }
    if (out->v.n == 0) {
        talloc_free(out);
        return NULL;
    }
    qsort(out->v.v, out->v.n, sizeof *out->v.v, by_call);
    out->turn_of = mem_array(out, uint32_t, b.flows->linked->fns.n + 1);
    for (uint32_t f = 0; f < b.flows->linked->fns.n; f++) {
        out->turn_of[f] = ID_NONE;
    }
    for (size_t i = 0; i < out->v.n; i++) {
        fn_id callback = out->v.v[i].callback;
        if (out->turn_of[callback.i] == ID_NONE) {
            out->turn_of[callback.i] = (uint32_t)out->turns.n;
            vec_push(out, &out->turns, loop_turn_of(out, contexts, callback));
        }
    }
    return out;
}

bool requests_in_turn(const struct requests *requests, fn_id fn)
{
    for (size_t i = 0; i < requests->turns.n; i++) {
        if (requests->turns.v[i].reach[fn.i].yes) {
            return true;
        }
    }
    return false;
}

/* ---- one chain or several -------------------------------------------------------------------- */

/* By turn: does it lead to one of those asked about, by the requests it starts? */
static void add_ancestors(const struct requests *requests, bool *leads)
{
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = 0; i < requests->v.n; i++) {
            const struct request *request = &requests->v.v[i];
            for (size_t t = 0;
                 leads[requests->turn_of[request->callback.i]] && t < requests->turns.n; t++) {
                if (!leads[t] && requests->turns.v[t].reach[request->call->fn.i].yes) {
                    leads[t] = changed = true;
                }
            }
        }
    }
}

/* Can one run of the function make both calls? Not if they stand on two sides of one branch. */
static bool excludes(const struct requests *requests, const struct call *a, const struct call *b)
{
    const struct cfg *cfg = requests->contexts->flows->linked->fns.v[a->fn.i].cfg;

    if (a->fn.i != b->fn.i) {
        return false;
    }
    uint32_t x = cfg_block_of(cfg, a->op);
    uint32_t y = cfg_block_of(cfg, b->op);
    if (x == y) {
        return false;
    }
    bool *seen = mem_array(NULL, bool, cfg->n + 1);
    cfg_reach(cfg, x, ID_NONE, seen);
    bool meets = seen[y];
    for (uint32_t i = 0; i < cfg->n; i++) {
        seen[i] = false;
    }
    cfg_reach(cfg, y, ID_NONE, seen);
    meets = meets || seen[x];
    talloc_free(seen);
    return !meets;
}

/* Does somebody start two of the requests that lead there, so that both are under way? */
static bool start_two(const struct requests *requests, const bool *leads, const struct request *a,
                      const struct request *b)
{
    if (!leads[requests->turn_of[b->callback.i]] || a->call == b->call ||
        excludes(requests, a->call, b->call)) {
        return false;
    }
    bool a_turn = requests_in_turn(requests, a->call->fn);
    bool b_turn = requests_in_turn(requests, b->call->fn);
    if (!a_turn || !b_turn) {
        return a_turn == b_turn; /* both before the loop runs */
    }
    for (size_t t = 0; t < requests->turns.n; t++) {
        const struct turn_reach *reach = requests->turns.v[t].reach;
        if (leads[t] && reach[a->call->fn.i].yes && reach[b->call->fn.i].yes) {
            return true;
        }
    }
    return false;
}

bool requests_can_mix(const struct requests *requests, fn_id starter, fn_id answer, fn_id between)
{
    const struct linked *linked = requests->contexts->flows->linked;
    bool *leads = mem_array(NULL, bool, requests->turns.n + 1);
    bool mix = false;

    leads[requests->turn_of[starter.i]] = true;
    leads[requests->turn_of[answer.i]] = true;
    leads[requests->turn_of[between.i]] = true;
    add_ancestors(requests, leads);
    for (size_t i = 0; i < requests->v.n && !mix; i++) {
        const struct request *a = &requests->v.v[i];
        if (!leads[requests->turn_of[a->callback.i]]) {
            continue;
        }
        mix = a->again || cfg_op_repeats(linked->fns.v[a->call->fn.i].cfg, a->call->op);
        for (size_t j = i + 1; j < requests->v.n && !mix; j++) {
            mix = start_two(requests, leads, a, &requests->v.v[j]);
        }
    }
    talloc_free(leads);
    return mix;
}
