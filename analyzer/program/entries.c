#include "program/entries.h"

#include "program/bindings.h"
#include "program/callback_runs.h"
#include "program/members.h"
#include "program/resolve.h"

#include <string.h>

struct build {
    struct contexts *out;
    struct flows *flows;
    const struct linked *linked;
    struct calls *calls;
    const struct bindings *bindings;
};

static struct context *find_context(struct build *b, enum context_kind kind, fn_id entry,
                                    fn_id hop_to)
{
    for (size_t i = 0; i < b->out->v.n; i++) {
        struct context *context = &b->out->v.v[i];
        if (context->kind == kind && context->entries.v[0].i == entry.i &&
            context->hop_to.i == hop_to.i) {
            return context;
        }
    }
    return NULL;
}

/* `hop_to`: what it is for, if the entry is a trampoline, called by `hop`; FN_NONE. */
static struct context *add_context(struct build *b, enum context_kind kind, fn_id entry,
                                   const struct call *hop, fn_id hop_to, struct site site)
{
    struct context *context = find_context(b, kind, entry, hop_to);

    if (context == NULL) {
        fn_id name = hop == NULL ? entry : hop_to;
        struct context fresh = {
            .kind = kind, .name = b->linked->fns.v[name.i].name, .hop = hop, .hop_to = hop_to};
        fresh.many_site = SITE_NONE;
        vec_push(b->out, &b->out->v, fresh);
        context = &b->out->v.v[b->out->v.n - 1];
        vec_push(b->out, &context->entries, entry);
    }
    if (site.fn != UINT32_MAX) {
        vec_push(b->out, &context->created, site);
    }
    return context;
}

/* A function pointer that is handed to a library, or stored where a library finds it. */
struct registration {
    enum runs_where runs;
    bool is_pool;   /* runs once a job */
    loop_set loops; /* RUNS_LOOP: which of them may call it */
    fn_id in;       /* FN_NONE: a static initialiser */
    value_id value;
    const char *library;
    const char *by;        /* the function that is called, or the member */
    const char *holds;     /* see model_callback */
    struct site site;      /* SITE_NONE: a static initialiser... */
    struct init_site init; /* ... this one */
};

static void add_callback(struct build *b, fn_id fn, const struct registration *r)
{
    for (size_t i = 0; i < b->out->callbacks.n; i++) {
        struct callback *known = &b->out->callbacks.v[i];
        if (known->fn.i == fn.i && strcmp(known->library, r->library) == 0) {
            known->loops |= r->loops;
            return;
        }
    }
    vec_push(b->out, &b->out->callbacks,
             (struct callback){.fn = fn,
                               .library = r->library,
                               .loops = r->loops,
                               .registered = r->site,
                               .init = r->init,
                               .by = r->by,
                               .holds = r->holds,
                               .own = ID_NONE,
                               .called = SITE_NONE});
}

enum { MAX_WRAPPERS = 16 };

/* Is the value parameter *ret_param of the function, and is that what a spawner runs? */
static bool is_handed_in(const struct build *b, const struct context *context, fn_id fn,
                         value_id value, uint32_t *ret_param)
{
    bool is_thread = context->kind == CONTEXT_THREAD || context->kind == CONTEXT_WORKER;

    const struct ir_fn *ir = b->linked->fns.v[fn.i].ir;

    value = resolve_value(b->flows->v[fn.i].resolver, value);
    const struct ir_value *v = value.i == ID_NONE ? NULL : &ir->values.v[value.i];
    return v != NULL && v->kind == IR_VALUE_READ &&
           place_is_local(ir, ir->ops.v[v->u.op.i].u.access.place, ret_param) &&
           *ret_param < ir->n_params &&
           (!is_thread || *ret_param == spawners_param(b->out->spawners, fn));
}

/* Adds the places where `entry`, which is `value` at `site`, is chosen: the calls of wrappers that
 * hand it over. */
static void add_starts(struct build *b, struct context *context, fn_id entry, value_id value,
                       struct site site, unsigned depth)
{
    uint32_t param = 0;
    bool any = false;

    if (depth < MAX_WRAPPERS && is_handed_in(b, context, (fn_id){site.fn}, value, &param)) {
        for (size_t i = 0; i < b->calls->v.n; i++) {
            const struct call *call = &b->calls->v.v[i];
            bool calls = false;
            for (size_t c = 0; c < call->callees.n; c++) {
                calls |= call->callees.v[c].i == site.fn && call->model == NULL;
            }
            if (!calls) {
                continue;
            }
            void *scratch = mem_owner(NULL, "entries");
            value_id given = call_arg(b->linked, call, (int)param + 1);
            struct fn_list fns = calls_functions_of(b->calls, scratch, call->fn, given);
            for (size_t f = 0; f < fns.n; f++) {
                if (fns.v[f].i == entry.i) {
                    add_starts(b, context, entry, given, (struct site){call->fn.i, call->op.i},
                               depth + 1);
                    any = true;
                }
            }
            talloc_free(scratch);
        }
    }
    if (!any) {
        vec_push(b->out, &context->started, site);
    }
}

