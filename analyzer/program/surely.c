#include "program/surely.h"

#include "program/arguments.h"

/* A pointer that may mean more functions than this says little of what a thread does: the cell of a
 * field holds what any object of the type ever got. (main is different: what nobody else runs, it
 * does.) */
enum { MAX_SURE_CALLEES = 3, MAX_UP = 3 };

/* How a phase surely comes to a function. */
struct ways_in {
    bool any;                      /* with arguments that are not known: as an entry */
    bool queued;                   /* in `work` */
    VEC(const struct call *) from; /* the calls that surely run it */
};

struct surely {
    const struct contexts *contexts;
    const struct calls *calls;
    struct phase *phase;
    struct ways_in *in; /* by fn */
    VEC(fn_id) work;    /* functions that have got a new way in, first come first served */
    size_t next;        /* in `work` */
    bool *taken;        /* by call: it is surely run in the phase */
    bool from_entry;    /* all ways so far lead to an entry of the context */
};

bool surely_few(const struct call *call, struct fn_list callees)
{
    return !call->indirect || callees.n <= MAX_SURE_CALLEES;
}

static void visit(struct surely *s, fn_id fn)
{
    if (!s->in[fn.i].queued) {
        s->in[fn.i].queued = true;
        vec_push(s, &s->work, fn);
    }
    s->phase->reach[fn.i].sure = true;
}

/* One more sure way to `callee`. A story tells the first one, which is a shortest one, rather than
 * one by way of a pointer that may mean anything. */
static void come_by(struct surely *s, const struct call *call, fn_id callee)
{
    struct reach *reach = &s->phase->reach[callee.i];

    if (!reach->sure && s->from_entry) {
        reach->caller = call->fn;
        reach->call = call->op;
        reach->depth = s->phase->reach[call->fn.i].depth + 1;
    }
    vec_push(s, &s->in[callee.i].from, call);
    visit(s, callee);
}

/* Does some sure way into the function hand over arguments of which `need` holds? */
static bool gets(const struct surely *s, fn_id fn, const struct need *need, unsigned up)
{
    const struct ways_in *in = &s->in[fn.i];
    bool comes = in->any || need == NULL || need->n_when == 0 || up == MAX_UP;
    struct need above;

    for (size_t i = 0; i < in->from.n && !comes; i++) {
        comes = arguments_can_hand_over(s->contexts->flows, in->from.v[i], need, &above) &&
                gets(s, in->from.v[i]->fn, &above, up + 1);
    }
    return comes;
}

static void follow(struct surely *s, uint32_t index)
{
    const struct call *call = &s->calls->v.v[index];
    struct fn_list callees = contexts_callees(s->contexts, s->phase->context, call);

    if (s->taken[index] || !surely_few(call, callees) ||
        flow_held_at(s->contexts->flows, call->fn, call->op) == NULL ||
        doom_at(s->contexts->doom, call->fn, call->op) ||
        !gets(s, call->fn, flow_need_of(s->contexts->flows, call->fn, call->op), 0)) {
        return;
    }
    s->taken[index] = true;
    for (size_t c = 0; c < callees.n; c++) {
        fn_id callee = callees.v[c];
        if (s->phase->reach[callee.i].yes) {
            come_by(s, call, callee);
        }
    }
}

/* Follows the calls of all functions that have got a new way in. */
static void run(struct surely *s)
{
    while (s->next < s->work.n) {
        fn_id next = s->work.v[s->next++];
        s->in[next.i].queued = false;
        for (uint32_t i = s->calls->first[next.i]; i < s->calls->first[next.i + 1]; i++) {
            follow(s, i);
        }
    }
}

/* Asks again about calls that no arguments led to: some that are handed on may have come since. */
static void run_again(struct surely *s)
{
    size_t before;

    do {
        before = s->work.n;
        for (uint32_t i = 0; i < s->calls->v.n; i++) {
            if (s->phase->reach[s->calls->v.v[i].fn.i].sure) {
                follow(s, i);
            }
        }
        run(s);
    } while (s->work.n > before);
}

/* `fn` is surely run with any arguments, and so is what it calls. */
static void run_from(struct surely *s, fn_id fn)
{
    s->in[fn.i].any = true;
    visit(s, fn);
    run(s);
}

/* By fn: how many contexts get to it. */
static uint32_t *count_reaching(void *owner, const struct contexts *contexts)
{
    size_t n_fns = contexts->flows->linked->fns.n;
    uint32_t *n = mem_array(owner, uint32_t, n_fns + 1);

    for (uint32_t c = 0; c < contexts->v.n; c++) {
        for (uint32_t f = 0; f < n_fns; f++) {
            n[f] += contexts_reaches(contexts, &contexts->v.v[c], (fn_id){f}) ? 1 : 0;
        }
    }
    return n;
}

/* What only this context gets to by a pointer of many meanings. */
static void run_own(struct surely *s, const uint32_t *n_reaching)
{
    for (size_t i = 0; i < s->calls->v.n; i++) {
        const struct call *call = &s->calls->v.v[i];
        struct fn_list callees = contexts_callees(s->contexts, s->phase->context, call);
        if (surely_few(call, callees) || !s->phase->reach[call->fn.i].yes) {
            continue;
        }
        for (size_t c = 0; c < callees.n; c++) {
            fn_id fn = callees.v[c];
            if (s->phase->reach[fn.i].yes && !s->phase->reach[fn.i].sure && n_reaching[fn.i] == 1) {
                run_from(s, fn);
            }
        }
    }
}

static void find_in_phase(const struct contexts *contexts, struct phase *phase,
                          const uint32_t *n_reaching)
{
    const struct context *context = &contexts->v.v[phase->context.i];
    size_t n_fns = contexts->flows->linked->fns.n;
    struct surely *s = mem_new(NULL, struct surely);

    s->contexts = contexts;
    s->calls = contexts->flows->calls;
    s->phase = phase;
    s->in = mem_array(s, struct ways_in, n_fns + 1);
    s->taken = mem_array(s, bool, s->calls->v.n + 1);
    s->from_entry = true;
    for (size_t i = 0; i < context->entries.n; i++) {
        run_from(s, context->entries.v[i]);
    }
    run_again(s);
    s->from_entry = false;
    run_own(s, n_reaching);
    run_again(s);
    talloc_free(s);
}

void surely_find(struct contexts *contexts)
{
    uint32_t *n_reaching = count_reaching(NULL, contexts);

    for (size_t p = 0; p < contexts->phases.n; p++) {
        struct phase *phase = &contexts->phases.v[p];
        if (contexts->v.v[phase->context.i].kind != CONTEXT_MAIN) {
            find_in_phase(contexts, phase, n_reaching);
        }
    }
    talloc_free(n_reaching);
}
