#include "program/own_loops.h"

#include "base/map.h"
#include "program/handlers.h"
#include "program/own_named.h"
#include "program/resolve.h"
#include "program/spans.h"

#include <stdlib.h>
#include <string.h>

/* How many calls up from a wait its loop is looked for; how far from a wait a function that is
 * called through a pointer is still taken for one that waits; how far apart a wait for one
 * descriptor and its handler may be from their loop; how far below it a loop must call a handler.
 */
enum { MAX_UP = 6, MAX_BACK_END = 2, MAX_ONE = 1, MAX_NEARBY = 3 };

/* A loop around a wait that calls handlers. */
struct candidate {
    fn_id fn;
    const struct call *wait;
    struct handler_list *handlers;
    uint32_t group; /* candidates that run the same handlers: the number of the first of them */
    bool many;      /* it waits for many descriptors */
    bool step;      /* a step of another one, which stands for both */
    bool nested;    /* its handlers can get to it: it runs the loop once more */
};

struct loop_key {
    uint32_t fn;
    uint32_t head;
};

/* What a loop calls. */
struct loop_handlers {
    UT_hash_handle hh;
    struct loop_key key;
    struct handler_list *handlers;
};

struct build {
    struct contexts *contexts;
    const struct flows *flows;
    const struct calls *calls;
    struct handler_search search;
    void *scratch;
    VEC(struct candidate) candidates;
    struct loop_handlers *known;
    bool *reached; /* by fn: on the way up from the wait that is looked at */
};

/* ---- who waits ------------------------------------------------------------------------------- */

static bool is_live_wait(const struct build *b, const struct call *call)
{
    return span_is_wait(b->contexts, call) && flow_held_at(b->flows, call->fn, call->op) != NULL;
}

/* Functions that wait in themselves, or a few calls down by name: the back ends of a loop. */
static bool find_waiting(struct build *b)
{
    const struct callers *callers = b->search.callers;
    bool *waits = mem_array(b->scratch, bool, b->flows->linked->fns.n + 1);
    VEC(uint32_t) queue = {NULL, 0};

    for (size_t i = 0; i < b->calls->v.n; i++) {
        const struct call *call = &b->calls->v.v[i];
        if (is_live_wait(b, call) && !waits[call->fn.i]) {
            waits[call->fn.i] = true;
            vec_push(b->scratch, &queue, call->fn.i);
        }
    }
    size_t next = 0;
    for (unsigned depth = 0; depth < MAX_BACK_END; depth++) {
        for (size_t end = queue.n; next < end; next++) {
            uint32_t fn = queue.v[next];
            for (uint32_t i = callers->first[fn]; i < callers->first[fn + 1]; i++) {
                const struct call *call = callers->v[i];
                if (!call->indirect && call->model == NULL && !waits[call->fn.i]) {
                    waits[call->fn.i] = true;
                    vec_push(b->scratch, &queue, call->fn.i);
                }
            }
        }
    }
    b->search.waits = waits;
    return queue.n > 0;
}

/* ---- one loop -------------------------------------------------------------------------------- */

/* What is waited for. */
struct waiting {
    const struct call *wait;
    struct span span;
    unsigned depth; /* calls from the function that is looked at down to the wait */
};

/* Leaves the handlers that belong to the one descriptor, or the few, that their loop waits for. */
static void keep_related(const struct build *b, const struct waiting *waiting,
                         struct handler_list *handlers)
{
    size_t kept = 0;

    for (size_t i = 0; i < handlers->v.n; i++) {
        struct handler_call handler = handlers->v.v[i];
        uint32_t record = registered_record(b->flows->linked, handler.slot);
        bool counts = waiting->span.kind == SPAN_FEW ||
                      (handler.picked && handler.depth <= MAX_ONE && waiting->depth <= MAX_ONE);
        if (counts && record != ID_NONE && span_is_about(b->contexts, waiting->wait, record)) {
            handlers->v.v[kept++] = handler;
        }
    }
    handlers->v.n = kept;
}

/* Is any of them called a few calls below the loop? What is registered and called far below alone
 * (an audit hook in a retry loop's error path) makes no event loop. */
static bool calls_nearby(const struct handler_list *handlers)
{
    for (size_t i = 0; i < handlers->v.n; i++) {
        if (handlers->v.v[i].depth <= MAX_NEARBY) {
            return true;
        }
    }
    return false;
}