static void add_thread(struct build *b, enum context_kind kind, fn_id fn,
                       const struct registration *r)
{
    struct context *context = add_context(b, kind, fn, NULL, FN_NONE, r->site);

    if (r->is_pool) {
        context->many = true;
        context->many_site = r->site;
    }
    if (r->site.fn != UINT32_MAX) {
        add_starts(b, context, fn, r->value, r->site, 0);
    }
}

/* A thread for each function that the spawner of `start` is handed. */
static void add_hops(struct build *b, const struct call *start, const struct call *hop)
{
    struct site site = {start->fn.i, start->op.i};
    value_id chosen = spawners_entry(b->out->spawners, start);

    for (size_t i = 0; i < hop->callees.n; i++) {
        struct context *context =
            add_context(b, CONTEXT_THREAD, hop->fn, hop, hop->callees.v[i], site);
        add_starts(b, context, hop->callees.v[i], chosen, site, 0);
    }
}

static void call_back_at_once(struct build *b, fn_id fn, const struct registration *r)
{
    size_t at = (size_t)(calls_at(b->calls, r->in, (op_id){r->site.op}) - b->calls->v.v);

    calls_add_callee(b->calls, &b->calls->v.v[at], fn);
}

/* `fn` is what is registered, or one of the functions that it can be. */
static void add_entry(struct build *b, const struct registration *r, fn_id fn)
{
    switch (r->runs) {
    case RUNS_LOOP:
        add_callback(b, fn, r);
        break;
    case RUNS_WORKER:
        add_thread(b, CONTEXT_WORKER, fn, r);
        break;
    case RUNS_THREAD:
        add_thread(b, CONTEXT_THREAD, fn, r);
        break;
    case RUNS_SIGNAL:
        add_thread(b, CONTEXT_SIGNAL, fn, r);
        break;
    case RUNS_EXIT:
        add_thread(b, CONTEXT_EXIT, fn, r);
        break;
    case RUNS_CALLER:
        call_back_at_once(b, fn, r);
        break;
    case RUNS_ANY_THREAD: /* for slots.h */
    case RUNS_OTHER:
        break;
    }
}

static void add_entries(struct build *b, const struct registration *r)
{
    void *scratch = mem_owner(NULL, "entries");
    struct fn_list fns = calls_functions_of(b->calls, scratch, r->in, r->value);

    for (size_t i = 0; i < fns.n; i++) {
        add_entry(b, r, fns.v[i]);
    }
    talloc_free(scratch);
}

static void read_call(struct build *b, const struct call *call)
{
    const struct model_fn *model = call->model;

    if (model == NULL) {
        return;
    }
    struct registration r = {.in = call->fn,
                             .library = model->library,
                             .by = call->name,
                             .site = {call->fn.i, call->op.i}};
    const struct call *hop = spawners_hop(b->out->spawners, call);
    if (hop != NULL) {
        add_hops(b, call, hop);
    } else if (model->thread_entry > 0) {
        r.runs = RUNS_THREAD;
        r.value = call_arg(b->linked, call, model->thread_entry);
        add_entries(b, &r);
    }
    if (model->once_call > 0) {
        r.runs = RUNS_CALLER;
        r.value = call_arg(b->linked, call, model->once_call);
        add_entries(b, &r);
    }
    for (size_t i = 0; i < model->callbacks.n; i++) {
        const struct model_callback *callback = &model->callbacks.v[i];
        r.runs = callback->runs;
        r.is_pool = callback->pool;
        r.holds = callback->holds;
        r.loops = bindings_of(b->bindings, call, callback);
        r.value = call_arg(b->linked, call, callback->arg);
        add_entries(b, &r);
    }
}

/* The loops of the handle whose member the place is: `timer->cb`. */
static loop_set loops_of_holder(struct build *b, fn_id fn, place_id member, const char *library)
{
    path_id path = resolve_place(b->flows->v[fn.i].resolver, member);

    return path_is_none(path)
               ? LOOPS_ANY
               : bindings_of_object(b->bindings, fn, path_get(b->flows->paths, path)->parent,
                                    library);
}

