/* cmd_map.c - `snarl map`: who reads and writes the shared variables, holding which locks; which
 * event loops there are. */
#include "cmd.h"
#include "report/map.h"
#include "run/run.h"

#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { KEY_ALL = 512, KEY_STRUCTS, KEY_LOOPS };

struct options {
    struct common_options common;
    bool all;
    bool structs;
    bool loops;
    VEC(const char *) variables;
};

static const struct argp_option option_table[] = {
    {"all", KEY_ALL, NULL, 0, "also variables that only one thread uses or that nobody writes", 0},
    {"loops", KEY_LOOPS, NULL, 0,
     "the event loops instead: how each is known, its threads, its callbacks", 0},
    {"structs", KEY_STRUCTS, NULL, 0, "one block a struct: the lock that guards its fields", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct options *options = state->input;

    (void)arg;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->common;
        return 0;
    case KEY_ALL:
        options->all = true;
        return 0;
    case KEY_LOOPS:
        options->loops = true;
        return 0;
    case KEY_STRUCTS:
        options->structs = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp cmd_map_argp = {
    .options = option_table,
    .parser = parse,
    .args_doc = "[VARIABLE...] [FILES... -- CFLAGS...]",
    .doc = "Show who reads and writes shared variables, holding which locks; or the event "
           "loops.\vA VARIABLE is a "
           "global ('hits'), a struct ('conn'), a field of one ('conn.refs'), or a part of such "
           "a name. With CFLAGS, words that name a file are the program's source files.",
    .children = common_children,
};

static bool is_file(const char *word)
{
    struct stat st;

    return stat(word, &st) == 0 && S_ISREG(st.st_mode);
}

/* Takes the variables out of the words, which run_program() understands as files. */
static void split_words(struct run *run, struct options *options)
{
    struct common_options *common = &options->common;
    size_t n_files = 0;

    for (size_t i = 0; i < common->words.n; i++) {
        const char *word = common->words.v[i];
        if (common->has_cflags && is_file(word)) {
            common->words.v[n_files++] = word;
        } else {
            vec_push(run, &options->variables, word);
        }
    }
    common->words.n = n_files;
}

static bool write_map(const struct run *run, const struct options *options, struct err *err)
{
    struct map_options map = {
        .names = options->variables.v, .n_names = options->variables.n, .all = options->all};
    const char *unknown = options->loops ? NULL : map_unknown_name(run->prog, &map);

    if (unknown != NULL) {
        err_set(err, ERR_USAGE, (struct loc){0},
                "no %svariable is called '%s' or has that in its name%s", map.all ? "" : "shared ",
                unknown, map.all ? "" : "; --all looks at the others, too");
        return false;
    }
    bool ok = options->loops     ? map_write_loops(run->prog, stdout)
              : options->structs ? map_write_structs(run->prog, &map, stdout)
                                 : map_write(run->prog, &map, stdout);
    if (!ok || fflush(stdout) != 0) {
        err_set(err, ERR_IO, (struct loc){0}, "can't write the map: %s", strerror(errno));
        return false;
    }
    return true;
}

static int show_map(struct run *run, struct options *options)
{
    struct err err = {0};

    split_words(run, options);
    if (!run_program(run, &options->common, &err) || !write_map(run, options, &err)) {
        return run_fail(&err);
    }
    return common_end(run);
}

int cmd_map(int argc, char **argv)
{
    struct options options = {0};
    struct run *run = run_new();

    options.common.owner = run;
    argc = common_split_cflags(&options.common, argc, argv);
    argp_parse(&cmd_map_argp, argc, argv, 0, NULL, &options);
    int status = show_map(run, &options);
    talloc_free(run);
    return status;
}
