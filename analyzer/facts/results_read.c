/* results_read.c - the results of an earlier run: opening them, and are they still true? */
#include "facts/query.h"

#include "base/embed.h"
#include "facts/db.h"
#include "facts/hash.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { BUSY_MS = 5000 }; /* how long another process may keep us waiting */

#define RUN_CHECK "run `snarl check` first, or name its database with --db"

extern const struct embedded_file facts_embedded[]; /* the first one is schema.sql */

/* ---- opening --------------------------------------------------------------------------------- */

const char *facts_tables(void *owner)
{
    static const char start[] = "-- The run that all other tables are of";
    const char *text = strstr(facts_embedded[0].text, start);

    return mem_strdup(owner, text == NULL ? facts_embedded[0].text : text);
}

/* `path` as SQLite's URI of a file that nobody changes (https://www.sqlite.org/uri.html). */
static char *uri_of(void *owner, const char *path)
{
    char *uri = mem_strdup(owner, "file:");

    for (const char *at = path; *at != '\0'; at++) {
        bool plain = *at != '?' && *at != '#' && *at != '%';
        mem_append(owner, &uri, plain ? "%c" : "%%%02x", (unsigned char)*at);
    }
    mem_append(owner, &uri, "?immutable=1");
    return uri;
}

/* SQLite's code, after a first look at what is in the file. */
static int open_file(struct facts *facts, const char *name, int flags)
{
    int code = sqlite3_open_v2(name, &facts->db, SQLITE_OPEN_READONLY | flags, NULL);

    if (code == SQLITE_OK) {
        (void)sqlite3_busy_timeout(facts->db, BUSY_MS);
        code = db_exec(facts, "SELECT count(*) FROM sqlite_schema");
    }
    return code;
}

/* Where no file can be made beside a database, its log of writes can't be looked at: that is for
 * databases that somebody writes to (https://www.sqlite.org/wal.html, "Read-Only Databases"). */
static int open_anyhow(struct facts *facts)
{
    int code = open_file(facts, facts->path, 0);

    if ((code & 0xff) == SQLITE_CANTOPEN) {
        (void)sqlite3_close(facts->db);
        facts->db = NULL;
        code = open_file(facts, uri_of(facts, facts->path), SQLITE_OPEN_URI);
    }
    return code;
}

/* The integer that SQLite answers to `sql`; -1: none. */
static int64_t ask(struct facts *facts, const char *sql)
{
    sqlite3_stmt *row = db_statement(facts, sql);
    int64_t answer = -1;

    if (row != NULL && sqlite3_step(row) == SQLITE_ROW) {
        answer = sqlite3_column_int64(row, 0);
    }
    if (row != NULL) {
        (void)sqlite3_reset(row);
    }
    return answer;
}

/* What is wrong with the file; NULL: nothing. */
static const char *complaint(struct facts *facts, int code)
{
    enum { SNARL_ID = 0x736e6172 }; /* "snar", see db_create() */

    if (db_is_damage(code)) {
        return "this is no facts database, or a damaged one: " RUN_CHECK;
    }
    if (ask(facts, "PRAGMA application_id") != SNARL_ID) {
        return "this is a database of another program: name snarl's with --db";
    }
    if (ask(facts, "PRAGMA user_version") != facts_format()) {
        return "another version of snarl made this database: run `snarl check` again";
    }
    return NULL;
}

static bool settle(struct facts *facts, struct err *err)
{
    struct loc where = {.file = facts->path};
    bool is_there = access(facts->path, F_OK) == 0;
    int code = is_there ? open_anyhow(facts) : SQLITE_OK;

    if (!is_there && errno != ENOENT && errno != ENOTDIR) {
        err_set(err, ERR_IO, where, "can't read this file: %s", strerror(errno));
        return false;
    }
    if (!is_there) {
        err_set(err, ERR_USAGE, where, "there are no results yet: " RUN_CHECK);
        return false;
    }
    if (code != SQLITE_OK && !db_is_damage(code)) {
        return db_fail(facts, err, "read the results");
    }
    const char *wrong = complaint(facts, code);
    if (wrong != NULL) {
        err_set(err, ERR_USAGE, where, "%s", wrong);
        return false;
    }
    (void)sqlite3_limit(facts->db, SQLITE_LIMIT_ATTACHED, 0);
    return db_exec(facts, "PRAGMA query_only = 1; PRAGMA temp_store = MEMORY; BEGIN") ==
               SQLITE_OK ||
           db_fail(facts, err, "read the results");
}

struct facts *facts_open_results(void *owner, const char *path, struct err *err)
{
    struct facts *facts = mem_new(owner, struct facts);

    talloc_set_destructor(facts, db_close);
    facts->path = mem_strdup(facts, path);
    if (strcmp(path, ":memory:") == 0) {
        err_set(err, ERR_USAGE, (struct loc){0},
                "with --db=:memory: no results are kept that could be asked");
    } else if (settle(facts, err)) {
        return facts;
    }
    talloc_free(facts);
    return NULL;
}

/* ---- how old the results are ----------------------------------------------------------------- */

static bool is_as_it_was(struct facts *facts, const char *path, const char *hash)
{
    struct facts_hash now;
    bool changed;
    bool is_there = path != NULL && files_hash(facts, path, &now, &changed);
    char *text = is_there ? facts_hash_text(NULL, now) : NULL;
    bool same = hash != NULL && strcmp(is_there ? text : "", hash) == 0;

    talloc_free(text);
    return same;
}

/* SQLite's code. */
static int count_changed(struct facts *facts, void *owner, struct facts_age *ret)
{
    sqlite3_stmt *row = db_statement(facts, "SELECT path, hash FROM inputs ORDER BY rowid");
    int code = row == NULL ? SQLITE_ERROR : sqlite3_step(row);

    for (; code == SQLITE_ROW; code = sqlite3_step(row)) {
        const char *path = (const char *)sqlite3_column_text(row, 0);
        if (!is_as_it_was(facts, path, (const char *)sqlite3_column_text(row, 1))) {
            ret->changed = ret->n_changed == 0 ? db_text(owner, row, 0) : ret->changed;
            ret->n_changed++;
        }
    }
    if (row != NULL) {
        (void)sqlite3_reset(row);
    }
    return code;
}

bool facts_age(struct facts *facts, void *owner, struct facts_age *ret, struct err *err)
{
    sqlite3_stmt *row =
        db_statement(facts, "SELECT at, snarl, compile_commands, problems FROM run");
    int code = row == NULL ? SQLITE_ERROR : sqlite3_step(row);

    *ret = (struct facts_age){.at = NULL};
    if (code == SQLITE_ROW) {
        ret->at = db_text(owner, row, 0);
        ret->snarl = db_text(owner, row, 1);
        ret->compile_commands = db_text(owner, row, 2);
        ret->problems = (uint64_t)sqlite3_column_int64(row, 3);
        (void)sqlite3_reset(row);
        code = count_changed(facts, owner, ret);
    }
    return code == SQLITE_DONE || db_fail(facts, err, "read the results");
}
