/* cmd.h - the table of subcommands, and what they have in common on the command line. */
#pragma once

#include "base/err.h"
#include "config/config.h"

#include <argp.h>
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

/* A subcommand: gets its own argv (argv[0] is its name) and gives the exit status. */
struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
    const struct argp *argp; /* its options */
};

#define COMMAND(name, summary)                                                                     \
    int cmd_##name(int argc, char **argv);                                                         \
    extern const struct argp cmd_##name##_argp;
#include "commands.def"
#undef COMMAND

/* All of them, in the order of help. */
const struct command *commands_all(size_t *ret_n);

enum {
    DEFAULT_MEMORY_MB = 4096, /* for one source file: ten times what the biggest ones take */
};

/* Options of every subcommand that analyses a program; filled by `common_argp`. */
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

/* Splits off what stands behind "--": gives the new argc and fills cflags. */
int common_split_cflags(struct common_options *options, int argc, char **argv);

/* For a subcommand's argp: its options are read into the struct common_options handed over as the
 * child's input (state->child_inputs[0]). Ends with an empty entry. */
extern const struct argp_child common_children[];

/* `check --explain-flags FILE`: prints what libclang is told of the file's compiler command and why
 * the rest is left out. Gives the exit status. */
int explain_flags(const struct common_options *options, const char *file);
