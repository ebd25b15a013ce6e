/* known.h - `check --baseline`, `--write-baseline`, `--since`: findings that an earlier run knew.
 */
#pragma once

#include "run/run.h"
#include "since.h"
#include "triage/baseline.h"
#include "triage/select.h"

#include <argp.h>
#include <stdio.h>

struct known_options {
    const char *baseline; /* file; NULL: none */
    const char *write;    /* file; NULL: none */
    const char *since;    /* revision; NULL: none */
};

/* Its options; its input is a struct known_options. */
extern const struct argp known_argp;

/* What earlier runs found. */
struct known {
    bool has_baseline;
    bool has_since;
    struct baseline old;      /* the baseline's findings */
    struct since since;       /* those of the revision */
    struct baseline now;      /* known_compare(): what this run's findings are known by */
    struct finding_list gone; /* of the baseline, not there any more */
};

/* Reads what is to be compared with, before anything is analysed. False and `*err`: no good
 * baseline, or options that don't go together. */
bool known_open(struct run *run, const struct known_options *options, struct known *ret,
                struct err *err);

/* Tells known findings from new ones: sets `baseline` of each. */
void known_compare(struct run *run, const struct finding_list *all, struct known *known);

/* Keeps for the next run what was worked out for --since; after the results were stored. */
bool known_keep(struct run *run, const struct known *known, struct err *err);

/* --write-baseline: what is written is known from then on, and no more among those shown. Says on
 * `said` how many there are. */
bool known_write(struct run *run, const struct known_options *options, struct selection *selection,
                 FILE *said, struct err *err);

/* All that it adds to what decides the answer; NULL: no answer is kept. */
const char *known_question(struct run *run, const struct known_options *options);
