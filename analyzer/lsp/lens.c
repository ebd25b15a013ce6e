/* lens.c - textDocument/codeLens: above each function, who runs it; textDocument/inlayHint: at the
 * end of a line, the locks that are held behind it. */
#include "lsp/answers.h"
#include "lsp/look.h"
#include "report/tree.h"

#include <string.h>

static bool is_in(const struct snapshot *snapshot, fn_id fn, const struct document *document)
{
    struct loc where = prog_loc_of_fn(snapshot->prog, fn);

    return where.file != NULL && strcmp(where.file, document->path) == 0;
}

/* "2 threads, 1 loop"; NULL: main alone runs it, or nobody. */
static const char *runs_on(void *owner, const struct snapshot *snapshot, fn_id fn)
{
    const struct contexts *contexts = snapshot->prog->contexts;
    static const char *const names[] = {
        [CONTEXT_MAIN] = "main",
        [CONTEXT_THREAD] = "thread",
        [CONTEXT_WORKER] = "worker",
        [CONTEXT_LOOP] = "loop",
        [CONTEXT_SIGNAL] = "signal handler",
        [CONTEXT_EXIT] = "exit handler",
        [CONTEXT_EXPORT] = "any caller's thread",
    };
    size_t counts[sizeof names / sizeof names[0]] = {0};
    char *text = NULL;

    for (size_t i = 0; i < contexts->v.n; i++) {
        const struct context *context = &contexts->v.v[i];
        if (contexts_reaches(contexts, context, fn)) {
            counts[context->kind] += context->many ? 2 : 1;
        }
    }
    for (size_t k = 0; k < sizeof names / sizeof names[0]; k++) {
        if (counts[k] > 0) {
            mem_append(owner, &text, text == NULL ? "%s" : ", %s",
                       counts[k] > 1 && k != CONTEXT_EXPORT
                           ? mem_printf(owner, "several %ss", names[k])
                           : names[k]);
        }
    }
    return text == NULL || strcmp(text, "main") == 0 ? NULL : text;
}

json_t *answer_code_lens(const struct snapshot *snapshot, const json_t *params)
{
    void *owner = mem_owner(NULL, "code lens");
    const struct document *document = look_document(snapshot, params);
    json_t *list = tree_array();

    for (uint32_t f = 0; document != NULL && f < snapshot->prog->linked->fns.n; f++) {
        fn_id fn = {f};
        const char *who = is_in(snapshot, fn, document) ? runs_on(owner, snapshot, fn) : NULL;
        if (who != NULL) {
            json_t *lens = tree_push(list, tree_object());
            tree_put(lens, "range", snapshot_range(snapshot, prog_loc_of_fn(snapshot->prog, fn)));
            json_t *command = tree_put(lens, "command", tree_object());
            tree_put(command, "title", tree_text(mem_printf(owner, "runs on: %s", who)));
            tree_put(command, "command", tree_text(""));
        }
    }
    talloc_free(owner);
    return list;
}

/* ---- held locks ------------------------------------------------------------------------------ */

/* What is held before an op in the first phase that comes there; NULL: none does. */
static const struct lockset *held_at(const struct snapshot *snapshot, fn_id fn, uint32_t op)
{
    const struct contexts *contexts = snapshot->prog->contexts;

    for (uint32_t p = 0; p < contexts->phases.n; p++) {
        if (look_entry(snapshot, (phase_id){p}, fn) != NULL) {
            return contexts_held_at(contexts, (phase_id){p}, fn, (op_id){op});
        }
    }
    return NULL;
}

static void add_hint(json_t *list, const struct snapshot *snapshot, const struct document *document,
                     uint32_t line, const char *held)
{
    struct position_text text = document_text(snapshot->documents, document);
    size_t end = position_offset(&text, (struct position){line - 1, UINT32_MAX});
    char *label = mem_printf(NULL, " holds {%s}", held);
    json_t *hint = tree_push(list, tree_object());

    tree_put(hint, "position", position_json(position_at(&text, end)));
    tree_put(hint, "label", tree_text(label));
    tree_put(hint, "paddingLeft", json_true());
    talloc_free(label);
}

/* Where what is held changes from one line's ops to the next one's. */
static void add_hints(json_t *list, const struct snapshot *snapshot,
                      const struct document *document, fn_id fn, uint32_t first, uint32_t last)
{
    const struct prog *prog = snapshot->prog;
    const struct ir_fn *ir = prog->linked->fns.v[fn.i].ir;
    void *scratch = mem_owner(NULL, "hints");
    const char *before = "";
    uint32_t line = 0;

    for (uint32_t i = 0; i < ir->ops.n; i++) {
        struct loc where = prog_loc_of(prog, (struct site){fn.i, i});
        const struct lockset *held = held_at(snapshot, fn, i);
        const char *now = held == NULL ? before : prog_tokens_text(scratch, prog, held);
        if (strcmp(now, before) != 0 && line >= first && line <= last) {
            add_hint(list, snapshot, document, line, now);
        }
        before = now;
        line = where.line > 0 ? where.line : line;
    }
    talloc_free(scratch);
}

json_t *answer_inlay_hint(const struct snapshot *snapshot, const json_t *params)
{
    const struct document *document = look_document(snapshot, params);
    const json_t *range = json_object_get(params, "range");
    struct position start;
    struct position end;
    json_t *list = tree_array();

    if (document == NULL || !position_read(json_object_get(range, "start"), &start) ||
        !position_read(json_object_get(range, "end"), &end)) {
        return list;
    }
    for (uint32_t f = 0; f < snapshot->prog->linked->fns.n; f++) {
        if (is_in(snapshot, (fn_id){f}, document)) {
            add_hints(list, snapshot, document, (fn_id){f}, start.line + 1, end.line + 1);
        }
    }
    return list;
}
