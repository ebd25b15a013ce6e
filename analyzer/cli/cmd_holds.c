/* cmd_holds.c - `snarl holds FILE:LINE`: what is held there, in each context. */
#include "cmd.h"
#include "named.h"
#include "report/holds.h"
#include "run/run.h"

#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_FORMAT = 512 };

struct options {
    struct common_options common;
    bool json;
};

static const struct argp_option option_table[] = {
    {"format", KEY_FORMAT, "text|json", 0, "how the answer is written (default: text)", 0},
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
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp cmd_holds_argp = {
    .options = option_table,
    .parser = parse,
    .args_doc = "FILE:LINE [FILES... -- CFLAGS...]",
    .doc = "Show which locks are held at a line, before it does anything.\vTells for each thread, "
           "callback's thread and handler that comes there what it holds on every way and what on "
           "some only, and where that was taken.",
    .children = common_children,
};

/* The program's file that `word` names; NULL and `*err`: none, or several. */
static const char *file_called(const struct run *run, const char *word, struct err *err)
{
    const char *found = NULL;
    const char *other = NULL;

    word = strncmp(word, "./", 2) == 0 ? word + 2 : word;
    for (size_t i = 0; i < run->units.n; i++) {
        for (size_t f = 0; f < run->units.v[i]->files.n; f++) {
            const char *file = run->units.v[i]->files.v[f];
            if (strcmp(prog_relative(run->root, file), word) == 0) {
                return file; /* it lies here: others of the name lie deeper */
            }
            if (!named_is_file(file, word) || (found != NULL && strcmp(found, file) == 0) ||
                (other != NULL && strcmp(other, file) == 0)) {
                continue;
            }
            other = found;
            found = file;
        }
    }
    if (found == NULL) {
        err_set(err, ERR_USAGE, (struct loc){.file = word},
                "no source of the program is, or includes, this file");
    } else if (other != NULL) {
        err_set(err, ERR_USAGE, (struct loc){0},
                "several files are called '%s': %s, %s: give more of the path", word,
                prog_relative(run->root, other), prog_relative(run->root, found));
    }
    return other == NULL ? found : NULL;
}

/* Splits FILE:LINE. `word` is the run's own. */
static bool read_place(const char *word, void *owner, struct holds_place *ret, struct err *err)
{
    const char *colon = strrchr(word, ':');
    char *end = NULL;
    unsigned long line = colon == NULL ? 0 : strtoul(colon + 1, &end, 10);

    if (line == 0 || line > UINT32_MAX || colon[1] < '0' || colon[1] > '9' || *end != '\0') {
        err_set(err, ERR_USAGE, (struct loc){0},
                "'holds' takes a line of a source file, FILE:LINE, not '%s'", word);
        return false;
    }
    ret->file = mem_strndup(owner, word, (size_t)(colon - word));
    ret->line = (uint32_t)line;
    return true;
}

static bool answer(struct run *run, struct options *options, struct err *err)
{
    const char *word;
    struct holds_place place;
    uint32_t near = 0;

    if (!named_take_words(&options->common, 1, &word,
                          "'holds' takes one line of a source file: snarl holds FILE:LINE", err) ||
        !read_place(word, run, &place, err) || !run_program(run, &options->common, err)) {
        return false;
    }
    place.file = file_called(run, place.file, err);
    if (place.file == NULL) {
        return false;
    }
    if (!holds_has_code(run->prog, place, &near)) {
        const char *nearest =
            near == 0 ? "no function of the program is in this file"
                      : mem_printf(run,
                                   "nothing happens on this line; line %u is the nearest "
                                   "where something does",
                                   near);
        err_set(err, ERR_USAGE, (struct loc){place.file, place.line, 0}, "%s", nearest);
        return false;
    }
    bool ok = options->json ? holds_write_json(run->prog, place, stdout)
                            : holds_write(run->prog, place, stdout);
    if (!ok || fflush(stdout) != 0) {
        err_set(err, ERR_IO, (struct loc){0}, "can't write the answer: %s", strerror(errno));
        return false;
    }
    return true;
}

int cmd_holds(int argc, char **argv)
{
    struct options options = {0};
    struct run *run = run_new();
    struct err err = {0};

    options.common.owner = run;
    argc = common_split_cflags(&options.common, argc, argv);
    argp_parse(&cmd_holds_argp, argc, argv, 0, NULL, &options);
    int status = answer(run, &options, &err) ? common_end(run) : run_fail(&err);
    talloc_free(run);
    return status;
}
