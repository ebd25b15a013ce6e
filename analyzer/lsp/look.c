#include "lsp/look.h"

#include <string.h>

/* ---- the word -------------------------------------------------------------------------------- */

const struct document *look_document(const struct snapshot *snapshot, const json_t *params)
{
    const char *uri =
        json_string_value(json_object_get(json_object_get(params, "textDocument"), "uri"));

    return uri == NULL ? NULL : documents_find(snapshot->documents, uri);
}

bool look_at(void *owner, const struct snapshot *snapshot, const json_t *params,
             struct look_word *ret)
{
    struct position position;

    *ret = (struct look_word){.document = look_document(snapshot, params)};
    if (ret->document == NULL || !position_read(json_object_get(params, "position"), &position)) {
        return false;
    }
    struct position_text text = document_text(snapshot->documents, ret->document);
    size_t begin = position_offset(&text, position);
    size_t end = begin;
    while (begin > 0 && position_is_word(text.bytes[begin - 1])) {
        begin--;
    }
    while (end < text.n && position_is_word(text.bytes[end])) {
        end++;
    }
    ret->text = mem_strndup(owner, text.bytes + begin, end - begin);
    ret->line = position.line + 1;
    ret->start = position_at(&text, begin);
    ret->end = position_at(&text, end);
    return end > begin;
}

/* ---- what is called so ----------------------------------------------------------------------- */

fn_id look_fn(const struct snapshot *snapshot, const char *name, const char *path)
{
    const struct linked *linked = snapshot->prog->linked;
    fn_id found = FN_NONE;

    for (uint32_t f = 0; f < linked->fns.n; f++) {
        if (strcmp(linked->fns.v[f].name, name) == 0) {
            const char *file = prog_loc_of_fn(snapshot->prog, (fn_id){f}).file;
            if (file != NULL && strcmp(file, path) == 0) {
                return (fn_id){f};
            }
            found = found.i == FN_NONE.i ? (fn_id){f} : found;
        }
    }
    return found;
}

/* Is `word` the last part of a path's name: "refs" of "conn.refs", "*entry.lock", "locks[]"? */
static bool ends_in(const char *name, const char *word)
{
    size_t n = strlen(name);
    size_t n_word = strlen(word);

    while (n > 2 && strncmp(name + n - 2, "[]", 2) == 0) {
        n -= 2;
    }
    return n >= n_word && strncmp(name + n - n_word, word, n_word) == 0 &&
           (n == n_word || !position_is_word(name[n - n_word - 1]));
}

static bool is_used_on(const struct snapshot *snapshot, const struct variable *variable,
                       const struct look_word *word)
{
    for (size_t i = 0; i < variable->accesses.n; i++) {
        const struct access *access = &variable->accesses.v[i];
        struct loc where = prog_loc_of(snapshot->prog, (struct site){access->fn.i, access->op.i});
        if (where.line == word->line && where.file != NULL &&
            strcmp(where.file, word->document->path) == 0) {
            return true;
        }
    }
    return false;
}

struct look_variables look_variables(void *owner, const struct snapshot *snapshot,
                                     const struct look_word *word)
{
    const struct prog *prog = snapshot->prog;
    struct look_variables all = {.v = {NULL, 0}};
    struct look_variables here = {.v = {NULL, 0}};

    for (size_t i = 0; i < prog->accessmap->v.n; i++) {
        const struct variable *variable = &prog->accessmap->v.v[i];
        char *name = prog_path_name(NULL, prog, FN_NONE, variable->class);
        if (ends_in(name, word->text)) {
            vec_push(owner, &all.v, variable);
            if (is_used_on(snapshot, variable, word)) {
                vec_push(owner, &here.v, variable);
            }
        }
        talloc_free(name);
    }
    return here.v.n > 0 ? here : all;
}

struct look_locks look_locks(void *owner, const struct snapshot *snapshot, const char *word)
{
    const struct lockgraph *graph = snapshot->prog->lockgraph;
    struct look_locks found = {.v = {NULL, 0}};

    for (uint32_t i = 0; i < graph->locks.n; i++) {
        char *name = prog_path_name(NULL, snapshot->prog, FN_NONE, graph->locks.v[i].path);
        if (ends_in(name, word)) {
            vec_push(owner, &found.v, i);
        }
        talloc_free(name);
    }
    return found;
}

/* ---- contexts -------------------------------------------------------------------------------- */

const struct lockset *look_entry(const struct snapshot *snapshot, phase_id phase, fn_id fn)
{
    const struct reach *reach = &snapshot->prog->contexts->phases.v[phase.i].reach[fn.i];

    return reach->yes ? reach->held : NULL;
}

struct look_titles look_contexts(void *owner, const struct snapshot *snapshot, fn_id fn)
{
    const struct contexts *contexts = snapshot->prog->contexts;
    struct look_titles titles = {.v = {NULL, 0}};

    for (uint32_t c = 0; c < contexts->v.n; c++) {
        if (contexts_reaches(contexts, &contexts->v.v[c], fn)) {
            vec_push(owner, &titles.v, prog_context_title(owner, snapshot->prog, (context_id){c}));
        }
    }
    for (size_t i = 0; i < contexts->callbacks.n; i++) {
        if (contexts->callbacks.v[i].fn.i == fn.i) {
            vec_push(owner, &titles.v,
                     prog_callback_title(owner, snapshot->prog, &contexts->callbacks.v[i]));
        }
    }
    return titles;
}
