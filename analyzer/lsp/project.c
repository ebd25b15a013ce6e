#include "lsp/project.h"

#include "ir/places.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>

/* ---- what is known --------------------------------------------------------------------------- */

static void load_known(struct project *project, struct project_unit *unit)
{
    struct run *run = project->run;

    unit->key = run_key_of(run, &unit->unit);
    unit->ir = facts_load_unit(run->facts, NULL, run->names, unit->unit.path, unit->key);
    unit->stale = unit->ir == NULL || run_lacks_include(unit->ir);
}

static int free_parts(struct project *project)
{
    for (size_t i = 0; i < project->units.n; i++) {
        talloc_free(project->units.v[i].ir);
    }
    talloc_free(project->run);
    return 0;
}

struct project *project_open(void *owner, const struct common_options *options, struct err *err)
{
    struct project *project = mem_new(owner, struct project);

    project->run = run_new();
    talloc_set_destructor(project, free_parts);
    if (!run_open(project->run, options, err)) {
        talloc_free(project);
        return NULL;
    }
    for (size_t i = 0; i < project->run->compdb->units.n; i++) {
        struct project_unit unit = {.unit = project->run->compdb->units.v[i]};
        load_known(project, &unit);
        vec_push(project, &project->units, unit);
    }
    return project;
}

/* ---- what is out of date --------------------------------------------------------------------- */

bool project_unit_reads(const struct project_unit *unit, const char *path)
{
    bool found = strcmp(unit->unit.path, path) == 0;

    for (size_t i = 0; unit->ir != NULL && i < unit->ir->files.n && !found; i++) {
        found = strcmp(unit->ir->files.v[i], path) == 0;
    }
    return found;
}

bool project_invalidate(struct project *project, const char *path)
{
    bool found = false;

    for (size_t i = 0; i < project->units.n; i++) {
        if (project_unit_reads(&project->units.v[i], path)) {
            project->units.v[i].stale = true;
            project->units.v[i].lowered_by = 0; /* a job that is at it has the old text */
            found = true;
        }
    }
    return found;
}

/* How many bytes both begin with. */
static size_t common_length(const char *a, const char *b)
{
    size_t n = 0;

    while (a[n] != '\0' && a[n] == b[n]) {
        n++;
    }
    return n;
}

/* The unit of the database whose path has most in common with `path`; NULL: the database is empty.
 */
static const struct compile_unit *nearest_unit(const struct project *project, const char *path)
{
    const struct compile_unit *nearest = NULL;
    size_t best = 0;

    for (size_t i = 0; i < project->run->compdb->units.n; i++) {
        const struct compile_unit *unit = &project->run->compdb->units.v[i];
        size_t n = common_length(unit->path, path);
        if (nearest == NULL || n > best) {
            nearest = unit;
            best = n;
        }
    }
    return nearest;
}

void project_include(struct project *project, const char *path)
{
    const struct compile_unit *nearest = nearest_unit(project, path);
    bool indexed = true;

    for (size_t i = 0; i < project->units.n; i++) {
        if (project_unit_reads(&project->units.v[i], path)) {
            return;
        }
        indexed = indexed && project->units.v[i].ir != NULL;
    }
    size_t n = strlen(path);
    bool is_header = n > 2 && strcmp(path + n - 2, ".h") == 0;
    if (nearest == NULL || (is_header && !indexed)) {
        return; /* units that are not read yet may include it */
    }
    struct project_unit unit = {.unit = *nearest, .borrowed = nearest->path, .stale = true};
    unit.unit.path = mem_strdup(project, path);
    unit.key = run_key_of(project->run, &unit.unit);
    vec_push(project, &project->units, unit);
}

/* Is one of the unit's files open in the editor? */
static bool is_open(const struct project_unit *unit, const struct documents *documents)
{
    bool open = false;

    for (size_t i = 0; i < documents->n && !open; i++) {
        open = project_unit_reads(unit, documents->v[i]->path);
    }
    return open;
}

