/* server_messages.c - what the client says, by method (LSP 3.17). */
#include "base/mem.h"
#include "lsp/server.h"
#include "lsp/snapshot.h"
#include "lsp/uri.h"
#include "report/tree.h"

#include <string.h>
#include <unistd.h>

/* ---- parts of messages ----------------------------------------------------------------------- */

static const char *text_at(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

/* params.textDocument.uri; NULL: there is none. */
static const char *document_uri(const json_t *params)
{
    return text_at(json_object_get(params, "textDocument"), "uri");
}

/* A truth deep in the client's capabilities: "window", "workDoneProgress". */
static bool has_capability(const json_t *params, const char *group, const char *name,
                           const char *part)
{
    const json_t *value =
        json_object_get(json_object_get(json_object_get(params, "capabilities"), group), name);

    return json_is_true(part == NULL ? value : json_object_get(value, part));
}

/* Can the client make files where an edit asks for it? */
static bool creates_files(const json_t *params)
{
    const json_t *workspace = json_object_get(json_object_get(params, "capabilities"), "workspace");
    const json_t *list =
        json_object_get(json_object_get(workspace, "workspaceEdit"), "resourceOperations");
    size_t i;
    const json_t *name;

    json_array_foreach(list, i, name)
    {
        if (json_is_string(name) && strcmp(json_string_value(name), "create") == 0) {
            return true;
        }
    }
    return false;
}

/* ---- initialize ------------------------------------------------------------------------------ */

/* Does the client count in bytes, too? Then there is nothing to convert. */
static bool takes_utf8(const json_t *params)
{
    const json_t *list = json_object_get(
        json_object_get(json_object_get(params, "capabilities"), "general"), "positionEncodings");
    size_t i;
    const json_t *name;

    json_array_foreach(list, i, name)
    {
        if (json_is_string(name) && strcmp(json_string_value(name), "utf-8") == 0) {
            return true;
        }
    }
    return false;
}

/* The folder that is opened: the first of workspaceFolders, else rootUri. Owned by `owner`. */
static const char *root_of(void *owner, const json_t *params)
{
    const json_t *folders = json_object_get(params, "workspaceFolders");
    const char *uri = text_at(json_array_get(folders, 0), "uri");

    uri = uri == NULL ? text_at(params, "rootUri") : uri;
    return uri == NULL ? text_at(params, "rootPath") : uri_to_path(owner, uri);
}

/* Does the client show what is pushed? */
static bool takes_pushed(const json_t *params)
{
    const json_t *group = json_object_get(json_object_get(params, "capabilities"), "textDocument");

    return json_is_object(json_object_get(group, "publishDiagnostics"));
}

/* `pull`: diagnostics are offered for the asking. A client that takes them pushed and asks, too,
 * shows each twice. */
static json_t *capabilities(const struct server *server, bool pull)
{
    json_t *object = tree_object();
    json_t *sync = tree_put(object, "textDocumentSync", tree_object());

    tree_put(object, "positionEncoding", tree_text(server->documents->utf16 ? "utf-16" : "utf-8"));
    tree_put(sync, "openClose", json_true());
    tree_put(sync, "change", tree_number(2)); /* incremental */
    tree_put(sync, "save", json_true());
    if (pull) {
        json_t *diagnostics = tree_put(object, "diagnosticProvider", tree_object());
        tree_put(diagnostics, "identifier", tree_text("snarl"));
        tree_put(diagnostics, "interFileDependencies", json_true());
        tree_put(diagnostics, "workspaceDiagnostics", json_false());
    }
    tree_put(object, "hoverProvider", json_true());
    json_t *actions = tree_put(object, "codeActionProvider", tree_object());
    tree_push(tree_put(actions, "codeActionKinds", tree_array()), tree_text("quickfix"));
    tree_put(object, "codeLensProvider", tree_object());
    tree_put(object, "callHierarchyProvider", json_true());
    if (server->inlay_hints) {
        tree_put(object, "inlayHintProvider", json_true());
    }
    return object;
}

static json_t *initialize(struct server *server, const json_t *params)
{
    void *scratch = mem_owner(NULL, "initialize");
    const char *root = root_of(scratch, params);
    json_t *result = tree_object();
    json_t *info = tree_put(result, "serverInfo", tree_object());

    if (root != NULL && chdir(root) != 0) {
        client_log(&server->client, 2, mem_printf(scratch, "can't open the folder '%s'", root));
    }
    server->documents->utf16 = !takes_utf8(params);
    server->documents->creates_files = creates_files(params);
    server->client.progress = has_capability(params, "window", "workDoneProgress", NULL);
    server->inlay_hints = json_is_true(
        json_object_get(json_object_get(params, "initializationOptions"), "inlayHints"));
    tree_put(info, "name", tree_text("snarl"));
    tree_put(info, "version", tree_text(SNARL_VERSION));
    tree_put(result, "capabilities", capabilities(server, !takes_pushed(params)));
    talloc_free(scratch);
    return result;
}

/* ---- documents ------------------------------------------------------------------------------- */

static void did_open(struct server *server, const json_t *params)
{
    const json_t *item = json_object_get(params, "textDocument");
    const char *uri = text_at(item, "uri");
    const char *text = text_at(item, "text");
    struct document *document =
        uri == NULL || text == NULL
            ? NULL
            : documents_open(server->documents, uri,
                             json_integer_value(json_object_get(item, "version")), text);

    if (document != NULL) {
        server_changed(server, document->path);
    }
}

static void did_change(struct server *server, const json_t *params)
{
    const char *uri = document_uri(params);
    struct document *document = uri == NULL ? NULL : documents_find(server->documents, uri);
    json_int_t version =
        json_integer_value(json_object_get(json_object_get(params, "textDocument"), "version"));

    if (document == NULL) {
        client_log(&server->client, 2, "a change of a document that is not open is left out");
    } else if (!documents_change(server->documents, document, version,
                                 json_object_get(params, "contentChanges"))) {
        client_log(&server->client, 2, "a change that is no change of this document is left out");
    }
    if (document != NULL) {
        server_edited(server, document->path);
    }
}

static void did_close(struct server *server, const json_t *params)
{
    const char *uri = document_uri(params);
    struct document *document = uri == NULL ? NULL : documents_find(server->documents, uri);

    if (document != NULL) {
        char *path = mem_strdup(NULL, document->path);
        documents_close(server->documents, document);
        server_changed(server, path); /* what was not saved is gone */
        talloc_free(path);
    }
}

/* Files that somebody else has changed. */
static void did_change_files(struct server *server, const json_t *params)
{
    size_t i;
    const json_t *change;

    json_array_foreach(json_object_get(params, "changes"), i, change)
    {
        const char *uri = text_at(change, "uri");
        char *path = uri == NULL ? NULL : uri_to_path(NULL, uri);
        if (path != NULL && documents_of_path(server->documents, path) == NULL) {
            server_changed(server, path);
        }
        talloc_free(path);
    }
}

/* ---- by method ------------------------------------------------------------------------------- */

static void initialized(struct server *server, const json_t *params)
{
    (void)params;
    server->initialized = true;
    server_find_project(server);
}

static void cancel(struct server *server, const json_t *params)
{
    server_cancel(server, json_object_get(params, "id"));
}

static void end(struct server *server, const json_t *params)
{
    (void)params;
    server->ended = true;
    server->status = server->shut_down ? 0 : 1;
}

static const struct {
    const char *method;
    void (*handle)(struct server *server, const json_t *params);
} notifications[] = {
    {"$/cancelRequest", cancel},
    {"exit", end},
    {"initialized", initialized},
    {"textDocument/didChange", did_change},
    {"textDocument/didClose", did_close},
    {"textDocument/didOpen", did_open},
    {"workspace/didChangeWatchedFiles", did_change_files},
};

static void notify(struct server *server, const char *method, const json_t *params)
{
    for (size_t i = 0; i < sizeof notifications / sizeof notifications[0]; i++) {
        if (strcmp(notifications[i].method, method) == 0) {
            notifications[i].handle(server, params);
            return;
        }
    }
}

static void request(struct server *server, const json_t *message, const char *method)
{
    const json_t *id = json_object_get(message, "id");
    struct client *client = &server->client;

    if (strcmp(method, "initialize") == 0) {
        client_answer(client, id, initialize(server, json_object_get(message, "params")));
    } else if (!server->initialized) {
        client_refuse(client, id, CLIENT_NOT_INITIALIZED, "'initialized' has not come yet");
    } else if (strcmp(method, "shutdown") == 0) {
        server->shut_down = true;
        client_answer(client, id, json_null());
    } else if (server->shut_down) {
        client_refuse(client, id, CLIENT_INVALID_REQUEST, "the server is shut down");
    } else if (snapshot_answers(method)) {
        server_ask(server, message);
    } else {
        client_refuse(client, id, CLIENT_METHOD_NOT_FOUND, "snarl does not have this method");
    }
}

void server_handle(struct server *server, const char *body, size_t n)
{
    json_t *message = json_loadb(body, n, 0, NULL);
    const char *method = text_at(message, "method");
    const json_t *id = json_object_get(message, "id");

    if (message == NULL) {
        client_refuse(&server->client, NULL, CLIENT_PARSE_ERROR, "a message's body is no JSON");
    } else if (method == NULL && json_object_get(message, "result") == NULL &&
               json_object_get(message, "error") == NULL) {
        client_refuse(&server->client, id, CLIENT_INVALID_REQUEST, "a message needs a method");
    } else if (method != NULL && id != NULL) {
        request(server, message, method);
    } else if (method != NULL) {
        notify(server, method, json_object_get(message, "params"));
    }
    json_decref(message);
}
