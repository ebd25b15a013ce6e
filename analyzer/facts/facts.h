/* facts.h - the facts database: what each unit said, kept between runs, and the results of the
 * last run for people who ask in SQL. The only folder that knows SQLite.
 */
#pragma once

#include "base/err.h"
#include "ir/ir.h"

struct facts;

/* A 128-bit content hash (XXH3), for cache keys and fingerprints. */
struct facts_hash {
    uint64_t low;
    uint64_t high;
};
struct facts_hash facts_hash_bytes(const void *bytes, size_t n);
/* Hash of the concatenation of strings, each with its terminating NUL; NULL ends the list. */
struct facts_hash facts_hash_strings(const char *const *strings);
/* 32 hex digits, owned by `owner`. */
char *facts_hash_text(void *owner, struct facts_hash hash);

/* What happened when the database was opened, to be told to the user. */
enum facts_state {
    FACTS_OPENED,    /* an existing or new file */
    FACTS_REBUILT,   /* the file was corrupt or of another version: it was made anew */
    FACTS_IN_MEMORY, /* the file cannot be written: nothing is kept after this run */
};

/* Opens (creates) the database at `path`, with its folder. Never fails for a bad file: it is
 * rebuilt; never for a missing permission: it works in memory. `*ret_state` says which, `note`
 * (owned by the result, NULL for FACTS_OPENED) says why in one sentence. NULL and `*err` only when
 * SQLite itself cannot work. */
struct facts *facts_open(void *owner, const char *path, enum facts_state *ret_state,
                         const char **ret_note, struct err *err);

/* The unit stored for `path` under `key` (the hash of its flags, directory and snarl's version) if
 * the main file and every file it included still has the content it had; decoded into `owner` with
 * strings from `names`. NULL: not there, or out of date, or damaged. A handle reads each file at
 * most once and goes by what it saw: a further run of the same process opens the database anew.
 * Decoded units are read-only (their arrays have no room for vec_push()). */
struct ir_unit *facts_load_unit(struct facts *facts, void *owner, struct intern *names,
                                const char *path, struct facts_hash key);

/* From here on, for this handle, the file `path` has these bytes, whatever lies on disk. */
void facts_pretend(struct facts *facts, const char *path, const void *bytes, size_t n);

/* Stores the unit of `path` under the key `to` instead of `key`, if it is up to date there and one
 * of its files is pretended: when the files as they are on disk are read, it would be replaced. */
bool facts_put_aside(struct facts *facts, const char *path, struct facts_hash key,
                     struct facts_hash to, struct err *err);

/* Stores an encoded unit (see facts_encode) with the hashes of its files as they are on disk now,
 * replacing what was there for `path` and `key`. `files` are the unit's files. Not kept, without
 * being a failure: a unit one of whose files is gone or was changed after facts_open() (what was
 * lowered may be older than what lies there now), and any unit while another process writes to the
 * database. Writes are gathered in transactions that facts_flush() ends, and every 16 MB. */
bool facts_store_unit(struct facts *facts, const char *path, struct facts_hash key,
                      const void *blob, size_t size, const char *const *files, size_t n_files,
                      struct err *err);

/* Makes everything stored so far durable. */
bool facts_flush(struct facts *facts, struct err *err);

/* Drops units whose path is not among `paths` (the compile database changed). */
bool facts_keep_only(struct facts *facts, const char *const *paths, size_t n_paths,
                     struct err *err);

/* A unit as bytes, and back. facts_decode gives NULL for bytes that facts_encode did not write
 * (any byte string is safe to try), and what it gives can be walked without a second look: ids lie
 * in their arrays, values depend on earlier values only, each terminator has the successors it
 * needs. facts_encode asserts the same of `unit` (the log says what is wrong). */
void *facts_encode(void *owner, const struct ir_unit *unit, size_t *ret_size);
struct ir_unit *facts_decode(void *owner, struct intern *names, const void *blob, size_t size);

/* ---- results, for people --------------------------------------------------------------------- */

/* Starts anew the result tables (see schema.sql); rows are added with facts_result(). */
bool facts_results_begin(struct facts *facts, struct err *err);

/* Adds a row to result table `table`: `values` are texts in the table's column order, `n` of them;
 * NULL is SQL NULL; texts that look like integers go into integer columns by SQLite's affinity. */
bool facts_result(struct facts *facts, const char *table, const char *const *values, size_t n,
                  struct err *err);

/* Adds to the table of inputs the files that the results come from, with what was in them. */
bool facts_result_inputs(struct facts *facts, const char *const *paths, size_t n, struct err *err);
bool facts_results_end(struct facts *facts, struct err *err);

/* ---- answers --------------------------------------------------------------------------------- */

/* What a run printed. facts_results_begin() forgets all answers. */
struct facts_answer {
    int status;
    const char *out;
    size_t out_size;
    const char *said; /* on stderr */
    size_t said_size;
};

/* A number for the facts stored for `path` under `key`, never used for others; 0: there are none,
 * or they are out of date. */
int64_t facts_unit_id(struct facts *facts, const char *path, struct facts_hash key);

/* The answer kept under `key`, owned by `owner`. False: none. */
bool facts_find_answer(struct facts *facts, void *owner, struct facts_hash key,
                       struct facts_answer *ret_answer);
bool facts_keep_answer(struct facts *facts, struct facts_hash key,
                       const struct facts_answer *answer, struct err *err);
