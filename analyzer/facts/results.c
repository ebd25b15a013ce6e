/* results.c - the tables for people: what the last run found. */
#include "facts/db.h"

#include <string.h>

/* The result tables of schema.sql. */
static const struct result_table {
    const char *name;
    size_t n_columns;
    const char *insert;
    const char *clear;
} result_tables[] = {
#define TABLE(name, n, marks)                                                                      \
    {name, n, "INSERT INTO " name " VALUES (" marks ")", "DELETE FROM " name}
    TABLE("run", 7, "?,?,?,?,?,?,?"),
    TABLE("inputs", 2, "?,?"),
    TABLE("contexts", 8, "?,?,?,?,?,?,?,?"),
    TABLE("callbacks", 5, "?,?,?,?,?"),
    TABLE("locks", 3, "?,?,?"),
    TABLE("lock_edges", 6, "?,?,?,?,?,?"),
    TABLE("variables", 5, "?,?,?,?,?"),
    TABLE("accesses", 7, "?,?,?,?,?,?,?"),
    TABLE("blocking", 6, "?,?,?,?,?,?"),
    TABLE("findings", 10, "?,?,?,?,?,?,?,?,?,?"),
    TABLE("answer", 4, "?,?,?,?"),
#undef TABLE
};

enum { N_RESULT_TABLES = sizeof result_tables / sizeof result_tables[0] };

static const struct result_table *find_table(const char *name)
{
    for (size_t i = 0; i < N_RESULT_TABLES; i++) {
        if (strcmp(result_tables[i].name, name) == 0) {
            return &result_tables[i];
        }
    }
    return NULL;
}

static int clear_tables(struct facts *facts)
{
    int code = db_begin(facts);

    for (size_t i = 0; i < N_RESULT_TABLES && code == SQLITE_OK; i++) {
        code = db_exec(facts, result_tables[i].clear);
    }
    return code;
}

/* What was stored before is committed first: the results then replace the last run's all at once,
 * or, when we are killed on the way, not at all. */
bool facts_results_begin(struct facts *facts, struct err *err)
{
    if (!facts_flush(facts, err)) {
        return false;
    }
    int code = clear_tables(facts);
    if (db_is_damage(code) && db_rebuild(facts) == SQLITE_OK) {
        code = clear_tables(facts);
    }
    return code == SQLITE_OK || db_fail(facts, err, "store the results");
}

bool facts_result(struct facts *facts, const char *table, const char *const *values, size_t n,
                  struct err *err)
{
    const struct result_table *known = find_table(table);

    if (known == NULL || known->n_columns != n) {
        err_set(err, ERR_IO, (struct loc){.file = facts->path},
                "can't store %zu values in result table '%s': it isn't in schema.sql", n, table);
        return false;
    }
    sqlite3_stmt *row = db_statement(facts, known->insert);
    for (size_t i = 0; row != NULL && i < n; i++) {
        (void)sqlite3_bind_text(row, (int)i + 1, values[i], -1, SQLITE_STATIC); /* NULL: NULL */
    }
    return (row != NULL && db_run(row) == SQLITE_OK) || db_fail(facts, err, "store the results");
}

/* "0123..." of a file's content as it was when the run began; "": there is no file; NULL: nobody
 * knows. */
static const char *content_of(void *owner, struct facts *facts, const char *path)
{
    struct facts_hash hash;
    bool changed;

    if (!files_hash(facts, path, &hash, &changed)) {
        return "";
    }
    return changed ? NULL : facts_hash_text(owner, hash);
}

bool facts_result_inputs(struct facts *facts, const char *const *paths, size_t n, struct err *err)
{
    void *scratch = mem_owner(NULL, "inputs");
    bool ok = true;

    for (size_t i = 0; i < n && ok; i++) {
        const char *values[] = {paths[i], content_of(scratch, facts, paths[i])};
        ok = facts_result(facts, "inputs", values, 2, err);
        talloc_free_children(scratch);
    }
    talloc_free(scratch);
    return ok;
}

bool facts_results_end(struct facts *facts, struct err *err)
{
    return facts_flush(facts, err);
}
