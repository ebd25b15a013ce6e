#include "lsp/server.h"

#include "lsp/lsp.h"
#include "lsp/snapshot.h"
#include "report/tree.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Seconds. */
static const double TYPING = 0.02; /* after a key, before the analysis begins */
static const double PARTIAL = 3.0; /* between two analyses of a part of the program */
static const double LOOK = 2.0;    /* between two looks at the compile database */

double server_now(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- the project ----------------------------------------------------------------------------- */

static void end_lowering(struct server *server, struct lowering_job *lowering, bool gave_up)
{
    if (lowering->job != NULL) {
        project_job_ended(server->project, lowering->number, gave_up);
        talloc_free(lowering->job);
        lowering->job = NULL;
    }
}

static void drop_project(struct server *server)
{
    if (server->project != NULL) {
        end_lowering(server, &server->edited, false);
        end_lowering(server, &server->indexed, false);
        talloc_free(server->project);
        server->project = NULL;
        server->news = false;
    }
}

static void say_progress(struct server *server, const char *kind, size_t n_done)
{
    json_t *params = tree_object();
    json_t *value;

    if (!server->client.progress) {
        json_decref(params);
        return;
    }
    tree_put(params, "token", tree_text("snarl-index"));
    value = tree_put(params, "value", tree_object());
    tree_put(value, "kind", tree_text(kind));
    if (strcmp(kind, "begin") == 0) {
        tree_put(value, "title", tree_text("snarl reads the program"));
        tree_put(value, "percentage", tree_number(0));
    }
    if (strcmp(kind, "report") == 0) {
        char text[64];
        (void)snprintf(text, sizeof text, "%zu of %zu files", n_done, server->n_indexing);
        tree_put(value, "message", tree_text(text));
        tree_put(value, "percentage", tree_number(100 * n_done / server->n_indexing));
    }
    client_notify(&server->client, "$/progress", params);
}

static void begin_progress(struct server *server)
{
    json_t *params = tree_object();

    tree_put(params, "token", tree_text("snarl-index"));
    if (!server->client.progress) {
        json_decref(params);
        return;
    }
    client_request(&server->client, "window/workDoneProgress/create", params);
    say_progress(server, "begin", 0);
}

void server_find_project(struct server *server)
{
    struct err err = {0};
    bool first = server->tried == 0;

    server->tried = server_now();
    drop_project(server);
    server->project = project_open(NULL, &server->options, &err);
    if (server->project == NULL) {
        char *text = err_text(NULL, &err);
        if (first) { /* it may be made while the editor is open */
            client_show(&server->client, 2, text);
        }
        talloc_free(text);
        return;
    }
    for (size_t i = 0; i < server->documents->n; i++) {
        (void)project_invalidate(server->project, server->documents->v[i]->path);
        project_include(server->project, server->documents->v[i]->path);
    }
    server->changed = true;
}

void server_edited(struct server *server, const char *path)
{
    server->due = server_now() + TYPING;
    if (server->project == NULL) {
        return;
    }
    (void)project_invalidate(server->project, path);
    project_include(server->project, path);
    end_lowering(server, &server->edited, false);
    server->changed = server->changed || server->next != NULL || server->current == NULL;
    talloc_free(server->next);
    server->next = NULL;
}

void server_changed(struct server *server, const char *path)
{
    server_edited(server, path);
    server->changed = true;
}

/* ---- questions ------------------------------------------------------------------------------- */

static void drop_question(struct server *server, size_t i)
{
    json_decref(server->questions.v[i].id);
    json_decref(server->questions.v[i].message);
    server->questions.n--;
    memmove(&server->questions.v[i], &server->questions.v[i + 1],
            (server->questions.n - i) * sizeof server->questions.v[0]);
}

/* Is the newest snapshot one of the program as the open documents have it now? */
static bool is_settled(const struct server *server)
{
    return server->current != NULL && server->next == NULL && server->edited.job == NULL &&
           !server->changed && !server->news && server_now() >= server->due &&
           (server->project == NULL ||
            project_count_stale(server->project, server->documents, true) == 0);
}

/* Texts that changed while the program stayed as it was: the snapshot answers with diagnostics of
 * these versions. */
static void send_texts(struct server *server)
{
    for (size_t i = 0; i < server->documents->n; i++) {
        struct document *document = server->documents->v[i];
        if (document->told != document->version) {
            document->told = document->version;
            (void)snapshot_tell(server->current, document);
        }
    }
}

/* Units are others, or have moved: the snapshot that answers is told. Where a new one is to be made
 * anyway, or none is there, that one will know. */
static void tell_news(struct server *server)
{
    bool anew = server->changed || server->next != NULL || server->current == NULL ||
                server->documents->n == 0 || project_count_others(server->project) > 1;

    if (!anew) {
        for (size_t i = 0; i < server->documents->n; i++) {
            server->documents->v[i]->told = server->documents->v[i]->version;
        }
        anew = !snapshot_take(server->current, server->project, server->documents);
        server->waiting = true;
    }
    project_forget_news(server->project);
    server->changed = anew;
    server->news = false;
}

/* Questions that nobody has been asked yet. */
static void send_questions(struct server *server)
{
    if (is_settled(server)) {
        send_texts(server);
    }
    for (size_t i = 0; i < server->questions.n && server->current != NULL; i++) {
        struct question *question = &server->questions.v[i];
        if (!question->sent && (!question->fresh || is_settled(server))) {
            char *text = json_dumps(question->message, JSON_COMPACT);
            question->sent = text != NULL && job_send(server->current, text, strlen(text));
            free(text);
        }
    }
}

/* Diagnostics and their cures are about the text as it is now. */
static bool is_about_now(const json_t *message)
{
    const char *method = json_string_value(json_object_get(message, "method"));

    return strcmp(method, "textDocument/diagnostic") == 0 ||
           strcmp(method, "textDocument/codeAction") == 0;
}

void server_ask(struct server *server, const json_t *message)
{
    struct question question = {json_deep_copy(json_object_get(message, "id")),
                                json_deep_copy(message), is_about_now(message), false};

    vec_push(NULL, &server->questions, question);
    server->changed = server->changed || (server->current == NULL && server->next == NULL);
    send_questions(server);
}

void server_cancel(struct server *server, const json_t *id)
{
    for (size_t i = 0; i < server->questions.n; i++) {
        if (json_equal(server->questions.v[i].id, id)) {
            client_refuse(&server->client, id, CLIENT_CANCELLED, "cancelled");
            drop_question(server, i);
            return;
        }
    }
}

/* ---- what jobs say --------------------------------------------------------------------------- */

/* Diagnostics of a text that has changed meanwhile point to wrong places: they are not shown. */
static bool is_of_now(const struct server *server, const char *uri, const json_t *versions)
{
    const struct document *document = documents_find(server->documents, uri);
    const json_t *version = json_object_get(versions, uri);

    return document == NULL
               ? version == NULL
               : json_is_integer(version) && json_integer_value(version) == document->version;
}

static void publish(struct server *server, const char *uri, json_t *list, const json_t *version)
{
    json_t *params = tree_object();

    tree_put(params, "uri", tree_text(uri));
    if (version != NULL) {
        tree_put(params, "version", json_deep_copy(version));
    }
    tree_put(params, "diagnostics", json_deep_copy(list));
    client_notify(&server->client, "textDocument/publishDiagnostics", params);
}

/* Tells the client what has changed of these files since it was last told; of open documents each
 * version once. */
static void publish_changes(struct server *server, json_t *files, const json_t *versions)
{
    const char *uri;
    json_t *list;

    json_object_foreach(files, uri, list)
    {
        const json_t *known = json_object_get(server->published, uri);
        const json_t *version = json_object_get(versions, uri);
        if (is_of_now(server, uri, versions) && (version != NULL || !json_equal(known, list))) {
            publish(server, uri, list, version);
            (void)json_object_set(server->published, uri, list);
        }
    }
}

/* Takes back what was told of files that are not open, and have no diagnostics any more. */
static void publish_ends(struct server *server, const json_t *elsewhere)
{
    const char *uri;
    json_t *list;
    json_t *gone = json_array();

    json_object_foreach(server->published, uri, list)
    {
        if (json_object_get(elsewhere, uri) == NULL &&
            documents_find(server->documents, uri) == NULL) {
            tree_push(gone, tree_text(uri));
        }
    }
    for (size_t i = 0; i < json_array_size(gone); i++) {
        json_t *none = tree_array();
        uri = json_string_value(json_array_get(gone, i));
        publish(server, uri, none, NULL);
        (void)json_object_del(server->published, uri);
        json_decref(none);
    }
    json_decref(gone);
}

/* The new snapshot answers from now on; what the old one was asked is asked again. */
static void take_snapshot(struct server *server, const json_t *message)
{
    const json_t *versions = json_object_get(message, "versions");

    publish_changes(server, json_object_get(message, "diagnostics"), versions);
    for (size_t i = 0; i < server->documents->n; i++) {
        struct document *document = server->documents->v[i];
        const json_t *version = json_object_get(versions, document->uri);
        document->told = version == NULL ? -1 : json_integer_value(version);
    }
    talloc_free(server->current);
    server->current = server->next;
    server->next = NULL;
    for (size_t i = 0; i < server->questions.n; i++) {
        server->questions.v[i].sent = false;
    }
    send_questions(server);
}

static void take_answer(struct server *server, const json_t *message)
{
    const json_t *id = json_object_get(message, "id");

    for (size_t i = 0; i < server->questions.n; i++) {
        if (json_equal(server->questions.v[i].id, id)) {
            client_answer(&server->client, id, json_deep_copy(json_object_get(message, "result")));
            drop_question(server, i);
            return;
        }
    }
}

/* Reads a snapshot. False: it has ended. */
static bool hear_snapshot(struct server *server, struct job *job)
{
    bool lives = job_read(job) == JOB_WAITS;
    const char *body;
    size_t n;

    while (frame_next(job->reader, &body, &n) == FRAME_BODY) {
        json_t *message = json_loadb(body, n, 0, NULL);
        json_t *diagnostics = json_object_get(message, "diagnostics");
        json_t *elsewhere = json_object_get(message, "elsewhere");
        if (diagnostics != NULL && job == server->next) {
            take_snapshot(server, message);
        } else if (diagnostics != NULL) { /* of a text that it was told of */
            server->waiting = false;
            publish_changes(server, diagnostics, json_object_get(message, "versions"));
        } else if (json_object_get(message, "anew") != NULL) { /* it can't take a unit in */
            server->changed = server->changed || job == server->current;
        } else if (elsewhere != NULL) {
            publish_changes(server, elsewhere, NULL);
            publish_ends(server, elsewhere);
        } else {
            take_answer(server, message);
        }
        json_decref(message);
    }
    return lives;
}

/* Does it owe diagnostics of a text, or an answer to a question that has not been sent yet? */
static bool is_owing(const struct server *server)
{
    bool owing = server->waiting;

    for (size_t i = 0; i < server->documents->n && !owing; i++) {
        owing = server->documents->v[i]->told != server->documents->v[i]->version;
    }
    for (size_t i = 0; i < server->questions.n && !owing; i++) {
        owing = !server->questions.v[i].sent;
    }
    return owing;
}

/* Questions that it died of, perhaps, are not asked again. */
static void refuse_questions(struct server *server)
{
    for (size_t i = server->questions.n; i-- > 0;) {
        if (server->questions.v[i].sent) {
            client_refuse(&server->client, server->questions.v[i].id, CLIENT_REQUEST_FAILED,
                          "the analysis ended before its time");
            drop_question(server, i);
        }
    }
}

/* It crashed, or was killed: another one is made when there is something for it to do. */
static void lose_snapshot(struct server *server, struct job **job)
{
    if (job == &server->current) {
        server->changed = server->changed || is_owing(server);
        refuse_questions(server);
    }
    server->waiting = false;
    talloc_free(*job);
    *job = NULL;
    client_log(&server->client, 1,
               "the analysis ended before its time; it is tried again with "
               "the next change or question");
}

static void hear_lowering(struct server *server, struct lowering_job *lowering)
{
    bool lives = job_read(lowering->job) == JOB_WAITS;
    const char *body;
    size_t n;

    while (frame_next(lowering->job->reader, &body, &n) == FRAME_BODY) {
        enum project_news news = project_take(server->project, server->documents, body, n);
        bool in_place = news == NEWS_MOVED || (news == NEWS_OTHER && lowering == &server->edited);
        server->changed = server->changed || (news != NEWS_NONE && !in_place);
        server->news = server->news || in_place;
    }
    if (lowering == &server->indexed && server->n_indexing > 0) {
        size_t n_left = project_count_stale(server->project, server->documents, false);
        say_progress(server, "report",
                     server->n_indexing - (n_left < server->n_indexing ? n_left : 0));
    }
    bool done = lowering == &server->edited &&
                project_count_stale(server->project, server->documents, true) == 0;
    if (!lives || done) { /* who has said all is not waited for */
        end_lowering(server, lowering, true);
    }
}

/* ---- what is to be done next ----------------------------------------------------------------- */

static void look_at_database(struct server *server)
{
    double now = server_now();

    if (now - server->looked < LOOK) {
        return;
    }
    server->looked = now;
    if (server->project == NULL ? server->tried > 0 : project_is_outdated(server->project)) {
        server_find_project(server);
    }
}

static void start_index(struct server *server)
{
    size_t n = project_count_stale(server->project, server->documents, false);

    server->indexed.job =
        project_lower(server->project, server->documents, false, &server->indexed.number);
    if (server->indexed.job != NULL && server->n_indexing == 0) {
        server->n_indexing = n;
        begin_progress(server);
    }
}

static void end_index(struct server *server)
{
    if (server->n_indexing > 0 && server->indexed.job == NULL) {
        say_progress(server, "end", 0);
        server->n_indexing = 0;
    }
}

/* While the rest of the program is read, an analysis of what is there now and then: for what is
 * open. */
static bool is_worth_while(const struct server *server)
{
    return server->indexed.job == NULL ||
           (server->documents->n > 0 && server_now() - server->analysed > PARTIAL);
}

/* Open files first, at once: the next key ends what is under way. The analysis when they are
 * lowered and nothing more is typed; the rest of the program beside it. */
static void go_on(struct server *server)
{
    if (!server->initialized || server->shut_down) {
        return;
    }
    look_at_database(server);
    if (server->project == NULL) {
        return;
    }
    if (server->edited.job == NULL) {
        server->edited.job =
            project_lower(server->project, server->documents, true, &server->edited.number);
    }
    if (server_now() < server->due) {
        return;
    }
    if (server->indexed.job == NULL) {
        start_index(server);
        end_index(server);
    }
    if (server->news && server->edited.job == NULL) {
        tell_news(server);
    }
    if (server->changed && server->edited.job == NULL && server->next == NULL &&
        is_worth_while(server)) {
        server->next = snapshot_start(NULL, server->project, server->documents);
        server->changed = false;
        server->analysed = server_now();
    }
    send_questions(server);
}

/* ---- the loop -------------------------------------------------------------------------------- */

enum { CLIENT, EDITED, INDEXED, CURRENT, NEXT, N_LINES };

static void read_client(struct server *server, int fd)
{
    char bytes[65536];
    ssize_t got = read(fd, bytes, sizeof bytes);
    enum frame_state state = FRAME_MORE;
    const char *body;
    size_t n;

    if (got <= 0) {
        server->ended = got == 0 || errno != EINTR;
        return;
    }
    frame_feed(server->reader, bytes, (size_t)got);
    while (!server->ended && (state = frame_next(server->reader, &body, &n)) != FRAME_MORE) {
        if (state == FRAME_LOST) {
            client_log(&server->client, 1, "what comes is not the language server protocol");
            server->ended = true;
        } else if (state == FRAME_SKIP) {
            client_refuse(&server->client, NULL, CLIENT_PARSE_ERROR,
                          "a message's header needs a Content-Length");
        } else {
            server_handle(server, body, n);
        }
    }
}

static int timeout_ms(const struct server *server)
{
    double now = server_now();
    double wait = server->looked + LOOK - now;

    if (server->due > now && server->due - now < wait) {
        wait = server->due - now;
    }
    return wait < 0 ? 0 : (int)(wait * 1000) + 1;
}

static struct pollfd line_of(const struct job *job)
{
    return (struct pollfd){.fd = job == NULL ? -1 : job->fd, .events = POLLIN};
}

/* Waits for something to read, and reads it. */
static void turn(struct server *server, int in)
{
    struct pollfd lines[N_LINES] = {
        [CLIENT] = {.fd = in, .events = POLLIN},  [EDITED] = line_of(server->edited.job),
        [INDEXED] = line_of(server->indexed.job), [CURRENT] = line_of(server->current),
        [NEXT] = line_of(server->next),
    };

    jobs_reap();
    if (poll(lines, N_LINES, timeout_ms(server)) <= 0) {
        return;
    }
    if (lines[CURRENT].revents != 0 && !hear_snapshot(server, server->current)) {
        lose_snapshot(server, &server->current);
    }
    if (lines[NEXT].revents != 0) {
        struct job *job = server->next;
        bool lives = hear_snapshot(server, job);
        if (!lives) {
            lose_snapshot(server, server->next == job ? &server->next : &server->current);
        }
    }
    if (lines[EDITED].revents != 0) {
        hear_lowering(server, &server->edited);
    }
    if (lines[INDEXED].revents != 0) {
        hear_lowering(server, &server->indexed);
    }
    if (lines[CLIENT].revents != 0) { /* last: it may end the jobs that were just heard */
        read_client(server, in);
    }
}

int lsp_serve(const struct common_options *options, int in, int out)
{
    struct server *server = mem_new(NULL, struct server);

    (void)signal(SIGPIPE, SIG_IGN);
    server->client.fd = out;
    server->options = *options;
    server->options.quiet = true;
    server->reader = frame_reader_new(server);
    server->documents = documents_new(server);
    server->published = json_object();
    server->status = 1;
    while (!server->ended && !server->client.gone) {
        turn(server, in);
        go_on(server);
    }
    int status = server->status;
    drop_project(server);
    talloc_free(server->current);
    talloc_free(server->next);
    while (server->questions.n > 0) {
        drop_question(server, server->questions.n - 1);
    }
    talloc_free(server->questions.v);
    json_decref(server->published);
    talloc_free(server);
    return status;
}
