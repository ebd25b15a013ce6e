#include "lsp/snapshot.h"

#include "ir/places.h"
#include "lsp/answers.h"
#include "report/tree.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

/* ---- the process ----------------------------------------------------------------------------- */

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

/* ---- units of which there is news ------------------------------------------------------------ */

/* What is left of units that were replaced adds up: after so many, or when a quarter more memory is
 * in use, the program is linked anew. */
enum { MAX_REPLACED = 200, MEASURED_AFTER = 8 };

static bool is_overgrown(struct snapshot *snapshot)
{
    bool more = false;

    if (snapshot->n_replaced++ % MEASURED_AFTER == 0) { /* it takes a while */
        size_t in_use = mallinfo2().uordblks;
        snapshot->in_use = snapshot->in_use == 0 ? in_use : snapshot->in_use;
        more = in_use > snapshot->in_use + snapshot->in_use / 4;
    }
    return more || snapshot->n_replaced > MAX_REPLACED;
}

/* Before the bytes of a unit; what begins otherwise is JSON. */
struct unit_head {
    char mark; /* 0 */
    uint32_t news;
    uint64_t unit;
};

static bool send_unit(struct job *job, size_t index, const struct project_unit *unit)
{
    struct unit_head head;
    size_t n;
    void *bytes = facts_encode(NULL, unit->ir, &n);
    char *body = mem_array(bytes, char, sizeof head + n);

    memset(&head, 0, sizeof head);
    head.news = (uint32_t)unit->news;
    head.unit = index;
    memcpy(body, &head, sizeof head);
    memcpy(body + sizeof head, bytes, n);
    bool ok = job_send(job, body, sizeof head + n);
    talloc_free(bytes);
    return ok;
}

bool snapshot_take(struct job *job, const struct project *project,
                   const struct documents *documents)
{
    bool ok = true;

    for (size_t i = 0; i < project->units.n && ok; i++) {
        ok = project->units.v[i].news == NEWS_NONE || send_unit(job, i, &project->units.v[i]);
    }
    for (size_t i = 0; i < documents->n && ok; i++) {
        ok = snapshot_tell(job, documents->v[i]);
    }
    return ok;
}

/* Takes in a unit: at once what has moved, another one when it is asked for (by then there may be a
 * newer one). */
static void take_unit(struct snapshot *snapshot, const char *body, size_t n)
{
    const struct project *project = snapshot->project;
    struct unit_head head;

    if (n < sizeof head) {
        return;
    }
    memcpy(&head, body, sizeof head);
    struct ir_unit *unit =
        facts_decode(NULL, project->run->names, body + sizeof head, n - sizeof head);
    bool known = head.unit < project->units.n && project->units.v[head.unit].ir != NULL;
    bool waits = snapshot->other != NULL && snapshot->index == head.unit;
    if (unit != NULL && known && head.news == NEWS_MOVED && !waits) {
        ir_take_places(project->units.v[head.unit].ir, unit);
        snapshot->moved = true;
        talloc_free(unit);
    } else if (unit != NULL && known && (snapshot->other == NULL || waits)) {
        talloc_free(snapshot->other);
        snapshot->other = unit;
        snapshot->index = head.unit;
    } else {
        talloc_free(unit);
        snapshot->outdated = true;
    }
}

/* Puts the other unit into the program. False: that has to be linked anew. */
static bool replace_unit(struct snapshot *snapshot)
{
    struct project_unit *unit = &snapshot->project->units.v[snapshot->index];
    struct ir_unit *before = unit->ir;
    uint32_t number = told_number(snapshot, snapshot->index);

    if (is_overgrown(snapshot) || !prog_replace(snapshot->prog, number, snapshot->other)) {
        return false;
    }
    unit->ir = snapshot->other;
    snapshot->other = NULL;
    talloc_free(before);
    return true;
}

/* What there is to tell of the program as it is now. Claims are about what stands next to them.
 * False: it has to be linked anew. */
static bool look_again(struct snapshot *snapshot)
{
    struct prog *prog = snapshot->prog;

    if (snapshot->outdated || (snapshot->other != NULL && !replace_unit(snapshot))) {
        return false;
    }
    talloc_free(prog->claims);
    prog->claims = claims_find(prog, prog->flows);
    snapshot->moved = false;
    told_find(snapshot);
    return true;
}

/* ---- questions ------------------------------------------------------------------------------- */

