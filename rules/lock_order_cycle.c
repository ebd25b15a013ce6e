/* lock-order-cycle: contexts that can run at once take the same locks in different orders, each
 * holding what the next one waits for, and no other lock keeps them apart.
 */
#include "rules/rule.h"

#include "program/gil.h"
#include "program/order.h"
#include "program/signals.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_LENGTH = 8, MAX_TRIES = 20000 };

/* One witness for each edge of a cycle. */
struct deadlock {
    const struct lockgraph *graph;
    const struct lock_cycle *cycle;
    const struct lock_witness *pick[MAX_LENGTH];
    unsigned tries;
};

/* Cycles that have been reported. */
struct told {
    const struct lock_cycle **v;
    size_t n;
};

/* ---- can it happen? -------------------------------------------------------------------------- */

static const struct lock_edge *edge_at(const struct deadlock *d, size_t i)
{
    return &d->graph->edges.v[d->cycle->edges.v[i]];
}

/* A lock both hold (a gate): then they are never there together. A class that stands for many locks
 * is no gate when it is what the cycle is about. */
static bool share_a_gate(const struct deadlock *d, const struct lock_witness *a,
                         const struct lock_witness *b)
{
    for (uint32_t i = 0; i < a->held->n; i++) {
        const struct token *mine = &a->held->v[i];
        const struct token *theirs = lockset_find(b->held, mine->lock);
        bool own_class = d->cycle->edges.n == 1 &&
                         path_eq(d->graph->locks.v[edge_at(d, 0)->from].path, mine->lock);
        if (theirs != NULL && !own_class &&
            (mine->mode == TOKEN_EXCLUSIVE || theirs->mode == TOKEN_EXCLUSIVE)) {
            return true;
        }
    }
    return false;
}

static struct moment moment_of(const struct lock_witness *w)
{
    return (struct moment){w->phase, w->fn, w->acquisition->op};
}

static bool can_stand_together(const struct rule_run *run, const struct deadlock *d,
                               const struct lock_witness *a, const struct lock_witness *b)
{
    const struct contexts *contexts = run->prog->contexts;
    bool meet = contexts_meet(contexts, moment_of(a), moment_of(b)) && !share_a_gate(d, a, b);

    for (size_t i = 0; i < d->cycle->edges.n && d->cycle->edges.n <= 2 && meet; i++) {
        path_id lock = d->graph->locks.v[edge_at(d, i)->from].path; /* of both */
        meet = contexts_meet_at(contexts, moment_of(a), moment_of(b), lock);
    }
    return meet;
}

/* Does the waiter really wait for the holder? Readers do not wait for readers. */
static bool waits_for(const struct lock_witness *waiter, const struct lock_witness *holder)
{
    return waiter->acquisition->mode == TOKEN_EXCLUSIVE || holder->from_mode == TOKEN_EXCLUSIVE;
}

static bool runs_beside_others(const struct rule_run *run, const struct lock_witness *w)
{
    return !contexts_alone_at(run->prog->contexts, moment_of(w));
}

/* Chooses witnesses for edges i and on. */
static bool choose(const struct rule_run *run, struct deadlock *d, size_t i)
{
    size_t n = d->cycle->edges.n;

    if (i == n) {
        return waits_for(d->pick[n - 1], d->pick[0]);
    }
    const struct lock_edge *edge = edge_at(d, i);
    for (size_t w = 0; w < edge->witnesses.n && d->tries++ < MAX_TRIES; w++) {
        const struct lock_witness *witness = &edge->witnesses.v[w];
        bool fits =
            runs_beside_others(run, witness) && (i == 0 || waits_for(d->pick[i - 1], witness));
        for (size_t j = 0; j < i && fits; j++) {
            fits = can_stand_together(run, d, d->pick[j], witness);
        }
        d->pick[i] = witness;
        if (fits && choose(run, d, i + 1)) {
            return true;
        }
    }
    return false;
}

/* ---- two locks of one class ------------------------------------------------------------------ */

/* Does an order decide in all that call the function? */
static bool callers_order(const struct prog *prog, fn_id fn, path_id class)
{
    bool any = false;

    for (size_t i = 0; i < prog->calls->v.n; i++) {
        const struct call *call = &prog->calls->v.v[i];
        for (size_t c = 0; c < call->callees.n; c++) {
            if (call->callees.v[c].i != fn.i) {
                continue;
            }
            if (!order_decides(prog->flows, call->fn, class, call->op)) {
                return false;
            }
            any = true;
        }
    }
    return any;
}

