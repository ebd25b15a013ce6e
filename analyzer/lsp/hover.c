/* hover.c - textDocument/hover: what the whole program says of a lock, a variable, a function. */
#include "lsp/answers.h"
#include "lsp/look.h"
#include "report/tree.h"

#include <string.h>

enum { MAX_LINES = 8 }; /* of one list: the rest is counted */

/* Markdown on its way; strings live as long as it does. */
struct text {
    void *owner;
    const struct snapshot *snapshot;
    char *markdown;
};

static const char *name_of(struct text *t, path_id path)
{
    return prog_path_name(t->owner, t->snapshot->prog, FN_NONE, path);
}

static const char *place_of(struct text *t, struct loc where)
{
    return where.file == NULL ? "?"
                              : mem_printf(t->owner, "%s:%u",
                                           prog_file(t->snapshot->prog, where.file), where.line);
}

/* The n-th line of a list: it, a count of the rest, or nothing. */
static void add_line(struct text *t, size_t n, size_t n_all, const char *line)
{
    if (n < MAX_LINES) {
        mem_append(t->owner, &t->markdown, "- %s\n", line);
    } else if (n == MAX_LINES) {
        mem_append(t->owner, &t->markdown, "- and %zu more\n", n_all - MAX_LINES);
    }
}

/* ---- functions ------------------------------------------------------------------------------- */

/* Tokens that are held on entry in all phases that come there. NULL: nobody comes. */
static const struct lockset *held_on_entry(const struct snapshot *snapshot, fn_id fn)
{
    const struct contexts *contexts = snapshot->prog->contexts;
    const struct lockset *common = NULL;

    for (uint32_t p = 0; p < contexts->phases.n; p++) {
        const struct lockset *held = look_entry(snapshot, (phase_id){p}, fn);
        if (held != NULL) {
            common = common == NULL ? held : lockset_meet(contexts->flows->pool, common, held);
        }
    }
    return common;
}

/* A call that can wait, in the function or in what it calls; the nearest one. NULL: none. */
static const struct blocking_site *nearest_wait(const struct snapshot *snapshot, fn_id fn)
{
    const struct prog *prog = snapshot->prog;
    const struct blocking_sites *sites = blocking_sites_all(prog->blocking_sites);
    void *scratch = mem_owner(NULL, "nearest wait");
    bool *seen = mem_array(scratch, bool, prog->linked->fns.n);
    VEC(fn_id) queue = {NULL, 0};
    const struct blocking_site *found = NULL;

    vec_push(scratch, &queue, fn);
    seen[fn.i] = true;
    for (size_t at = 0; at < queue.n && found == NULL; at++) {
        const struct calls *calls = prog->calls;
        for (uint32_t c = calls->first[queue.v[at].i];
             c < calls->first[queue.v[at].i + 1] && found == NULL; c++) {
            const struct call *call = &calls->v.v[c];
            found = blocking_site_of(sites, call);
            for (size_t k = 0; k < call->callees.n; k++) {
                fn_id callee = call->callees.v[k];
                if (!seen[callee.i] && !(call->indirect && call->callees.n > 1)) {
                    seen[callee.i] = true;
                    vec_push(scratch, &queue, callee);
                }
            }
        }
    }
    talloc_free(scratch);
    return found;
}

static void tell_fn(struct text *t, fn_id fn)
{
    const struct prog *prog = t->snapshot->prog;
    struct look_titles titles = look_contexts(t->owner, t->snapshot, fn);
    const struct lockset *held = held_on_entry(t->snapshot, fn);
    const struct blocking_site *wait = nearest_wait(t->snapshot, fn);

    mem_append(t->owner, &t->markdown, "**`%s`** runs in\n", prog_fn_name(prog, fn));
    for (size_t i = 0; i < titles.v.n; i++) {
        add_line(t, i, titles.v.n, titles.v.v[i]);
    }
    if (titles.v.n == 0) {
        mem_append(t->owner, &t->markdown, "- nothing that snarl knows of\n");
    }
    if (held != NULL) {
        mem_append(t->owner, &t->markdown, "\nalways held on entry: {%s}\n",
                   prog_tokens_text(t->owner, prog, held));
    }
    if (wait == NULL) {
        mem_append(t->owner, &t->markdown, "\ndoes not wait, as far as snarl sees\n");
        return;
    }
    struct loc where = prog_loc_of(prog, (struct site){wait->call->fn.i, wait->call->op.i});
    mem_append(t->owner, &t->markdown, "\ncan wait: `%s` in `%s`, %s (%s)\n", wait->call->name,
               prog_fn_name(prog, wait->call->fn), place_of(t, where), blocks_name(wait->what));
}

/* ---- variables ------------------------------------------------------------------------------- */

