#include "cmd.h"
#include "run/run.h"

#include <stdlib.h>
#include <string.h>

enum { KEY_DB = 256, KEY_CONFIG, KEY_TIMEOUT, KEY_MEMORY, KEY_STATS };

static const struct argp_option options[] = {
    {"build-dir", 'p', "DIR", 0, "folder with compile_commands.json (default: looked for)", 0},
    {"db", KEY_DB, "FILE", 0, "facts database (default: .snarl/facts.db; ':memory:' keeps none)",
     0},
    {"config", KEY_CONFIG, "FILE", 0, "settings (default: the nearest .snarl.yml)", 0},
    {"jobs", 'j', "N", 0, "worker processes (default: one a core)", 0},
    {"unit-timeout", KEY_TIMEOUT, "SECONDS", 0, "time for one source file (default: 120)", 0},
    {"unit-memory", KEY_MEMORY, "MB", 0, "memory for one source file (default: 4096)", 0},
    {"stats", KEY_STATS, NULL, 0, "say what was analysed, on stderr", 0},
    {"quiet", 'q', NULL, 0, "no notes and no progress on stderr", 0},
    {0},
};

unsigned common_number(const char *text, const char *option, struct argp_state *state)
{
    char *end = NULL;
    unsigned long n = strtoul(text, &end, 10);

    if (*text < '0' || *text > '9' || *end != '\0' || n == 0 || n > 100000) {
        argp_error(state, "%s takes a whole number from 1 on, not '%s'", option, text);
    }
    return (unsigned)n;
}

bool common_is_json(const char *text, struct argp_state *state)
{
    if (strcmp(text, "text") != 0 && strcmp(text, "json") != 0) {
        argp_error(state, "unknown format '%s': use text or json", text);
    }
    return strcmp(text, "json") == 0;
}

int common_end(const struct run *run)
{
    run_print_problems(run, stderr);
    if (run->options->stats) {
        run_print_stats(run);
    }
    return run->problems.n > 0 ? EXIT_INCOMPLETE : EXIT_CLEAN;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct common_options *common = state->input;

    switch (key) {
    case 'p':
        common->build_dir = arg;
        return 0;
    case KEY_DB:
        common->database = arg;
        return 0;
    case KEY_CONFIG:
        common->config = arg;
        return 0;
    case 'j':
        common->jobs = common_number(arg, "--jobs", state);
        return 0;
    case KEY_TIMEOUT:
        common->timeout_s = common_number(arg, "--unit-timeout", state);
        return 0;
    case KEY_MEMORY:
        common->memory_mb = common_number(arg, "--unit-memory", state);
        return 0;
    case KEY_STATS:
        common->stats = true;
        return 0;
    case 'q':
        common->quiet = true;
        return 0;
    case ARGP_KEY_ARG:
        vec_push(common->owner, &common->words, arg);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp common_argp = {.options = options, .parser = parse};

const struct argp_child common_children[] = {
    {&common_argp, 0, "Analysis:", 1},
    {0},
};

int common_split_cflags(struct common_options *common, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--") != 0) {
            continue;
        }
        common->has_cflags = true;
        for (int j = i + 1; j < argc; j++) {
            vec_push(common->owner, &common->cflags, argv[j]);
        }
        argv[i] = NULL;
        return i;
    }
    return argc;
}
