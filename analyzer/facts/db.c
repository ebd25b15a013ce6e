#include "facts/db.h"

#include "base/embed.h"
#include "base/map.h"
#include "facts/hash.h"

#include <stdio.h>
#include <string.h>

extern const struct embedded_file facts_embedded[]; /* the first one is schema.sql */

struct statement {
    UT_hash_handle hh;
    char *sql;
    sqlite3_stmt *prepared;
};

int db_exec(struct facts *facts, const char *sql)
{
    return sqlite3_exec(facts->db, sql, NULL, NULL, NULL);
}

sqlite3_stmt *db_statement(struct facts *facts, const char *sql)
{
    struct statement *statement = NULL;

    HASH_FIND_STR(facts->statements, sql, statement);
    if (statement == NULL) {
        statement = mem_new(facts, struct statement);
        if (sqlite3_prepare_v3(facts->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement->prepared,
                               NULL) != SQLITE_OK) {
            talloc_free(statement);
            return NULL;
        }
        statement->sql = mem_strdup(statement, sql);
        HASH_ADD_KEYPTR(hh, facts->statements, statement->sql, strlen(statement->sql), statement);
    }
    (void)sqlite3_reset(statement->prepared);
    return statement->prepared;
}

void db_forget_statements(struct facts *facts)
{
    struct statement *statement = NULL;
    struct statement *next = NULL;

    HASH_ITER(hh, facts->statements, statement, next)
    {
        HASH_DEL(facts->statements, statement);
        (void)sqlite3_finalize(statement->prepared);
        talloc_free(statement);
    }
}

const char *db_text(void *owner, sqlite3_stmt *row, int column)
{
    const char *text = (const char *)sqlite3_column_text(row, column);

    return text == NULL ? NULL : mem_strdup(owner, text);
}

int db_run(sqlite3_stmt *statement)
{
    int stepped = sqlite3_step(statement);
    int code = sqlite3_reset(statement);

    return stepped == SQLITE_DONE || stepped == SQLITE_ROW ? SQLITE_OK : code;
}

int db_begin(struct facts *facts)
{
    if (facts->writing) {
        return SQLITE_OK;
    }
    int code = facts->locked ? SQLITE_BUSY : db_exec(facts, "BEGIN IMMEDIATE");
    facts->locked = code == SQLITE_BUSY;
    facts->writing = code == SQLITE_OK;
    return code;
}

bool db_is_damage(int code)
{
    int primary = code & 0xff; /* extended codes keep the primary one in the low byte */

    return primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB;
}

bool db_fail(struct facts *facts, struct err *err, const char *what)
{
    err_set(err, ERR_IO, (struct loc){.file = facts->path}, "can't %s: %s", what,
            sqlite3_errmsg(facts->db));
    return false;
}

/* The application id goes first and in a transaction of its own: it marks the file as ours, also
 * when we are killed right after. */
int db_create(struct facts *facts)
{
    char version[64];
    int code = db_exec(facts, "PRAGMA application_id = 0x736e6172"); /* "snar" */

    if (code == SQLITE_OK) {
        code = db_exec(facts, "PRAGMA journal_mode = WAL; BEGIN IMMEDIATE");
    }
    if (code != SQLITE_OK) {
        return code;
    }
    (void)snprintf(version, sizeof version, "PRAGMA user_version = %d", (int)facts_format());
    code = db_exec(facts, facts_embedded[0].text);
    code = code == SQLITE_OK ? db_exec(facts, version) : code;
    code = code == SQLITE_OK ? db_exec(facts, "COMMIT") : code;
    if (code != SQLITE_OK) {
        (void)db_exec(facts, "ROLLBACK");
    }
    return code;
}

/* SQLite's own recipe: works on damaged files too and keeps other processes' handles valid, which
 * unlinking the file would not. */
int db_rebuild(struct facts *facts)
{
    db_forget_statements(facts);
    files_forget_ids(facts);
    if (sqlite3_get_autocommit(facts->db) == 0) {
        (void)db_exec(facts, "ROLLBACK");
    }
    facts->writing = false;
    facts->pending = 0;
    (void)db_exec(facts, "SELECT 1 FROM sqlite_schema"); /* has it learn the journal mode */
    (void)sqlite3_db_config(facts->db, SQLITE_DBCONFIG_RESET_DATABASE, 1, (int *)NULL);
    int code = db_exec(facts, "VACUUM");
    (void)sqlite3_db_config(facts->db, SQLITE_DBCONFIG_RESET_DATABASE, 0, (int *)NULL);
    return code == SQLITE_OK ? db_create(facts) : code;
}

int db_close(struct facts *facts)
{
    db_forget_statements(facts);
    files_forget(facts);
    (void)sqlite3_close(facts->db); /* takes NULL too; rolls back what was not flushed */
    facts->db = NULL;
    return 0;
}
