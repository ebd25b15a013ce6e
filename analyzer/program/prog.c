#include "program/prog.h"

#include "program/relink.h"
#include "program/separation.h"

#include <stdlib.h>
#include <string.h>

static uint32_t record_of(void *user, uint32_t field)
{
    const struct linked *linked = user;

    return linked->fields.v[field].record;
}

static bool is_base(void *user, uint32_t field)
{
    const struct linked *linked = user;

    return (linked->fields.v[field].flags & IR_FIELD_BASE) != 0;
}

/* All that is found out from flows on. `touched`, by fn: other flows than in the edition before;
 * NULL: this is the first one. */
static void look(struct prog *prog, const bool *touched)
{
    prog->contexts = contexts_build(prog, prog->flows);
    struct sources *sources = sources_build(prog, prog->flows);
    prog->contexts->descriptors = descriptors_build(prog->contexts, prog->flows, sources);
    prog->contexts->loop_time = loop_time_build(prog->contexts, prog->flows, sources);
    prog->borders = borders_build(prog, prog->contexts);
    prog->lock_kinds = lock_kinds_build(prog, prog->flows);
    prog->lockgraph = lockgraph_build(prog, prog->contexts);
    prog->accessmap = accessmap_build(prog, prog->contexts);
    prog->contexts->separation = separation_new(prog->contexts, prog->accessmap);
    if (touched == NULL) {
        prog->effects = effects_new(prog, prog->accessmap);
    } else {
        effects_update(prog->effects, prog->accessmap, touched);
    }
    prog->claims = claims_find(prog, prog->flows);
    prog->blocking_sites = blocking_sites_new(prog, prog->contexts);
    prog->callback_waits = callback_waits_new(prog, prog->contexts);
    prog->stalls = stalls_new(prog, prog->accessmap, prog->blocking_sites);
    prog->sources = sources;
}

/* Puts aside what look() has found out. */
static void put_aside(struct prog *prog)
{
    void *const parts[] = {prog->stalls,     prog->callback_waits, prog->blocking_sites,
                           prog->claims,     prog->accessmap,      prog->lockgraph,
                           prog->lock_kinds, prog->borders,        prog->contexts,
                           prog->sources};

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        (void)mem_steal(prog->before, parts[i]);
    }
}

struct prog *prog_link(void *owner, const struct ir_unit *const *units, size_t n_units,
                       const struct models *models, const char *root)
{
    struct prog *prog = mem_new(owner, struct prog);

    prog->models = models;
    prog->root = root;
    prog->linked = link_units(prog, units, n_units);
    prog->paths = paths_new(prog, record_of, prog->linked);
    paths_leave_out(prog->paths, is_base);
    prog->calls = calls_build(prog, prog->linked, prog->paths, models, NULL);
    prog->flows = flows_build(prog, prog->linked, prog->paths, models, prog->calls);
    look(prog, NULL);
    return prog;
}

bool prog_replace(struct prog *prog, uint32_t index, struct ir_unit *unit)
{
    bool *touched = mem_array(NULL, bool, prog->linked->fns.n + 1);
    bool possible = linked_replace(prog->linked, index, unit, touched);

    if (possible) {
        prog_tidy(prog);
        prog->before = mem_owner(prog, "before");
        put_aside(prog);
        struct calls *calls = mem_steal(prog->before, prog->calls);
        prog->calls = calls_build(prog, prog->linked, prog->paths, prog->models, calls);
        flows_update(prog->flows, prog->calls, touched);
        look(prog, touched);
    }
    talloc_free(touched);
    return possible;
}

void prog_tidy(struct prog *prog)
{
    TALLOC_FREE(prog->before);
}

static struct loc loc_at(const struct prog_fn *fn, loc_id id)
{
    if (id.i == ID_NONE) {
        return (struct loc){.file = fn->unit->path};
    }
    const struct ir_loc *at = &fn->ir->locs.v[id.i];
    const char *file = at->file.i == ID_NONE ? fn->unit->path : fn->unit->files.v[at->file.i];
    return (struct loc){file, at->line, at->column};
}

struct loc prog_loc_of(const struct prog *prog, struct site site)
{
    const struct prog_fn *fn = &prog->linked->fns.v[site.fn];

    return loc_at(fn, fn->ir->ops.v[site.op].where);
}

struct loc prog_loc_of_condition(const struct prog *prog, fn_id fn_index, uint32_t block)
{
    const struct prog_fn *fn = &prog->linked->fns.v[fn_index.i];

    return loc_at(fn, fn->ir->blocks.v[block].where);
}

struct loc prog_loc_of_fn(const struct prog *prog, fn_id fn_index)
{
    const struct prog_fn *fn = &prog->linked->fns.v[fn_index.i];

    return loc_at(fn, fn->ir->where);
}

const char *prog_fn_name(const struct prog *prog, fn_id fn)
{
    return prog->linked->fns.v[fn.i].name;
}

