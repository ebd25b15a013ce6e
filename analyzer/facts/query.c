/* query.c - one statement that only reads, over the results of an earlier run. */
#include "facts/query.h"

#include "config/nearest.h"
#include "facts/db.h"

#include <ctype.h>
#include <string.h>

/* ---- what is wrong with a statement ---------------------------------------------------------- */

/* Line and column of a byte of `sql`. */
static struct loc place_in(const char *sql, size_t offset)
{
    struct loc where = {"SQL", 1, 1};

    for (size_t i = 0; i < offset && sql[i] != '\0'; i++) {
        where.column = sql[i] == '\n' ? 1 : where.column + 1;
        where.line += sql[i] == '\n' ? 1 : 0;
    }
    return where;
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) != 0 || c == '_';
}

/* Where `name` stands as a whole word; the end of `sql`, if it does not. */
static size_t find_word(const char *sql, const char *name)
{
    size_t n = strlen(name);

    for (const char *at = sql; n > 0 && (at = strstr(at, name)) != NULL; at++) {
        if ((at == sql || !is_word(at[-1])) && !is_word(at[n])) {
            return (size_t)(at - sql);
        }
    }
    return strlen(sql);
}

/* ": did you mean 'locks'?" for a name that is not there, among those that `sql` gives. */
static const char *question(struct facts *facts, void *owner, const char *name, const char *sql)
{
    struct nearest search = nearest_start(name);
    sqlite3_stmt *row = NULL;
    void *scratch = mem_owner(owner, "names");

    (void)sqlite3_prepare_v2(facts->db, sql, -1, &row, NULL);
    while (row != NULL && sqlite3_step(row) == SQLITE_ROW) {
        nearest_try(&search, db_text(scratch, row, 0));
    }
    (void)sqlite3_finalize(row);
    return nearest_question(owner, &search);
}

/* The name behind "no such table: "; NULL: the message says something else. */
static const char *name_behind(const char *message, const char *start)
{
    size_t n = strlen(start);

    return strncmp(message, start, n) == 0 ? message + n : NULL;
}

/* Says why SQLite did not take the statement, as far as it can be told. */
static void tell_refused(struct facts *facts, const char *sql, struct err *err)
{
    void *scratch = mem_owner(NULL, "refused");
    const char *message = mem_strdup(scratch, sqlite3_errmsg(facts->db));
    int offset = sqlite3_error_offset(facts->db);
    const char *table = name_behind(message, "no such table: ");
    const char *column = name_behind(message, "no such column: ");
    const char *nearest = "";

    if (table != NULL) {
        nearest = question(facts, scratch, table,
                           "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')");
        message = mem_printf(scratch, "there is no table '%s'", table);
    } else if (column != NULL) {
        const char *last = strrchr(column, '.');
        nearest = question(facts, scratch, last == NULL ? column : last + 1,
                           "SELECT DISTINCT c.name FROM sqlite_schema t, pragma_table_info(t.name)"
                           " c WHERE t.type IN ('table', 'view')");
        message = mem_printf(scratch, "there is no column '%s'", column);
    }
    size_t at = offset >= 0 ? (size_t)offset : find_word(sql, table == NULL ? "" : table);
    err_set(err, ERR_USAGE, place_in(sql, at), "%s%s", message, nearest);
    talloc_free(scratch);
}

/* What a statement may do: an authorizer, see https://www.sqlite.org/c3ref/c_alter_table.html.
 * Table-valued functions (json_each) are said to update the schema when they are first used;
 * statements that do are none that only read, see sqlite3_stmt_readonly(). */
static int only_reads(void *user, int action, const char *a, const char *b, const char *c,
                      const char *d)
{
    (void)b;
    (void)c;
    (void)d;
    if (action == SQLITE_SELECT || action == SQLITE_READ || action == SQLITE_FUNCTION ||
        action == SQLITE_RECURSIVE ||
        (action == SQLITE_UPDATE && strcmp(a, "sqlite_master") == 0) ||
        (action == SQLITE_PRAGMA && strncmp(a, "table_", strlen("table_")) == 0)) {
        return SQLITE_OK;
    }
    *(bool *)user = true;
    return SQLITE_DENY;
}

/* Is there anything behind the statement but spaces, comments and semicolons? */
static bool is_more(struct facts *facts, const char *rest)
{
    bool more = false;

    while (*rest != '\0' && !more) {
        sqlite3_stmt *next = NULL;
        const char *end = rest;
        int code = sqlite3_prepare_v2(facts->db, rest, -1, &next, &end);
        more = code != SQLITE_OK || next != NULL;
        (void)sqlite3_finalize(next);
        rest = end > rest ? end : rest + strlen(rest);
    }
    return more;
}

