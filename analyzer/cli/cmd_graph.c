/* cmd_graph.c - `snarl graph`: the lock-acquisition graph as DOT or SVG. */
#include "cmd.h"
#include "report/dot.h"
#include "run/run.h"

#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { KEY_ALL = 512 };

struct options {
    struct common_options common;
    const char *output; /* NULL: stdout */
    bool all;
};

static const struct argp_option option_table[] = {
    {"output", 'o', "FILE", 0,
     "where it is written: DOT, or SVG when FILE ends in .svg (default: DOT on standard output)",
     0},
    {"all", KEY_ALL, NULL, 0, "also locks that are never held together with another", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct options *options = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->common;
        return 0;
    case KEY_ALL:
        options->all = true;
        return 0;
    case 'o':
        options->output = arg;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp cmd_graph_argp = {
    .options = option_table,
    .parser = parse,
    .args_doc = "[FILES... -- CFLAGS...]",
    .doc = "Draw the lock-acquisition graph: which locks are waited for while which are held. "
           "Edges on a cycle are red.",
    .children = common_children,
};

/* ---- DOT ------------------------------------------------------------------------------------- */

static bool write_dot(const struct run *run, const struct options *options, struct err *err)
{
    FILE *out = options->output == NULL ? stdout : fopen(options->output, "w");

    if (out == NULL) {
        err_set(err, ERR_IO, (struct loc){.file = options->output}, "can't write this file: %s",
                strerror(errno));
        return false;
    }
    bool ok = dot_write(run->prog, options->all, out) && fflush(out) == 0;
    if (!ok) {
        err_set(err, ERR_IO, (struct loc){.file = options->output}, "can't write the graph: %s",
                strerror(errno));
    }
    if (out != stdout && fclose(out) != 0) {
        err_set(err, ERR_IO, (struct loc){.file = options->output}, "can't write this file: %s",
                strerror(errno));
        ok = false;
    }
    return ok;
}

/* ---- SVG, by Graphviz ------------------------------------------------------------------------ */

static bool ends_in(const char *text, const char *end)
{
    size_t n = strlen(text);
    size_t m = strlen(end);

    return n > m && strcmp(text + n - m, end) == 0;
}

/* Starts `dot -Tsvg -o FILE`, which reads `from`. Gives an errno, 0 for success. */
static int start_dot(const char *file, int from, pid_t *ret_pid)
{
    extern char **environ;
    char tool[] = "dot";
    char format[] = "-Tsvg";
    char output[] = "-o";
    char *path = mem_strdup(NULL, file);
    char *argv[] = {tool, format, output, path, NULL};
    posix_spawn_file_actions_t actions;

    int error = posix_spawn_file_actions_init(&actions);
    if (error == 0) {
        error = posix_spawn_file_actions_adddup2(&actions, from, STDIN_FILENO);
        if (error == 0) {
            error = posix_spawnp(ret_pid, tool, &actions, NULL, argv, environ);
        }
        (void)posix_spawn_file_actions_destroy(&actions);
    }
    talloc_free(path);
    return error;
}

/* True when the process ended well. */
static bool wait_for(pid_t pid)
{
    int status = 0;

    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR) {
            return false;
        }
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Hands the graph to `dot` through the pipe's end `to`, which it closes. */
static bool feed_dot(const struct run *run, bool all, int to)
{
    FILE *out = fdopen(to, "w");

    if (out == NULL) {
        (void)close(to);
        return false;
    }
    /* When `dot` dies early, that is a failed write and not our end. */
    void (*before)(int) = signal(SIGPIPE, SIG_IGN);
    bool ok = dot_write(run->prog, all, out);
    ok = fclose(out) == 0 && ok;
    (void)signal(SIGPIPE, before);
    return ok;
}

static bool write_svg(const struct run *run, const struct options *options, struct err *err)
{
    struct loc where = {.file = options->output};
    int ends[2];
    pid_t pid;

    if (pipe2(ends, O_CLOEXEC) != 0) {
        err_set(err, ERR_IO, (struct loc){0}, "can't make a pipe: %s", strerror(errno));
        return false;
    }
    int error = start_dot(options->output, ends[0], &pid);
    (void)close(ends[0]);
    if (error != 0) {
        (void)close(ends[1]);
        err_set(err, ERR_IO, where,
                error == ENOENT ? "an SVG is drawn by Graphviz, whose program 'dot' is not "
                                  "installed; install it, or write DOT with -o FILE.dot"
                                : "can't start 'dot' to draw this SVG; write DOT with -o FILE.dot");
        return false;
    }
    bool fed = feed_dot(run, options->all, ends[1]);
    if (!wait_for(pid) || !fed) {
        err_set(err, ERR_IO, where, "'dot' could not draw this file; write DOT with -o FILE.dot");
        return false;
    }
    return true;
}

/* ---- the command ----------------------------------------------------------------------------- */

static int draw(struct run *run, const struct options *options)
{
    const struct common_options *common = &options->common;
    struct err err = {0};

    if (common->words.n > 0 && !common->has_cflags) {
        err_set(&err, ERR_USAGE, (struct loc){0},
                "'graph' draws the whole compile database; files, like '%s', need their flags "
                "after '--'",
                common->words.v[0]);
        return run_fail(&err);
    }
    if (!run_program(run, common, &err)) {
        return run_fail(&err);
    }
    bool svg = options->output != NULL && ends_in(options->output, ".svg");
    if (svg ? !write_svg(run, options, &err) : !write_dot(run, options, &err)) {
        return run_fail(&err);
    }
    return common_end(run);
}

int cmd_graph(int argc, char **argv)
{
    struct options options = {0};
    struct run *run = run_new();

    options.common.owner = run;
    argc = common_split_cflags(&options.common, argc, argv);
    argp_parse(&cmd_graph_argp, argc, argv, 0, NULL, &options);
    int status = draw(run, &options);
    talloc_free(run);
    return status;
}