const char *prog_relative(const char *root, const char *path)
{
    size_t n = strlen(root);

    return n > 0 && strncmp(path, root, n) == 0 && path[n] == '/' ? path + n + 1 : path;
}

const char *prog_file(const struct prog *prog, const char *file)
{
    return prog_relative(prog->root, file);
}

/* ---- names ----------------------------------------------------------------------------------- */

static const char *without_tag(const char *record)
{
    if (strncmp(record, "struct ", 7) == 0) {
        return record + 7;
    }
    return strncmp(record, "union ", 6) == 0 ? record + 6 : record;
}

static void append_root(void *owner, char **text, const struct prog *prog, fn_id fn,
                        const struct path_node *node)
{
    const struct linked *linked = prog->linked;

    switch (node->kind) {
    case ROOT_VAR:
        mem_append(owner, text, "%s", linked->syms.v[node->a].ir->name);
        return;
    case ROOT_PARAM:
        if (fn.i != UINT32_MAX && linked->fns.v[fn.i].ir->locals.v[node->a].name != NULL) {
            mem_append(owner, text, "%s", linked->fns.v[fn.i].ir->locals.v[node->a].name);
        } else {
            mem_append(owner, text, "argument %u", node->a + 1);
        }
        return;
    case ROOT_LOCAL: {
        const char *name = linked->fns.v[node->a].ir->locals.v[node->b].name;
        mem_append(owner, text, "%s", name == NULL ? "value" : name);
        return;
    }
    case ROOT_CALL: {
        const struct call *call = calls_at(prog->calls, (fn_id){node->a}, (op_id){node->b});
        mem_append(owner, text, "%s()", call->name);
        return;
    }
    case ROOT_OBJECT:
        mem_append(owner, text, "%s", without_tag(linked->records.v[node->a].name));
        return;
    case ROOT_NAMED:
        mem_append(owner, text, "%s", prog->flows->lock_names.v[node->a]);
        return;
    case ROOT_END:
        mem_append(owner, text, "the end of thread %s", prog->contexts->v.v[node->a].name);
        return;
    case ROOT_EVENT:
        mem_append(owner, text, "a wake-up by %s",
                   prog_path_name(owner, prog, FN_NONE, (path_id){node->a}));
        return;
    case ROOT_THREAD:
    case STEP_DEREF:
    case STEP_FIELD:
    case STEP_INDEX:
    case STEP_CONTAINER:
        return;
    }
}

/* Appends the name of `path`; `before_field` says that a FIELD step follows it. */
static void append_path(void *owner, char **text, const struct prog *prog, fn_id fn, path_id path,
                        bool before_field)
{
    const struct path_node *node = path_get(prog->paths, path);

    if (path_is_none(node->parent)) {
        append_root(owner, text, prog, fn, node);
        return;
    }
    const struct path_node *up = path_get(prog->paths, node->parent);
    switch (node->kind) {
    case STEP_DEREF:
        if (before_field && up->kind == STEP_DEREF) { /* (*table)->n */
            mem_append(owner, text, "(");
            append_path(owner, text, prog, fn, node->parent, false);
            mem_append(owner, text, ")");
            return;
        }
        if (!before_field) {
            mem_append(owner, text, "*");
        }
        append_path(owner, text, prog, fn, node->parent, false);
        return;
    case STEP_FIELD: {
        append_path(owner, text, prog, fn, node->parent, true);
        const char *name = prog->linked->fields.v[node->a].name;
        if (name[0] != '\0') { /* members of anonymous structs are used without them */
            bool follows_name = (*text)[0] != '\0' && strcmp(*text, "*") != 0;
            mem_append(owner, text, "%s%s",
                       up->kind == STEP_DEREF ? "->"
                       : follows_name         ? "."
                                              : "",
                       name);
        }
        return;
    }
    case STEP_INDEX:
        append_path(owner, text, prog, fn, node->parent, true);
        if (node->a == PATH_INDEX_ANY) {
            mem_append(owner, text, "[]");
        } else {
            mem_append(owner, text, "[%u]", node->a);
        }
        return;
    case STEP_CONTAINER: { /* the type says more than the way: `conn.fd` */
        const struct prog_field *member = &prog->linked->fields.v[node->a];
        mem_append(owner, text, "%s", without_tag(prog->linked->records.v[member->record].name));
        return;
    }
    case ROOT_VAR:
    case ROOT_PARAM:
    case ROOT_LOCAL:
    case ROOT_CALL:
    case ROOT_OBJECT:
    case ROOT_NAMED:
    case ROOT_END:
    case ROOT_EVENT:
    case ROOT_THREAD:
        return;
    }
}

