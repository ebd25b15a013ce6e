/* store.c - units in and out of the database. */
#include "base/log.h"
#include "facts/db.h"

#include <stdlib.h>
#include <string.h>

enum {
    COMMIT_AT = 2 << 20, /* bytes: a commit costs little, and a run that is killed keeps its work */
};

static void bind_unit(sqlite3_stmt *row, const char *path, const struct facts_hash *key)
{
    (void)sqlite3_bind_text(row, 1, path, -1, SQLITE_STATIC);
    if (key != NULL) {
        (void)sqlite3_bind_blob(row, 2, key, sizeof *key, SQLITE_STATIC);
    }
}

/* ---- load ------------------------------------------------------------------------------------ */

struct ir_unit *facts_load_unit(struct facts *facts, void *owner, struct intern *names,
                                const char *path, struct facts_hash key)
{
    sqlite3_stmt *row =
        db_statement(facts, "SELECT files, ir FROM unit WHERE path = ?1 AND key = ?2");
    struct ir_unit *unit = NULL;

    if (row == NULL) {
        return NULL;
    }
    bind_unit(row, path, &key);
    if (sqlite3_step(row) == SQLITE_ROW &&
        files_are_current(facts, sqlite3_column_blob(row, 0),
                          (size_t)sqlite3_column_bytes(row, 0))) {
        const void *blob = sqlite3_column_blob(row, 1); /* before its size: it may be converted */
        unit = facts_decode(owner, names, blob, (size_t)sqlite3_column_bytes(row, 1));
    }
    (void)sqlite3_reset(row);
    return unit;
}

/* ---- store ----------------------------------------------------------------------------------- */

/* A unit to be stored. */
struct unit_row {
    const char *path;
    struct facts_hash key;
    const void *blob;
    size_t size;
    const char *const *files;
    size_t n_files;
};

static int drop_row(struct facts *facts, const struct unit_row *unit)
{
    sqlite3_stmt *row = db_statement(facts, "DELETE FROM unit WHERE path = ?1 AND key = ?2");

    if (row == NULL) {
        return sqlite3_errcode(facts->db);
    }
    bind_unit(row, unit->path, &unit->key);
    return db_run(row);
}

static int insert_row(struct facts *facts, const struct unit_row *unit, const void *files,
                      size_t files_size)
{
    sqlite3_stmt *row = db_statement(
        facts, "INSERT OR REPLACE INTO unit (path, key, files, ir) VALUES (?1, ?2, ?3, ?4)");

    if (row == NULL) {
        return sqlite3_errcode(facts->db);
    }
    bind_unit(row, unit->path, &unit->key);
    (void)sqlite3_bind_blob64(row, 3, files, files_size, SQLITE_STATIC);
    (void)sqlite3_bind_blob64(row, 4, unit->blob, unit->size, SQLITE_STATIC);
    int code = db_run(row);
    (void)sqlite3_clear_bindings(row);
    return code;
}

/* People switch between a few builds; a path keeps its three newest, older ones go. */
static int drop_oldest(struct facts *facts, const char *path)
{
    sqlite3_stmt *row =
        db_statement(facts, "DELETE FROM unit WHERE path = ?1 AND id NOT IN"
                            " (SELECT id FROM unit WHERE path = ?1 ORDER BY id DESC LIMIT 3)");

    if (row == NULL) {
        return sqlite3_errcode(facts->db);
    }
    bind_unit(row, path, NULL);
    return db_run(row);
}

static int commit(struct facts *facts)
{
    int code = facts->writing ? db_exec(facts, "COMMIT") : SQLITE_OK;

    if (code == SQLITE_OK) {
        facts->writing = false;
        facts->pending = 0;
    }
    return code;
}

static int store(struct facts *facts, const struct unit_row *unit)
{
    void *scratch = mem_owner(NULL, "facts_store_unit");
    void *files = NULL;
    size_t size = 0;
    int code = db_begin(facts);

    if (code == SQLITE_OK) {
        switch (files_note(facts, scratch, unit->files, unit->n_files, &files, &size)) {
        case FILES_NOTED:
            code = insert_row(facts, unit, files, size);
            code = code == SQLITE_OK ? drop_oldest(facts, unit->path) : code;
            break;
        case FILES_UNSURE:
            code = drop_row(facts, unit);
            break;
        case FILES_FAILED:
            code = sqlite3_errcode(facts->db);
            break;
        }
    }
    talloc_free(scratch);
    facts->pending += unit->size + size;
    return code == SQLITE_OK && facts->pending >= COMMIT_AT ? commit(facts) : code;
}

