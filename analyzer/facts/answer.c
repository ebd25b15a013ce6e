/* answer.c - what the last runs printed, for a run in which nothing has changed. */
#include "facts/db.h"

#include <string.h>

int64_t facts_unit_id(struct facts *facts, const char *path, struct facts_hash key)
{
    sqlite3_stmt *row =
        db_statement(facts, "SELECT files, id FROM unit WHERE path = ?1 AND key = ?2");
    int64_t id = 0;

    if (row == NULL) {
        return 0;
    }
    (void)sqlite3_bind_text(row, 1, path, -1, SQLITE_STATIC);
    (void)sqlite3_bind_blob(row, 2, &key, sizeof key, SQLITE_STATIC);
    if (sqlite3_step(row) == SQLITE_ROW &&
        files_are_current(facts, sqlite3_column_blob(row, 0),
                          (size_t)sqlite3_column_bytes(row, 0))) {
        id = sqlite3_column_int64(row, 1);
    }
    (void)sqlite3_reset(row);
    return id;
}

static const char *text_of(void *owner, sqlite3_stmt *row, int column, size_t *ret_size)
{
    const char *bytes = sqlite3_column_blob(row, column); /* before its size: see facts_load_unit */

    *ret_size = (size_t)sqlite3_column_bytes(row, column);
    return mem_strndup(owner, bytes == NULL ? "" : bytes, *ret_size);
}

bool facts_find_answer(struct facts *facts, void *owner, struct facts_hash key,
                       struct facts_answer *ret_answer)
{
    sqlite3_stmt *row = db_statement(facts, "SELECT status, out, said FROM answer WHERE key = ?1");
    bool found = false;

    if (row == NULL) {
        return false;
    }
    (void)sqlite3_bind_blob(row, 1, &key, sizeof key, SQLITE_STATIC);
    if (sqlite3_step(row) == SQLITE_ROW) {
        ret_answer->status = sqlite3_column_int(row, 0);
        ret_answer->out = text_of(owner, row, 1, &ret_answer->out_size);
        ret_answer->said = text_of(owner, row, 2, &ret_answer->said_size);
        found = true;
    }
    (void)sqlite3_reset(row);
    return found;
}

bool facts_keep_answer(struct facts *facts, struct facts_hash key,
                       const struct facts_answer *answer, struct err *err)
{
    int code = db_begin(facts);
    sqlite3_stmt *row = db_statement(
        facts, "INSERT OR REPLACE INTO answer (key, status, out, said) VALUES (?1, ?2, ?3, ?4)");

    if (code == SQLITE_BUSY) {
        return true; /* another process writes: the next run asks again */
    }
    if (code != SQLITE_OK || row == NULL) {
        return db_fail(facts, err, "store the report");
    }
    (void)sqlite3_bind_blob(row, 1, &key, sizeof key, SQLITE_STATIC);
    (void)sqlite3_bind_int(row, 2, answer->status);
    (void)sqlite3_bind_blob64(row, 3, answer->out, answer->out_size, SQLITE_STATIC);
    (void)sqlite3_bind_blob64(row, 4, answer->said, answer->said_size, SQLITE_STATIC);
    code = db_run(row);
    (void)sqlite3_clear_bindings(row);
    return (code == SQLITE_OK || db_fail(facts, err, "store the report")) &&
           facts_flush(facts, err);
}
