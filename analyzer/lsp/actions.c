/* actions.c - textDocument/codeAction: cures that were tried before they are offered. */
#include "lsp/answers.h"
#include "lsp/claims.h"
#include "lsp/cures.h"
#include "lsp/look.h"
#include "lsp/recheck.h"
#include "report/tree.h"

#include <string.h>

/* Is it this finding's diagnostic? Some editors (Kate) don't give back the data that came with it:
 * then by rule and line. */
static bool is_told_by(const struct finding *finding, const struct document *document,
                       const json_t *diagnostic)
{
    const char *print =
        json_string_value(json_object_get(json_object_get(diagnostic, "data"), "fingerprint"));
    const char *rule = json_string_value(json_object_get(diagnostic, "code"));
    struct position start;

    if (strcmp(finding->where.file, document->path) != 0) {
        return false;
    }
    return print != NULL
               ? strcmp(finding->fingerprint, print) == 0
               : rule != NULL && strcmp(finding->rule->id, rule) == 0 &&
                     position_read(json_object_get(json_object_get(diagnostic, "range"), "start"),
                                   &start) &&
                     start.line + 1 == finding->where.line;
}

static const struct finding *finding_of(const struct snapshot *snapshot,
                                        const struct document *document, const json_t *diagnostic)
{
    for (size_t i = 0; document != NULL && i < snapshot->told->shown.n; i++) {
        if (is_told_by(snapshot->told->shown.v[i], document, diagnostic)) {
            return snapshot->told->shown.v[i];
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

static void add_action(json_t *list, const char *title, const json_t *diagnostic, json_t *edit,
                       bool preferred)
{
    json_t *action = tree_push(list, tree_object());

    tree_put(action, "title", tree_text(title));
    tree_put(action, "kind", tree_text("quickfix"));
    json_t *diagnostics = tree_put(action, "diagnostics", tree_array());
    tree_push(diagnostics, json_deep_copy(diagnostic));
    if (preferred) {
        tree_put(action, "isPreferred", json_true());
    }
    tree_put(action, "edit", edit);
}

/* Makes the file where it has to be made, then puts the claim in. */
static json_t *settings_edit(const struct snapshot *snapshot, const struct claim_edit *claim)
{
    struct position_text text = {claim->before, strlen(claim->before), snapshot->documents->utf16};
    struct position at = position_at(&text, claim->at);
    json_t *edit = tree_object();
    json_t *item = tree_object();

    tree_put(item, "range", range_json(at, at));
    tree_put(item, "newText", tree_text(claim->text));
    if (!claim->is_new) {
        json_t *changes = tree_put(edit, "changes", tree_object());
        tree_push(tree_put(changes, claim->uri, tree_array()), item);
        return edit;
    }
    json_t *steps = tree_put(edit, "documentChanges", tree_array());
    json_t *create = tree_push(steps, tree_object());
    tree_put(create, "kind", tree_text("create"));
    tree_put(create, "uri", tree_text(claim->uri));
    json_t *change = tree_push(steps, tree_object());
    json_t *document = tree_put(change, "textDocument", tree_object());
    tree_put(document, "uri", tree_text(claim->uri));
    tree_put(document, "version", json_null());
    tree_push(tree_put(change, "edits", tree_array()), item);
    return edit;
}

/* Claims that deny what the finding assumes. */
static void add_claims(json_t *list, const struct snapshot *snapshot, const json_t *diagnostic,
                       const struct finding *finding)
{
    void *owner = mem_owner(NULL, "claims");

    for (size_t i = 0; i < finding->assumptions.n; i++) {
        const struct finding_assumption *assumption = &finding->assumptions.v[i];
        struct claim_edit claim;
        if (claim_edit_of(owner, snapshot, assumption, &claim) &&
            recheck_settings(snapshot, claim.path, claim_applied(owner, &claim), finding)) {
            add_action(list, mem_printf(owner, "say in the settings: %s", assumption->claim),
                       diagnostic, settings_edit(snapshot, &claim), false);
        }
    }
    talloc_free(owner);
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
            add_action(list, cure->title, diagnostic, workspace_edit(snapshot, document, cure),
                       i + 1 < cures.v.n);
        }
    }
    talloc_free(owner);
    add_claims(list, snapshot, diagnostic, finding);
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
        const struct finding *finding = finding_of(snapshot, document, diagnostic);
        if (finding != NULL) {
            add_actions(list, snapshot, document, diagnostic, finding);
        }
    }
    return list;
}
