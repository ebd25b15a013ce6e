#include "results.h"

/* Rows of one table; the first failure stays in `err`. */
struct writer {
    struct facts *facts;
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
        (void)facts_result(w->facts, table, values, n, w->err);
    }
    talloc_free_children(w->scratch);
}

#define ROW(w, table, ...)                                                                         \
    do {                                                                                           \
        const char *const row_[] = {__VA_ARGS__};                                                  \
        add_row((w), (table), row_, sizeof row_ / sizeof row_[0]);                                 \
    } while (0)

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

static void store_contexts(struct writer *w)
{
    const struct contexts *contexts = w->prog->contexts;

    for (size_t i = 0; i < contexts->v.n; i++) {
        const struct context *c = &contexts->v.v[i];
        struct loc loc = {.file = NULL};
        if (c->created.n > 0) {
            loc = prog_loc_of(w->prog, c->created.v[0]);
        }
        ROW(w, "contexts", number(w, i), context_kinds[c->kind], c->name,
            loc.file == NULL ? NULL : prog_file(w->prog, loc.file),
            loc.file == NULL ? NULL : number(w, loc.line), c->many ? "1" : "0");
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

static void store_blocking(struct writer *w)
{
    const struct contexts *contexts = w->prog->contexts;

    for (size_t i = 0; i < contexts->callbacks.n; i++) {
        struct callback_blocking *b = blocking_of(NULL, contexts, &contexts->callbacks.v[i]);
        for (size_t j = 0; j < b->calls.n; j++) {
            const struct call *call = b->calls.v[j].call;
            struct loc loc = prog_loc_of(w->prog, (struct site){call->fn.i, call->op.i});
            ROW(w, "blocking", prog_fn_name(w->prog, contexts->callbacks.v[i].fn),
                prog_fn_name(w->prog, call->fn), call->name, blocks_name(b->calls.v[j].what),
                prog_file(w->prog, loc.file), number(w, loc.line));
        }
        talloc_free(b);
    }
}

static void store_findings(struct writer *w, const struct finding_list *all)
{
    for (size_t i = 0; i < all->n; i++) {
        const struct finding *f = all->v[i];
        if (f->allowed != NULL) {
            continue;
        }
        ROW(w, "findings", f->rule->id, levels[f->severity], levels[f->confidence],
            prog_file(w->prog, f->where.file), number(w, f->where.line), number(w, f->where.column),
            f->message, f->fingerprint);
    }
}

bool results_store(struct facts *facts, const struct prog *prog, const struct finding_list *all,
                   struct err *err)
{
    struct writer w = {facts, prog, err, mem_owner(NULL, "row")};

    if (facts_results_begin(facts, err)) {
        store_contexts(&w);
        store_locks(&w);
        store_variables(&w);
        store_blocking(&w);
        store_findings(&w, all);
        if (!err_is_set(err)) {
            (void)facts_results_end(facts, err);
        }
    }
    talloc_free(w.scratch);
    return !err_is_set(err);
}