static size_t skip_spaces(const char *text)
{
    return strspn(text, " \t\r\n;");
}

/* The statement, ready to be run; NULL and `*err`: it is not to be run. */
static sqlite3_stmt *prepare(struct facts *facts, const char *sql, struct err *err)
{
    sqlite3_stmt *statement = NULL;
    const char *rest = sql;
    bool writes = false;

    (void)sqlite3_set_authorizer(facts->db, only_reads, &writes);
    int code = sqlite3_prepare_v2(facts->db, sql, -1, &statement, &rest);
    bool more = code == SQLITE_OK && statement != NULL && is_more(facts, rest);
    (void)sqlite3_set_authorizer(facts->db, NULL, NULL);

    struct loc start = place_in(sql, skip_spaces(sql));
    if (more) {
        err_set(err, ERR_USAGE, place_in(sql, (size_t)(rest - sql) + skip_spaces(rest)),
                "one statement can be asked at a time: a second one starts here");
    } else if (code == SQLITE_OK && statement == NULL) {
        err_set(err, ERR_USAGE, start, "there is no statement here");
    } else if (writes || (code == SQLITE_OK && sqlite3_stmt_readonly(statement) == 0)) {
        err_set(err, ERR_USAGE, start,
                "this does not only read: a query is a SELECT over the tables that `snarl query` "
                "without SQL lists");
    } else if (db_is_damage(code) || (code & 0xff) == SQLITE_IOERR) {
        (void)db_fail(facts, err, "read the results");
    } else if (code != SQLITE_OK) {
        tell_refused(facts, sql, err);
    } else {
        return statement;
    }
    (void)sqlite3_finalize(statement);
    return NULL;
}

/* ---- rows ------------------------------------------------------------------------------------ */

/* x'00ff', as SQL writes it. */
static char *blob_text(void *owner, sqlite3_stmt *row, int column)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *bytes = sqlite3_column_blob(row, column); /* before its size */
    size_t n = (size_t)sqlite3_column_bytes(row, column);
    char *text = mem_array(owner, char, 2 * n + 4);
    char *at = text;

    *at++ = 'x';
    *at++ = '\'';
    for (size_t i = 0; i < n; i++) {
        *at++ = digits[bytes[i] >> 4];
        *at++ = digits[bytes[i] & 15];
    }
    *at = '\'';
    return text;
}

static struct cell cell_at(void *owner, sqlite3_stmt *row, int column)
{
    struct cell cell = {CELL_TEXT, "", 0, 0};

    switch (sqlite3_column_type(row, column)) {
    case SQLITE_NULL:
        cell.kind = CELL_NULL;
        return cell;
    case SQLITE_INTEGER:
        cell.kind = CELL_INTEGER;
        cell.integer = sqlite3_column_int64(row, column);
        break;
    case SQLITE_FLOAT:
        cell.kind = CELL_REAL;
        cell.real = sqlite3_column_double(row, column);
        break;
    case SQLITE_BLOB:
        cell.text = blob_text(owner, row, column);
        return cell;
    default:
        break;
    }
    cell.text = db_text(owner, row, column);
    return cell;
}

static bool read_rows(struct facts *facts, void *owner, sqlite3_stmt *statement, struct table *ret,
                      struct err *err)
{
    int n = sqlite3_column_count(statement);
    int code;

    for (int i = 0; i < n; i++) {
        const char *name = sqlite3_column_name(statement, i);
        vec_push(owner, &ret->columns, mem_strdup(owner, name == NULL ? "" : name));
    }
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        for (int i = 0; i < n; i++) {
            vec_push(owner, &ret->cells, cell_at(owner, statement, i));
        }
        ret->n_rows++;
    }
    if (code == SQLITE_ERROR) { /* "integer overflow" and such are the statement's fault */
        err_set(err, ERR_USAGE, (struct loc){.file = "SQL"}, "%s", sqlite3_errmsg(facts->db));
        return false;
    }
    return code == SQLITE_DONE || db_fail(facts, err, "read the results");
}

bool facts_query(struct facts *facts, void *owner, const char *sql, struct table *ret,
                 struct err *err)
{
    sqlite3_stmt *statement = prepare(facts, sql, err);

    *ret = (struct table){.n_rows = 0};
    bool ok = statement != NULL && read_rows(facts, owner, statement, ret, err);
    (void)sqlite3_finalize(statement);
    return ok;
}
