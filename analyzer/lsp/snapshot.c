#include "lsp/snapshot.h"

#include "lsp/answers.h"
#include "lsp/uri.h"
#include "program/repeats.h"
#include "report/tree.h"
#include "triage/fingerprint.h"
#include "triage/select.h"

#include <string.h>
#include <unistd.h>

/* ---- places ---------------------------------------------------------------------------------- */

json_t *position_json(struct position position)
{
    json_t *object = tree_object();

    tree_put(object, "line", tree_number(position.line));
    tree_put(object, "character", tree_number(position.character));
    return object;
}

json_t *range_json(struct position start, struct position end)
{
    json_t *object = tree_object();

    tree_put(object, "start", position_json(start));
    tree_put(object, "end", position_json(end));
    return object;
}

/* The range in a file that is not open, of which single lines are read. */
static json_t *range_on_disk(const struct snapshot *snapshot, struct loc where)
{
    size_t n = 0;
    const char *line = sources_line(snapshot->sources, where, &n);
    struct position_text text = {line == NULL ? "" : line, line == NULL ? 0 : n,
                                 snapshot->documents->utf16};
    struct position start = position_of(&text, 1, where.column);
    struct position end = position_word_end(&text, start);

    start.line = end.line = where.line == 0 ? 0 : where.line - 1;
    return range_json(start, end);
}

json_t *snapshot_range(const struct snapshot *snapshot, struct loc where)
{
    const struct document *document = documents_of_path(snapshot->documents, where.file);

    if (document == NULL) {
        return range_on_disk(snapshot, where);
    }
    struct position_text text = document_text(snapshot->documents, document);
    struct position start = position_of(&text, where.line, where.column);
    return range_json(start, position_word_end(&text, start));
}

const char *snapshot_uri(void *owner, const struct snapshot *snapshot, const char *path)
{
    const struct document *document = documents_of_path(snapshot->documents, path);

    return document != NULL ? document->uri : uri_of_path(owner, path);
}

json_t *snapshot_location(const struct snapshot *snapshot, struct loc where)
{
    void *scratch = mem_owner(NULL, "location");
    json_t *object = tree_object();

    tree_put(object, "uri", tree_text(snapshot_uri(scratch, snapshot, where.file)));
    tree_put(object, "range", snapshot_range(snapshot, where));
    talloc_free(scratch);
    return object;
}

/* ---- the process ----------------------------------------------------------------------------- */

struct finding_list snapshot_findings(void *owner, const struct project *project,
                                      struct ir_unit *const *units, size_t n,
                                      struct prog **ret_prog)
{
    const struct run *run = project->run;

    for (size_t i = 0; i < n; i++) {
        models_activate(run->models, units[i]->files.v, units[i]->files.n);
    }
    repeats_drop(units, n);
    *ret_prog = prog_link(owner, (const struct ir_unit *const *)units, n, run->models, run->root);
    struct finding_list all = rules_run(owner, *ret_prog, &run->config);
    fingerprint_all(&all);
    return all;
}

static void analyse(struct snapshot *snapshot, void *owner)
{
    const struct run *run = snapshot->project->run;
    VEC(struct ir_unit *) units = {NULL, 0};
    struct selection selection;
    const struct select_options options = {.min_confidence = run->config.min_confidence,
                                           .own = own_files_new(owner, &run->config, run->root,
                                                                run_sources(owner, run),
                                                                run->compdb->units.n)};

    for (size_t i = 0; i < snapshot->project->units.n; i++) {
        struct ir_unit *unit = snapshot->project->units.v[i].ir;
        if (unit != NULL) {
            vec_push(owner, &units, unit);
        }
    }
    snapshot->all = snapshot_findings(owner, snapshot->project, units.v, units.n, &snapshot->prog);
    select_findings(owner, &options, &snapshot->all, &selection);
    snapshot->shown.v = selection.shown.v;
    snapshot->shown.n = selection.shown.n;
}

static bool send_json(int fd, json_t *message)
{
    char *text = json_dumps(message, JSON_COMPACT);
    bool ok = text != NULL && frame_write(fd, text, strlen(text));

    free(text);
    json_decref(message);
    return ok;
}

