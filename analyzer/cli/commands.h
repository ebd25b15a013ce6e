/* commands.h - what is made of the table of commands and their options: help, completion, manual.
 */
#pragma once

#include "cmd.h"

/* One option of a command. */
struct command_option {
    const char *name; /* long: "format" */
    char letter;      /* '\0': none */
    const char *arg;  /* "FILE"; NULL: it takes none */
    const char *doc;
};
typedef VEC(struct command_option) command_options;

/* All options of a command, its own before those it shares with others; owned by `owner`. */
void command_options_of(void *owner, const struct command *command, command_options *ret);

/* The words that may stand for an argument called `arg`, with spaces between: "high medium low" for
 * "high|medium|low", the rules' ids for "RULE". "": no fixed ones. Owned by `owner`. */
const char *argument_words(void *owner, const char *arg);

/* The words that may stand behind a command, as argument_words(): "" for files. */
const char *command_words(void *owner, const struct command *command);

/* The two halves of a command's text, before and after its options; "" where there is none. Owned
 * by `owner`. */
struct command_text {
    const char *before;
    const char *after;
};
struct command_text command_text_of(void *owner, const struct command *command);
