/* cmd_lsp.c - `snarl lsp`: the editor's server. */
#include "cmd.h"
#include "lsp/lsp.h"
#include "run/run.h"

#include <unistd.h>

static error_t parse(int key, char *arg, struct argp_state *state)
{
    if (key == ARGP_KEY_INIT) {
        state->child_inputs[0] = state->input;
        return 0;
    }
    (void)arg;
    return ARGP_ERR_UNKNOWN;
}

const struct argp cmd_lsp_argp = {
    .parser = parse,
    .doc = "Serve an editor: the Language Server Protocol on standard input and output.\v"
           "docs/editors.md tells how each editor starts it.",
    .children = common_children,
};

int cmd_lsp(int argc, char **argv)
{
    struct run *run = run_new(); /* owns the options */
    struct common_options options = {.owner = run};

    argp_parse(&cmd_lsp_argp, argc, argv, 0, NULL, &options);
    int status = lsp_serve(&options, STDIN_FILENO, STDOUT_FILENO);
    talloc_free(run);
    return status;
}
