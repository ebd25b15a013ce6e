/* files.c - is what we know of a source file still true? Each file is read once a run. */
#include "base/log.h"
#include "base/map.h"
#include "base/wire.h"
#include "facts/db.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum file_current {
    CURRENT_UNKNOWN, /* not looked up yet */
    CURRENT_YES,
    CURRENT_PRETENDED, /* yes, by facts_pretend() */
    CURRENT_NO,
};

enum {
    IDS_MAX = 1 << 24, /* an id beyond is not from us */
    DEAD_MAX = 500,    /* rows without a unit that are not worth a write */
};

/* A file as it is in this run. */
struct file_now {
    UT_hash_handle hh;
    const char *path;
    struct facts_hash hash;
    bool gone;      /* no readable regular file: `hash` means nothing */
    bool changed;   /* after the run began */
    bool pretended; /* `hash` is not that of what lies on disk */
    uint32_t id;    /* file.id of this path and content; 0: not known (yet) */
};

/* ---- contents -------------------------------------------------------------------------------- */

/* The whole of an open file, owned by `owner`; NULL: can't be read. */
static uint8_t *read_all(void *owner, int fd, size_t expected, size_t *ret_n)
{
    size_t capacity = expected + 1; /* one more: a full buffer means that it grew meanwhile */
    uint8_t *bytes = mem_grow(owner, NULL, 1, capacity);

    for (size_t n = 0;;) {
        ssize_t got = read(fd, bytes + n, capacity - n);
        if (got < 0 && errno != EINTR) {
            return NULL;
        }
        if (got == 0) {
            *ret_n = n;
            return bytes;
        }
        n += got > 0 ? (size_t)got : 0;
        if (n == capacity) {
            capacity *= 2;
            bytes = mem_grow(owner, bytes, 1, capacity);
        }
    }
}

static bool is_later(struct timespec a, struct timespec b)
{
    return a.tv_sec > b.tv_sec || (a.tv_sec == b.tv_sec && a.tv_nsec > b.tv_nsec);
}

static void look_at_file(const struct facts *facts, struct file_now *file)
{
    enum { FILE_MAX = 100 << 20 }; /* bytes; no source is that long */
    struct stat stat = {0};
    void *scratch = mem_owner(NULL, "look_at_file");
    int fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO must not stop us */
    const uint8_t *bytes = NULL;
    size_t n = 0;

    if (fd >= 0 && fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode) && stat.st_size < FILE_MAX) {
        bytes = read_all(scratch, fd, (size_t)stat.st_size, &n);
    }
    file->gone = bytes == NULL;
    file->changed = is_later(stat.st_mtim, facts->opened);
    if (bytes != NULL) {
        file->hash = facts_hash_bytes(bytes, n);
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    talloc_free(scratch);
}

static struct file_now *file_now(struct facts *facts, const char *path)
{
    struct file_now *file = NULL;

    HASH_FIND_STR(facts->files, path, file);
    if (file == NULL) {
        file = mem_new(facts, struct file_now);
        file->path = mem_strdup(file, path);
        look_at_file(facts, file);
        HASH_ADD_KEYPTR(hh, facts->files, file->path, strlen(file->path), file);
    }
    return file;
}

bool files_hash(struct facts *facts, const char *path, struct facts_hash *ret_hash,
                bool *ret_changed)
{
    const struct file_now *file = file_now(facts, path);

    *ret_hash = file->hash;
    *ret_changed = file->changed;
    return !file->gone;
}

void facts_pretend(struct facts *facts, const char *path, const void *bytes, size_t n)
{
    struct file_now *file = file_now(facts, path);

    file->hash = facts_hash_bytes(bytes, n);
    file->gone = false;
    file->changed = false;
    file->pretended = true;
}

void files_forget(struct facts *facts)
{
    struct file_now *file = NULL;
    struct file_now *next = NULL;

    HASH_ITER(hh, facts->files, file, next)
    {
        HASH_DEL(facts->files, file);
        talloc_free(file);
    }
}

