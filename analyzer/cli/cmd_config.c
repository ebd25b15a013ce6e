/* cmd_config.c - `snarl config`: the settings in force, and where each is from. */
#include "cmd.h"
#include "overrides.h"
#include "report/schema.h"
#include "report/settings.h"
#include "run/run.h"

#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { KEY_FORMAT = 512, KEY_CONFIG, KEY_SCHEMA };

struct options {
    struct common_options common;
    struct overrides overrides;
    bool json;
    bool schema;
};

static const struct argp_option option_table[] = {
    {"config", KEY_CONFIG, "FILE", 0, "settings (default: the nearest .snarl.yml)", 0},
    {"format", KEY_FORMAT, "text|json", 0, "text (the default) can be used as a .snarl.yml itself",
     0},
    {"schema", KEY_SCHEMA, NULL, 0, "print the JSON schema of .snarl.yml, for editors", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct options *options = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->overrides;
        return 0;
    case KEY_CONFIG:
        options->common.config = arg;
        return 0;
    case KEY_FORMAT:
        options->json = strcmp(arg, "json") == 0;
        if (!options->json && strcmp(arg, "text") != 0) {
            argp_error(state, "unknown format '%s': use text or json", arg);
        }
        return 0;
    case KEY_SCHEMA:
        options->schema = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN; /* argp then complains of an argument itself */
    }
}

static const struct argp_child children[] = {
    {&overrides_argp, 0, NULL, 0},
    {0},
};

const struct argp cmd_config_argp = {
    .options = option_table,
    .parser = parse,
    .doc = "Show the settings in force: each with the place it is from, which is the default, a "
           "line of .snarl.yml, or an option of this command line.",
    .children = children,
};

static int fail_to_write(const char *what)
{
    struct err err = {0};

    err_set(&err, ERR_IO, (struct loc){0}, "can't write %s: %s", what, strerror(errno));
    return run_fail(&err);
}

static int print_schema(struct run *run)
{
    bool ok = schema_write(run_rule_ids(run), stdout);

    return ok && fflush(stdout) == 0 ? EXIT_CLEAN : fail_to_write("the schema");
}

static int show(struct run *run, const struct options *options)
{
    struct err err = {0};

    if (!run_configure(run, &options->common, &err)) {
        return run_fail(&err);
    }
    overrides_apply(run, &options->overrides, &run->config);
    const struct config_lines *lines = config_in_force(run, &run->config, run_rule_ids(run));
    const char *path = run->config.path == NULL ? NULL : prog_relative(run->root, run->config.path);
    bool ok = options->json ? settings_write_json(lines, path, stdout)
                            : settings_write_text(lines, path, stdout);
    return ok && fflush(stdout) == 0 ? EXIT_CLEAN : fail_to_write("the settings");
}

int cmd_config(int argc, char **argv)
{
    struct options options = {.json = false};
    struct run *run = run_new();

    argp_parse(&cmd_config_argp, argc, argv, 0, NULL, &options);
    int status = options.schema ? print_schema(run) : show(run, &options);
    talloc_free(run);
    return status;
}