/* Those that the loop with this head calls, searched for once. */
static const struct handler_list *handlers_in(struct build *b, fn_id fn, uint32_t head)
{
    const struct loop_key key = {fn.i, head};
    struct loop_handlers *known = NULL;

    HASH_FIND(hh, b->known, &key, sizeof key, known);
    if (known == NULL) {
        known = mem_new(b->scratch, struct loop_handlers);
        known->key = key;
        known->handlers = handlers_of_loop(known, &b->search, fn, head);
        HASH_ADD(hh, b->known, key, sizeof key, known);
    }
    return known->handlers;
}

static struct handler_list *copy_handlers(const struct build *b,
                                          const struct handler_list *handlers)
{
    struct handler_list *copy = mem_new(b->scratch, struct handler_list);

    for (size_t i = 0; i < handlers->v.n; i++) {
        vec_push(copy, &copy->v, handlers->v.v[i]);
    }
    return copy;
}

/* The handlers that a loop of `fn` around `op` calls: the innermost of those that call any. NULL:
 * none. */
static struct handler_list *handlers_around(struct build *b, const struct waiting *waiting,
                                            fn_id fn, op_id op)
{
    const struct cfg *cfg = b->flows->linked->fns.v[fn.i].cfg;

    for (uint32_t head = cfg->loop_head[cfg_block_of(cfg, op)]; head != ID_NONE;
         head = cfg->loop_up[head]) {
        struct handler_list *handlers = copy_handlers(b, handlers_in(b, fn, head));
        if (waiting->span.kind == SPAN_ONE || waiting->span.kind == SPAN_FEW) {
            keep_related(b, waiting, handlers);
        }
        if (calls_nearby(handlers)) {
            return handlers;
        }
        talloc_free(handlers);
    }
    return NULL;
}

static bool has_handler(const struct handler_list *list, const struct call *call)
{
    for (size_t i = 0; i < list->v.n; i++) {
        if (list->v.v[i].call == call) {
            return true;
        }
    }
    return false;
}

static bool hands_on_parameter(const struct build *b, const struct call *call)
{
    const struct prog_fn *fn = &b->flows->linked->fns.v[call->fn.i];
    const struct ir_op *op = &fn->ir->ops.v[call->op.i];

    for (uint32_t a = 0; a < op->u.call.n_args; a++) {
        value_id arg = resolve_value(b->flows->v[call->fn.i].resolver,
                                     fn->ir->args.v[op->u.call.first_arg + a]);
        const struct ir_value *v = arg.i == ID_NONE ? NULL : &fn->ir->values.v[arg.i];
        uint32_t local;
        if (v != NULL && v->kind == IR_VALUE_READ &&
            place_is_local(fn->ir, fn->ir->ops.v[v->u.op.i].u.access.place, &local) &&
            local < fn->ir->n_params) {
            return true;
        }
    }
    return false;
}

/* Is the function, a loop itself, a step of loops of its callers? */
static bool is_step(const struct build *b, fn_id fn)
{
    const struct callers *callers = b->search.callers;
    bool step = callers->first[fn.i] < callers->first[fn.i + 1];

    for (uint32_t i = callers->first[fn.i]; i < callers->first[fn.i + 1] && step; i++) {
        const struct call *call = callers->v[i];
        step = !call->indirect &&
               cfg_op_repeats(b->flows->linked->fns.v[call->fn.i].cfg, call->op) &&
               hands_on_parameter(b, call);
    }
    return step;
}

/* ---- the way up ------------------------------------------------------------------------------ */

/* Gives its number. */
static size_t add_candidate(struct build *b, fn_id fn, const struct waiting *waiting,
                            struct handler_list *handlers)
{
    for (size_t i = 0; i < b->candidates.n; i++) {
        struct candidate *known = &b->candidates.v[i];
        if (known->fn.i != fn.i) {
            continue;
        }
        for (size_t h = 0; h < handlers->v.n; h++) {
            if (!has_handler(known->handlers, handlers->v.v[h].call)) {
                vec_push(known->handlers, &known->handlers->v, handlers->v.v[h]);
            }
        }
        return i;
    }
    vec_push(b->scratch, &b->candidates,
             (struct candidate){.fn = fn,
                                .wait = waiting->wait,
                                .handlers = handlers,
                                .many = waiting->span.kind != SPAN_ONE &&
                                        waiting->span.kind != SPAN_FEW});
    return b->candidates.n - 1;
}

