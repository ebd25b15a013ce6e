/* open.c - facts_open(): whatever lies at the path, end with a database that works. */
#include "facts/db.h"
#include "facts/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    APPLICATION_AT = 68, /* bytes into the file: the id that db_create() sets, big-endian */
    HEADER_SIZE = 100,   /* https://www.sqlite.org/fileformat.html, 1.3 */
    BUSY_MS = 5000,      /* how long another process may keep us waiting */
};

/* What the file's first bytes say, before SQLite touches it. */
enum header {
    HEADER_NEW, /* no file, or an empty one */
    HEADER_OURS,
    HEADER_OTHER,   /* a database without our mark */
    HEADER_GARBAGE, /* no database, or less than its header */
    HEADER_FAILED,  /* errno tells */
};

/* One attempt to open a file. */
struct opening {
    struct facts *facts;
    const char *path;
    enum header header;
    const char *note; /* owned by `facts` */
};

static enum header header_of(const char *path)
{
    static const char magic[16] = "SQLite format 3"; /* with its NUL */
    uint8_t bytes[HEADER_SIZE];
    struct stat stat = {0};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0) {
        return errno == ENOENT ? HEADER_NEW : HEADER_FAILED;
    }
    ssize_t got = read(fd, bytes, sizeof bytes);
    int error = fstat(fd, &stat) != 0 ? errno : 0;
    (void)close(fd);
    if (got < 0 || error != 0 || !S_ISREG(stat.st_mode)) {
        errno = S_ISDIR(stat.st_mode) ? EISDIR : EINVAL;
        return HEADER_FAILED;
    }
    if (got == 0) {
        return HEADER_NEW;
    }
    if (got < HEADER_SIZE || memcmp(bytes, magic, sizeof magic) != 0) {
        return HEADER_GARBAGE;
    }
    return memcmp(bytes + APPLICATION_AT, "snar", 4) == 0 ? HEADER_OURS : HEADER_OTHER;
}

/* Makes the folders above `path`. False: errno tells. */
static bool make_folders(void *owner, const char *path)
{
    char *folder = mem_strdup(owner, path);

    for (char *at = strchr(folder + 1, '/'); at != NULL; at = strchr(at + 1, '/')) {
        *at = '\0';
        if (mkdir(folder, 0777) != 0 && errno != EEXIST) {
            return false;
        }
        *at = '/';
    }
    return true;
}

/* A file that is no database may be somebody's work: it is kept under another name. What its
 * namesake left of a write-ahead log would be replayed into the new database. */
static bool set_aside(struct opening *opening)
{
    struct facts *facts = opening->facts;
    const char *old = mem_printf(facts, "%s.old", opening->path);

    if (rename(opening->path, old) != 0) {
        return false;
    }
    (void)unlink(mem_printf(facts, "%s-wal", opening->path));
    (void)unlink(mem_printf(facts, "%s-shm", opening->path));
    opening->note =
        mem_printf(facts, "%s was no facts database: it is made anew, the old file is kept as %s",
                   opening->path, old);
    return true;
}

static enum facts_state in_memory(struct opening *opening, const char *why)
{
    opening->note =
        mem_printf(opening->facts, "%s can't be used, so nothing is kept: %s", opening->path, why);
    return FACTS_IN_MEMORY;
}

/* An integer that SQLite answers to `sql`; `*ret_code` is SQLITE_OK or says why there is none. */
static int64_t ask(struct facts *facts, const char *sql, int *ret_code)
{
    sqlite3_stmt *row = NULL;
    int64_t answer = 0;
    int code = sqlite3_prepare_v2(facts->db, sql, -1, &row, NULL);

    if (code == SQLITE_OK && sqlite3_step(row) == SQLITE_ROW) {
        answer = sqlite3_column_int64(row, 0);
    }
    int finalized = sqlite3_finalize(row);
    *ret_code = code != SQLITE_OK ? code : finalized;
    return answer;
}

/* What is wrong with the database's content; NULL: nothing. */
static const char *complaint(struct facts *facts, int *ret_code)
{
    int64_t format = ask(facts, "PRAGMA user_version", ret_code);
    int code = SQLITE_OK;

    if (*ret_code == SQLITE_OK && format != facts_format()) {
        return "of another version of snarl";
    }
    if (*ret_code == SQLITE_OK) { /* reads the trees' roots */
        (void)ask(facts, "SELECT (SELECT max(id) FROM unit) + (SELECT max(id) FROM file)", &code);
        *ret_code = code;
    }
    return db_is_damage(*ret_code) || *ret_code == SQLITE_ERROR ? "damaged" : NULL;
}

