/* since.h - `check --since REV`: what the program's findings were at REV.
 *
 * The same compile database is analysed with the texts that the changed files had, laid over those
 * on disk. So only units that see one of them are parsed; their facts, and the findings, are kept
 * for the next run beside those of the present files.
 */
#pragma once

#include "run/run.h"
#include "triage/baseline.h"

/* Findings for the next run, see since_keep(). */
struct since {
    struct baseline findings;
    struct facts_hash key;
    const char *text; /* of the findings; NULL: they can't be kept */
};

/* False and `*err`: no git, no such revision, or what stops any run. Owned by `run`, which has not
 * been opened yet for analysis by others than this. */
bool since_find(struct run *run, const char *rev, struct since *ret, struct err *err);

/* Keeps these findings, and those of the run itself, which are the old ones after the next commit.
 * After the results were stored. */
bool since_keep(struct run *run, const struct since *since, const struct baseline *now,
                struct err *err);