/* Callbacks that are stored in a struct member (sa_handler, GSourceFuncs.dispatch). */
static void read_store(struct build *b, fn_id fn, const struct ir_op *op, uint32_t op_index)
{
    struct member member;

    if (member_stored(b->flows->models, b->linked, &b->linked->fns.v[fn.i], op, &member) &&
        member.callback->runs != RUNS_CALLER) {
        struct registration r = {
            .runs = member.callback->runs,
            .loops = member.callback->in_handle
                         ? loops_of_holder(b, fn, op->u.access.place, member.library)
                         : LOOPS_ANY,
            .in = fn,
            .value = op->u.access.value,
            .library = member.library,
            .by = linked_field_name(b->out, b->linked, member.field),
            .site = {fn.i, op_index}};
        add_entries(b, &r);
    }
}

/* The same in a table that is there from the start: static GSourceFuncs funcs = { prepare, ... }.
 */
static void read_initialiser(struct build *b, const struct prog_fn *init, uint32_t op_index)
{
    const struct ir_op *op = &init->ir->ops.v[op_index];
    struct member member;

    if (op->kind != IR_WRITE || op->u.access.value.i == ID_NONE ||
        init->ir->values.v[op->u.access.value.i].kind != IR_VALUE_FN ||
        !member_stored(b->flows->models, b->linked, init, op, &member) ||
        member.callback->runs == RUNS_CALLER) {
        return;
    }
    struct registration r = {.runs = member.callback->runs,
                             .loops = LOOPS_ANY,
                             .in = FN_NONE,
                             .value = op->u.access.value,
                             .library = member.library,
                             .by = linked_field_name(b->out, b->linked, member.field),
                             .site = SITE_NONE,
                             .init = {init->unit_index, op_index}};
    uint32_t sym = linked_sym(b->linked, init, init->ir->values.v[r.value.i].u.sym.i);
    struct bodies bodies = linked_bodies(b->linked, sym, init->unit_index);
    for (size_t i = 0; i < bodies.n; i++) {
        add_entry(b, &r, bodies.v[i]);
    }
}

static void find_entries(struct build *b)
{
    for (uint32_t f = 0; f < b->linked->fns.n; f++) {
        const struct prog_fn *fn = &b->linked->fns.v[f];
        if (strcmp(fn->name, "main") == 0) {
            (void)add_context(b, CONTEXT_MAIN, (fn_id){f}, NULL, FN_NONE, SITE_NONE);
            b->out->v.v[b->out->v.n - 1].programs = 1ull << (b->out->n_programs % 64);
            b->out->n_programs++;
        }
        for (uint32_t i = 0; i < fn->ir->ops.n; i++) {
            if (fn->ir->ops.v[i].kind == IR_WRITE) {
                read_store(b, (fn_id){f}, &fn->ir->ops.v[i], i);
            }
        }
    }
    for (size_t i = 0; i < b->calls->v.n; i++) {
        read_call(b, &b->calls->v.v[i]);
    }
    for (size_t u = 0; u < b->linked->inits.n; u++) { /* last: a call says more of the loop */
        for (uint32_t i = 0; i < b->linked->inits.v[u].ir->ops.n; i++) {
            read_initialiser(b, &b->linked->inits.v[u], i);
        }
    }
}

/* Callbacks run inside the calls that run their loop. Those that only hold up who waits for them
 * are no loop's. */
static void run_callbacks(struct build *b)
{
    struct callback_runs *runs = callback_runs_new(NULL, b->flows);
    size_t n = 0;

    for (size_t i = 0; i < b->out->callbacks.n; i++) {
        struct callback callback = b->out->callbacks.v[i];
        enum callback_runner runner = callback_runs_link(runs, &callback);
        if (runner == RUNNER_WAITER) {
            continue;
        }
        b->out->callbacks.v[n++] = callback;
        if (runner == RUNNER_UNSEEN) {
            struct context *context =
                add_context(b, CONTEXT_LOOP, callback.fn, NULL, FN_NONE, callback.registered);
            context->holds = callback.holds;
            if (callback.registered.fn != UINT32_MAX) {
                vec_push(b->out, &context->started, callback.registered);
            }
        }
    }
    b->out->callbacks.n = n;
    talloc_free(runs);
}

void entries_find(struct contexts *contexts, struct flows *flows)
{
    struct bindings *bindings = bindings_build(NULL, contexts);
    struct build b = {contexts, flows, flows->linked, flows->calls, bindings};

    find_entries(&b);
    said_add_callbacks(contexts, contexts->said);
    run_callbacks(&b);
    talloc_free(bindings);
}
