/* query.h - the results of the last run, asked in SQL. Nothing here writes to the database. */
#pragma once

#include "base/table.h"
#include "facts/facts.h"

/* The text of schema.sql that describes what can be asked; static. */
const char *facts_tables(void *owner);

/* The database of an earlier run, only to be read: facts_query() and facts_age() take it, nothing
 * else does. NULL and `*err`: there is none (ERR_USAGE, with what to do), or the disk fails. */
struct facts *facts_open_results(void *owner, const char *path, struct err *err);

/* What the results are worth. Texts are owned by `owner`. */
struct facts_age {
    const char *at;               /* when they were made, UTC; NULL: there are none yet */
    const char *snarl;            /* the version that made them */
    const char *compile_commands; /* see schema.sql; NULL: none */
    uint64_t problems;
    size_t n_changed;    /* files that are not any more as that run read them */
    const char *changed; /* the first of them; NULL: none */
};
bool facts_age(struct facts *facts, void *owner, struct facts_age *ret, struct err *err);

/* Runs the one statement `sql` and gives all its rows, owned by `owner`. False and `*err`:
 * ERR_USAGE with line and column of `sql` in it when the statement is no good, is more than one, or
 * does anything else but read. */
bool facts_query(struct facts *facts, void *owner, const char *sql, struct table *ret,
                 struct err *err);
