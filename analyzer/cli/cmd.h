/* cmd.h - the table of subcommands, and what they have in common on the command line. */
#pragma once

#include "run/options.h"

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>

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

/* Splits off what stands behind "--": gives the new argc and fills cflags. */
int common_split_cflags(struct common_options *options, int argc, char **argv);

/* The whole number from 1 on that an option's argument is; anything else is an argp_error(). */
unsigned common_number(const char *text, const char *option, struct argp_state *state);

/* --format=text|json: is it json? Anything else is an argp_error(). */
bool common_is_json(const char *text, struct argp_state *state);

/* The end of a command that has shown a program: tells what was not analysed, --stats, and gives
 * the exit status. */
struct run;
int common_end(const struct run *run);

/* For a subcommand's argp: its options are read into the struct common_options handed over as the
 * child's input (state->child_inputs[0]). Ends with an empty entry. */
extern const struct argp_child common_children[];
extern const struct argp common_argp; /* what it consists of, for those that have other children */

/* `check --explain-flags FILE`: prints what libclang is told of the file's compiler command and why
 * the rest is left out. Gives the exit status. */
int explain_flags(const struct common_options *options, const char *file);
