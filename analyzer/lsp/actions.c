/* actions.c - textDocument/codeAction: cures that were tried before they are offered. */
#include "lsp/answers.h"
#include "lsp/cures.h"
#include "lsp/look.h"
#include "lsp/recheck.h"
#include "report/tree.h"

#include <string.h>

static const struct finding *finding_of(const struct snapshot *snapshot, const json_t *diagnostic)
{
    const char *print =
        json_string_value(json_object_get(json_object_get(diagnostic, "data"), "fingerprint"));

    for (size_t i = 0; print != NULL && i < snapshot->shown.n; i++) {
        if (strcmp(snapshot->shown.v[i]->fingerprint, print) == 0) {
            return snapshot->shown.v[i];
        }
    }
    return NULL;
}

static json_t *workspace_edit(const struct snapshot *snapshot, const struct document *document,
                              const struct cure *cure)
{
    struct position_text text = document_text(snapshot->documents, document);
    json_t *edit = tree_object();
    json_t *changes = tree_put(edit, "changes", tree_object());
    json_t *list = tree_put(changes, document->uri, tree_array());

    for (size_t i = 0; i < cure->edits.n; i++) {
        const struct cure_edit *one = &cure->edits.v[i];
        json_t *item = tree_push(list, tree_object());
        tree_put(item, "range",
                 range_json(position_at(&text, one->begin), position_at(&text, one->end)));
        tree_put(item, "newText", tree_text(one->text));
    }
    return edit;
}

static void add_action(json_t *list, const struct snapshot *snapshot,
                       const struct document *document, const json_t *diagnostic,
                       const struct cure *cure, bool preferred)
{
    json_t *action = tree_push(list, tree_object());

    tree_put(action, "title", tree_text(cure->title));
    tree_put(action, "kind", tree_text("quickfix"));
    json_t *diagnostics = tree_put(action, "diagnostics", tree_array());
    tree_push(diagnostics, json_deep_copy(diagnostic));
    if (preferred) {
        tree_put(action, "isPreferred", json_true());
    }
    tree_put(action, "edit", workspace_edit(snapshot, document, cure));
}

static void add_actions(json_t *list, const struct snapshot *snapshot,
                        const struct document *document, const json_t *diagnostic,
                        const struct finding *finding)
{
    void *owner = mem_owner(NULL, "actions");
    struct cures cures = cures_of(owner, snapshot, document, finding);

    for (size_t i = 0; i < cures.v.n; i++) {
        const struct cure *cure = &cures.v.v[i];
        char *text = cure_applied(owner, document, cure);
        if (recheck_cures(snapshot, document, text, finding)) {
            add_action(list, snapshot, document, diagnostic, cure, i + 1 < cures.v.n);
        }
    }
    talloc_free(owner);
}

json_t *answer_code_action(const struct snapshot *snapshot, const json_t *params)
{
    const struct document *document = look_document(snapshot, params);
    const json_t *diagnostics = json_object_get(json_object_get(params, "context"), "diagnostics");
    json_t *list = tree_array();
    size_t i;
    const json_t *diagnostic;

    json_array_foreach(diagnostics, i, diagnostic)
    {
        const struct finding *finding = finding_of(snapshot, diagnostic);
        if (document != NULL && finding != NULL &&
            strcmp(finding->where.file, document->path) == 0) {
            add_actions(list, snapshot, document, diagnostic, finding);
        }
    }
    return list;
}
