/* hierarchy.c - the call hierarchy from the contexts down: who starts a function on its own (a
 * thread, a loop) counts as a caller, and calls through pointers count as calls. */
#include "lsp/answers.h"
#include "lsp/look.h"
#include "lsp/uri.h"
#include "report/tree.h"

#include <string.h>

static json_t *item_of(const struct snapshot *snapshot, const char *name, const char *detail,
                       struct loc where)
{
    void *scratch = mem_owner(NULL, "item");
    json_t *item = tree_object();

    tree_put(item, "name", tree_text(name));
    tree_put(item, "kind", tree_number(12)); /* function */
    tree_put(item, "detail", tree_text(detail));
    tree_put(item, "uri", tree_text(snapshot_uri(scratch, snapshot, where.file)));
    tree_put(item, "range", snapshot_range(snapshot, where));
    tree_put(item, "selectionRange", snapshot_range(snapshot, where));
    talloc_free(scratch);
    return item;
}

static json_t *item_of_fn(const struct snapshot *snapshot, fn_id fn)
{
    struct loc where = prog_loc_of_fn(snapshot->prog, fn);
    json_t *item = item_of(snapshot, prog_fn_name(snapshot->prog, fn),
                           prog_file(snapshot->prog, where.file), where);
    json_t *data = tree_put(item, "data", tree_object());

    tree_put(data, "fn", tree_number(fn.i));
    return item;
}

/* The function that an item of ours stands for. An item of an older snapshot is found by name. */
static fn_id fn_of_item(const struct snapshot *snapshot, const json_t *params)
{
    const json_t *item = json_object_get(params, "item");
    const char *name = json_string_value(json_object_get(item, "name"));
    const char *uri = json_string_value(json_object_get(item, "uri"));
    json_int_t number = json_integer_value(json_object_get(json_object_get(item, "data"), "fn"));

    if (name == NULL || json_object_get(item, "data") == NULL) {
        return FN_NONE;
    }
    if (number >= 0 && (size_t)number < snapshot->prog->linked->fns.n &&
        strcmp(snapshot->prog->linked->fns.v[number].name, name) == 0) {
        return (fn_id){(uint32_t)number};
    }
    char *path = uri == NULL ? NULL : uri_to_path(NULL, uri);
    fn_id fn = look_fn(snapshot, name, path == NULL ? "" : path);
    talloc_free(path);
    return fn;
}

json_t *answer_prepare_calls(const struct snapshot *snapshot, const json_t *params)
{
    void *owner = mem_owner(NULL, "prepare");
    struct look_word word;
    json_t *list = tree_array();

    if (look_at(owner, snapshot, params, &word)) {
        fn_id fn = look_fn(snapshot, word.text, word.document->path);
        if (fn.i != FN_NONE.i) {
            tree_push(list, item_of_fn(snapshot, fn));
        }
    }
    talloc_free(owner);
    return list;
}

static void add_call(json_t *list, const struct snapshot *snapshot, const char *key, json_t *item,
                     const struct call *call)
{
    json_t *entry = tree_push(list, tree_object());
    json_t *ranges;

    tree_put(entry, key, item);
    ranges = tree_put(entry, "fromRanges", tree_array());
    if (call != NULL) {
        struct loc where = prog_loc_of(snapshot->prog, (struct site){call->fn.i, call->op.i});
        tree_push(ranges, snapshot_range(snapshot, where));
    }
}

static bool calls_fn(const struct call *call, fn_id fn)
{
    bool found = false;

    for (size_t i = 0; i < call->callees.n && !found; i++) {
        found = call->callees.v[i].i == fn.i;
    }
    return found;
}

/* Threads, handlers and loops that begin with the function, at the place that starts them. */
static void add_contexts(json_t *list, const struct snapshot *snapshot, fn_id fn)
{
    const struct contexts *contexts = snapshot->prog->contexts;
    void *scratch = mem_owner(NULL, "contexts");

    for (uint32_t c = 0; c < contexts->v.n; c++) {
        const struct context *context = &contexts->v.v[c];
        bool enters = false;
        for (size_t e = 0; e < context->entries.n && !enters; e++) {
            enters = context->entries.v[e].i == fn.i;
        }
        if (enters) {
            struct loc where = context->created.n > 0
                                   ? prog_loc_of(snapshot->prog, context->created.v[0])
                                   : prog_loc_of_fn(snapshot->prog, fn);
            const char *title = prog_context_title(scratch, snapshot->prog, (context_id){c});
            add_call(list, snapshot, "from", item_of(snapshot, title, "starts here", where), NULL);
        }
    }
    for (size_t i = 0; i < contexts->callbacks.n; i++) {
        const struct callback *callback = &contexts->callbacks.v[i];
        struct loc where = prog_callback_loc(snapshot->prog, callback);
        if (callback->fn.i == fn.i && where.file != NULL) {
            const char *title = prog_loop_text(scratch, snapshot->prog, callback);
            add_call(list, snapshot, "from", item_of(snapshot, title, "registered here", where),
                     NULL);
        }
    }
    talloc_free(scratch);
}

json_t *answer_incoming_calls(const struct snapshot *snapshot, const json_t *params)
{
    fn_id fn = fn_of_item(snapshot, params);
    const struct calls *calls = snapshot->prog->calls;
    json_t *list = tree_array();

    if (fn.i == FN_NONE.i) {
        return list;
    }
    add_contexts(list, snapshot, fn);
    for (size_t i = 0; i < calls->v.n; i++) {
        if (calls_fn(&calls->v.v[i], fn)) {
            add_call(list, snapshot, "from", item_of_fn(snapshot, calls->v.v[i].fn),
                     &calls->v.v[i]);
        }
    }
    return list;
}

json_t *answer_outgoing_calls(const struct snapshot *snapshot, const json_t *params)
{
    fn_id fn = fn_of_item(snapshot, params);
    const struct calls *calls = snapshot->prog->calls;
    json_t *list = tree_array();

    for (uint32_t c = fn.i == FN_NONE.i ? 0 : calls->first[fn.i];
         fn.i != FN_NONE.i && c < calls->first[fn.i + 1]; c++) {
        for (size_t k = 0; k < calls->v.v[c].callees.n; k++) {
            add_call(list, snapshot, "to", item_of_fn(snapshot, calls->v.v[c].callees.v[k]),
                     &calls->v.v[c]);
        }
    }
    return list;
}
