#include "report/map.h"

#include "report/map_pick.h"
#include "report/utf8.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_PLACES = 5 }; /* places without the guard that are listed for a variable */

struct map_run {
    const struct prog *prog;
    FILE *out;
    void *scratch; /* strings of the variable that is being written */
};

/* ---- the guard ------------------------------------------------------------------------------- */

static void write_heading(const struct map_run *run, const struct map_item *item)
{
    const struct variable *variable = item->variable;
    size_t n = variable->accesses.n;

    (void)fprintf(run->out, "%s: ", item->name);
    if (!path_is_none(variable->guard)) {
        (void)fprintf(run->out, "guard %s (%u of %zu access%s)",
                      prog_path_name(run->scratch, run->prog, FN_NONE, variable->guard),
                      variable->guarded, n, n == 1 ? "" : "es");
    } else {
        (void)fputs(map_is_atomic(variable) ? "atomic, no guard" : "no guard", run->out);
    }
    (void)fputs(variable->shared ? "\n" : "; not shared\n", run->out);
}

/* ---- what a context does --------------------------------------------------------------------- */

/* How often the same tokens were held. */
struct holding {
    const char *tokens;
    size_t n;
};

struct holdings {
    VEC(struct holding) v;
};

/* Sets that differ only in where their tokens were taken read the same. */
static void count_holding(const struct map_run *run, struct holdings *holdings,
                          const struct lockset *held)
{
    const char *tokens = prog_tokens_text(run->scratch, run->prog, held);

    for (size_t i = 0; i < holdings->v.n; i++) {
        if (strcmp(holdings->v.v[i].tokens, tokens) == 0) {
            holdings->v.v[i].n++;
            return;
        }
    }
    vec_push(run->scratch, &holdings->v, (struct holding){tokens, 1});
}

static int compare_holdings(const void *a, const void *b)
{
    const struct holding *x = a;
    const struct holding *y = b;

    return x->n != y->n ? (x->n < y->n) - (x->n > y->n) : strcmp(x->tokens, y->tokens);
}

static void write_holdings(const struct map_run *run, struct holdings *holdings)
{
    if (holdings->v.n == 1) {
        (void)fprintf(run->out, "holds {%s}\n", holdings->v.v[0].tokens);
        return;
    }
    qsort(holdings->v.v, holdings->v.n, sizeof *holdings->v.v, compare_holdings);
    (void)fputs("holds ", run->out);
    for (size_t i = 0; i < holdings->v.n; i++) {
        (void)fprintf(run->out, "%s{%s} in %zu", i > 0 ? ", " : "", holdings->v.v[i].tokens,
                      holdings->v.v[i].n);
    }
    (void)fputs("\n", run->out);
}

/* "2 reads, 1 write". */
static void write_counts(const struct map_run *run, size_t reads, size_t writes)
{
    if (reads > 0) {
        (void)fprintf(run->out, "%zu read%s", reads, map_plural(reads));
    }
    if (writes > 0) {
        (void)fprintf(run->out, "%s%zu write%s", reads > 0 ? ", " : "", writes, map_plural(writes));
    }
}

/* Writes the line of the context whose accesses begin at `first`; gives where the next one's do. */
static size_t write_context(const struct map_run *run, const struct variable *variable,
                            size_t first)
{
    context_id context = variable->accesses.v[first].context;
    struct holdings holdings = {{NULL, 0}};
    size_t reads = 0;
    size_t at = first;

    for (; at < variable->accesses.n && variable->accesses.v[at].context.i == context.i; at++) {
        const struct access *access = &variable->accesses.v[at];
        reads += access->writes ? 0 : 1;
        count_holding(run, &holdings, access->held);
    }
    const char *title = prog_context_title(run->scratch, run->prog, context);
    (void)fprintf(run->out, "  %s: ", utf8_printable(run->scratch, title));
    write_counts(run, reads, at - first - reads);
    (void)fputs("; ", run->out);
    write_holdings(run, &holdings);
    return at;
}

/* ---- without the guard ----------------------------------------------------------------------- */

