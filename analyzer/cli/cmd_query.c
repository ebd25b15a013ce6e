/* cmd_query.c - `snarl query "SQL"`: the last check's results, asked in SQL. */
#include "cmd.h"
#include "facts/query.h"
#include "frontend/path.h"
#include "report/table.h"
#include "run/run.h"

#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_FORMAT = 512, KEY_DB };

struct options {
    const char *sql; /* NULL: tell what can be asked; "-": it is on standard input */
    const char *database;
    const char *build_dir; /* NULL: whichever the results are of */
    enum table_format format;
    bool quiet;
};

static const struct argp_option option_table[] = {
    {"format", KEY_FORMAT, "text|csv|json", 0, "how the rows are written (default: text)", 0},
    {"db", KEY_DB, "FILE", 0, "facts database of the check (default: .snarl/facts.db)", 0},
    {"build-dir", 'p', "DIR", 0,
     "folder whose compile_commands.json they are to be of (default: not looked at)", 0},
    {"quiet", 'q', NULL, 0, "no notes on stderr", 0},
    {0},
};

static enum table_format format_of(const char *name, struct argp_state *state)
{
    static const char *const names[] = {"text", "csv", "json"}; /* as enum table_format */

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i], name) == 0) {
            return (enum table_format)i;
        }
    }
    argp_error(state, "unknown format '%s': use one of text csv json", name);
    return TABLE_TEXT;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct options *options = state->input;

    switch (key) {
    case KEY_FORMAT:
        options->format = format_of(arg, state);
        return 0;
    case KEY_DB:
        options->database = arg;
        return 0;
    case 'p':
        options->build_dir = arg;
        return 0;
    case 'q':
        options->quiet = true;
        return 0;
    case ARGP_KEY_ARG:
        if (options->sql != NULL) {
            argp_error(state, "the query is one argument: put it between quotes");
        }
        options->sql = arg;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp cmd_query_argp = {
    .options = option_table,
    .parser = parse,
    .args_doc = "[SQL]",
    .doc = "Ask the results of the last `snarl check` in SQL.\vSQL is one SELECT, as SQLite "
           "understands it; - reads it from standard input. Without it the tables and their "
           "columns are printed. Nothing is analysed: where files have changed since that check, a "
           "note says so, and the exit status is 3.",
};

/* The whole of standard input; NULL and `*err`: it can't be read. */
static const char *read_stdin(void *owner, struct err *err)
{
    char *text = mem_strdup(owner, "");
    char part[4096];
    size_t n;

    while ((n = fread(part, 1, sizeof part - 1, stdin)) > 0) {
        part[n] = '\0';
        mem_append(owner, &text, "%s", part);
    }
    if (ferror(stdin) != 0) {
        err_set(err, ERR_IO, (struct loc){0}, "can't read the query: %s", strerror(errno));
        return NULL;
    }
    return text;
}

/* ---- what the results are worth -------------------------------------------------------------- */

/* "; run `snarl check -p build` again", with what was given of its options. */
static const char *what_to_run(void *owner, const struct options *options)
{
    char *text = mem_strdup(owner, "run `snarl check");

    if (options->build_dir != NULL) {
        mem_append(owner, &text, " -p %s", options->build_dir);
    }
    if (options->database != NULL) {
        mem_append(owner, &text, " --db %s", options->database);
    }
    mem_append(owner, &text, "`");
    return text;
}

static bool is_of_build_dir(const char *dir, const char *compile_commands)
{
    char *path = mem_printf(NULL, "%s/compile_commands.json", dir);
    char *full = realpath(path, NULL);
    char *of = compile_commands == NULL ? NULL : realpath(compile_commands, NULL);
    bool same = full != NULL && of != NULL && strcmp(full, of) == 0;

    free(of);
    free(full);
    talloc_free(path);
    return same;
}

static void note(const struct options *options, const char *text)
{
    if (!options->quiet) {
        (void)fprintf(stderr, "snarl: note: %s\n", text);
    }
}

/* Tells what the rows don't. The exit status for it. */
static int tell_age(void *owner, const struct options *options, const struct facts_age *age)
{
    const char *run = what_to_run(owner, options);
    int status = EXIT_CLEAN;

    if (age->problems > 0) {
        note(options,
             mem_printf(owner,
                        "that check (%s UTC) could not analyse everything: %llu problem%s, which "
                        "`snarl check` names",
                        age->at, (unsigned long long)age->problems, age->problems == 1 ? "" : "s"));
        status = EXIT_INCOMPLETE;
    }
    if (options->build_dir != NULL && !is_of_build_dir(options->build_dir, age->compile_commands)) {
        note(options, mem_printf(owner, "these are results of another build, %s: %s first",
                                 age->compile_commands == NULL ? "with flags given by hand"
                                                               : age->compile_commands,
                                 run));
        status = EXIT_INCOMPLETE;
    }
    if (strcmp(age->snarl, SNARL_VERSION) != 0) {
        note(options,
             mem_printf(owner, "these are results of snarl %s, this is " SNARL_VERSION ": %s again",
                        age->snarl, run));
        status = EXIT_INCOMPLETE;
    }
    if (age->n_changed > 0) {
        const char *file = prog_relative(path_current(owner), age->changed);
        char *more = age->n_changed == 1
                         ? mem_strdup(owner, "")
                         : mem_printf(owner, " and %zu more file%s", age->n_changed - 1,
                                      age->n_changed == 2 ? "" : "s");
        note(options, mem_printf(owner, "%s%s changed since this check (%s UTC): %s again", file,
                                 more, age->at, run));
        status = EXIT_INCOMPLETE;
    }
    return status;
}

/* ---- the command ----------------------------------------------------------------------------- */

/* The line that the error is in, with a caret below the place. */
static void print_excerpt(const char *sql, struct loc where)
{
    for (uint32_t line = 1; line < where.line && sql != NULL; line++) {
        sql = strchr(sql, '\n');
        sql = sql == NULL ? NULL : sql + 1;
    }
    if (sql != NULL && where.column > 0) {
        (void)fprintf(stderr, "%5u | %.*s\n      | %*s\n", where.line, (int)strcspn(sql, "\n"), sql,
                      (int)where.column, "^");
    }
}

static int fail(const struct options *options, const struct err *err)
{
    int status = run_fail(err);

    if (err->kind == ERR_USAGE && options->sql != NULL && strcmp(err->path, "SQL") == 0) {
        print_excerpt(options->sql, err->where);
    }
    return status;
}

static int ask(void *owner, struct options *options)
{
    struct err err = {0};
    struct facts_age age;
    struct table table;

    if (options->sql != NULL && strcmp(options->sql, "-") == 0) {
        options->sql = read_stdin(owner, &err);
    } else if (options->sql == NULL) {
        (void)fputs(facts_tables(owner), stdout);
        return EXIT_CLEAN;
    }
    const char *path = options->database == NULL ? ".snarl/facts.db" : options->database;
    struct facts *facts = err_is_set(&err) ? NULL : facts_open_results(owner, path, &err);
    if (facts == NULL || !facts_query(facts, owner, options->sql, &table, &err) ||
        !facts_age(facts, owner, &age, &err)) {
        return fail(options, &err);
    }
    if (age.at == NULL) {
        err_set(&err, ERR_USAGE, (struct loc){.file = path}, "there are no results yet: %s first",
                what_to_run(owner, options));
        return fail(options, &err);
    }
    if (!table_write(options->format, &table, stdout) || fflush(stdout) != 0) {
        err_set(&err, ERR_IO, (struct loc){0}, "can't write the rows: %s", strerror(errno));
        return fail(options, &err);
    }
    return tell_age(owner, options, &age);
}

int cmd_query(int argc, char **argv)
{
    struct options options = {.format = TABLE_TEXT};

    argp_parse(&cmd_query_argp, argc, argv, 0, NULL, &options);
    void *owner = mem_owner(NULL, "query");
    int status = ask(owner, &options);
    talloc_free(owner);
    return status;
}