static bool is_ordered(const struct prog *prog, const struct deadlock *d,
                       const struct lock_witness *w)
{
    path_id class = d->graph->locks.v[edge_at(d, 0)->from].path;

    for (const struct acquisition *a = w->acquisition; a->inner != NULL; a = a->inner) {
        if (order_decides(prog->flows, a->inner_fn, class, a->inner->op)) {
            return true;
        }
    }
    return order_decides(prog->flows, w->fn, class, w->acquisition->op) ||
           callers_order(prog, w->fn, class);
}

/* Two runs of one place that each hold an instance and wait for one: of several threads of a
 * context, or of two contexts. (Different places can have an order that is not seen.) */
static bool choose_pair(const struct rule_run *run, struct deadlock *d)
{
    const struct lock_edge *edge = edge_at(d, 0);

    for (size_t i = 0; i < edge->witnesses.n; i++) {
        const struct lock_witness *x = &edge->witnesses.v[i];
        if (!runs_beside_others(run, x) || is_ordered(run->prog, d, x)) {
            continue;
        }
        for (size_t j = i; j < edge->witnesses.n; j++) {
            const struct lock_witness *y = &edge->witnesses.v[j];
            if (x->fn.i == y->fn.i && x->acquisition->op.i == y->acquisition->op.i &&
                waits_for(x, y) && waits_for(y, x) && can_stand_together(run, d, x, y)) {
                d->pick[0] = x;
                return true;
            }
        }
    }
    return false;
}

/* ---- saying it ------------------------------------------------------------------------------- */

/* Where both locks are in sight: in the callee when that takes both, else at the call of the
 * function that takes the second. */
static struct loc acquisition_loc(const struct prog *prog, const struct lock_witness *w)
{
    const struct acquisition *a = w->acquisition;
    fn_id fn = w->fn;

    while (a->inner != NULL && a->inner->held->n > 0) {
        fn = a->inner_fn;
        a = a->inner;
    }
    return prog_loc_of(prog, (struct site){fn.i, a->op.i});
}

static const char *lock_name(void *owner, const struct prog *prog, const struct deadlock *d,
                             uint32_t lock)
{
    return prog_path_name(owner, prog, FN_NONE, d->graph->locks.v[lock].path);
}

static void tell_witness(struct rule_run *run, struct finding *finding, const struct deadlock *d,
                         size_t i, void *scratch)
{
    const struct prog *prog = run->prog;
    const struct lock_witness *w = d->pick[i];
    const struct lock_edge *edge = edge_at(d, i);
    const char *from = lock_name(scratch, prog, d, edge->from);
    const char *to = lock_name(scratch, prog, d, edge->to);
    unsigned depth;
    size_t thread = finding_add_context(
        run, finding, (struct moment){w->phase, w->fn, w->acquisition->op}, &depth);

    if (w->from_taken.fn != UINT32_MAX) {
        finding_add_step(run, finding, thread, prog_loc_of(prog, w->from_taken), depth, NULL,
                         "takes '%s'", from);
    }
    const struct acquisition *a = w->acquisition;
    struct loc at = prog_loc_of(prog, (struct site){w->fn.i, a->op.i});
    fn_id fn = w->fn;
    for (; a->inner != NULL; a = a->inner) {
        finding_add_step(run, finding, thread, at, depth++, NULL, "calls '%s'",
                         prog_fn_name(prog, a->inner_fn));
        fn = a->inner_fn;
        at = prog_loc_of(prog, (struct site){fn.i, a->inner->op.i});
    }
    finding_add_step(run, finding, thread, at, depth, w->held, "waits for '%s'", to);
}

static bool comes_first(struct loc a, struct loc b)
{
    int order = strcmp(a.file, b.file);

    return order < 0 || (order == 0 && a.line < b.line);
}

/* What kind of cycle it is, and what is said of each kind. */
enum form {
    FORM_ORDER,     /* locks taken in different orders */
    FORM_INSTANCES, /* two locks of one class */
    FORM_GIL,       /* a lock, and an interpreter's */
    FORM_JOIN,      /* a lock, and the end of a thread that needs it */
    FORM_WAIT,      /* a lock, and a wake-up by those who need it */
};

