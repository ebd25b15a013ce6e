/* options.h - what all runs are asked for, and how they end. */
#pragma once

#include "base/err.h"
#include "base/mem.h"

#include <stdbool.h>
#include <stddef.h>

/* Exit statuses. A higher outranks a lower, but for EXIT_FINDINGS, which all others outrank. */
enum exit_status {
    EXIT_CLEAN = 0,
    EXIT_FINDINGS = 1,
    EXIT_USAGE = 2,      /* command line or configuration */
    EXIT_INCOMPLETE = 3, /* some input was not analysed */
    EXIT_FAILED = 4,     /* disk or memory */
};

/* The exit status for a failure of this kind. */
enum exit_status exit_status_of(enum err_kind kind);

enum {
    DEFAULT_MEMORY_MB = 4096, /* for one source file: ten times what the biggest ones take */
};

/* What a run is asked for; the command line's common options fill it (see cli/cmd.h). */
struct common_options {
    void *owner;              /* of the arrays below: the run; set before parsing */
    const char *build_dir;    /* -p; NULL: looked for */
    const char *database;     /* --db; NULL: .snarl/facts.db; ":memory:": none is kept */
    const char *config;       /* --config; NULL: .snarl.yml found upwards */
    unsigned jobs;            /* -j; 0: one a core */
    unsigned timeout_s;       /* --unit-timeout; 0: the front end's default */
    unsigned memory_mb;       /* --unit-memory; 0: DEFAULT_MEMORY_MB */
    bool quiet;               /* --quiet: no notes, no progress */
    bool stats;               /* --stats */
    VEC(const char *) words;  /* arguments before "--" */
    VEC(const char *) cflags; /* arguments after "--" */
    bool has_cflags;          /* "--" was given */
};