static json_t *versions_of(const struct documents *documents)
{
    json_t *versions = tree_object();

    for (size_t i = 0; i < documents->n; i++) {
        tree_put(versions, documents->v[i]->uri,
                 json_integer((json_int_t)documents->v[i]->version));
    }
    return versions;
}

static const struct {
    const char *method;
    json_t *(*answer)(const struct snapshot *snapshot, const json_t *params);
} methods[] = {
    {"callHierarchy/incomingCalls", answer_incoming_calls},
    {"callHierarchy/outgoingCalls", answer_outgoing_calls},
    {"textDocument/codeAction", answer_code_action},
    {"textDocument/codeLens", answer_code_lens},
    {"textDocument/diagnostic", answer_diagnostic},
    {"textDocument/hover", answer_hover},
    {"textDocument/inlayHint", answer_inlay_hint},
    {"textDocument/prepareCallHierarchy", answer_prepare_calls},
};

bool snapshot_answers(const char *method)
{
    bool found = false;

    for (size_t i = 0; i < sizeof methods / sizeof methods[0] && !found; i++) {
        found = strcmp(methods[i].method, method) == 0;
    }
    return found;
}

static bool send_diagnostics(const struct snapshot *snapshot, int fd)
{
    json_t *message = tree_object();

    tree_put(message, "diagnostics", diagnostics_of(snapshot));
    tree_put(message, "versions", versions_of(snapshot->documents));
    return send_json(fd, message);
}

bool snapshot_tell(struct job *job, const struct document *document)
{
    json_t *message = tree_object();

    tree_put(message, "uri", tree_text(document->uri));
    tree_put(message, "version", json_integer((json_int_t)document->version));
    tree_put(message, "text", tree_text(document->text));
    char *text = json_dumps(message, JSON_COMPACT);
    bool ok = text != NULL && job_send(job, text, strlen(text));
    free(text);
    json_decref(message);
    return ok;
}

/* Takes in a text that it is told of. */
static bool take_text(const struct snapshot *snapshot, const json_t *message, int fd)
{
    (void)documents_open(snapshot->documents, json_string_value(json_object_get(message, "uri")),
                         json_integer_value(json_object_get(message, "version")),
                         json_string_value(json_object_get(message, "text")));
    return send_diagnostics(snapshot, fd);
}

/* Answers one question. */
static json_t *answer(const struct snapshot *snapshot, const json_t *question)
{
    json_t *message = tree_object();
    const char *method = json_string_value(json_object_get(question, "method"));
    json_t *result = NULL;

    for (size_t i = 0; method != NULL && i < sizeof methods / sizeof methods[0]; i++) {
        if (strcmp(methods[i].method, method) == 0) {
            result = methods[i].answer(snapshot, json_object_get(question, "params"));
        }
    }
    tree_put(message, "id", json_deep_copy(json_object_get(question, "id")));
    tree_put(message, "result", result == NULL ? json_null() : result);
    return message;
}

static void answer_questions(const struct snapshot *snapshot, int fd)
{
    struct frame_reader *reader = frame_reader_new(NULL);
    char bytes[65536];
    const char *body;
    size_t size;
    ssize_t n;

    while ((n = read(fd, bytes, sizeof bytes)) > 0) {
        frame_feed(reader, bytes, (size_t)n);
        while (frame_next(reader, &body, &size) == FRAME_BODY) {
            json_t *message = json_loadb(body, size, 0, NULL);
            bool ok = message == NULL || (json_object_get(message, "text") != NULL
                                              ? take_text(snapshot, message, fd)
                                              : send_json(fd, answer(snapshot, message)));
            json_decref(message);
            if (!ok) {
                return;
            }
        }
    }
}

static int live(void *user, int fd)
{
    struct snapshot *snapshot = user;

    snapshot->sources = sources_new(NULL);
    analyse(snapshot, NULL);
    if (send_diagnostics(snapshot, fd)) {
        answer_questions(snapshot, fd);
    }
    return 0;
}

struct job *snapshot_start(void *owner, const struct project *project, struct documents *documents)
{
    struct snapshot snapshot = {.project = project, .documents = documents};

    return job_start(owner, live, &snapshot);
}
