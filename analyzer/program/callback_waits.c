#include "program/callback_waits.h"

#include "program/arguments.h"
#include "program/told_by_member.h"
#include "program/waiting_calls.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_HANDED = 8 }; /* calls that hand a constant on */

/* A call that the walk has come by. */
struct come_by {
    const struct call *call;
    uint32_t next; /* 1 + index, of the same function's; 0: the last one */
};

/* Those of one function, in the order in which they were come by. */
struct ways_in {
    uint32_t first; /* 1 + index; 0: none */
    uint32_t last;
    bool waiting; /* a call of the function waits for one that hands over other arguments */
    bool busy;    /* its ways are being looked at */
};

/* How the callback gets to a function. */
struct reached {
    bool yes;
    bool kept; /* it is among the steps */
    struct ways_in ways;
    struct callback_step step;
};

/* What the walk from a callback marks; all of it is taken back behind it. */
struct marks {
    struct reached *reach; /* by fn */
    VEC(struct come_by) all_ways;
    bool *looked_at;   /* by call */
    VEC(uint32_t) fns; /* that are reached */
};

struct callback_waits {
    const struct contexts *contexts;
    struct callback_blocking **v; /* by callback; NULL: nobody has asked */
    struct waiting_calls *calls;
    uint64_t *programs; /* by fn: bit i: it is in the i-th main's program; 0: not known */
    struct marks marks;
    const struct focus *focus;
};

/* ---- the walk -------------------------------------------------------------------------------- */

struct walk {
    const struct contexts *contexts;
    struct callback_waits *waits;
    struct callback_blocking *out;
    struct marks *marks;
    fn_id entry;       /* comes from outside, with any arguments; FN_NONE: called by name */
    uint64_t programs; /* bit i: the callback is in the i-th main's program; 0: not known */
    VEC(uint32_t) queue;
    size_t n_ways; /* calls that it has come by */
};

/* Can the function be in one program with the callback? */
static bool is_linked(const struct walk *walk, fn_id fn)
{
    uint64_t theirs = walk->waits->programs[fn.i];

    return theirs == 0 || walk->programs == 0 || (theirs & walk->programs) != 0;
}

static void add_way(struct walk *walk, struct ways_in *ways, const struct call *call)
{
    struct marks *marks = walk->marks;

    vec_push(walk->waits, &marks->all_ways, (struct come_by){call, 0});
    uint32_t way = (uint32_t)marks->all_ways.n;
    if (ways->first == 0) {
        ways->first = way;
    } else {
        marks->all_ways.v[ways->last - 1].next = way;
    }
    ways->last = way;
    walk->n_ways++;
}

static void visit(struct walk *walk, fn_id fn, fn_id caller, const struct call *call,
                  uint32_t depth)
{
    struct reached *reach = &walk->marks->reach[fn.i];
    struct ways_in *ways = &reach->ways;
    bool again = reach->yes && ways->waiting;

    if (!reach->yes && !is_linked(walk, fn)) {
        return;
    }
    if (call != NULL) {
        add_way(walk, ways, call);
    }
    if (!reach->yes) {
        op_id at = call == NULL ? (op_id){ID_NONE} : call->op;
        reach->yes = true;
        reach->step = (struct callback_step){fn, caller, at, depth};
        vec_push(walk->waits, &walk->marks->fns, fn.i);
    }
    if (again || ways->first == ways->last) {
        ways->waiting = false;
        vec_push(NULL, &walk->queue, fn.i);
    }
}

/* Can the call hand over arguments of which that holds? The address of something is not NULL. */
static bool can_meet(const struct flows *flows, const struct call *call, const struct need *need)
{
    const struct ir_fn *ir = flows->linked->fns.v[call->fn.i].ir;

    for (uint32_t i = 0; i < need->n_when; i++) {
        value_id value = call_arg(flows->linked, call, (int)need->when[i].id + 1);
        const struct ir_value *v = value.i == ID_NONE ? NULL : &ir->values.v[value.i];
        bool address = v != NULL && (v->kind == IR_VALUE_FN || v->kind == IR_VALUE_ADDR ||
                                     v->kind == IR_VALUE_STRING);
        if (address && need->when[i].equal && need->when[i].value == 0 && need->when[i].mask == 0) {
            return false;
        }
    }
    return flow_can_meet(flows, call, need);
}

static bool can_come(const struct walk *walk, fn_id fn, const struct need *need, unsigned depth);

/* Can the call, as the walk comes to it, hand over arguments of which that holds? */
static bool can_hand_over(const struct walk *walk, const struct call *call, const struct need *need,
                          unsigned depth)
{
    const struct flows *flows = walk->contexts->flows;
    struct need up = {0};

    return need == NULL ||
           (can_meet(flows, call, need) && arguments_can_hand_over(flows, call, need, &up) &&
            (up.n_when == 0 || can_come(walk, call->fn, &up, depth + 1)));
}

