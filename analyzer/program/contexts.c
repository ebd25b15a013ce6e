#include "program/contexts.h"

#include <string.h>

/* A pointer that may mean more functions than this says little of what a thread does: the cell of
 * a field holds what any object of the type ever got. (main is different: what nobody else runs, it
 * does.) */
enum { MAX_SURE_CALLEES = 3 };

struct build {
    struct contexts *out;
    struct flows *flows;
    const struct linked *linked;
    struct calls *calls;
};

/* ---- finding them ---------------------------------------------------------------------------- */

static struct context *find_context(struct build *b, enum context_kind kind, fn_id entry)
{
    for (size_t i = 0; i < b->out->v.n; i++) {
        struct context *context = &b->out->v.v[i];
        if (context->kind == kind && context->entries.v[0].i == entry.i) {
            return context;
        }
    }
    return NULL;
}

static void add_context(struct build *b, enum context_kind kind, fn_id entry, struct site site)
{
    struct context *context = find_context(b, kind, entry);

    if (context == NULL) {
        struct context fresh = {.kind = kind, .name = b->linked->fns.v[entry.i].name};
        fresh.many_site = SITE_NONE;
        vec_push(b->out, &b->out->v, fresh);
        context = &b->out->v.v[b->out->v.n - 1];
        vec_push(b->out, &context->entries, entry);
    }
    if (site.fn != UINT32_MAX) {
        vec_push(b->out, &context->created, site);
    }
}

static void add_callback(struct build *b, fn_id fn, const char *library, const char *by,
                         struct site site)
{
    for (size_t i = 0; i < b->out->callbacks.n; i++) {
        const struct callback *known = &b->out->callbacks.v[i];
        if (known->fn.i == fn.i && strcmp(known->library, library) == 0) {
            return;
        }
    }
    vec_push(b->out, &b->out->callbacks, (struct callback){fn, library, site, by});
}

/* `value` of call (or store) `site` is a function that runs as `runs` says. */
static void add_entry(struct build *b, enum runs_where runs, fn_id in, value_id value,
                      const char *library, const char *by, struct site site)
{
    void *scratch = mem_owner(NULL, "entries");
    struct fn_list fns = calls_functions_of(b->calls, scratch, in, value);

    for (size_t i = 0; i < fns.n; i++) {
        switch (runs) {
        case RUNS_LOOP:
            add_callback(b, fns.v[i], library, by, site);
            break;
        case RUNS_WORKER:
            add_context(b, CONTEXT_WORKER, fns.v[i], site);
            break;
        case RUNS_THREAD:
            add_context(b, CONTEXT_THREAD, fns.v[i], site);
            break;
        case RUNS_SIGNAL:
            add_context(b, CONTEXT_SIGNAL, fns.v[i], site);
            break;
        case RUNS_EXIT:
            add_context(b, CONTEXT_EXIT, fns.v[i], site);
            break;
        case RUNS_CALLER:
            calls_add_callee(
                b->calls, &b->calls->v.v[calls_at(b->calls, in, (op_id){site.op}) - b->calls->v.v],
                fns.v[i]);
            break;
        case RUNS_OTHER:
            break;
        }
    }
    talloc_free(scratch);
}

static void read_call(struct build *b, const struct call *call)
{
    const struct model_fn *model = call->model;
    struct site site = {call->fn.i, call->op.i};

    if (model == NULL) {
        return;
    }
    if (model->thread_entry > 0) {
        add_entry(b, RUNS_THREAD, call->fn, call_arg(b->linked, call, model->thread_entry),
                  model->library, call->name, site);
    }
    if (model->once_call > 0) {
        add_entry(b, RUNS_CALLER, call->fn, call_arg(b->linked, call, model->once_call),
                  model->library, call->name, site);
    }
    for (size_t i = 0; i < model->callbacks.n; i++) {
        const struct model_callback *callback = &model->callbacks.v[i];
        add_entry(b, callback->runs, call->fn, call_arg(b->linked, call, callback->arg),
                  model->library, call->name, site);
    }
}