/* "thread 'clerk': 2 reads, 1 write"; gives where the next context's accesses begin. */
static size_t tell_accesses(struct text *t, const struct variable *variable, size_t first,
                            const char **ret_line)
{
    context_id context = variable->accesses.v[first].context;
    size_t reads = 0;
    size_t at = first;

    for (; at < variable->accesses.n && variable->accesses.v[at].context.i == context.i; at++) {
        reads += variable->accesses.v[at].writes ? 0 : 1;
    }
    *ret_line = mem_printf(t->owner, "%s: %zu reads, %zu writes",
                           prog_context_title(t->owner, t->snapshot->prog, context), reads,
                           at - first - reads);
    return at;
}

static void tell_variable(struct text *t, const struct variable *variable)
{
    size_t n = 0;
    const char *line;

    mem_append(t->owner, &t->markdown, "**`%s`** ", name_of(t, variable->class));
    if (path_is_none(variable->guard)) {
        mem_append(t->owner, &t->markdown, "has no guard%s\n",
                   variable->shared ? "" : "; it is not shared");
    } else {
        mem_append(t->owner, &t->markdown, "is guarded by `%s` (%u of %zu accesses)\n",
                   name_of(t, variable->guard), variable->guarded, variable->accesses.n);
    }
    for (size_t at = 0; at < variable->accesses.n; n++) {
        at = tell_accesses(t, variable, at, &line);
        if (n < MAX_LINES) {
            add_line(t, n, n, line);
        }
    }
    if (n > MAX_LINES) {
        mem_append(t->owner, &t->markdown, "- and %zu more\n", n - MAX_LINES);
    }
}

/* ---- locks ----------------------------------------------------------------------------------- */

/* Partners in the lock order: those it is held before, or those held before it. */
static void tell_partners(struct text *t, uint32_t lock, bool after)
{
    const struct lockgraph *graph = t->snapshot->prog->lockgraph;
    size_t n = 0;

    for (size_t i = 0; i < graph->edges.n; i++) {
        const struct lock_edge *edge = &graph->edges.v[i];
        uint32_t own = after ? edge->from : edge->to;
        uint32_t other = after ? edge->to : edge->from;
        if (own != lock || n++ >= MAX_LINES) {
            continue;
        }
        mem_append(t->owner, &t->markdown, "- %s `%s`",
                   after ? "held while waiting for" : "waited for while holding",
                   name_of(t, graph->locks.v[other].path));
        if (edge->witnesses.n > 0) {
            const struct lock_witness *witness = &edge->witnesses.v[0];
            struct site site = {witness->fn.i, witness->acquisition->op.i};
            mem_append(t->owner, &t->markdown, ", in `%s` at %s",
                       prog_fn_name(t->snapshot->prog, witness->fn),
                       place_of(t, prog_loc_of(t->snapshot->prog, site)));
        }
        mem_append(t->owner, &t->markdown, "\n");
    }
}

static void tell_guarded(struct text *t, path_id lock)
{
    const struct accessmap *map = t->snapshot->prog->accessmap;
    size_t n = 0;

    for (size_t i = 0; i < map->v.n; i++) {
        if (path_eq(map->v.v[i].guard, lock)) {
            mem_append(t->owner, &t->markdown, n == 0 ? "- guards `%s`" : ", `%s`",
                       name_of(t, map->v.v[i].class));
            n++;
        }
    }
    mem_append(t->owner, &t->markdown, n > 0 ? "\n" : "");
}

static void tell_lock(struct text *t, uint32_t lock)
{
    const struct lock_node *node = &t->snapshot->prog->lockgraph->locks.v[lock];

    mem_append(t->owner, &t->markdown, "lock **`%s`**, taken at %u places\n",
               name_of(t, node->path), node->acquisitions);
    tell_guarded(t, node->path);
    tell_partners(t, lock, true);
    tell_partners(t, lock, false);
}

/* ---- the answer ------------------------------------------------------------------------------ */

static void tell_word(struct text *t, const struct look_word *word)
{
    fn_id fn = look_fn(t->snapshot, word->text, word->document->path);
    struct look_locks locks = look_locks(t->owner, t->snapshot, word->text);
    struct look_variables variables = look_variables(t->owner, t->snapshot, word);

    if (fn.i != FN_NONE.i) {
        tell_fn(t, fn);
    }
    for (size_t i = 0; i < locks.v.n && i < 3; i++) {
        tell_lock(t, locks.v.v[i]);
    }
    for (size_t i = 0; i < variables.v.n && i < 3; i++) {
        tell_variable(t, variables.v.v[i]);
    }
}

json_t *answer_hover(const struct snapshot *snapshot, const json_t *params)
{
    struct text t = {.owner = mem_owner(NULL, "hover"), .snapshot = snapshot};
    struct look_word word;
    json_t *result = json_null();

    if (look_at(t.owner, snapshot, params, &word)) {
        tell_word(&t, &word);
    }
    if (t.markdown != NULL) {
        result = tree_object();
        json_t *contents = tree_put(result, "contents", tree_object());
        tree_put(contents, "kind", tree_text("markdown"));
        tree_put(contents, "value", tree_text(t.markdown));
        tree_put(result, "range", range_json(word.start, word.end));
    }
    talloc_free(t.owner);
    return result;
}