static const struct {
    const char *before; /* the names */
    const char *after;
    const char *cure;
} forms[] = {
    [FORM_ORDER] = {"",
                    " are taken in different orders: the threads can wait for each other for ever",
                    "take the locks in one order everywhere: then no circle of waits can close"},
    [FORM_INSTANCES] = {"two threads can each hold one ",
                        " and wait for the other's: nothing orders the two",
                        "take the two in the order of their addresses or ids: then no circle of "
                        "waits can close"},
    [FORM_GIL] = {"",
                  " are each waited for with the other one held: the threads can wait for each "
                  "other for ever",
                  "let the GIL go around the wait for the lock (Py_BEGIN_ALLOW_THREADS), or give "
                  "the lock back before the GIL is taken"},
    [FORM_JOIN] =
        {"",
         " wait for each other: the thread is joined with a lock held that it can still "
         "need",
         "give the lock back before the thread is joined: then nobody holds while it waits"},
    [FORM_WAIT] = {"",
                   " wait for each other: the lock is held in the wait, and who could end the wait "
                   "needs it first",
                   "give the lock back before the wait: then nobody holds while it waits"},
};

static bool waits_for_kind(const struct prog *prog, const struct deadlock *d, size_t i,
                           enum path_kind kind)
{
    path_id wanted = d->graph->locks.v[edge_at(d, i)->to].path;

    return path_get(prog->paths, wanted)->kind == kind;
}

/* Is it the end of a routine that runs once? */
static bool is_once(const struct prog *prog, path_id path)
{
    for (size_t i = 0; i < prog->contexts->once.n; i++) {
        if (path_eq(prog->contexts->once.v[i].lock, path)) {
            return true;
        }
    }
    return false;
}

/* Is it no lock that edge `i` waits for? */
static bool is_no_lock(const struct prog *prog, const struct deadlock *d, size_t i)
{
    return waits_for_kind(prog, d, i, ROOT_END) || waits_for_kind(prog, d, i, ROOT_EVENT) ||
           is_once(prog, d->graph->locks.v[edge_at(d, i)->to].path);
}

static bool has_gil(const struct prog *prog, const struct deadlock *d)
{
    path_id gil = gil_lock(prog->contexts);

    for (size_t i = 0; i < d->cycle->edges.n && !path_is_none(gil); i++) {
        if (path_eq(d->graph->locks.v[edge_at(d, i)->from].path, gil)) {
            return true;
        }
    }
    return false;
}

static enum form form_of(const struct prog *prog, const struct deadlock *d)
{
    for (size_t i = 0; i < d->cycle->edges.n; i++) {
        if (is_no_lock(prog, d, i)) {
            return waits_for_kind(prog, d, i, ROOT_END) ? FORM_JOIN : FORM_WAIT;
        }
    }
    if (has_gil(prog, d)) {
        return FORM_GIL;
    }
    return d->cycle->edges.n == 1 ? FORM_INSTANCES : FORM_ORDER;
}

/* The wait that is for no lock, or the acquisition that comes first in the source. */
static struct loc primary_loc(const struct prog *prog, const struct deadlock *d)
{
    struct loc first = acquisition_loc(prog, d->pick[0]);

    for (size_t i = 0; i < d->cycle->edges.n; i++) {
        struct loc at = acquisition_loc(prog, d->pick[i]);
        if (is_no_lock(prog, d, i)) {
            return at;
        }
        first = comes_first(at, first) ? at : first;
    }
    return first;
}

/* "'a', 'b' and 'c'". */
static const char *cycle_names(void *scratch, const struct prog *prog, const struct deadlock *d)
{
    size_t n = d->cycle->edges.n;
    char *names = NULL;

    for (size_t i = 0; i < n; i++) {
        const char *between = i == 0 ? "" : i + 1 == n ? " and " : ", ";
        mem_append(scratch, &names, "%s'%s'", between,
                   lock_name(scratch, prog, d, edge_at(d, i)->from));
    }
    return names;
}

static bool is_certain(const struct prog *prog, const struct deadlock *d)
{
    for (size_t i = 0; i < d->cycle->edges.n; i++) {
        path_id lock = d->graph->locks.v[edge_at(d, i)->from].path;
        const struct path_node *node = path_get(prog->paths, lock);
        lock = node->kind == ROOT_EVENT ? (path_id){node->a} : lock;
        if (!path_is_exact(prog->paths, lock) && node->kind != ROOT_END) {
            return false;
        }
    }
    return true;
}

/* The function of a witness in which too many lock states were merged to be sure of any; FN_NONE.
 */