char *prog_path_name(void *owner, const struct prog *prog, fn_id fn, path_id path)
{
    char *text = mem_strdup(owner, "");

    if (path_is_none(path)) {
        mem_append(owner, &text, "?");
        return text;
    }
    append_path(owner, &text, prog, fn, path, false);
    return text;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

char *prog_tokens_text(void *owner, const struct prog *prog, const struct lockset *set)
{
    char *text = mem_strdup(owner, "");
    char **names = mem_array(NULL, char *, set->n + 1);

    for (uint32_t i = 0; i < set->n; i++) {
        names[i] = prog_path_name(names, prog, FN_NONE, set->v[i].lock);
        mem_append(names, &names[i], "%s", set->v[i].mode == TOKEN_SHARED ? " (shared)" : "");
    }
    qsort(names, set->n, sizeof *names, by_text); /* a set's own order is that of its discovery */
    for (uint32_t i = 0; i < set->n; i++) {
        mem_append(owner, &text, "%s%s", i > 0 ? ", " : "", names[i]);
    }
    talloc_free(names);
    return text;
}

static bool is_call(const struct prog *prog, struct site site)
{
    return site.fn != UINT32_MAX && prog->linked->fns.v[site.fn].ir->ops.v[site.op].kind == IR_CALL;
}

char *prog_loop_text(void *owner, const struct prog *prog, const struct callback *callback)
{
    if (callback->own == ID_NONE) {
        return mem_printf(owner, "the %s loop", callback->library);
    }
    fn_id fn = prog->contexts->own_loops->v.v[callback->own].fn;
    return mem_printf(owner, "the program's own loop '%s'", prog_fn_name(prog, fn));
}

struct loc prog_callback_loc(const struct prog *prog, const struct callback *callback)
{
    if (callback->registered.fn != UINT32_MAX) {
        return prog_loc_of(prog, callback->registered);
    }
    return callback->init.unit != ID_NONE ? linked_init_loc(prog->linked, callback->init)
                                          : callback->claimed;
}

const char *prog_callback_how(const struct prog *prog, struct site registered)
{
    return is_call(prog, registered) ? "registered by" : "put into";
}

char *prog_callback_title(void *owner, const struct prog *prog, const struct callback *callback)
{
    const char *name = prog_fn_name(prog, callback->fn);
    struct loc where = prog_callback_loc(prog, callback);
    char *text =
        callback->own == ID_NONE
            ? mem_printf(owner, "%s callback '%s'", callback->library, name)
            : mem_printf(owner, "callback '%s' of %s", name, prog_loop_text(owner, prog, callback));

    if (callback->by_name) {
        mem_append(owner, &text, ", called by name at %s:%u", prog_file(prog, where.file),
                   where.line);
    } else if (where.file != NULL && callback->by != NULL) {
        mem_append(owner, &text, ", %s %s at %s:%u", prog_callback_how(prog, callback->registered),
                   callback->by, prog_file(prog, where.file), where.line);
    }
    return text;
}

static const char *kind_word(enum context_kind kind)
{
    switch (kind) {
    case CONTEXT_MAIN:
        return "main thread";
    case CONTEXT_THREAD:
        return "thread";
    case CONTEXT_WORKER:
        return "worker";
    case CONTEXT_LOOP:
        return "event loop callback";
    case CONTEXT_SIGNAL:
        return "signal handler";
    case CONTEXT_EXIT:
        return "exit handler";
    case CONTEXT_EXPORT:
        return "thread in";
    }
    return "context";
}

/* Is the context started at the places listed, once at each? */
static bool is_started_once_each(const struct prog *prog, const struct context *context)
{
    for (size_t i = 0; i < context->started.n; i++) {
        struct site site = context->started.v[i];
        if (cfg_op_repeats(prog->linked->fns.v[site.fn].cfg, (op_id){site.op})) {
            return false;
        }
    }
    return context->started.n > 1;
}

char *prog_context_title(void *owner, const struct prog *prog, context_id id)
{
    const struct context *context = &prog->contexts->v.v[id.i];
    char *text = mem_printf(owner, "%s '%s'", kind_word(context->kind), context->name);
    struct site site = context->many_site;

    if (context->claimed.file != NULL) {
        mem_append(owner, &text, "%s, as %s:%u says", context->many ? ", of which several run" : "",
                   prog_file(prog, context->claimed.file), context->claimed.line);
        return text;
    }
    if (context->kind == CONTEXT_MAIN || context->started.n == 0) {
        return text;
    }
    if (context->many && site.fn != UINT32_MAX && !is_started_once_each(prog, context)) {
        struct loc loc = prog_loc_of(prog, site);
        mem_append(owner, &text, ", of which several run (started again and again at %s:%u)",
                   prog_file(prog, loc.file), loc.line);
        return text;
    }
    for (size_t i = 0; i < context->started.n; i++) {
        struct loc loc = prog_loc_of(prog, context->started.v[i]);
        mem_append(owner, &text, "%s %s:%u", i == 0 ? ", started at" : " and",
                   prog_file(prog, loc.file), loc.line);
    }
    return text;
}
