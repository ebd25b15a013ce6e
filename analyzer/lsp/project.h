/* project.h - the program that is edited: its units, which of them are out of date, and the work
 * that brings them up to date.
 */
#pragma once

#include "base/job.h"
#include "lsp/documents.h"
#include "run/run.h"

/* What a unit that was lowered again brings. */
enum project_news {
    NEWS_NONE,    /* the program is the same as before, to the last column */
    NEWS_MOVED,   /* the same, at other places */
    NEWS_OTHER,   /* another unit */
    NEWS_PROGRAM, /* there is one more unit now, or one less */
};

/* A source file of the program. */
struct project_unit {
    struct compile_unit unit;
    struct facts_hash key;
    struct ir_unit *ir;     /* NULL: not there yet, or lost */
    const char *lost;       /* why it was lost; NULL: it was not */
    const char *borrowed;   /* the file whose flags it is read with; NULL: its own */
    bool stale;             /* `ir` is not what its files say now */
    unsigned lowered_by;    /* number of the job that lowers it; 0: none */
    struct facts_hash said; /* of the bytes that `ir` came as; all 0: it was loaded */
    struct facts_hash says; /* the same without lines and columns; all 0: nobody has asked */
    enum project_news news; /* NEWS_MOVED, NEWS_OTHER: since a snapshot was last told of it */
};

struct project {
    struct run *run; /* owns names, models, settings, compile database and facts database */
    VEC(struct project_unit) units; /* those of the database sorted by path, then borrowed ones */
    unsigned n_jobs;                /* so far: numbers of jobs */
};

/* Reads settings and the compile database, and what is known of its units. NULL and `*err`: there
 * is no database, or the settings are wrong. */
struct project *project_open(void *owner, const struct common_options *options, struct err *err);

/* Is the unit of this file, or does it include it? */
bool project_unit_reads(const struct project_unit *unit, const char *path);

/* Marks all units that are, or include, `path` as out of date. True: there are some. */
bool project_invalidate(struct project *project, const char *path);

/* Makes sure that a unit reads `path`: where none does, one is made with the flags of the nearest
 * file of the database. */
void project_include(struct project *project, const char *path);

/* A job that lowers units that are out of date: those that the editor has open, or all others. Its
 * messages are for project_take(). NULL: there is nothing to do, or no process to be had. */
struct job *project_lower(struct project *project, const struct documents *documents, bool open,
                          unsigned *ret_number);

/* Takes in one message of such a job. */
enum project_news project_take(struct project *project, const struct documents *documents,
                               const char *body, size_t n);

/* How many units are others since a snapshot was last told (NEWS_OTHER)? */
size_t project_count_others(const struct project *project);

/* A snapshot knows of all that is new. */
void project_forget_news(struct project *project);

/* The job has ended: what it did not get to is still out of date, unless `gave_up` (it was not
 * stopped: a unit that ended it is lost). Makes durable what was stored. */
void project_job_ended(struct project *project, unsigned number, bool gave_up);

/* How many units are out of date: of those the editor has open, and of all. */
size_t project_count_stale(const struct project *project, const struct documents *documents,
                           bool open);

/* Has the compile database, or the settings file, changed since the project was opened? */
bool project_is_outdated(const struct project *project);