/* Does any way into the function that the walk has found hand over such arguments? A callback's own
 * come from outside. */
static bool can_come(const struct walk *walk, fn_id fn, const struct need *need, unsigned depth)
{
    struct ways_in *ways = &walk->marks->reach[fn.i].ways;
    bool come = depth > MAX_HANDED || ways->first == 0 || fn.i == walk->entry.i;

    if (ways->busy) {
        return false; /* that way only leads round */
    }
    ways->busy = true;
    for (uint32_t i = ways->first; i != 0 && !come; i = walk->marks->all_ways.v[i - 1].next) {
        come = can_hand_over(walk, walk->marks->all_ways.v[i - 1].call, need, depth);
    }
    ways->busy = false;
    return come;
}

/* Does any way that the walk has found lead to the call, given the constants that are handed over
 * on it, or stored for it? `if (wait) pthread_join(...)` in a function that callbacks call with
 * `wait` false is no wait. */
static bool is_come_to(const struct walk *walk, const struct waiting_call *wait)
{
    const struct flows *flows = walk->contexts->flows;
    fn_id fn = wait->call->fn;
    const struct ways_in *ways = &walk->marks->reach[fn.i].ways;
    bool come = fn.i == walk->entry.i || (ways->first != 0 && wait->need == NULL && !wait->asks);

    for (uint32_t i = ways->first; i != 0 && !come; i = walk->marks->all_ways.v[i - 1].next) {
        const struct call *way = walk->marks->all_ways.v[i - 1].call;
        come = can_hand_over(walk, way, wait->need, 0) &&
               !(wait->asks && told_by_member(flows, way, fn, wait->call->op));
    }
    return come;
}

static void look_at(struct walk *walk, const struct waiting_calls_in *in,
                    const struct waiting_call *wait)
{
    const struct call *call = wait->call;
    uint32_t depth = walk->marks->reach[call->fn.i].step.depth;

    if (wait->what != BLOCKS_NOTHING && focus_has(walk->waits->focus, call->fn)) {
        vec_push(walk->out, &walk->out->calls,
                 (struct blocking_call){call, wait->what, wait->sure, depth});
    }
    for (size_t i = 0; wait->leads_on && i < wait->n; i++) {
        visit(walk, in->callees.v[wait->first + i], call->fn, call, depth + 1);
    }
}

/* Looks at the calls of a function that the ways in found so far lead to, and at each once. */
static void look_into(struct walk *walk, fn_id fn)
{
    const struct call *all = walk->contexts->flows->calls->v.v;
    const struct waiting_calls_in *in = waiting_calls_of(walk->waits->calls, fn);

    for (size_t i = 0; i < in->v.n; i++) {
        const struct waiting_call *wait = &in->v.v[i];
        bool *looked_at = &walk->marks->looked_at[wait->call - all];
        if (*looked_at) {
            continue;
        }
        *looked_at = is_come_to(walk, wait);
        if (*looked_at) {
            look_at(walk, in, wait);
        } else {
            walk->marks->reach[fn.i].ways.waiting = true;
        }
    }
}

/* ---- the ways -------------------------------------------------------------------------------- */

static int by_fn(const void *a, const void *b)
{
    const struct callback_step *x = a;
    const struct callback_step *y = b;

    return x->fn.i < y->fn.i ? -1 : x->fn.i > y->fn.i;
}

/* Keeps of all that was reached what the ways to waiting calls go by. */
static void keep_ways(struct walk *walk)
{
    struct callback_blocking *out = walk->out;

    for (size_t i = 0; i < out->calls.n; i++) {
        fn_id fn = out->calls.v[i].call->fn;
        while (fn.i != UINT32_MAX && !walk->marks->reach[fn.i].kept) {
            walk->marks->reach[fn.i].kept = true;
            vec_push(out, &out->steps, walk->marks->reach[fn.i].step);
            fn = walk->marks->reach[fn.i].step.caller;
        }
    }
    if (out->steps.n > 0) {
        qsort(out->steps.v, out->steps.n, sizeof *out->steps.v, by_fn);
    }
}

/* Where the walk begins: a handler is called from outside, the rest by name in one function of the
 * loop. */