void files_forget_ids(struct facts *facts)
{
    for (struct file_now *file = facts->files; file != NULL; file = file->hh.next) {
        file->id = 0;
    }
    TALLOC_FREE(facts->current);
    facts->n_current = 0;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static void remember_current(struct facts *facts, uint32_t id, enum file_current current)
{
    if (id >= facts->n_current) {
        size_t n = 256;
        while (n <= id) {
            n *= 2;
        }
        facts->current = mem_grow(facts, facts->current, 1, n);
        memset(facts->current + facts->n_current, CURRENT_UNKNOWN, n - facts->n_current);
        facts->n_current = n;
    }
    facts->current[id] = (uint8_t)current;
}

static enum file_current row_current(struct facts *facts, uint32_t id)
{
    sqlite3_stmt *row = db_statement(facts, "SELECT path, hash FROM file WHERE id = ?1");
    enum file_current answer = CURRENT_NO;

    if (row == NULL || sqlite3_bind_int64(row, 1, id) != SQLITE_OK ||
        sqlite3_step(row) != SQLITE_ROW) {
        return CURRENT_NO;
    }
    const char *path = (const char *)sqlite3_column_text(row, 0);
    const void *hash = sqlite3_column_blob(row, 1);
    if (path != NULL && sqlite3_column_bytes(row, 1) == (int)sizeof(struct facts_hash)) {
        const struct file_now *file = file_now(facts, path);
        bool current = !file->gone && memcmp(hash, &file->hash, sizeof file->hash) == 0;
        answer = !current ? CURRENT_NO : file->pretended ? CURRENT_PRETENDED : CURRENT_YES;
        if (!current) {
            log_debug("facts: %s %s", path, file->gone ? "is gone" : "has changed");
        }
    }
    (void)sqlite3_reset(row);
    return answer;
}

static enum file_current is_current(struct facts *facts, uint32_t id)
{
    if (id >= IDS_MAX) {
        return CURRENT_NO;
    }
    if (id >= facts->n_current || facts->current[id] == CURRENT_UNKNOWN) {
        remember_current(facts, id, row_current(facts, id));
    }
    return (enum file_current)facts->current[id];
}

/* `*ret_pretended`: is one of them? */
static bool are_current(struct facts *facts, const void *bytes, size_t size, bool *ret_pretended)
{
    struct wire wire = wire_reader(NULL, NULL, bytes, size);
    bool current = true;

    *ret_pretended = false;
    for (uint32_t id = 0; wire.at < wire.end && current;) {
        wire_near(&wire, &id, id + 1);
        enum file_current one = is_current(facts, id);
        current = one != CURRENT_NO;
        *ret_pretended = *ret_pretended || one == CURRENT_PRETENDED;
    }
    return current && !wire.bad;
}

bool files_are_current(struct facts *facts, const void *bytes, size_t size)
{
    bool pretended;

    return are_current(facts, bytes, size, &pretended);
}

bool files_are_pretended(struct facts *facts, const void *bytes, size_t size)
{
    bool pretended;

    return are_current(facts, bytes, size, &pretended) && pretended;
}

/* SQLite's code; finds or adds the row of `file` as it is now. */
static int find_row(struct facts *facts, struct file_now *file, const char *sql)
{
    sqlite3_stmt *row = db_statement(facts, sql);

    if (row == NULL) {
        return sqlite3_errcode(facts->db);
    }
    (void)sqlite3_bind_text(row, 1, file->path, -1, SQLITE_STATIC);
    (void)sqlite3_bind_blob(row, 2, &file->hash, sizeof file->hash, SQLITE_STATIC);
    if (sqlite3_step(row) == SQLITE_ROW) {
        file->id = (uint32_t)sqlite3_column_int64(row, 0);
    }
    return sqlite3_reset(row);
}

static int row_of(struct facts *facts, struct file_now *file)
{
    int code = SQLITE_OK;

    if (file->id == 0) {
        code = find_row(facts, file, "SELECT id FROM file WHERE path = ?1 AND hash = ?2");
    }
    if (code == SQLITE_OK && file->id == 0) {
        code = find_row(facts, file, "INSERT INTO file (path, hash) VALUES (?1, ?2) RETURNING id");
    }
    return code;
}

enum files_answer files_note(struct facts *facts, void *owner, const char *const *files, size_t n,
                             void **ret_bytes, size_t *ret_size)
{
    struct wire wire = wire_writer(owner);
    uint32_t last = 0;

    for (size_t i = 0; i < n; i++) {
        struct file_now *file = file_now(facts, files[i]);
        if (file->gone || file->changed) {
            log_debug("facts: %s %s: the unit is not kept", file->path,
                      file->gone ? "is gone" : "was changed during the run");
            return FILES_UNSURE;
        }
        if (row_of(facts, file) != SQLITE_OK) {
            return FILES_FAILED;
        }
        uint32_t id = file->id;
        wire_near(&wire, &id, last + 1);
        last = id;
    }
    *ret_bytes = wire.out;
    *ret_size = wire.size;
    return FILES_NOTED;
}

/* ---- pruning --------------------------------------------------------------------------------- */

/* Marks the ids that some unit names, in used[0..n). */
static void mark_used(struct facts *facts, uint8_t *used, size_t n)
{
    sqlite3_stmt *unit = db_statement(facts, "SELECT files FROM unit");

    while (unit != NULL && sqlite3_step(unit) == SQLITE_ROW) {
        struct wire wire = wire_reader(NULL, NULL, sqlite3_column_blob(unit, 0),
                                       (size_t)sqlite3_column_bytes(unit, 0));
        for (uint32_t id = 0; wire.at < wire.end;) {
            wire_near(&wire, &id, id + 1);
            if (id < n) {
                used[id] = 1;
            }
        }
    }
    if (unit != NULL) {
        (void)sqlite3_reset(unit);
    }
}

static size_t greatest_id(struct facts *facts)
{
    sqlite3_stmt *row = db_statement(facts, "SELECT max(id) FROM file");
    int64_t id = 0;

    if (row != NULL && sqlite3_step(row) == SQLITE_ROW) {
        id = sqlite3_column_int64(row, 0);
    }
    if (row != NULL) {
        (void)sqlite3_reset(row);
    }
    return id > 0 && id < IDS_MAX ? (size_t)id : 0;
}

/* Rows in `file` that `used` doesn't mark: counts them, or (`remove`) deletes them. */
static size_t sweep(struct facts *facts, const uint8_t *used, size_t n, bool remove)
{
    sqlite3_stmt *file = db_statement(facts, "SELECT id FROM file");
    size_t n_dead = 0;

    while (file != NULL && sqlite3_step(file) == SQLITE_ROW) {
        int64_t id = sqlite3_column_int64(file, 0);
        if (id <= 0 || (size_t)id >= n || used[id] != 0) {
            continue;
        }
        n_dead++;
        sqlite3_stmt *gone = remove ? db_statement(facts, "DELETE FROM file WHERE id = ?1") : NULL;
        if (gone != NULL) {
            (void)sqlite3_bind_int64(gone, 1, id);
            (void)db_run(gone);
        }
    }
    if (file != NULL) {
        (void)sqlite3_reset(file);
    }
    return n_dead;
}

int files_prune(struct facts *facts)
{
    void *scratch = mem_owner(NULL, "files_prune");
    size_t n = greatest_id(facts) + 1;
    uint8_t *used = mem_array(scratch, uint8_t, n);
    int code = SQLITE_OK;

    mark_used(facts, used, n);
    if (sweep(facts, used, n, false) > DEAD_MAX) {
        code = db_begin(facts);
        if (code == SQLITE_OK) {
            (void)sweep(facts, used, n, true);
            files_forget_ids(facts);
        }
    }
    talloc_free(scratch);
    return code;
}