size_t project_count_stale(const struct project *project, const struct documents *documents,
                           bool open)
{
    size_t n = 0;

    for (size_t i = 0; i < project->units.n; i++) {
        const struct project_unit *unit = &project->units.v[i];
        n += unit->stale && (!open || is_open(unit, documents)) ? 1 : 0;
    }
    return n;
}

static bool is_newer(const char *path, double opened)
{
    struct stat status;

    return path != NULL && stat(path, &status) == 0 &&
           (double)status.st_mtim.tv_sec + (double)status.st_mtim.tv_nsec / 1e9 > opened;
}

bool project_is_outdated(const struct project *project)
{
    const struct run *run = project->run;
    char path[PATH_MAX];

    (void)snprintf(path, sizeof path, "%s/compile_commands.json", run->compdb->dir);
    return is_newer(path, run->opened_at) || is_newer(run->config.path, run->opened_at);
}

/* ---- the job --------------------------------------------------------------------------------- */

/* Before the bytes of a unit. */
struct message {
    uint64_t unit;
    uint64_t number; /* of the job */
    uint64_t lost;   /* what follows is why */
};

/* What the child works on. */
struct lowering {
    struct project *project;
    VEC(const struct compile_unit *) units;
    VEC(size_t) index; /* in project->units */
    struct frontend_overlay overlay;
    unsigned number;
    int fd;
};

static void send_unit(void *user, size_t index, const void *blob, size_t size, const char *why)
{
    const struct lowering *lowering = user;
    struct message head = {lowering->index.v[index], lowering->number, blob == NULL ? 1 : 0};
    size_t n = blob == NULL ? strlen(why) : size;
    char *body = mem_array(NULL, char, sizeof head + n);

    memcpy(body, &head, sizeof head);
    memcpy(body + sizeof head, blob == NULL ? why : blob, n);
    (void)frame_write(lowering->fd, body, sizeof head + n);
    talloc_free(body);
}

static int lower_all(void *user, int fd)
{
    struct lowering *lowering = user;
    struct frontend_limits limits = run_limits(lowering->project->run->options);
    struct err err = {0};

    lowering->fd = fd;
    limits.overlay = &lowering->overlay;
    return frontend_refresh(lowering->units.v, lowering->units.n, &limits, facts_encode, send_unit,
                            lowering, &err)
               ? 0
               : 1;
}

struct job *project_lower(struct project *project, const struct documents *documents, bool open,
                          unsigned *ret_number)
{
    struct lowering *lowering = mem_new(project, struct lowering);
    struct job *job = NULL;

    lowering->project = project;
    for (size_t i = 0; i < documents->n; i++) {
        const struct document *document = documents->v[i];
        vec_push(lowering, &lowering->overlay.files,
                 (struct frontend_unsaved){document->path, document->text, document->n});
    }
    for (size_t i = 0; i < project->units.n; i++) {
        struct project_unit *unit = &project->units.v[i];
        if (unit->stale && unit->lowered_by == 0 && is_open(unit, documents) == open) {
            vec_push(lowering, &lowering->units, &unit->unit);
            vec_push(lowering, &lowering->index, i);
        }
    }
    if (lowering->units.n > 0) {
        lowering->number = ++project->n_jobs;
        *ret_number = lowering->number;
        job = job_start(project, lower_all, lowering);
    }
    for (size_t i = 0; job != NULL && i < lowering->index.n; i++) {
        project->units.v[lowering->index.v[i]].lowered_by = *ret_number;
    }
    talloc_free(lowering);
    return job;
}

/* Does the unit say what lies on disk? Then the next run can use it. */
static bool is_of_disk(const struct project_unit *unit, const struct documents *documents)
{
    return unit->borrowed == NULL && !is_open(unit, documents);
}

/* The unit could not be lowered: is that new? */
static enum project_news lose_unit(struct project *project, struct project_unit *unit,
                                   const char *why, size_t n)
{
    const char *before = unit->lost;

    unit->lost = mem_strndup(project, why, n);
    return before == NULL || strcmp(before, unit->lost) != 0 ? NEWS_PROGRAM : NEWS_NONE;
}