static enum facts_state rebuild(struct opening *opening, const char *complaint)
{
    if (db_rebuild(opening->facts) != SQLITE_OK) {
        return in_memory(opening, sqlite3_errmsg(opening->facts->db));
    }
    opening->note =
        mem_printf(opening->facts, "%s was %s: it is made anew", opening->path, complaint);
    return FACTS_REBUILT;
}

/* A reader needs no lock here, so a database that can't be written shows only now. */
static enum facts_state prove_writable(struct opening *opening)
{
    struct facts *facts = opening->facts;
    int code = db_exec(facts, "PRAGMA journal_mode = WAL; BEGIN IMMEDIATE");

    if (code == SQLITE_OK) {
        code = db_exec(facts, "COMMIT");
    }
    if (db_is_damage(code)) {
        return rebuild(opening, "damaged");
    }
    if (code == SQLITE_BUSY) {
        return in_memory(opening, "another process is writing to it");
    }
    return code == SQLITE_OK ? FACTS_OPENED : in_memory(opening, sqlite3_errmsg(facts->db));
}

/* The connection is open: new, as we left it, or in need of repair? */
static enum facts_state settle(struct opening *opening)
{
    struct facts *facts = opening->facts;
    int code = SQLITE_OK;
    int64_t n_tables = ask(facts, "SELECT count(*) FROM sqlite_schema", &code);

    if (code == SQLITE_BUSY) {
        return in_memory(opening, "another process is using it");
    }
    if (code == SQLITE_OK && n_tables == 0) {
        return db_create(facts) == SQLITE_OK ? FACTS_OPENED : prove_writable(opening);
    }
    if (opening->header == HEADER_OTHER) {
        return in_memory(opening, "it is a database of another program");
    }
    if (db_is_damage(code)) {
        return rebuild(opening, "damaged");
    }
    const char *wrong = code == SQLITE_OK ? complaint(facts, &code) : NULL;
    if (wrong != NULL) {
        return rebuild(opening, wrong);
    }
    return code == SQLITE_OK ? prove_writable(opening)
                             : in_memory(opening, sqlite3_errmsg(facts->db));
}

static enum facts_state open_file(struct opening *opening)
{
    struct facts *facts = opening->facts;
    enum facts_state state = FACTS_OPENED;

    if (!make_folders(facts, opening->path)) {
        return in_memory(opening, strerror(errno));
    }
    opening->header = header_of(opening->path);
    if (opening->header == HEADER_FAILED ||
        (opening->header == HEADER_GARBAGE && !set_aside(opening))) {
        return in_memory(opening, strerror(errno));
    }
    const char *set_aside_note = opening->note;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(opening->path, &facts->db, flags, NULL) != SQLITE_OK) {
        return in_memory(opening, sqlite3_errmsg(facts->db));
    }
    (void)sqlite3_busy_timeout(facts->db, BUSY_MS);
    if (sqlite3_db_readonly(facts->db, "main") == 1) {
        return in_memory(opening, "it is read-only");
    }
    state = settle(opening);
    return state == FACTS_OPENED && set_aside_note != NULL ? FACTS_REBUILT : state;
}

static bool open_memory(struct facts *facts)
{
    db_forget_statements(facts);
    (void)sqlite3_close(facts->db);
    facts->db = NULL;
    facts->path = ":memory:";
    return sqlite3_open(":memory:", &facts->db) == SQLITE_OK && db_create(facts) == SQLITE_OK;
}

/* Speed for what can be made again: no wait for the disk at a commit (a WAL stays consistent
 * without, see sqlite.org/pragma.html#pragma_synchronous), a log of 32 MB between checkpoints. */
static void tune(struct facts *facts)
{
    (void)db_exec(facts, "PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 8000;"
                         "PRAGMA journal_size_limit = 4194304; PRAGMA temp_store = MEMORY");
}

struct facts *facts_open(void *owner, const char *path, enum facts_state *ret_state,
                         const char **ret_note, struct err *err)
{
    struct facts *facts = mem_new(owner, struct facts);
    struct opening opening = {.facts = facts, .path = path};

    talloc_set_destructor(facts, db_close);
    facts->path = mem_strdup(facts, path);
    (void)clock_gettime(CLOCK_REALTIME, &facts->opened);
    *ret_state = open_file(&opening);
    if (*ret_state == FACTS_IN_MEMORY && !open_memory(facts)) {
        (void)db_fail(facts, err, "start SQLite");
        talloc_free(facts);
        return NULL;
    }
    tune(facts);
    *ret_note = opening.note;
    return facts;
}
