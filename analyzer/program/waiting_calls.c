#include "program/waiting_calls.h"

#include "program/blocking.h"
#include "program/callers.h"
#include "program/told_by_member.h"

struct waiting_calls {
    const struct contexts *contexts;
    const struct focus *focus;
    struct waiting_calls_in *in; /* by fn */
    bool *leads_there;           /* by fn: see waiting_calls_behind(); NULL: all do */
};

/* ---- one call -------------------------------------------------------------------------------- */

/* Does whoever comes to the call go on with the loop's work, and has it wait for him? Not so in
 * other loops, in handlers that a loop of the program's own calls, nor on the way to the end. */
static bool is_loop_work(const struct contexts *contexts, const struct call *call)
{
    return flow_held_at(contexts->flows, call->fn, call->op) != NULL &&
           (call->model == NULL || call->model->runs_loop == ARG_NONE) &&
           !own_loops_call_handler(contexts->own_loops, call) &&
           !doom_at(contexts->doom, call->fn, call->op) &&
           loop_time_at(contexts->loop_time, call->fn, call->op);
}

/* What the call means to whoever comes to it. False: nothing. */
static bool find_wait(const struct contexts *contexts, const struct call *call,
                      struct waiting_call *ret)
{
    *ret = (struct waiting_call){.call = call};
    ret->what = blocking_what(contexts, call, &ret->sure);
    ret->leads_on = call->callees.n > 0 && !blocking_is_claimed(contexts, call);
    return (ret->what != BLOCKS_NOTHING || ret->leads_on) && is_loop_work(contexts, call);
}

bool waiting_calls_behind(const struct waiting_calls *calls, fn_id fn)
{
    return calls->leads_there == NULL || calls->leads_there[fn.i];
}

/* Can the call be one that counts, or lead to one? */
static bool leads_there(const struct waiting_calls *calls, const struct call *call)
{
    bool leads = calls->leads_there == NULL || focus_has(calls->focus, call->fn);

    for (size_t i = 0; i < call->callees.n && !leads; i++) {
        leads = calls->leads_there[call->callees.v[i].i];
    }
    return leads;
}

/* ---- of a function --------------------------------------------------------------------------- */

static void add(struct waiting_calls *calls, struct waiting_calls_in *in, const struct call *call)
{
    struct waiting_call wait;

    if (!leads_there(calls, call) || !find_wait(calls->contexts, call, &wait)) {
        return;
    }
    wait.need = flow_need_of(calls->contexts->flows, call->fn, call->op);
    wait.asks = told_by_any_member(calls->contexts->flows, call->fn, call->op);
    wait.first = in->callees.n;
    for (size_t i = 0; i < call->callees.n; i++) {
        if (waiting_calls_behind(calls, call->callees.v[i])) {
            vec_push(calls->in, &in->callees, call->callees.v[i]);
            wait.n++;
        }
    }
    vec_push(calls->in, &in->v, wait);
}

const struct waiting_calls_in *waiting_calls_of(struct waiting_calls *calls, fn_id fn)
{
    const struct calls *all = calls->contexts->flows->calls;

    if (calls->in == NULL) {
        size_t n = calls->contexts->flows->linked->fns.n;
        calls->in = mem_array(calls, struct waiting_calls_in, n + 1);
    }
    struct waiting_calls_in *in = &calls->in[fn.i];
    for (uint32_t i = all->first[fn.i]; i < all->first[fn.i + 1] && !in->known; i++) {
        add(calls, in, &all->v.v[i]);
    }
    in->known = true;
    return in;
}

/* ---- what counts ----------------------------------------------------------------------------- */

static bool has_wait(const struct waiting_calls *calls, fn_id fn)
{
    const struct calls *all = calls->contexts->flows->calls;
    struct waiting_call wait;
    bool has = false;

    for (uint32_t i = all->first[fn.i]; i < all->first[fn.i + 1] && !has; i++) {
        has = find_wait(calls->contexts, &all->v.v[i], &wait) && wait.what != BLOCKS_NOTHING;
    }
    return has;
}

void waiting_calls_look_for(struct waiting_calls *calls, const struct focus *focus)
{
    const struct flows *flows = calls->contexts->flows;
    uint32_t n_fns = (uint32_t)flows->linked->fns.n;
    VEC(fn_id) queue = {NULL, 0};

    calls->focus = focus;
    calls->leads_there = mem_array(calls, bool, n_fns + 1);
    for (uint32_t f = 0; f < n_fns; f++) {
        if (focus_has(focus, (fn_id){f}) && has_wait(calls, (fn_id){f})) {
            calls->leads_there[f] = true;
            vec_push(calls, &queue, (fn_id){f});
        }
    }
    struct callers *callers = queue.n == 0 ? NULL : callers_build(calls, flows->calls);
    for (size_t next = 0; next < queue.n; next++) {
        fn_id fn = queue.v[next];
        for (uint32_t c = callers->first[fn.i]; c < callers->first[fn.i + 1]; c++) {
            fn_id caller = callers->v[c]->fn;
            if (!calls->leads_there[caller.i]) {
                calls->leads_there[caller.i] = true;
                vec_push(calls, &queue, caller);
            }
        }
    }
    talloc_free(callers);
    talloc_free(queue.v);
}

struct waiting_calls *waiting_calls_new(void *owner, const struct contexts *contexts)
{
    struct waiting_calls *calls = mem_new(owner, struct waiting_calls);

    calls->contexts = contexts;
    return calls;
}
