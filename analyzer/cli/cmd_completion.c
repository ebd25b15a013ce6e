/* cmd_completion.c - `snarl completion SHELL`: a script that completes snarl's own command line. */
#include "commands.h"
#include "completion.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    void (*write)(FILE *out);
} shells[] = {
    {"bash", completion_bash},
    {"fish", completion_fish},
    {"zsh", completion_zsh},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    const char **shell = state->input;

    if (key != ARGP_KEY_ARG || *shell != NULL) {
        return ARGP_ERR_UNKNOWN;
    }
    *shell = arg;
    return 0;
}

const struct argp cmd_completion_argp = {
    .parser = parse,
    .args_doc = "bash|fish|zsh",
    .doc = "Print a script that completes snarl's commands, options and their values.\v"
           "For the running bash: eval \"$(snarl completion bash)\". An installed snarl has the "
           "scripts where the shells look for them.",
};

int cmd_completion(int argc, char **argv)
{
    const char *shell = NULL;

    argp_parse(&cmd_completion_argp, argc, argv, 0, NULL, &shell);
    for (size_t i = 0; shell != NULL && i < sizeof shells / sizeof shells[0]; i++) {
        if (strcmp(shells[i].name, shell) == 0) {
            shells[i].write(stdout);
            return EXIT_CLEAN;
        }
    }
    (void)fprintf(stderr, "snarl: error: 'completion' takes a shell: bash, fish or zsh\n");
    return EXIT_USAGE;
}
