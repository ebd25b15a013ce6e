/* db.h - the database handle behind facts.h (private to facts/). */
#pragma once

#include "base/err.h"
#include "facts/facts.h"

#include <sqlite3.h>
#include <time.h>

struct statement; /* db.c */
struct file_now;  /* files.c */

/* An open database and what this run knows about files. Owned by facts_open()'s owner; closing it
 * forgets what facts_flush() has not written. */
struct facts {
    sqlite3 *db;
    const char *path;             /* for messages; ":memory:" when nothing is kept */
    struct statement *statements; /* prepared ones, by their text */
    bool writing;                 /* inside a transaction of ours */
    bool locked;            /* another process kept us from writing: try again after a flush */
    size_t pending;         /* bytes stored since the transaction began */
    struct timespec opened; /* what changes later may not be what a worker has read */
    struct file_now *files; /* uthash by path: contents as they are in this run */
    uint8_t *current;       /* by file.id: enum file_current; owned by the handle */
    size_t n_current;
};

/* ---- db.c ------------------------------------------------------------------------------------ */

/* Runs SQL text without results; SQLite's result code. */
int db_exec(struct facts *facts, const char *sql);

/* The prepared statement for `sql`, ready to be bound; NULL when SQLite refuses it (the code is
 * sqlite3_errcode(facts->db)). It stays prepared until db_forget_statements(). */
sqlite3_stmt *db_statement(struct facts *facts, const char *sql);
void db_forget_statements(struct facts *facts);

/* The text of a column, owned by `owner`; NULL for SQL's NULL. */
const char *db_text(void *owner, sqlite3_stmt *row, int column);

/* Steps a statement that gives no rows, and resets it. SQLITE_OK instead of SQLITE_DONE. */
int db_run(sqlite3_stmt *statement);

/* Begins a transaction unless there is one. A database that another process writes to sets
 * facts->locked and gives SQLITE_BUSY. */
int db_begin(struct facts *facts);

/* Is this the code of a database that is beyond repair? */
bool db_is_damage(int code);

/* Fills `*err` from SQLite's last message; false, for callers to return. */
bool db_fail(struct facts *facts, struct err *err, const char *what);

/* Empties the database, whatever state it is in, and makes the tables anew. */
int db_rebuild(struct facts *facts);

/* Makes the tables of an empty database. */
int db_create(struct facts *facts);

/* A destructor: closes the database, takes what is not open, too. */
int db_close(struct facts *facts);

/* ---- files.c --------------------------------------------------------------------------------- */

/* Why a unit's files can't be noted down. */
enum files_answer {
    FILES_NOTED,
    FILES_UNSURE, /* one is gone, or was changed after the run began: nobody knows what was read */
    FILES_FAILED, /* SQLite's code tells */
};

/* The row ids of these files with their present contents, as bytes for unit.files, owned by
 * `owner`; adds rows that are missing. */
enum files_answer files_note(struct facts *facts, void *owner, const char *const *files, size_t n,
                             void **ret_bytes, size_t *ret_size);

/* The hash of a file's content. False: it can't be read. `*ret_changed`: it was changed after the
 * run began, which may have read something else. */
bool files_hash(struct facts *facts, const char *path, struct facts_hash *ret_hash,
                bool *ret_changed);

/* Do all files of a unit.files value still have the content they had? */
bool files_are_current(struct facts *facts, const void *bytes, size_t size);

/* Are they, and is one of them pretended? */
bool files_are_pretended(struct facts *facts, const void *bytes, size_t size);

/* Removes rows of `file` that no unit names any more, when they are many. SQLite's code. */
int files_prune(struct facts *facts);

/* The database was made anew: row ids mean nothing any more. Contents stay known. */
void files_forget_ids(struct facts *facts);
void files_forget(struct facts *facts);
