/* run.h - one analysis, from the compile database to the linked program: what every subcommand
 * that looks at a program begins with.
 */
#pragma once

#include "config/config.h"
#include "facts/facts.h"
#include "frontend/frontend.h"
#include "program/prog.h"
#include "rules/allowed.h"
#include "run/options.h"

#include <stdio.h>

/* How long and how much. */
struct run_counts {
    size_t units;
    size_t units_parsed; /* the others came from the facts database */
    size_t units_lost;   /* a worker died or timed out */
    size_t functions;
    size_t functions_lost;
    double seconds_front; /* finding, loading, parsing */
    double seconds_link;  /* program stage */
};

struct progress;

/* A run's objects, all owned by the run. */
struct run {
    const struct common_options *options;
    const char *root; /* findings are named relative to it: the current directory */
    struct intern *names;
    struct models *models;
    struct config config;
    struct compdb *compdb;
    struct facts *facts;
    const char *frontend;        /* its version: the facts are those of this front end */
    double opened;               /* when the run began, by now() */
    double opened_at;            /* the same in seconds since 1970, as files have it */
    VEC(struct ir_unit *) units; /* in the order of their paths */
    struct progress *progress;   /* of the parsing */
    struct prog *prog;
    VEC(struct err) problems; /* input that was not analysed; each makes exit status 3 */
    /* Texts that count instead of what lies on disk (`check --since`: what the files were); NULL:
     * none. Set before run_open(), as the sources that are not to be there. */
    const struct frontend_overlay *overlay;
    VEC(const char *) absent;
    struct run_counts counts;
};

/* Does all of it. Problems with single units are gathered, not failures. False and `*err` when the
 * run cannot go on at all. */
bool run_program(struct run *run, const struct common_options *options, struct err *err);

/* The settings alone: fills config and models. */
bool run_configure(struct run *run, const struct common_options *options, struct err *err);

/* Ids of all rules; ends with NULL; owned by `owner`. */
const char *const *run_rule_ids(void *owner);

/* Its two halves: settings, compile database and facts database; units and program. */
bool run_open(struct run *run, const struct common_options *options, struct err *err);
bool run_analyse(struct run *run, struct err *err);

/* What the facts of a unit are stored under, besides its path. */
struct facts_hash run_key_of(const struct run *run, const struct compile_unit *unit);

/* Paths of all units of the compile database; ends with NULL; owned by `owner`. */
const char *const *run_sources(void *owner, const struct run *run);

/* Does the unit lack an include that may be there now, though no file that was read has changed? */
bool run_lacks_include(const struct ir_unit *unit);

/* A number for the unit's facts (see facts_unit_id()); 0: it has to be parsed. */
int64_t run_unit_id(const struct run *run, const struct compile_unit *unit);

/* Do the facts of all units hold until one of their files changes? Not where an include was not
 * found, which may be there now. */
bool run_is_complete(const struct run *run);

/* A zeroed run; talloc_free() ends it. */
struct run *run_new(void);

/* What the command line allows the workers. */
struct frontend_limits run_limits(const struct common_options *options);

/* Lowers one file without a database, in a worker as in a run. NULL and `*err` when it is lost. */
struct ir_unit *run_one_unit(void *owner, const struct common_options *options,
                             const struct compile_unit *unit, struct err *err);

/* Adds to the problems: something given was not analysed. `where.file` is copied. */
void run_add_problem(struct run *run, struct loc where, const char *text);

/* Prints the problems that a user should see. */
void run_print_problems(const struct run *run, FILE *to);

/* Writes the comments that allow findings and are no good, unless it is to be quiet. */
void run_print_allowed_problems(const struct run *run, const struct allowed *allowed, FILE *to);

/* Writes the `// snarl:` comments that were not understood, unless it is to be quiet. */
void run_print_claim_problems(const struct run *run, FILE *to);

/* Writes the claims of the settings that are no good, unless it is to be quiet; when all rules have
 * run. */
void run_print_setting_problems(const struct run *run, FILE *to);

/* Tells how to describe the program's own locks, if it looks as if it had some. */
void run_note_own_locks(const struct run *run, FILE *to);

/* Prints counts (--stats) on stderr. */
void run_print_stats(const struct run *run);

/* Prints `err` on stderr, its path relative to the current directory, and gives its exit status. */
int run_fail(const struct err *err);
