#include "results.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Rows of one table; the first failure stays in `err`. */
struct writer {
    const struct run *run;
    const struct prog *prog;
    struct err *err;
    void *scratch; /* texts of the current row */
};

static const char *number(struct writer *w, uint64_t n)
{
    return mem_printf(w->scratch, "%llu", (unsigned long long)n);
}

static void add_row(struct writer *w, const char *table, const char *const *values, size_t n)
{
    if (!err_is_set(w->err)) {
        (void)facts_result(w->run->facts, table, values, n, w->err);
    }
    talloc_free_children(w->scratch);
}

#define ROW(w, table, ...)                                                                         \
    do {                                                                                           \
        const char *const row_[] = {__VA_ARGS__};                                                  \
        add_row((w), (table), row_, sizeof row_ / sizeof row_[0]);                                 \
    } while (0)

/* Columns for a place; both NULL where there is none. */
static const char *file_of(struct writer *w, struct loc loc)
{
    return loc.file == NULL ? NULL : prog_file(w->prog, loc.file);
}

static const char *line_of(struct writer *w, struct loc loc)
{
    return loc.file == NULL ? NULL : number(w, loc.line);
}

static struct loc loc_of(const struct writer *w, struct site site)
{
    return site.fn == UINT32_MAX ? (struct loc){.file = NULL} : prog_loc_of(w->prog, site);
}

static const char *const context_kinds[] = {
    [CONTEXT_MAIN] = "main",     [CONTEXT_THREAD] = "thread", [CONTEXT_WORKER] = "worker",
    [CONTEXT_LOOP] = "loop",     [CONTEXT_SIGNAL] = "signal", [CONTEXT_EXIT] = "exit",
    [CONTEXT_EXPORT] = "export",
};

static const char *const levels[] = {
    [LEVEL_LOW] = "low",
    [LEVEL_MEDIUM] = "medium",
    [LEVEL_HIGH] = "high",
};

/* ---- the run --------------------------------------------------------------------------------- */

static const char *moment_text(struct writer *w, double at)
{
    time_t seconds = (time_t)at;
    struct tm tm;
    char text[32] = "";

    if (gmtime_r(&seconds, &tm) != NULL) {
        (void)strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &tm);
    }
    return mem_strdup(w->scratch, text);
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The files whose content the results hang on. What the user has made comes first, for messages. */
static void store_inputs(struct writer *w, const char *database)
{
    const struct run *run = w->run;
    void *owner = mem_owner(NULL, "inputs");
    VEC(const char *) own = {NULL, 0};
    VEC(const char *) files = {NULL, 0};

    if (database != NULL) {
        vec_push(owner, &own, database);
    }
    vec_push(owner, &own,
             run->config.path != NULL ? run->config.path
                                      : mem_printf(owner, "%s/.snarl.yml", run->root));
    for (size_t i = 0; i < run->units.n; i++) {
        for (size_t f = 0; f < run->units.v[i]->files.n; f++) {
            vec_push(owner, &files, run->units.v[i]->files.v[f]);
        }
    }
    if (files.n > 0) {
        qsort(files.v, files.n, sizeof files.v[0], compare_texts);
    }
    for (size_t i = 0; i < files.n; i++) {
        if (i == 0 || strcmp(files.v[i], files.v[i - 1]) != 0) {
            vec_push(owner, &own, files.v[i]);
        }
    }
    if (!err_is_set(w->err)) {
        (void)facts_result_inputs(run->facts, own.v, own.n, w->err);
    }
    talloc_free(owner);
}

static void store_run(struct writer *w)
{
    const struct run *run = w->run;
    const char *dir = run->compdb->dir;
    char *database = dir == NULL ? NULL : mem_printf(NULL, "%s/compile_commands.json", dir);

    ROW(w, "run", moment_text(w, run->opened_at), SNARL_VERSION, run->root, database,
        run->config.path, number(w, run->units.n), number(w, run->problems.n));
    store_inputs(w, database);
    talloc_free(database);
}

/* ---- the program ----------------------------------------------------------------------------- */

static void store_contexts(struct writer *w)
{
    const struct contexts *contexts = w->prog->contexts;

    for (size_t i = 0; i < contexts->v.n; i++) {
        const struct context *c = &contexts->v.v[i];
        struct site created = c->created.n > 0 ? c->created.v[0] : SITE_NONE;
        struct loc loc = loc_of(w, created);
        struct loc many = loc_of(w, c->many ? c->many_site : SITE_NONE);
        ROW(w, "contexts", number(w, i), context_kinds[c->kind], c->name, file_of(w, loc),
            line_of(w, loc), c->many ? "1" : "0", file_of(w, many), line_of(w, many));
    }
}

