/* cmd_ir.c - `snarl ir FILE [--function F]`: what the front end makes of a source file. */
#include "cmd.h"
#include "ir/print.h"
#include "run/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct options {
    struct common_options common;
    const char *function;
};

static const struct argp_option option_table[] = {
    {"function", 'f', "NAME", 0, "only this function", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct options *options = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->common;
        return 0;
    case 'f':
        options->function = arg;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp cmd_ir_argp = {
    .options = option_table,
    .parser = parse,
    .args_doc = "FILE [-- CFLAGS...]",
    .doc = "Print the intermediate representation of one source file.",
    .children = common_children,
};

static const struct compile_unit *find_unit(const struct compdb *db, const char *file)
{
    char *full = realpath(file, NULL);
    const struct compile_unit *found = NULL;

    for (size_t i = 0; i < db->units.n && full != NULL; i++) {
        if (strcmp(db->units.v[i].path, full) == 0) {
            found = &db->units.v[i];
        }
    }
    free(full);
    return found;
}

/* As all other commands show them. */
static void make_paths_relative(struct ir_unit *ir)
{
    char *root = getcwd(NULL, 0);

    for (size_t i = 0; i < ir->files.n && root != NULL; i++) {
        ir->files.v[i] = prog_relative(root, ir->files.v[i]);
    }
    free(root);
}

/* True when there are any: then the unit was not read completely. */
static bool print_errors(const struct ir_unit *ir)
{
    bool any = false;

    for (size_t i = 0; i < ir->problems.n; i++) {
        const struct ir_problem *problem = &ir->problems.v[i];
        const char *file = problem->file.i == ID_NONE ? ir->path : ir->files.v[problem->file.i];
        struct err err = {0};
        if (problem->is_error) {
            err_set(&err, ERR_INPUT, (struct loc){file, problem->line, problem->column}, "%s",
                    problem->text);
            (void)run_fail(&err);
            any = true;
        }
    }
    return any;
}

static int print_ir(void *owner, const struct options *options)
{
    const struct common_options *o = &options->common;
    struct err err = {0};

    if (o->words.n != 1) {
        err_set(&err, ERR_USAGE, (struct loc){0}, "'ir' takes one source file");
        return run_fail(&err);
    }
    struct compdb *db = o->has_cflags
                            ? compdb_of_files(owner, o->words.v, 1, o->cflags.v, o->cflags.n)
                            : compdb_find(owner, ".", o->build_dir, &err);
    if (db == NULL) {
        return run_fail(&err);
    }
    const struct compile_unit *unit = find_unit(db, o->words.v[0]);
    if (unit == NULL) {
        err_set(&err, ERR_INPUT, (struct loc){.file = o->words.v[0]},
                "this file does not exist or is not in the compile database; give its flags "
                "after '--'");
        return run_fail(&err);
    }
    struct ir_unit *ir = run_one_unit(owner, o, unit, &err);
    if (ir == NULL) {
        return run_fail(&err);
    }
    make_paths_relative(ir);
    (void)fputs(ir_print_unit(owner, ir, options->function), stdout);
    return print_errors(ir) ? EXIT_INCOMPLETE : EXIT_CLEAN;
}

int cmd_ir(int argc, char **argv)
{
    struct options options = {0};
    struct run *owner = run_new();

    options.common.owner = owner;
    argc = common_split_cflags(&options.common, argc, argv);
    argp_parse(&cmd_ir_argp, argc, argv, 0, NULL, &options);
    int status = print_ir(owner, &options);
    talloc_free(owner);
    return status;
}