/* Of the unit without lines and columns; all 0: it can't be told. */
static struct facts_hash hash_without_places(struct intern *names, const char *bytes, size_t n)
{
    void *scratch = mem_owner(NULL, "without places");
    struct ir_unit *copy = facts_decode(scratch, names, bytes, n);
    struct facts_hash hash = {0};

    if (copy != NULL) {
        ir_forget_places(copy);
        const void *plain = facts_encode(scratch, copy, &n);
        hash = facts_hash_bytes(plain, n);
    }
    talloc_free(scratch);
    return hash;
}

static bool is_zero(struct facts_hash hash)
{
    return hash.low == 0 && hash.high == 0;
}

/* Does the unit, as these bytes have it, say what it said before, at other places? */
static bool is_moved(struct project_unit *unit, struct intern *names, const char *bytes, size_t n)
{
    size_t n_before = 0;

    if (unit->ir == NULL || unit->lost != NULL) {
        unit->says = (struct facts_hash){0};
        return false;
    }
    if (is_zero(unit->says)) {
        void *before = facts_encode(NULL, unit->ir, &n_before);
        unit->says = hash_without_places(names, before, n_before);
        talloc_free(before);
    }
    struct facts_hash says = hash_without_places(names, bytes, n);
    bool same = !is_zero(says) && memcmp(&says, &unit->says, sizeof says) == 0;
    unit->says = says;
    return same;
}

/* The unit comes as these bytes. */
static enum project_news put_unit(struct project_unit *unit, struct intern *names,
                                  struct ir_unit *ir, const char *bytes, size_t n)
{
    struct facts_hash said = facts_hash_bytes(bytes, n);
    enum project_news news = unit->ir == NULL || unit->lost != NULL ? NEWS_PROGRAM : NEWS_OTHER;

    if (unit->lost == NULL && memcmp(&unit->said, &said, sizeof said) == 0) {
        news = NEWS_NONE;
    } else if (is_moved(unit, names, bytes, n)) {
        news = NEWS_MOVED;
    }
    talloc_free(unit->ir);
    unit->ir = ir;
    unit->said = said;
    unit->lost = NULL;
    unit->news = news > unit->news ? news : unit->news;
    return news;
}

enum project_news project_take(struct project *project, const struct documents *documents,
                               const char *body, size_t n)
{
    struct intern *names = project->run->names;
    struct message head;
    struct err ignored = {0};

    if (n < sizeof head) {
        return NEWS_NONE;
    }
    memcpy(&head, body, sizeof head);
    body += sizeof head;
    n -= sizeof head;
    struct project_unit *unit = head.unit < project->units.n ? &project->units.v[head.unit] : NULL;
    if (unit == NULL || unit->lowered_by != head.number) {
        return NEWS_NONE; /* its text has changed meanwhile */
    }
    struct ir_unit *ir = head.lost != 0 ? NULL : facts_decode(NULL, names, body, n);
    unit->stale = false;
    unit->lowered_by = 0;
    if (ir == NULL) { /* what is known of it is better than nothing */
        return lose_unit(project, unit, body, head.lost != 0 ? n : 0);
    }
    enum project_news news = put_unit(unit, names, ir, body, n);
    if (is_of_disk(unit, documents)) {
        (void)facts_store_unit(project->run->facts, unit->unit.path, unit->key, body, n,
                               ir->files.v, ir->files.n, &ignored);
    }
    return news;
}

size_t project_count_others(const struct project *project)
{
    size_t n = 0;

    for (size_t i = 0; i < project->units.n; i++) {
        n += project->units.v[i].news == NEWS_OTHER ? 1 : 0;
    }
    return n;
}

void project_forget_news(struct project *project)
{
    for (size_t i = 0; i < project->units.n; i++) {
        project->units.v[i].news = NEWS_NONE;
    }
}

void project_job_ended(struct project *project, unsigned number, bool gave_up)
{
    struct err ignored = {0};

    for (size_t i = 0; i < project->units.n; i++) {
        struct project_unit *unit = &project->units.v[i];
        if (unit->lowered_by == number && number != 0) {
            unit->lowered_by = 0;
            unit->stale = unit->stale && !gave_up;
        }
    }
    (void)facts_flush(project->run->facts, &ignored);
}