static void look_above(struct build *b, struct waiting waiting, fn_id fn, op_id op, size_t n_inner);

static void look_at_callers(struct build *b, struct waiting waiting, fn_id fn, size_t n_inner)
{
    const struct callers *callers = b->search.callers;

    for (uint32_t i = callers->first[fn.i]; i < callers->first[fn.i + 1] && waiting.depth < MAX_UP;
         i++) {
        const struct call *call = callers->v[i];
        bool waits = !call->indirect || handlers_call_waits(&b->search, call);
        if (waits && call->model == NULL && flow_held_at(b->flows, call->fn, call->op) != NULL &&
            !doom_at(b->contexts->doom, call->fn, call->op)) {
            struct waiting theirs = {waiting.wait, span_at_caller(b->contexts, call, waiting.span),
                                     waiting.depth + 1};
            look_above(b, theirs, call->fn, call->op, n_inner);
        }
    }
}

/* Looks for loops around `op`, which waits, in its function and then in the callers. `n_inner`: so
 * many handlers has the loop that was found below. */
static void look_above(struct build *b, struct waiting waiting, fn_id fn, op_id op, size_t n_inner)
{
    if (b->reached[fn.i]) {
        return;
    }
    b->reached[fn.i] = true;
    struct handler_list *handlers = handlers_around(b, &waiting, fn, op);
    if (handlers != NULL && handlers->v.n > n_inner) {
        size_t number = add_candidate(b, fn, &waiting, handlers);
        if (is_step(b, fn)) {
            size_t before = b->candidates.n;
            look_at_callers(b, waiting, fn, handlers->v.n);
            b->candidates.v[number].step |= b->candidates.n > before;
        }
    } else if (n_inner == 0) {
        look_at_callers(b, waiting, fn, 0);
    }
    b->reached[fn.i] = false;
}

/* ---- one loop for those that run the same handlers ------------------------------------------- */

static bool share_handler(const struct candidate *a, const struct candidate *b)
{
    for (size_t i = 0; i < a->handlers->v.n; i++) {
        if (has_handler(b->handlers, a->handlers->v.v[i].call)) {
            return true;
        }
    }
    return false;
}

static uint64_t programs_of(const struct build *b, fn_id fn)
{
    const struct linked *linked = b->flows->linked;

    return linked->programs[linked->fns.v[fn.i].unit_index];
}

/* Can both be in one program? */
static bool share_program(const struct build *b, fn_id x, fn_id y)
{
    uint64_t xs = programs_of(b, x);
    uint64_t ys = programs_of(b, y);

    return xs == 0 || ys == 0 || (xs & ys) != 0;
}

static void group_candidates(struct build *b)
{
    for (uint32_t i = 0; i < b->candidates.n; i++) {
        b->candidates.v[i].group = i;
    }
    for (uint32_t i = 0; i < b->candidates.n; i++) {
        for (uint32_t j = 0; j < i; j++) {
            uint32_t mine = b->candidates.v[i].group;
            uint32_t theirs = b->candidates.v[j].group;
            if (mine == theirs || !share_program(b, b->candidates.v[i].fn, b->candidates.v[j].fn) ||
                !share_handler(&b->candidates.v[i], &b->candidates.v[j])) {
                continue;
            }
            for (uint32_t k = 0; k <= i; k++) {
                struct candidate *c = &b->candidates.v[k];
                c->group = c->group == mine || c->group == theirs ? (mine < theirs ? mine : theirs)
                                                                  : c->group;
            }
        }
    }
}

/* Can what the loop's handlers run get to its own function? */
static bool is_nested(const struct build *b, const struct candidate *candidate)
{
    void *scratch = mem_owner(NULL, "nested");
    bool *seen = mem_array(scratch, bool, b->flows->linked->fns.n + 1);
    VEC(uint32_t) queue = {NULL, 0};

    for (size_t h = 0; h <= candidate->handlers->v.n + queue.n; h++) {
        const struct call *first = NULL;
        uint32_t from = 0;
        uint32_t to = 0;
        if (h < candidate->handlers->v.n) {
            first = candidate->handlers->v.v[h].call;
            from = (uint32_t)(first - b->calls->v.v);
            to = from + 1;
        } else if (h - candidate->handlers->v.n < queue.n) {
            uint32_t fn = queue.v[h - candidate->handlers->v.n];
            from = b->calls->first[fn];
            to = b->calls->first[fn + 1];
        }
        for (uint32_t i = from; i < to; i++) {
            const struct call *call = &b->calls->v.v[i];
            for (size_t c = 0; c < call->callees.n; c++) {
                if (!seen[call->callees.v[c].i]) {
                    seen[call->callees.v[c].i] = true;
                    vec_push(scratch, &queue, call->callees.v[c].i);
                }
            }
        }
    }
    bool nested = seen[candidate->fn.i];
    talloc_free(scratch);
    return nested;
}