static void store_locks(struct writer *w)
{
    const struct lockgraph *graph = w->prog->lockgraph;

    for (size_t i = 0; i < graph->locks.n; i++) {
        path_id path = graph->locks.v[i].path;
        ROW(w, "locks", number(w, i), prog_path_name(w->scratch, w->prog, FN_NONE, path),
            path_is_exact(w->prog->paths, path) ? "object" : "class");
    }
    for (size_t i = 0; i < graph->edges.n; i++) {
        const struct lock_edge *edge = &graph->edges.v[i];
        for (size_t j = 0; j < edge->witnesses.n; j++) {
            const struct lock_witness *witness = &edge->witnesses.v[j];
            struct loc loc =
                prog_loc_of(w->prog, (struct site){witness->fn.i, witness->acquisition->op.i});
            ROW(w, "lock_edges", number(w, edge->from), number(w, edge->to),
                number(w, witness->context.i), prog_fn_name(w->prog, witness->fn),
                prog_file(w->prog, loc.file), number(w, loc.line));
        }
    }
}

/* "read", "write", "rmw"; with "atomic " in front where it is. */
static const char *access_kind(const struct writer *w, const struct access *access)
{
    const struct ir_op *op = &w->prog->linked->fns.v[access->fn.i].ir->ops.v[access->op.i];
    const char *kind = op->kind == IR_RMW ? "rmw" : access->writes ? "write" : "read";

    return mem_printf(w->scratch, "%s%s", access->atomic ? "atomic " : "", kind);
}

static void store_access(struct writer *w, size_t variable, const struct access *access)
{
    struct loc loc = prog_loc_of(w->prog, (struct site){access->fn.i, access->op.i});

    ROW(w, "accesses", number(w, variable), number(w, access->context.i),
        prog_fn_name(w->prog, access->fn), prog_file(w->prog, loc.file), number(w, loc.line),
        access_kind(w, access), prog_tokens_text(w->scratch, w->prog, access->held));
}

static void store_variables(struct writer *w)
{
    const struct accessmap *map = w->prog->accessmap;

    for (size_t i = 0; i < map->v.n; i++) {
        const struct variable *v = &map->v.v[i];
        if (!v->shared) {
            continue;
        }
        const char *guard =
            path_is_none(v->guard) ? NULL : prog_path_name(w->scratch, w->prog, FN_NONE, v->guard);
        ROW(w, "variables", number(w, i), prog_path_name(w->scratch, w->prog, FN_NONE, v->class),
            guard, number(w, v->reads), number(w, v->writes));
        for (size_t a = 0; a < v->accesses.n; a++) {
            store_access(w, i, &v->accesses.v[a]);
        }
    }
}

static void store_callbacks(struct writer *w)
{
    const struct contexts *contexts = w->prog->contexts;

    for (size_t i = 0; i < contexts->callbacks.n; i++) {
        const struct callback *callback = &contexts->callbacks.v[i];
        struct loc loc = prog_callback_loc(w->prog, callback);
        ROW(w, "callbacks", prog_fn_name(w->prog, callback->fn),
            prog_loop_text(w->scratch, w->prog, callback), callback->by, file_of(w, loc),
            line_of(w, loc));
    }
}

static void store_blocking(struct writer *w)
{
    const struct contexts *contexts = w->prog->contexts;

    for (size_t i = 0; i < contexts->callbacks.n; i++) {
        const struct callback_blocking *b = callback_waits_of(w->prog->callback_waits, i);
        for (size_t j = 0; j < b->calls.n; j++) {
            const struct call *call = b->calls.v[j].call;
            struct loc loc = prog_loc_of(w->prog, (struct site){call->fn.i, call->op.i});
            ROW(w, "blocking", prog_fn_name(w->prog, contexts->callbacks.v[i].fn),
                prog_fn_name(w->prog, call->fn), call->name, blocks_name(b->calls.v[j].what),
                prog_file(w->prog, loc.file), number(w, loc.line));
        }
    }
}

static void store_findings(struct writer *w, const struct finding_list *all)
{
    for (size_t i = 0; i < all->n; i++) {
        const struct finding *f = all->v[i];
        ROW(w, "findings", f->rule->id, levels[f->severity], levels[f->confidence],
            prog_file(w->prog, f->where.file), number(w, f->where.line), number(w, f->where.column),
            f->message, f->subject, f->allowed, f->fingerprint);
    }
}

bool results_store(const struct run *run, const struct finding_list *all, struct err *err)
{
    struct writer w = {run, run->prog, err, mem_owner(NULL, "row")};

    if (facts_results_begin(run->facts, err)) {
        store_run(&w);
        store_contexts(&w);
        store_callbacks(&w);
        store_locks(&w);
        store_variables(&w);
        store_blocking(&w);
        store_findings(&w, all);
        if (!err_is_set(err)) {
            (void)facts_results_end(run->facts, err);
        }
    }
    talloc_free(w.scratch);
    return !err_is_set(err);
}