struct place {
    struct loc where;
    const char *fn;
    bool writes;
};

static int compare_places(const void *a, const void *b)
{
    const struct place *x = a;
    const struct place *y = b;
    int order = strcmp(x->where.file, y->where.file);

    if (order == 0) {
        order = (x->where.line > y->where.line) - (x->where.line < y->where.line);
    }
    if (order == 0) {
        order = strcmp(x->fn, y->fn);
    }
    return order != 0 ? order : (int)y->writes - (int)x->writes;
}

/* Sorts the places and keeps one of those that are on the same line of the same function: the
 * write, if there is one. */
static size_t unique_places(struct place *places, size_t n)
{
    size_t kept = 0;

    qsort(places, n, sizeof *places, compare_places);
    for (size_t i = 0; i < n; i++) {
        const struct place *last = kept == 0 ? NULL : &places[kept - 1];
        bool repeated = last != NULL && last->where.line == places[i].where.line &&
                        strcmp(last->where.file, places[i].where.file) == 0 &&
                        strcmp(last->fn, places[i].fn) == 0;
        if (!repeated) {
            places[kept++] = places[i];
        }
    }
    return kept;
}

static void write_without_guard(const struct map_run *run, const struct variable *variable)
{
    struct place *places = mem_array(run->scratch, struct place, variable->accesses.n + 1);
    size_t n = 0;

    for (size_t i = 0; i < variable->accesses.n; i++) {
        const struct access *access = &variable->accesses.v[i];
        if (lockset_find(access->held, variable->guard) == NULL) {
            struct site site = {access->fn.i, access->op.i};
            places[n++] = (struct place){prog_loc_of(run->prog, site),
                                         prog_fn_name(run->prog, access->fn), access->writes};
        }
    }
    n = unique_places(places, n);
    for (size_t i = 0; i < n && i < MAX_PLACES; i++) {
        const char *file = prog_file(run->prog, places[i].where.file);
        (void)fprintf(run->out, "  without it: %s:%u in '%s' (%s)\n",
                      utf8_printable(run->scratch, file), places[i].where.line, places[i].fn,
                      places[i].writes ? "write" : "read");
    }
    if (n > MAX_PLACES) {
        (void)fprintf(run->out, "  without it: %zu more place%s\n", n - MAX_PLACES,
                      map_plural(n - MAX_PLACES));
    }
}

/* ---- the whole ------------------------------------------------------------------------------- */

static void write_variable(const struct map_run *run, const struct map_item *item)
{
    const struct variable *variable = item->variable;

    write_heading(run, item);
    for (size_t at = 0; at < variable->accesses.n;) {
        at = write_context(run, variable, at);
    }
    if (!path_is_none(variable->guard) && variable->guarded < variable->accesses.n) {
        write_without_guard(run, variable);
    }
    (void)fputs("\n", run->out);
}

static void write_summary(const struct map_run *run, const struct map_items *items)
{
    size_t n_guarded = 0;
    size_t n_atomic = 0;

    for (size_t i = 0; i < items->n; i++) {
        bool has_guard = !path_is_none(items->v[i].variable->guard);
        n_guarded += has_guard ? 1 : 0;
        n_atomic += !has_guard && map_is_atomic(items->v[i].variable) ? 1 : 0;
    }
    (void)fprintf(run->out, "%zu variable%s: %zu with a guard, %zu atomic, %zu without\n", items->n,
                  map_plural(items->n), n_guarded, n_atomic, items->n - n_guarded - n_atomic);
}

bool map_write(const struct prog *prog, const struct map_options *options, FILE *out)
{
    void *owner = mem_owner(NULL, "map_write");
    struct map_items items = map_pick(owner, prog, options);
    struct map_run run = {.prog = prog, .out = out, .scratch = mem_owner(owner, "variable")};

    for (size_t i = 0; i < items.n; i++) {
        write_variable(&run, &items.v[i]);
        talloc_free_children(run.scratch);
    }
    write_summary(&run, &items);
    talloc_free(owner);
    return !ferror(out);
}