static void begin(struct walk *walk, const struct callback *callback)
{
    const struct calls *calls = walk->contexts->flows->calls;
    uint32_t fn = callback->registered.fn;

    if (!waiting_calls_behind(walk->waits->calls, callback->fn)) {
        return;
    }
    if (!callback->by_name) {
        walk->entry = callback->fn;
        visit(walk, callback->fn, FN_NONE, NULL, 0);
        return;
    }
    for (uint32_t i = calls->first[fn]; i < calls->first[fn + 1]; i++) {
        const struct call *call = &calls->v.v[i];
        for (size_t c = 0; c < call->callees.n && !call->indirect; c++) {
            if (call->callees.v[c].i == callback->fn.i) {
                visit(walk, callback->fn, FN_NONE, call, 0);
            }
        }
    }
}

static int by_number(const void *a, const void *b)
{
    const uint32_t *x = a;
    const uint32_t *y = b;

    return *x < *y ? -1 : *x > *y;
}

/* Looks again into the functions of which a call waits. */
static void queue_waiting(struct walk *walk)
{
    struct marks *marks = walk->marks;
    size_t from = walk->queue.n;

    for (size_t i = 0; i < marks->fns.n; i++) {
        uint32_t fn = marks->fns.v[i];
        if (marks->reach[fn].ways.waiting) {
            marks->reach[fn].ways.waiting = false;
            vec_push(NULL, &walk->queue, fn);
        }
    }
    if (walk->queue.n > from) {
        qsort(walk->queue.v + from, walk->queue.n - from, sizeof *walk->queue.v, by_number);
    }
}

/* What a new way hands over can be handed on: calls some functions further may wait for it. */
static void walk_all(struct walk *walk)
{
    size_t next = 0;

    for (size_t done = SIZE_MAX; done != walk->n_ways;) {
        done = walk->n_ways;
        for (; next < walk->queue.n; next++) {
            look_into(walk, (fn_id){walk->queue.v[next]});
        }
        if (done != walk->n_ways) {
            queue_waiting(walk);
        }
    }
}

static void take_back(struct marks *marks, const struct calls *calls)
{
    for (size_t i = 0; i < marks->fns.n; i++) {
        uint32_t fn = marks->fns.v[i];
        uint32_t n_calls = calls->first[fn + 1] - calls->first[fn];
        marks->reach[fn] = (struct reached){0};
        memset(marks->looked_at + calls->first[fn], 0, n_calls * sizeof *marks->looked_at);
    }
    marks->fns.n = 0;
    marks->all_ways.n = 0;
}

static struct callback_blocking *find(struct callback_waits *waits, const struct callback *callback)
{
    struct walk walk = {.contexts = waits->contexts,
                        .waits = waits,
                        .out = mem_new(waits, struct callback_blocking),
                        .marks = &waits->marks,
                        .entry = FN_NONE,
                        .programs = waits->programs[callback->fn.i]};

    begin(&walk, callback);
    walk_all(&walk);
    keep_ways(&walk);
    take_back(walk.marks, waits->contexts->flows->calls);
    talloc_free(walk.queue.v);
    return walk.out;
}

/* ---- asking ---------------------------------------------------------------------------------- */

struct callback_waits *callback_waits_new(void *owner, const struct contexts *contexts)
{
    struct callback_waits *waits = mem_new(owner, struct callback_waits);

    waits->contexts = contexts;
    waits->calls = waiting_calls_new(waits, contexts);
    return waits;
}

/* For the answers, when the first question comes. */
static void make_room(struct callback_waits *waits)
{
    const struct contexts *contexts = waits->contexts;
    const struct linked *linked = contexts->flows->linked;
    size_t n_fns = linked->fns.n;
    size_t n_calls = contexts->flows->calls->v.n;

    if (waits->v == NULL) {
        waits->v = mem_array(waits, struct callback_blocking *, contexts->callbacks.n + 1);
        waits->marks.reach = mem_array(waits, struct reached, n_fns + 1);
        waits->marks.looked_at = mem_array(waits, bool, n_calls + 1);
        waits->programs = mem_array(waits, uint64_t, n_fns + 1);
        for (size_t f = 0; f < n_fns; f++) {
            waits->programs[f] = linked->programs[linked->fns.v[f].unit_index];
        }
    }
}

void callback_waits_look_for(struct callback_waits *waits, const struct focus *focus)
{
    waits->focus = focus;
    waiting_calls_look_for(waits->calls, focus);
}

const struct callback_blocking *callback_waits_of(struct callback_waits *waits, size_t callback)
{
    const struct contexts *contexts = waits->contexts;

    make_room(waits);
    if (waits->v[callback] == NULL) {
        waits->v[callback] = find(waits, &contexts->callbacks.v[callback]);
    }
    return waits->v[callback];
}

const struct callback_step *callback_waits_step(const struct callback_blocking *blocking, fn_id fn)
{
    const struct callback_step wanted = {.fn = fn};

    return bsearch(&wanted, blocking->steps.v, blocking->steps.n, sizeof wanted, by_fn);
}