static int by_site(const void *a, const void *b)
{
    const struct site *x = a;
    const struct site *y = b;

    return x->fn != y->fn ? (x->fn < y->fn ? -1 : 1) : (x->op > y->op) - (x->op < y->op);
}

static int by_fn(const void *a, const void *b)
{
    const struct candidate *x = a;
    const struct candidate *y = b;

    return x->fn.i < y->fn.i ? -1 : x->fn.i > y->fn.i;
}

/* ---- callbacks ------------------------------------------------------------------------------- */

/* The library whose loop this function is by the models; "": none. */
static const char *library_of(const struct build *b, fn_id fn)
{
    const struct model_fn *model = models_fn(b->flows->models, b->flows->linked->fns.v[fn.i].name);

    return model != NULL && model->runs_loop != ARG_NONE ? model->library : "";
}

/* What the models have told of a library's callbacks is about the loop in the library's source. */
static void adopt_callbacks(struct build *b, const struct own_loop *loop, uint32_t number)
{
    const char *library = library_of(b, loop->fn);

    for (size_t i = 0; i < b->contexts->callbacks.n; i++) {
        struct callback *known = &b->contexts->callbacks.v[i];
        if (known->own == ID_NONE && strcmp(library, known->library) == 0) {
            known->own = number;
        }
    }
}

static bool is_known(const struct build *b, uint32_t number, fn_id fn)
{
    for (size_t i = 0; i < b->contexts->callbacks.n; i++) {
        const struct callback *known = &b->contexts->callbacks.v[i];
        if (known->fn.i == fn.i && known->own == number) {
            return true;
        }
    }
    return false;
}

static void add_callback(struct build *b, const struct own_loop *loop, uint32_t number,
                         const struct handler_call *handler, fn_id fn)
{
    const struct registration_of *how = registered_where(b->search.registered, handler->slot, fn);

    /* one that nobody names, or of another program, is none */
    if (how != NULL && share_program(b, loop->fn, fn) && !is_known(b, number, fn)) {
        struct callback callback = {.fn = fn,
                                    .library = library_of(b, loop->fn),
                                    .loops = LOOPS_ANY,
                                    .registered = how->site,
                                    .init = how->init,
                                    .by = how->by,
                                    .own = number,
                                    .called = {handler->call->fn.i, handler->call->op.i}};
        vec_push(b->contexts, &b->contexts->callbacks, callback);
    }
}

static void add_callbacks(struct build *b, const struct own_loop *loop, uint32_t number,
                          const struct handler_list *handlers)
{
    for (size_t h = 0; h < handlers->v.n; h++) {
        const struct handler_call *handler = &handlers->v.v[h];
        for (size_t c = 0; c < handler->call->callees.n; c++) {
            add_callback(b, loop, number, handler, handler->call->callees.v[c]);
        }
    }
}

/* The handlers of the loop, and those that its handlers call. */
static void add_all_callbacks(struct build *b, const struct own_loop *loop, uint32_t number,
                              const struct handler_list *handlers)
{
    size_t next = b->contexts->callbacks.n;

    adopt_callbacks(b, loop, number);
    add_callbacks(b, loop, number, handlers);
    for (; next < b->contexts->callbacks.n; next++) {
        fn_id fn = b->contexts->callbacks.v[next].fn;
        add_callbacks(b, loop, number, handlers_below(b->scratch, &b->search, fn));
    }
}

/* Does `a` give the loop its name rather than `b`, which runs the same handlers? */
static bool is_better(const struct build *build, const struct candidate *a,
                      const struct candidate *b)
{
    int rank_a = a->step ? 0 : a->nested ? 1 : 2;
    int rank_b = b->step ? 0 : b->nested ? 1 : 2;
    int programs_a = __builtin_popcountll(programs_of(build, a->fn));
    int programs_b = __builtin_popcountll(programs_of(build, b->fn));

    if (rank_a != rank_b) {
        return rank_a > rank_b;
    }
    return programs_a != programs_b ? programs_a > programs_b : a->handlers->v.n > b->handlers->v.n;
}