static fn_id blurred_fn(const struct prog *prog, const struct deadlock *d)
{
    for (size_t i = 0; i < d->cycle->edges.n; i++) {
        const struct lock_witness *w = d->pick[i];
        fn_id taker = {w->from_taken.fn};
        if (prog->flows->v[w->fn.i].capped) {
            return w->fn;
        }
        if (taker.i != UINT32_MAX && prog->flows->v[taker.i].capped) {
            return taker;
        }
    }
    return FN_NONE;
}

static void weigh(struct rule_run *run, struct finding *finding, const struct deadlock *d)
{
    bool certain = is_certain(run->prog, d);
    fn_id blurred = blurred_fn(run->prog, d);

    finding->confidence = certain ? LEVEL_HIGH : LEVEL_MEDIUM;
    finding_add_reason(run, finding,
                       certain ? "each lock is one certain object"
                               : "a lock class stands for many objects");
    if (blurred.i != UINT32_MAX) {
        finding->confidence = certain ? LEVEL_MEDIUM : LEVEL_LOW;
        finding_add_reason(run, finding, "'%s' has more lock states than are kept apart",
                           prog_fn_name(run->prog, blurred));
    }
}

/* What blocking-under-lock says of a wait of the cycle that is for no lock: who is waited for needs
 * what is held. */
static void cover_waits(struct rule_run *run, struct finding *finding, const struct deadlock *d,
                        void *scratch)
{
    const struct prog *prog = run->prog;

    for (size_t i = 0; i < d->cycle->edges.n; i++) {
        const struct acquisition *a = d->pick[i]->acquisition;
        fn_id fn = d->pick[i]->fn;
        for (; a->inner != NULL; a = a->inner) {
            fn = a->inner_fn;
        }
        if (is_no_lock(prog, d, i)) {
            finding_cover(finding, prog_loc_of(prog, (struct site){fn.i, a->op.i}),
                          lock_name(scratch, prog, d, edge_at(d, i)->from));
        }
    }
}

static void tell(struct rule_run *run, const struct deadlock *d)
{
    const struct prog *prog = run->prog;
    void *scratch = mem_owner(NULL, "names");
    enum form form = form_of(prog, d);
    const char *names = cycle_names(scratch, prog, d);
    struct finding *finding = finding_new(run, primary_loc(prog, d), "%s%s%s", forms[form].before,
                                          names, forms[form].after);

    for (size_t i = 0; i < d->cycle->edges.n; i++) {
        tell_witness(run, finding, d, i, scratch);
    }
    if (form == FORM_INSTANCES) {
        finding->threads.v[0].title = mem_printf(finding, "%s, and another with the two exchanged",
                                                 finding->threads.v[0].title);
    }
    finding->severity = LEVEL_HIGH;
    weigh(run, finding, d);
    finding->cure = forms[form].cure;
    finding_weigh_cure(finding, names, form == FORM_ORDER ? CURE_PLACES : CURE_FUNCTION);
    finding_identify(run, finding, "%s|%s", run->rule->id, names);
    cover_waits(run, finding, d, scratch);
    talloc_free(scratch);
}

static bool cycle_has_lock(const struct lockgraph *graph, const struct lock_cycle *cycle,
                           uint32_t lock)
{
    for (size_t i = 0; i < cycle->edges.n; i++) {
        if (graph->edges.v[cycle->edges.v[i]].from == lock) {
            return true;
        }
    }
    return false;
}

/* A longer cycle through all locks of one that was told says nothing new: whoever mends the short
 * one looks at the same orders. */
static bool is_told(const struct lockgraph *graph, const struct told *told,
                    const struct lock_cycle *cycle)
{
    for (size_t t = 0; t < told->n; t++) {
        bool inside = true;
        for (size_t i = 0; i < told->v[t]->edges.n && inside; i++) {
            uint32_t lock = graph->edges.v[told->v[t]->edges.v[i]].from;
            inside = cycle_has_lock(graph, cycle, lock);
        }
        if (inside) {
            return true;
        }
    }
    return false;
}

/* Can it happen, in a way that nothing orders? Fills *d. */
static bool is_deadlock(const struct rule_run *run, struct deadlock *d)
{
    if (d->cycle->edges.n == 1) {
        return choose_pair(run, d);
    }
    return d->cycle->edges.n <= MAX_LENGTH && choose(run, d, 0);
}

static int by_length(const void *a, const void *b)
{
    const struct lock_cycle *x = a;
    const struct lock_cycle *y = b;

    if (x->edges.n != y->edges.n) {
        return x->edges.n < y->edges.n ? -1 : 1;
    }
    return memcmp(x->edges.v, y->edges.v, x->edges.n * sizeof *x->edges.v);
}