/* Callbacks that are stored in a struct member (sa_handler, GSourceFuncs.dispatch). */
static void read_store(struct build *b, fn_id fn, const struct ir_op *op, uint32_t op_index)
{
    const struct prog_fn *body = &b->linked->fns.v[fn.i];
    const struct ir_place *place = &body->ir->places.v[op->u.access.place.i];
    char key[256];

    if (place->n_steps == 0 || op->u.access.value.i == ID_NONE) {
        return;
    }
    const struct ir_step *last = &body->ir->steps.v[place->first_step + place->n_steps - 1];
    if (last->kind != IR_STEP_FIELD) {
        return;
    }
    const struct prog_field *field = &b->linked->fields.v[linked_field(b->linked, body, last->arg)];
    (void)snprintf(key, sizeof key, "%s.%s", b->linked->records.v[field->record].name, field->name);
    const struct model_callback *callback = models_field_callback(b->flows->models, key);
    if (callback != NULL && callback->runs != RUNS_CALLER) {
        add_entry(b, callback->runs, fn, op->u.access.value, "", field->name,
                  (struct site){fn.i, op_index});
    }
}

static void find_entries(struct build *b)
{
    for (uint32_t f = 0; f < b->linked->fns.n; f++) {
        const struct prog_fn *fn = &b->linked->fns.v[f];
        if (strcmp(fn->name, "main") == 0) {
            add_context(b, CONTEXT_MAIN, (fn_id){f}, SITE_NONE);
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
}

/* Callbacks run inside the calls that run their library's loop. */
static void run_callbacks(struct build *b)
{
    for (size_t i = 0; i < b->out->callbacks.n; i++) {
        const struct callback *callback = &b->out->callbacks.v[i];
        bool runs = false;
        for (size_t c = 0; c < b->calls->v.n; c++) {
            struct call *call = &b->calls->v.v[c];
            if (call->model != NULL && call->model->runs_loop != ARG_NONE &&
                strcmp(call->model->library, callback->library) == 0) {
                calls_add_callee(b->calls, call, callback->fn);
                runs = true;
            }
        }
        if (!runs) {
            add_context(b, CONTEXT_LOOP, callback->fn, callback->registered);
        }
    }
}

/* ---- what they reach ----------------------------------------------------------------------------
 */

path_id contexts_absolute(const struct contexts *contexts, fn_id fn, path_id path)
{
    const struct flows *flows = contexts->flows;

    path = calls_sharpen(flows->calls, flows->paths, fn, path);
    if (path_is_none(path) || path_is_exact(flows->paths, path)) {
        return path;
    }
    return path_class(flows->paths, path);
}

static const struct lockset *absolute_set(const struct contexts *contexts, fn_id fn,
                                          const struct lockset *set, const struct lockset *into)
{
    for (uint32_t i = 0; i < set->n; i++) {
        struct token token = set->v[i];
        token.lock = contexts_absolute(contexts, fn, token.lock);
        token.depth = 1;
        if (!path_is_none(token.lock)) {
            into = lockset_drop(contexts->flows->pool, into, token.lock);
            into = lockset_add(contexts->flows->pool, into, token);
        }
    }
    return into;
}

const struct lockset *contexts_with_entry(const struct contexts *contexts, context_id context,
                                          fn_id fn, const struct lockset *held,
                                          const struct lockset *gone)
{
    struct lockset_pool *pool = contexts->flows->pool;
    const struct lockset *entry = contexts->v.v[context.i].reach[fn.i].held;

    for (uint32_t g = 0; g < gone->n; g++) {
        path_id lost = contexts_absolute(contexts, fn, gone->v[g].lock);
        for (uint32_t i = 0; i < entry->n;) {
            if (path_may_alias(contexts->flows->paths, entry->v[i].lock, lost)) {
                entry = lockset_drop(pool, entry, entry->v[i].lock);
            } else {
                i++;
            }
        }
    }
    return absolute_set(contexts, fn, held, entry);
}

const struct lockset *contexts_held_at(const struct contexts *contexts, context_id context,
                                       fn_id fn, op_id op)
{
    const struct held *held = flow_held_at(contexts->flows, fn, op);

    if (held == NULL || !contexts->v.v[context.i].reach[fn.i].yes) {
        return NULL;
    }
    return contexts_with_entry(contexts, context, fn, held->must, held->gone);
}

static const struct lockset *running_at(const struct contexts *contexts, struct moment m)
{
    const struct lockset *entry = contexts->v.v[m.context.i].reach[m.fn.i].running;

    return lockset_join(contexts->flows->pool, entry,
                        alive_running_at(contexts->alive, m.fn, m.op));
}

bool contexts_alone_at(const struct contexts *contexts, struct moment moment)
{
    return contexts->v.v[moment.context.i].kind == CONTEXT_MAIN &&
           running_at(contexts, moment)->n == 0;
}

/* Functions whose reach changed and whose calls have to be looked at again. */
struct queue {
    VEC(uint32_t) v;
    size_t next;
    bool *in;
};

static void enter(struct build *b, struct context *context, struct queue *queue, fn_id fn,
                  struct reach how)
{
    struct reach *reach = &context->reach[fn.i];
    bool changed = !reach->yes;

    if (!reach->yes) {
        *reach = how;
    } else {
        const struct lockset *held = lockset_meet(b->flows->pool, reach->held, how.held);
        const struct lockset *running =
            lockset_join(b->flows->pool, reach->running, how.running);
        bool sure = reach->sure || how.sure;
        changed = held != reach->held || running != reach->running || sure != reach->sure;
        reach->held = held;
        reach->running = running;
        reach->sure = sure;
    }
    if (changed && !queue->in[fn.i]) {
        queue->in[fn.i] = true;
        vec_push(b->out, &queue->v, fn.i);
    }
}

static void follow_calls(struct build *b, context_id id, struct queue *queue, fn_id fn)
{
    struct context *context = &b->out->v.v[id.i];

    for (uint32_t i = b->calls->first[fn.i]; i < b->calls->first[fn.i + 1]; i++) {
        const struct call *call = &b->calls->v.v[i];
        const struct lockset *held = contexts_held_at(b->out, id, fn, call->op);
        if (held == NULL || call->callees.n == 0 || doom_at(b->out->doom, fn, call->op)) {
            continue;
        }
        bool few = !call->indirect || call->callees.n <= MAX_SURE_CALLEES;
        struct reach how = {.yes = true,
                            .sure = context->reach[fn.i].sure &&
                                    (few || context->kind == CONTEXT_MAIN),
                            .running = running_at(b->out, (struct moment){id, fn, call->op}),
                            .held = held,
                            .caller = fn,
                            .call = call->op,
                            .depth = context->reach[fn.i].depth + 1};
        for (size_t c = 0; c < call->callees.n; c++) {
            enter(b, context, queue, call->callees.v[c], how);
        }
    }
}

static void explore(struct build *b, context_id id)
{
    struct context *context = &b->out->v.v[id.i];
    struct queue queue = {.in = mem_array(NULL, bool, b->linked->fns.n + 1)};

    context->reach = mem_array(b->out, struct reach, b->linked->fns.n + 1);
    for (size_t i = 0; i < context->entries.n; i++) {
        struct reach start = {.yes = true,
                              .sure = true,
                              .running = lockset_empty(b->flows->pool),
                              .held = lockset_empty(b->flows->pool),
                              .caller = FN_NONE};
        enter(b, context, &queue, context->entries.v[i], start);
    }
    while (queue.next < queue.v.n) {
        uint32_t fn = queue.v.v[queue.next++];
        queue.in[fn] = false;
        follow_calls(b, id, &queue, (fn_id){fn});
    }
    talloc_free(queue.v.v);
    talloc_free(queue.in);
}

/* ---- who surely runs what ------------------------------------------------------------------------ */

static bool only_reached_by(const struct contexts *contexts, size_t context, uint32_t fn)
{
    for (size_t c = 0; c < contexts->v.n; c++) {
        if (c != context && contexts->v.v[c].reach[fn].yes) {
            return false;
        }
    }
    return true;
}

/* `fn` is surely run by the context, and so is what it calls. */
static void make_sure(struct build *b, struct context *context, uint32_t start)
{
    VEC(uint32_t) work = {NULL, 0};

    context->reach[start].sure = true;
    vec_push(NULL, &work, start);
    while (work.n > 0) {
        uint32_t fn = work.v[--work.n];
        for (uint32_t i = b->calls->first[fn]; i < b->calls->first[fn + 1]; i++) {
            const struct call *call = &b->calls->v.v[i];
            bool few = !call->indirect || call->callees.n <= MAX_SURE_CALLEES;
            for (size_t c = 0; c < call->callees.n && few; c++) {
                struct reach *reach = &context->reach[call->callees.v[c].i];
                if (reach->yes && !reach->sure) {
                    reach->sure = true;
                    vec_push(NULL, &work, call->callees.v[c].i);
                }
            }
        }
    }
    talloc_free(work.v);
}

/* Functions behind a pointer with many meanings run somewhere: where only one context gets to one,
 * it is that one that runs it (the jobs of a pool). */
static void settle_reach(struct build *b)
{
    for (size_t c = 0; c < b->out->v.n; c++) {
        struct context *context = &b->out->v.v[c];
        for (uint32_t f = 0; f < b->linked->fns.n; f++) {
            if (context->reach[f].yes && !context->reach[f].sure &&
                only_reached_by(b->out, c, f)) {
                make_sure(b, context, f);
            }
        }
    }
}

/* ---- how many, and in which program
 * -------------------------------------------------------------- */

/* Calls through which `context` gets into `fn`: their number (two are enough), and one of them. */
static unsigned ways_into(const struct build *b, const struct context *context, fn_id fn,
                          const struct call **ret_call)
{
    unsigned n = 0;

    for (size_t i = 0; i < b->calls->v.n && n < 2; i++) {
        const struct call *call = &b->calls->v.v[i];
        if (!context->reach[call->fn.i].yes) {
            continue;
        }
        for (size_t c = 0; c < call->callees.n; c++) {
            if (call->callees.v[c].i == fn.i) {
                *ret_call = call;
                n++;
            }
        }
    }
    return n;
}

/* Can `context` come to this site more than once? *ret_why is the call that shows it. */
static bool comes_again(const struct build *b, const struct context *context, struct site site,
                        struct site *ret_why)
{
    for (unsigned depth = 0; depth < 32; depth++) {
        const struct call *call = NULL;
        *ret_why = site;
        if (context->many || cfg_op_repeats(b->linked->fns.v[site.fn].cfg, (op_id){site.op})) {
            return true;
        }
        unsigned ways = ways_into(b, context, (fn_id){site.fn}, &call);
        if (ways == 0) {
            return false;
        }
        if (ways > 1 || (call->model != NULL && call->model->runs_loop != ARG_NONE)) {
            return true;
        }
        site = (struct site){call->fn.i, call->op.i};
    }
    return true;
}

/* Two sites of one function of which a run can only come to one: if (a) start(); else start(); */
static bool exclude_each_other(const struct build *b, struct site x, struct site y)
{
    if (x.fn != y.fn) {
        return false;
    }
    const struct cfg *cfg = b->linked->fns.v[x.fn].cfg;
    uint32_t bx = cfg_block_of(cfg, (op_id){x.op});
    uint32_t by = cfg_block_of(cfg, (op_id){y.op});
    bool *seen = mem_array(NULL, bool, cfg->n + 1);
    cfg_reach(cfg, bx, ID_NONE, seen);
    bool together = bx == by || seen[by];
    memset(seen, 0, cfg->n * sizeof *seen);
    cfg_reach(cfg, by, ID_NONE, seen);
    together = together || seen[bx];
    talloc_free(seen);
    return !together;
}

/* A thread whose handle is one variable, by which it is joined somewhere, runs once at a time: a
 * second start would lose the first one's handle. */
static bool has_one_handle(const struct build *b, const struct context *context)
{
    path_id only = PATH_NONE;

    for (size_t i = 0; i < context->created.n; i++) {
        struct site site = context->created.v[i];
        const struct call *call = calls_at(b->calls, (fn_id){site.fn}, (op_id){site.op});
        path_id handle = alive_handle(b->out->alive, call);
        if (!path_is_exact(b->flows->paths, handle) ||
            (!path_is_none(only) && !path_eq(only, handle))) {
            return false;
        }
        only = handle;
    }
    return !path_is_none(only) && alive_is_joined(b->out->alive, only);
}

static bool several_sites(const struct build *b, const struct context *context, struct site *why)
{
    for (size_t i = 0; i < context->created.n; i++) {
        for (size_t j = i + 1; j < context->created.n; j++) {
            if (!exclude_each_other(b, context->created.v[i], context->created.v[j])) {
                *why = context->created.v[j];
                return true;
            }
        }
    }
    return false;
}

/* One round over all contexts. False: nothing new. */
static bool count_contexts(struct build *b)
{
    bool changed = false;

    for (size_t i = 0; i < b->out->v.n; i++) {
        struct context *context = &b->out->v.v[i];
        if (context->kind != CONTEXT_THREAD && context->kind != CONTEXT_WORKER) {
            continue;
        }
        uint64_t programs = context->programs;
        struct site why = SITE_NONE;
        bool many = context->many;
        for (size_t s = 0; s < context->created.n; s++) {
            struct site site = context->created.v[s];
            for (size_t c = 0; c < b->out->v.n; c++) {
                const struct context *creator = &b->out->v.v[c];
                if (creator->reach[site.fn].yes) {
                    programs |= creator->programs;
                    many = many || comes_again(b, creator, site, &why);
                }
            }
        }
        many = (many || several_sites(b, context, &why)) && !has_one_handle(b, context);
        if (many != context->many || programs != context->programs) {
            context->many_site = context->many ? context->many_site : why;
            context->many = many;
            context->programs = programs;
            changed = true;
        }
    }
    return changed;
}

static void assign_programs(struct build *b)
{
    while (count_contexts(b)) {
        /* threads that start threads */
    }
    for (size_t i = 0; i < b->out->v.n; i++) {
        struct context *context = &b->out->v.v[i];
        if (context->programs == 0) { /* a library's: whoever calls it */
            context->programs = UINT64_MAX;
        }
    }
}

struct contexts *contexts_build(void *owner, struct flows *flows)
{
    struct contexts *out = mem_new(owner, struct contexts);
    struct build b = {out, flows, flows->linked, flows->calls};

    out->flows = flows;
    find_entries(&b);
    run_callbacks(&b);
    out->alive = alive_build(out, flows);
    out->doom = doom_build(out, flows);
    for (uint32_t i = 0; i < out->v.n; i++) {
        explore(&b, (context_id){i});
    }
    settle_reach(&b);
    assign_programs(&b);
    return out;
}

bool contexts_overlap(const struct contexts *contexts, context_id a, context_id b)
{
    const struct context *x = &contexts->v.v[a.i];
    const struct context *y = &contexts->v.v[b.i];

    if (x->kind == CONTEXT_SIGNAL || y->kind == CONTEXT_SIGNAL || x->kind == CONTEXT_EXIT ||
        y->kind == CONTEXT_EXIT) {
        return false; /* a handler interrupts its thread, it does not run beside it */
    }
    if (a.i == b.i) {
        return x->many;
    }
    return (x->programs & y->programs) != 0;
}

/* Has a thread that is in `running`, or one that such a thread has started, become `other`? */
static bool is_among(const struct contexts *contexts, const struct lockset *running,
                     context_id other, unsigned depth)
{
    const struct context *o = &contexts->v.v[other.i];

    if (o->kind == CONTEXT_LOOP) { /* nobody is seen to start it */
        return true;
    }
    for (uint32_t i = 0; i < running->n; i++) {
        const struct call *starter = alive_starter(contexts->alive, running->v[i].lock);
        for (size_t s = 0; s < o->created.n; s++) {
            if (site_eq((struct site){starter->fn.i, starter->op.i}, o->created.v[s])) {
                return true;
            }
        }
    }
    for (uint32_t c = 0; c < contexts->v.n && depth < 4; c++) {
        const struct context *creator = &contexts->v.v[c];
        bool creates = false;
        for (size_t s = 0; s < o->created.n && creator->kind != CONTEXT_MAIN; s++) {
            creates = creates || creator->reach[o->created.v[s].fn].sure;
        }
        if (creates && c != other.i &&
            is_among(contexts, running, (context_id){c}, depth + 1)) {
            return true;
        }
    }
    return false;
}

static bool is_running_at(const struct contexts *contexts, struct moment m, context_id other)
{
    const struct context *context = &contexts->v.v[m.context.i];

    return context->kind != CONTEXT_MAIN ||
           is_among(contexts, running_at(contexts, m), other, 0);
}

bool contexts_meet(const struct contexts *contexts, struct moment a, struct moment b)
{
    return contexts_overlap(contexts, a.context, b.context) &&
           is_running_at(contexts, a, b.context) && is_running_at(contexts, b, a.context);
}