/* Can the call run a handler that is in a program with the loop? True where none is known. */
static bool may_run(const struct build *b, const struct call *call, fn_id loop)
{
    bool may = call->callees.n == 0;

    for (size_t c = 0; c < call->callees.n && !may; c++) {
        may = share_program(b, loop, call->callees.v[c]);
    }
    return may;
}

static void add_loop(struct build *b, struct own_loops *out, uint32_t group)
{
    struct own_loop loop = {.fn = FN_NONE};
    struct handler_list *all = mem_new(b->scratch, struct handler_list);
    const struct candidate *main_one = NULL;

    for (size_t i = 0; i < b->candidates.n; i++) {
        const struct candidate *c = &b->candidates.v[i];
        if (c->group == group && (main_one == NULL || is_better(b, c, main_one))) {
            main_one = c;
        }
    }
    for (size_t i = 0; i < b->candidates.n && main_one != NULL; i++) {
        const struct candidate *c = &b->candidates.v[i];
        for (size_t h = 0; c->group == group && h < c->handlers->v.n; h++) {
            if (!has_handler(all, c->handlers->v.v[h].call)) {
                const struct call *call = c->handlers->v.v[h].call;
                vec_push(all, &all->v, c->handlers->v.v[h]);
                if (may_run(b, call, main_one->fn)) {
                    vec_push(out, &loop.calls, (struct site){call->fn.i, call->op.i});
                }
            }
        }
        if (c->group == group && c != main_one && !c->step) {
            vec_push(out, &loop.also, c->fn);
        }
    }
    if (main_one == NULL) {
        return;
    }
    qsort(loop.calls.v, loop.calls.n, sizeof *loop.calls.v, by_site);
    loop.fn = main_one->fn;
    loop.wait = (struct site){main_one->wait->fn.i, main_one->wait->op.i};
    loop.waits_in = main_one->wait->name;
    vec_push(out, &out->v, loop);
    add_all_callbacks(b, &loop, (uint32_t)out->v.n - 1, all);
    if (main_one->many && library_of(b, loop.fn)[0] == '\0') {
        own_named_add(b->contexts, b->search.callers, &loop, (uint32_t)out->v.n - 1);
    }
}

struct own_loops *own_loops_find(void *owner, struct contexts *contexts)
{
    struct own_loops *out = mem_new(owner, struct own_loops);
    struct build b = {.contexts = contexts,
                      .flows = contexts->flows,
                      .calls = contexts->flows->calls,
                      .scratch = mem_owner(NULL, "own_loops")};

    b.search.contexts = contexts;
    b.search.callers = callers_build(b.scratch, b.calls);
    if (find_waiting(&b)) {
        b.search.registered = registered_build(b.scratch, contexts, b.search.callers);
        b.reached = mem_array(b.scratch, bool, b.flows->linked->fns.n + 1);
        for (size_t i = 0; i < b.calls->v.n; i++) {
            const struct call *call = &b.calls->v.v[i];
            if (is_live_wait(&b, call) && !doom_at(contexts->doom, call->fn, call->op)) {
                struct waiting waiting = {call, span_of(contexts, call), 0};
                look_above(&b, waiting, call->fn, call->op, 0);
            }
        }
        if (b.candidates.n > 0) {
            qsort(b.candidates.v, b.candidates.n, sizeof *b.candidates.v, by_fn);
        }
        group_candidates(&b);
        for (size_t i = 0; i < b.candidates.n; i++) {
            b.candidates.v[i].nested = is_nested(&b, &b.candidates.v[i]);
        }
        for (uint32_t i = 0; i < b.candidates.n; i++) {
            if (b.candidates.v[i].group == i) {
                add_loop(&b, out, i);
            }
        }
    }
    HASH_CLEAR(hh, b.known);
    talloc_free(b.scratch);
    return out;
}

bool own_loops_call_handler(const struct own_loops *loops, const struct call *call)
{
    struct site site = {call->fn.i, call->op.i};

    for (size_t i = 0; i < loops->v.n && call->indirect; i++) {
        const struct own_loop *loop = &loops->v.v[i];
        if (loop->calls.n > 0 &&
            bsearch(&site, loop->calls.v, loop->calls.n, sizeof site, by_site) != NULL) {
            return true;
        }
    }
    return false;
}