static void take_text(const struct snapshot *snapshot, const json_t *message)
{
    (void)documents_open(snapshot->documents, json_string_value(json_object_get(message, "uri")),
                         json_integer_value(json_object_get(message, "version")),
                         json_string_value(json_object_get(message, "text")));
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

/* The diagnostics of the files that are not open, in a process of its own. */
static int look_elsewhere(void *user, int fd)
{
    const struct snapshot *snapshot = user;
    json_t *message = tree_object();

    (void)nice(10); /* what is open comes first: the next text of it, too */
    told_find_everywhere(snapshot);
    json_t *files = tree_put(message, "elsewhere", diagnostics_of(snapshot));
    for (size_t i = 0; i < snapshot->documents->n; i++) {
        (void)json_object_del(files, snapshot->documents->v[i]->uri);
    }
    return send_json(fd, message) ? 0 : 1;
}

/* Who types goes on soon: so long nothing has come before other files are looked at. (A process
 * that is forked for them shares its memory, so that whatever is changed meanwhile has to be
 * copied.) */
enum { PAUSE_MS = 200 };

/* How the process talks with the server. */
struct talk {
    struct snapshot *snapshot;
    int fd;
    struct frame_reader *reader;
    bool widens;           /* other files are to be looked at, in a pause */
    struct job *elsewhere; /* who does; NULL: nobody */
    bool retold;           /* texts have come: their diagnostics are to be sent */
};

static void end_elsewhere(struct talk *talk)
{
    talloc_free(talk->elsewhere);
    talk->elsewhere = NULL;
}

/* The diagnostics of the texts that have come. False: nobody listens. */
static bool tell_again(struct talk *talk)
{
    struct snapshot *snapshot = talk->snapshot;
    bool news = snapshot->moved || snapshot->other != NULL || snapshot->outdated;

    talk->retold = false;
    if (news) {
        end_elsewhere(talk);
        talk->widens = look_again(snapshot);
    }
    bool ok = news && !talk->widens ? send_json(talk->fd, json_pack("{s:b}", "anew", 1))
                                    : send_diagnostics(snapshot, talk->fd);
    prog_tidy(snapshot->prog);
    return ok;
}

/* One message of the server's. False: it does not listen any more. */
static bool take_message(struct talk *talk, const char *body, size_t n)
{
    bool ok = true;

    if (n > 0 && body[0] == '\0') {
        take_unit(talk->snapshot, body, n);
        return true;
    }
    json_t *message = json_loadb(body, n, 0, NULL);
    if (message != NULL && json_object_get(message, "text") != NULL) {
        take_text(talk->snapshot, message);
        talk->retold = true;
    } else if (message != NULL) {
        ok = (!talk->retold || tell_again(talk)) &&
             send_json(talk->fd, answer(talk->snapshot, message));
    }
    json_decref(message);
    return ok;
}

/* Reads what the server says. False: it has gone. */
static bool hear_server(struct talk *talk)
{
    char bytes[65536];
    const char *body;
    size_t size;
    ssize_t n = read(talk->fd, bytes, sizeof bytes);
    bool ok = n > 0 || (n < 0 && errno == EINTR);

    if (n > 0) {
        frame_feed(talk->reader, bytes, (size_t)n);
    }
    while (ok && frame_next(talk->reader, &body, &size) == FRAME_BODY) {
        ok = take_message(talk, body, size);
    }
    return ok;
}

/* Hands on what the process says that looks elsewhere, until there is no more. */
static void hear_elsewhere(struct talk *talk)
{
    bool lives = job_read(talk->elsewhere) == JOB_WAITS;
    const char *body;
    size_t n;

    while (frame_next(talk->elsewhere->reader, &body, &n) == FRAME_BODY) {
        (void)frame_write(talk->fd, body, n);
    }
    if (!lives) {
        end_elsewhere(talk);
    }
}

/* Nothing has come: what waits for that. False: nobody listens. */
static bool use_pause(struct talk *talk)
{
    if (talk->retold) {
        return tell_again(talk);
    }
    talk->elsewhere = job_start(NULL, look_elsewhere, talk->snapshot);
    talk->widens = false;
    return true;
}

/* Waits for something to read, and reads it. False: nobody listens. */
static bool turn(struct talk *talk)
{
    int other = talk->elsewhere == NULL ? -1 : talk->elsewhere->fd;
    struct pollfd lines[] = {{.fd = talk->fd, .events = POLLIN}, {.fd = other, .events = POLLIN}};
    int n = poll(lines, 2, talk->retold ? 0 : talk->widens ? PAUSE_MS : -1);

    if (n < 0) {
        return errno == EINTR;
    }
    if (lines[1].revents != 0) {
        hear_elsewhere(talk);
    }
    return n == 0 ? use_pause(talk) : lines[0].revents == 0 || hear_server(talk);
}

static void answer_questions(struct snapshot *snapshot, int fd)
{
    struct talk talk = {
        .snapshot = snapshot, .fd = fd, .reader = frame_reader_new(NULL), .widens = true};

    while (turn(&talk)) {
        /* until the server has gone */
    }
}

static int live(void *user, int fd)
{
    struct snapshot *snapshot = user;

    snapshot->sources = sources_new(NULL);
    told_link(snapshot);
    told_find(snapshot);
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
