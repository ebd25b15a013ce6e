/* diagnostics.c - findings as the protocol's diagnostics (LSP 3.17, "Diagnostic"). */
#include "lsp/answers.h"
#include "lsp/uri.h"
#include "report/tree.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

enum { MAX_RELATED = 24 }; /* places of one finding: more is no help in an editor */

/* DiagnosticSeverity: how sure snarl is, for that is what an editor's colours are read as. */
static unsigned severity_of(const struct finding *finding)
{
    switch (finding->confidence) {
    case LEVEL_HIGH:
        return 1;
    case LEVEL_MEDIUM:
        return 2;
    case LEVEL_LOW:
        break;
    }
    return 3;
}

/* The rule's page, installed beside the program; NULL: it is not there. Owned by `owner`. */
static const char *page_of(void *owner, const struct rule *rule)
{
    char program[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);

    if (n <= 0) {
        return NULL;
    }
    program[n] = '\0';
    for (int up = 0; up < 2; up++) { /* .../bin/snarl -> ... */
        char *slash = strrchr(program, '/');
        if (slash == NULL) {
            return NULL;
        }
        *slash = '\0';
    }
    const char *path = mem_printf(owner, "%s/share/doc/snarl/rules/%s.md", program, rule->id);
    return access(path, R_OK) == 0 ? uri_of_path(owner, path) : NULL;
}

static void add_related(json_t *list, const struct snapshot *snapshot, struct loc where,
                        const char *text)
{
    if (where.file != NULL && json_array_size(list) < MAX_RELATED) {
        json_t *item = tree_push(list, tree_object());
        tree_put(item, "location", snapshot_location(snapshot, where));
        tree_put(item, "message", tree_text(text));
    }
}

/* The story: each context's steps, with what it holds there. */
static json_t *related_of(void *scratch, const struct snapshot *snapshot,
                          const struct finding *finding)
{
    json_t *list = tree_array();

    for (size_t t = 0; t < finding->threads.n; t++) {
        const struct finding_thread *thread = &finding->threads.v[t];
        for (size_t s = 0; s < thread->steps.n; s++) {
            const struct finding_step *step = &thread->steps.v[s];
            const char *holds = step->held == NULL ? ""
                                : step->held[0] == '\0'
                                    ? ", holding nothing"
                                    : mem_printf(scratch, ", holding %s", step->held);
            add_related(list, snapshot, step->where,
                        mem_printf(scratch, "%s: %s%s", thread->title, step->text, holds));
        }
    }
    for (size_t i = 0; i < finding->related.n; i++) {
        add_related(list, snapshot, finding->related.v[i].where, finding->related.v[i].text);
    }
    return list;
}

static json_t *diagnostic_of(const struct snapshot *snapshot, const struct finding *finding)
{
    void *scratch = mem_owner(NULL, "diagnostic");
    json_t *object = tree_object();
    const char *page = page_of(scratch, finding->rule);

    tree_put(object, "range", snapshot_range(snapshot, finding->where));
    tree_put(object, "severity", tree_number(severity_of(finding)));
    tree_put(object, "code", tree_text(finding->rule->id));
    if (page != NULL) {
        json_t *description = tree_put(object, "codeDescription", tree_object());
        tree_put(description, "href", tree_text(page));
    }
    tree_put(object, "source", tree_text("snarl"));
    tree_put(object, "message",
             tree_text(finding->cure == NULL
                           ? finding->message
                           : mem_printf(scratch, "%s\ncure: %s", finding->message, finding->cure)));
    tree_put(object, "relatedInformation", related_of(scratch, snapshot, finding));
    json_t *data = tree_put(object, "data", tree_object());
    tree_put(data, "fingerprint", tree_text(finding->fingerprint));
    talloc_free(scratch);
    return object;
}

/* A remark on a file as a whole, on its first line. */
static json_t *remark(unsigned severity, const char *text)
{
    json_t *object = tree_object();
    json_t *range = tree_put(object, "range", tree_object());

    tree_put(range, "start", position_json((struct position){0, 0}));
    tree_put(range, "end", position_json((struct position){0, 1}));
    tree_put(object, "severity", tree_number(severity));
    tree_put(object, "source", tree_text("snarl"));
    tree_put(object, "message", tree_text(text));
    return object;
}

/* The list of a file in `files`, made where there is none. */
static json_t *list_of(json_t *files, const char *uri)
{
    json_t *list = json_object_get(files, uri);

    return list != NULL ? list : tree_put(files, uri, tree_array());
}

static void add_remarks(json_t *files, const struct snapshot *snapshot)
{
    void *scratch = mem_owner(NULL, "remarks");

    for (size_t i = 0; i < snapshot->project->units.n; i++) {
        const struct project_unit *unit = &snapshot->project->units.v[i];
        const struct document *document = documents_of_path(snapshot->documents, unit->unit.path);
        if (document != NULL && unit->lost != NULL) {
            tree_push(
                list_of(files, document->uri),
                remark(2, mem_printf(scratch, "snarl could not read this file: %s", unit->lost)));
        }
        if (document != NULL && unit->borrowed != NULL) {
            tree_push(
                list_of(files, document->uri),
                remark(3, mem_printf(scratch,
                                     "this file is not in the compile database: it is read "
                                     "with the flags of %s",
                                     prog_relative(snapshot->project->run->root, unit->borrowed))));
        }
    }
    talloc_free(scratch);
}

json_t *answer_diagnostic(const struct snapshot *snapshot, const json_t *params)
{
    const char *uri =
        json_string_value(json_object_get(json_object_get(params, "textDocument"), "uri"));

    if (uri != NULL && documents_find(snapshot->documents, uri) == NULL) {
        told_find_everywhere(snapshot);
    }
    json_t *files = diagnostics_of(snapshot);
    json_t *list = uri == NULL ? NULL : json_object_get(files, uri);
    json_t *report = tree_object();

    tree_put(report, "kind", tree_text("full"));
    tree_put(report, "items", list == NULL ? tree_array() : json_incref(list));
    json_decref(files);
    return report;
}

json_t *diagnostics_of(const struct snapshot *snapshot)
{
    void *scratch = mem_owner(NULL, "diagnostics");
    json_t *files = tree_object();

    for (size_t i = 0; i < snapshot->documents->n; i++) {
        (void)list_of(files, snapshot->documents->v[i]->uri);
    }
    add_remarks(files, snapshot);
    for (size_t i = 0; i < snapshot->told->shown.n; i++) {
        const struct finding *finding = snapshot->told->shown.v[i];
        const char *uri = snapshot_uri(scratch, snapshot, finding->where.file);
        tree_push(list_of(files, uri), diagnostic_of(snapshot, finding));
    }
    talloc_free(scratch);
    return files;
}