/* Turns the cycle so that the lock whose name sorts first is first: message and fingerprint do not
 * depend on what else the program locks. */
static void start_with_first_name(const struct prog *prog, struct lock_cycle *cycle)
{
    void *scratch = mem_owner(NULL, "names");
    size_t n = cycle->edges.n;
    size_t first = 0;
    const char *best = NULL;
    uint32_t *turned = mem_array(scratch, uint32_t, n);

    for (size_t i = 0; i < n; i++) {
        const struct lock_edge *edge = &prog->lockgraph->edges.v[cycle->edges.v[i]];
        const char *name =
            prog_path_name(scratch, prog, FN_NONE, prog->lockgraph->locks.v[edge->from].path);
        if (best == NULL || strcmp(name, best) < 0) {
            best = name;
            first = i;
        }
    }
    for (size_t i = 0; i < n; i++) {
        turned[i] = cycle->edges.v[(first + i) % n];
    }
    memcpy(cycle->edges.v, turned, n * sizeof *turned);
    talloc_free(scratch);
}

/* A handler is short. What it gets to by way of more calls than this, each behind conditions of its
 * own (an error's message that cannot be made, whose own error is told...), may never happen. */
enum { MAX_HANDLER_CALLS = 8 };

static void weigh_signal(struct rule_run *run, struct finding *finding, unsigned n_calls)
{
    finding->confidence = n_calls <= MAX_HANDLER_CALLS ? LEVEL_HIGH : LEVEL_LOW;
    finding_add_reason(run, finding, "the signal is not held back where the lock is taken");
    if (n_calls > MAX_HANDLER_CALLS) {
        finding_add_reason(run, finding, "the handler gets there by way of %u calls", n_calls);
    }
}

static void tell_signal(struct rule_run *run, const struct signal_wait *wait)
{
    const struct prog *prog = run->prog;
    const struct contexts *contexts = prog->contexts;
    char *name = prog_path_name(run->owner, prog, FN_NONE, wait->lock);
    struct loc waits = prog_loc_of(prog, (struct site){wait->wait_fn.i, wait->wait->op.i});
    struct loc takes = prog_loc_of(prog, (struct site){wait->hold_fn.i, wait->hold->op.i});
    context_id handler = contexts->phases.v[wait->handler.i].context;
    struct finding *finding = finding_new(
        run, waits, "the handler waits for '%s', which the thread that it interrupts can hold",
        name);

    unsigned depth;
    size_t story = finding_add_context(
        run, finding, (struct moment){wait->thread, wait->hold_fn, wait->hold->op}, &depth);
    finding_add_step(run, finding, story, takes, depth, NULL, "takes '%s', and a signal comes in",
                     name);
    story = finding_add_context(
        run, finding, (struct moment){wait->handler, wait->wait_fn, wait->wait->op}, &depth);
    finding_add_step(run, finding, story, waits, depth, NULL, "waits for '%s'", name);
    finding->severity = LEVEL_HIGH;
    weigh_signal(run, finding, depth);
    finding->cure =
        "let the handler set a flag or write to a pipe, or hold the signal back while the "
        "lock is held: then nobody holds while it waits";
    finding_weigh_cure(finding, name, CURE_PLACES);
    finding_identify(run, finding, "%s|signal|%s|%s", run->rule->id, contexts->v.v[handler.i].name,
                     name);
}

static void tell_signals(struct rule_run *run, void *scratch)
{
    const struct signal_waits *waits = signals_find(scratch, run->prog->contexts, run->prog->focus);

    for (size_t i = 0; i < waits->v.n; i++) {
        tell_signal(run, &waits->v.v[i]);
    }
}

void rule_lock_order_cycle(struct rule_run *run)
{
    void *scratch = mem_owner(NULL, "cycles");
    const struct lockgraph *graph = run->prog->lockgraph;
    struct lock_cycles cycles = lockgraph_cycles(scratch, graph);
    struct told told = {NULL, 0};

    if (cycles.n > 0) {
        qsort(cycles.v, cycles.n, sizeof *cycles.v, by_length);
    }
    for (size_t i = 0; i < cycles.n; i++) {
        struct deadlock d = {.graph = graph, .cycle = &cycles.v[i]};
        start_with_first_name(run->prog, &cycles.v[i]);
        if (!is_told(graph, &told, d.cycle) && is_deadlock(run, &d)) {
            tell(run, &d);
            vec_push(scratch, &told, d.cycle);
        }
    }
    tell_signals(run, scratch);
    talloc_free(scratch);
}