bool facts_store_unit(struct facts *facts, const char *path, struct facts_hash key,
                      const void *blob, size_t size, const char *const *files, size_t n_files,
                      struct err *err)
{
    struct unit_row unit = {path, key, blob, size, files, n_files};
    int code = store(facts, &unit);

    if (db_is_damage(code) && db_rebuild(facts) == SQLITE_OK) {
        log_debug("facts: %s was damaged: it is made anew", facts->path);
        code = store(facts, &unit);
    }
    if (code == SQLITE_BUSY) {
        log_debug("facts: another process writes to %s: %s is not kept", facts->path, path);
        return true;
    }
    return code == SQLITE_OK || db_fail(facts, err, "store what was read");
}

static bool is_pretended(struct facts *facts, const char *path, struct facts_hash key)
{
    sqlite3_stmt *row = db_statement(facts, "SELECT files FROM unit WHERE path = ?1 AND key = ?2");
    bool pretended = false;

    if (row != NULL) {
        bind_unit(row, path, &key);
        pretended = sqlite3_step(row) == SQLITE_ROW &&
                    files_are_pretended(facts, sqlite3_column_blob(row, 0),
                                        (size_t)sqlite3_column_bytes(row, 0));
        (void)sqlite3_reset(row);
    }
    return pretended;
}

bool facts_put_aside(struct facts *facts, const char *path, struct facts_hash key,
                     struct facts_hash to, struct err *err)
{
    if (!is_pretended(facts, path, key)) {
        return true;
    }
    int code = db_begin(facts);
    sqlite3_stmt *row =
        db_statement(facts, "UPDATE OR REPLACE unit SET key = ?3 WHERE path = ?1 AND key = ?2");
    if (code == SQLITE_OK && row != NULL) {
        bind_unit(row, path, &key);
        (void)sqlite3_bind_blob(row, 3, &to, sizeof to, SQLITE_STATIC);
        code = db_run(row);
    }
    return code == SQLITE_OK || code == SQLITE_BUSY || db_fail(facts, err, "put a unit aside");
}

bool facts_flush(struct facts *facts, struct err *err)
{
    int code = commit(facts);

    facts->locked = false;
    return code == SQLITE_OK || db_fail(facts, err, "store what was read");
}

/* ---- keep ------------------------------------------------------------------------------------ */

static int compare_paths(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The ids of units whose path is not in sorted[0..n). */
static void collect_strangers(struct facts *facts, void *owner, const char *const *sorted, size_t n,
                              int64_t **ret_ids, size_t *ret_n)
{
    sqlite3_stmt *row = db_statement(facts, "SELECT id, path FROM unit");
    VEC(int64_t) ids = {0};

    while (row != NULL && sqlite3_step(row) == SQLITE_ROW) {
        const char *path = (const char *)sqlite3_column_text(row, 1);
        if (path == NULL || bsearch(&path, sorted, n, sizeof *sorted, compare_paths) == NULL) {
            vec_push(owner, &ids, sqlite3_column_int64(row, 0));
        }
    }
    if (row != NULL) {
        (void)sqlite3_reset(row);
    }
    *ret_ids = ids.v;
    *ret_n = ids.n;
}

static int drop_units(struct facts *facts, const int64_t *ids, size_t n)
{
    int code = n > 0 ? db_begin(facts) : SQLITE_OK;

    for (size_t i = 0; i < n && code == SQLITE_OK; i++) {
        sqlite3_stmt *row = db_statement(facts, "DELETE FROM unit WHERE id = ?1");
        if (row == NULL) {
            return sqlite3_errcode(facts->db);
        }
        (void)sqlite3_bind_int64(row, 1, ids[i]);
        code = db_run(row);
    }
    return code;
}

bool facts_keep_only(struct facts *facts, const char *const *paths, size_t n_paths, struct err *err)
{
    void *scratch = mem_owner(NULL, "facts_keep_only");
    const char **sorted = mem_array(scratch, const char *, n_paths + 1);
    int64_t *ids = NULL;
    size_t n = 0;

    memcpy(sorted, paths, n_paths * sizeof *sorted);
    qsort(sorted, n_paths, sizeof *sorted, compare_paths);
    collect_strangers(facts, scratch, sorted, n_paths, &ids, &n);
    int code = drop_units(facts, ids, n);
    code = code == SQLITE_OK ? files_prune(facts) : code;
    talloc_free(scratch);
    if (code == SQLITE_BUSY) { /* the process that writes will do it */
        return true;
    }
    return code == SQLITE_OK || db_fail(facts, err, "drop old units");
}
