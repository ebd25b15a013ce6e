#include "program/entries.h"

#include "program/resolve.h"

#include <stdio.h>
#include <string.h>

struct build {
    struct contexts *out;
    struct flows *flows;
    const struct linked *linked;
    struct calls *calls;
};

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

static struct context *add_context(struct build *b, enum context_kind kind, fn_id entry,
                                   struct site site)
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
    return context;
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

enum { MAX_WRAPPERS = 4 };

/* Is the value parameter *ret_param of the function? */
static bool is_parameter(const struct build *b, fn_id fn, value_id value, uint32_t *ret_param)
{
    const struct ir_fn *ir = b->linked->fns.v[fn.i].ir;

    value = resolve_value(b->flows->v[fn.i].resolver, value);
    const struct ir_value *v = value.i == ID_NONE ? NULL : &ir->values.v[value.i];
    return v != NULL && v->kind == IR_VALUE_READ &&
           place_is_local(ir, ir->ops.v[v->u.op.i].u.access.place, ret_param) &&
           *ret_param < ir->n_params;
}

/* Adds the places where `entry`, which is `value` at `site`, is chosen: the calls of wrappers that
 * hand it over. */
static void add_starts(struct build *b, struct context *context, fn_id entry, value_id value,
                       struct site site, unsigned depth)
{
    uint32_t param = 0;
    bool any = false;

    if (depth < MAX_WRAPPERS && is_parameter(b, (fn_id){site.fn}, value, &param)) {
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

/* `value` of call (or store) `site` is a function that runs as `runs` says; `is_pool`: once a job.
 */
static void add_entry(struct build *b, enum runs_where runs, bool is_pool, fn_id in, value_id value,
                      const char *library, const char *by, struct site site)
{
    void *scratch = mem_owner(NULL, "entries");
    struct context *context;
    struct fn_list fns = calls_functions_of(b->calls, scratch, in, value);

    for (size_t i = 0; i < fns.n; i++) {
        switch (runs) {
        case RUNS_LOOP:
            add_callback(b, fns.v[i], library, by, site);
            break;
        case RUNS_WORKER:
            context = add_context(b, CONTEXT_WORKER, fns.v[i], site);
            context->many = context->many || is_pool;
            context->many_site = is_pool ? site : context->many_site;
            add_starts(b, context, fns.v[i], value, site, 0);
            break;
        case RUNS_THREAD:
            add_starts(b, add_context(b, CONTEXT_THREAD, fns.v[i], site), fns.v[i], value, site, 0);
            break;
        case RUNS_SIGNAL:
            add_starts(b, add_context(b, CONTEXT_SIGNAL, fns.v[i], site), fns.v[i], value, site, 0);
            break;
        case RUNS_EXIT:
            add_starts(b, add_context(b, CONTEXT_EXIT, fns.v[i], site), fns.v[i], value, site, 0);
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
        add_entry(b, RUNS_THREAD, false, call->fn, call_arg(b->linked, call, model->thread_entry),
                  model->library, call->name, site);
    }
    if (model->once_call > 0) {
        add_entry(b, RUNS_CALLER, false, call->fn, call_arg(b->linked, call, model->once_call),
                  model->library, call->name, site);
    }
    for (size_t i = 0; i < model->callbacks.n; i++) {
        const struct model_callback *callback = &model->callbacks.v[i];
        add_entry(b, callback->runs, callback->pool, call->fn,
                  call_arg(b->linked, call, callback->arg), model->library, call->name, site);
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
    const char *library;
    const struct model_callback *callback = models_field_callback(b->flows->models, key, &library);
    if (callback != NULL && callback->runs != RUNS_CALLER) {
        add_entry(b, callback->runs, false, fn, op->u.access.value, library, field->name,
                  (struct site){fn.i, op_index});
    }
}

static void find_entries(struct build *b)
{
    for (uint32_t f = 0; f < b->linked->fns.n; f++) {
        const struct prog_fn *fn = &b->linked->fns.v[f];
        if (strcmp(fn->name, "main") == 0) {
            (void)add_context(b, CONTEXT_MAIN, (fn_id){f}, SITE_NONE);
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

/* Is the library's own source among the files? Then its loop is code like any other, and calls what
 * was registered through its own pointers. */
static bool has_loop_body(const struct build *b, const char *library)
{
    for (size_t f = 0; f < b->linked->fns.n; f++) {
        const struct model_fn *model = models_fn(b->flows->models, b->linked->fns.v[f].name);
        if (model != NULL && model->runs_loop != ARG_NONE && strcmp(model->library, library) == 0) {
            return true;
        }
    }
    return false;
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
        if (!runs && !has_loop_body(b, callback->library)) {
            struct context *context =
                add_context(b, CONTEXT_LOOP, callback->fn, callback->registered);
            vec_push(b->out, &context->started, callback->registered);
        }
    }
}

void entries_find(struct contexts *contexts, struct flows *flows)
{
    struct build b = {contexts, flows, flows->linked, flows->calls};

    find_entries(&b);
    run_callbacks(&b);
}
