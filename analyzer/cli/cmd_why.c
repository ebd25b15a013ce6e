/* cmd_why.c - `snarl why A B`: can two functions run at the same time? */
#include "cmd.h"
#include "named.h"
#include "report/why.h"
#include "run/run.h"

#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { KEY_FORMAT = 512, KEY_ALL };

enum { MAX_PAIRS = 5 }; /* of contexts that are told without --all */

struct options {
    struct common_options common;
    bool json;
    bool all;
};

static const struct argp_option option_table[] = {
    {"format", KEY_FORMAT, "text|json", 0, "how the answer is written (default: text)", 0},
    {"all", KEY_ALL, NULL, 0, "all pairs of contexts, not only those that are closest", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct options *options = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->common;
        return 0;
    case KEY_FORMAT:
        options->json = common_is_json(arg, state);
        return 0;
    case KEY_ALL:
        options->all = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp cmd_why_argp = {
    .options = option_table,
    .parser = parse,
    .args_doc = "FUNCTION FUNCTION [FILES... -- CFLAGS...]",
    .doc = "Can two functions run at the same time, and why?\vTells for each pair of contexts "
           "(threads, callbacks' threads, handlers) how they come to the two functions, and what "
           "keeps them apart: a lock, one thread, a start that comes later, a join. A FUNCTION is "
           "a name, or FILE:NAME where several have it.",
    .children = common_children,
};

static bool answer(struct run *run, struct options *options, struct err *err)
{
    const char *words[2];
    struct why why = {.max = options->all ? 0 : MAX_PAIRS};

    if (!named_take_words(&options->common, 2, words,
                          "'why' takes the names of two functions: snarl why FUNCTION FUNCTION",
                          err) ||
        !run_program(run, &options->common, err) || !named_fn(run, words[0], &why.a, err) ||
        !named_fn(run, words[1], &why.b, err)) {
        return false;
    }
    why.prog = run->prog;
    why.meetings = meetings_of(run, run->prog->contexts, why.a, why.b);
    bool ok = options->json ? why_write_json(&why, stdout) : why_write(&why, stdout);
    if (!ok || fflush(stdout) != 0) {
        err_set(err, ERR_IO, (struct loc){0}, "can't write the answer: %s", strerror(errno));
        return false;
    }
    return true;
}

int cmd_why(int argc, char **argv)
{
    struct options options = {0};
    struct run *run = run_new();
    struct err err = {0};

    options.common.owner = run;
    argc = common_split_cflags(&options.common, argc, argv);
    argp_parse(&cmd_why_argp, argc, argv, 0, NULL, &options);
    int status = answer(run, &options, &err) ? common_end(run) : run_fail(&err);
    talloc_free(run);
    return status;
}
