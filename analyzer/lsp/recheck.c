#include "lsp/recheck.h"

#include <poll.h>
#include <string.h>

enum { PATIENCE_MS = 20000 };

struct question {
    const struct snapshot *snapshot;
    const struct document *document; /* NULL: it is about the settings */
    const char *settings;            /* their file; NULL */
    const char *text;
    const struct finding *finding;
};

/* The other texts of the editor, and this one. */
static struct frontend_overlay overlay_of(void *owner, const struct question *q)
{
    struct frontend_overlay overlay = {.files = {NULL, 0}};
    const struct documents *documents = q->snapshot->documents;

    for (size_t i = 0; i < documents->n; i++) {
        const struct document *document = documents->v[i];
        const char *text = document == q->document ? q->text : document->text;
        vec_push(owner, &overlay.files,
                 (struct frontend_unsaved){document->path, text, strlen(text)});
    }
    return overlay;
}

/* This process, which has no other use for them, goes by the new settings. */
static bool take_settings(const struct question *q)
{
    struct run *run = q->snapshot->project->run;
    struct err err = {0};

    run->models = models_builtin(run, run->names, &err);
    return run->models != NULL && config_read(run, q->settings, q->text, run_rule_ids(run),
                                              run->models, &run->config, &err);
}

/* All findings with the new text. */
static struct finding_list findings_with(const struct question *q)
{
    const struct project *project = q->snapshot->project;
    const struct run *run = project->run;
    void *owner = mem_owner(NULL, "recheck"); /* the process ends with it */
    struct frontend_overlay overlay = overlay_of(owner, q);
    VEC(struct ir_unit *) units = {NULL, 0};

    for (size_t i = 0; i < project->units.n; i++) {
        struct ir_unit *unit = project->units.v[i].ir;
        bool reads =
            q->document != NULL && project_unit_reads(&project->units.v[i], q->document->path);
        if (unit != NULL && reads) {
            unit = frontend_lower_over(owner, run->names, &project->units.v[i].unit, &overlay);
        }
        if (unit != NULL) {
            vec_push(owner, &units, unit);
        }
    }
    return told_with(owner, project, units.v, units.n);
}

static bool is_among(const struct finding_list *list, const char *fingerprint)
{
    bool found = false;

    for (size_t i = 0; i < list->n && !found; i++) {
        found = list->v[i]->allowed == NULL && strcmp(list->v[i]->fingerprint, fingerprint) == 0;
    }
    return found;
}

static bool is_cured(const struct question *q)
{
    struct finding_list after = findings_with(q);
    bool cured = !is_among(&after, q->finding->fingerprint);

    for (size_t i = 0; i < after.n && cured; i++) {
        cured = after.v[i]->allowed != NULL ||
                is_among(&q->snapshot->told->all, after.v[i]->fingerprint);
    }
    return cured;
}

static int answer(void *user, int fd)
{
    const struct question *q = user;
    bool cured = (q->settings == NULL || take_settings(q)) && is_cured(q);
    const char *text = cured ? "yes" : "no";

    return frame_write(fd, text, strlen(text)) ? 0 : 1;
}

static bool ask(struct question *question)
{
    told_find_everywhere(question->snapshot); /* once for all that is asked */
    struct job *job = job_start(NULL, answer, question);
    const char *body;
    size_t n;
    bool cured = false;

    if (job == NULL) {
        return false;
    }
    struct pollfd line = {.fd = job->fd, .events = POLLIN};
    while (poll(&line, 1, PATIENCE_MS) > 0) {
        enum job_state state = job_read(job);
        if (frame_next(job->reader, &body, &n) == FRAME_BODY) {
            cured = n == 3;
            break;
        }
        if (state == JOB_ENDED) {
            break;
        }
    }
    talloc_free(job);
    return cured;
}

bool recheck_cures(const struct snapshot *snapshot, const struct document *document,
                   const char *text, const struct finding *finding)
{
    struct question question = {snapshot, document, NULL, text, finding};

    return ask(&question);
}

bool recheck_settings(const struct snapshot *snapshot, const char *path, const char *text,
                      const struct finding *finding)
{
    struct question question = {snapshot, NULL, path, text, finding};

    return ask(&question);
}
