/* cmd_check.c - `snarl check`: the way from the compile database to findings. */
#include "answer.h"
#include "cmd.h"
#include "fingerprint.h"
#include "report/report.h"
#include "results.h"
#include "rules/rule.h"
#include "run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEY_FORMAT = 512, KEY_CONFIDENCE, KEY_EXPLAIN_FLAGS };

struct options {
    struct common_options common;
    enum report_format format;
    bool has_confidence;
    enum level confidence;
    const char *output;        /* NULL: stdout */
    const char *explain_flags; /* a file, instead of all the rest; NULL: no */
};

static const struct argp_option option_table[] = {
    {"format", KEY_FORMAT, "text|json|sarif", 0, "how findings are written (default: text)", 0},
    {"output", 'o', "FILE", 0, "where they are written (default: standard output)", 0},
    {"confidence", KEY_CONFIDENCE, "high|medium|low", 0,
     "the least confidence that is shown (default: medium)", 0},
    {"explain-flags", KEY_EXPLAIN_FLAGS, "FILE", 0,
     "only say how this file is parsed: flags given to libclang, flags left out and why", 0},
    {0},
};

static enum report_format format_of(const char *name, struct argp_state *state)
{
    static const char *const names[] = {"text", "json", "sarif"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i], name) == 0) {
            return (enum report_format)i;
        }
    }
    argp_error(state, "unknown format '%s': use text, json or sarif", name);
    return REPORT_TEXT;
}

static enum level level_of(const char *name, struct argp_state *state)
{
    static const char *const names[] = {"low", "medium", "high"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i], name) == 0) {
            return (enum level)i;
        }
    }
    argp_error(state, "unknown confidence '%s': use high, medium or low", name);
    return LEVEL_LOW;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct options *options = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->common;
        return 0;
    case KEY_FORMAT:
        options->format = format_of(arg, state);
        return 0;
    case KEY_CONFIDENCE:
        options->confidence = level_of(arg, state);
        options->has_confidence = true;
        return 0;
    case KEY_EXPLAIN_FLAGS:
        options->explain_flags = arg;
        return 0;
    case 'o':
        options->output = arg;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    .options = option_table,
    .parser = parse,
    .args_doc = "[FILES...] [-- CFLAGS...]",
    .doc = "Find concurrency hazards.\vThe whole compile database is analysed; with FILES only the "
           "findings that touch one of them are shown. With CFLAGS no compile database is needed: "
           "the FILES, compiled with them, are the program.",
    .children = common_children,
};

/* ---- which findings -------------------------------------------------------------------------- */

/* One file has many names: links and ".." count. */
static bool is_same_file(const char *a, const char *b)
{
    struct stat left;
    struct stat right;

    return strcmp(a, b) == 0 || (stat(a, &left) == 0 && stat(b, &right) == 0 &&
                                 left.st_ino == right.st_ino && left.st_dev == right.st_dev);
}

static bool is_among(const struct run *run, const char *file)
{
    const struct common_options *o = run->options;
    bool found = o->words.n == 0 || o->has_cflags;

    for (size_t i = 0; i < o->words.n && !found; i++) {
        found = file != NULL && is_same_file(o->words.v[i], file);
    }
    return found;
}

/* Was `file` read by a unit, or meant to be? */
static bool is_of_program(const struct run *run, const char *file)
{
    bool found = false;

    for (size_t i = 0; i < run->compdb->units.n && !found; i++) {
        found = is_same_file(file, run->compdb->units.v[i].path);
    }
    for (size_t i = 0; i < run->units.n && !found; i++) {
        for (size_t f = 0; f < run->units.v[i]->files.n && !found; f++) {
            found = is_same_file(file, run->units.v[i]->files.v[f]);
        }
    }
    return found;
}

/* FILES that nothing is known of: no finding in them means nothing. */
static void tell_unknown_files(struct run *run)
{
    const struct common_options *o = run->options;

    for (size_t i = 0; i < o->words.n && !o->has_cflags; i++) {
        struct loc where = {.file = o->words.v[i]};
        if (access(where.file, F_OK) != 0) {
            run_add_problem(run, where, "there is no such file");
        } else if (!is_of_program(run, where.file)) {
            run_add_problem(run, where,
                            "no C source of the compile database includes this, so it was not "
                            "analysed; make the database anew, or give flags after '--'");
        }
    }
}

static bool touches_files(const struct run *run, const struct finding *finding)
{
    bool touches = is_among(run, finding->where.file);

    for (size_t t = 0; t < finding->threads.n; t++) {
        const struct finding_thread *thread = &finding->threads.v[t];
        for (size_t s = 0; s < thread->steps.n && !touches; s++) {
            touches = is_among(run, thread->steps.v[s].where.file);
        }
    }
    return touches;
}

static struct finding_list shown_of(const struct run *run, const struct options *options,
                                    const struct finding_list *all, size_t *ret_hidden)
{
    enum level least = options->has_confidence ? options->confidence : run->config.min_confidence;
    struct finding_list shown = {NULL, 0, all->n_allowed};

    *ret_hidden = 0;
    for (size_t i = 0; i < all->n; i++) {
        if (!touches_files(run, all->v[i])) {
            continue;
        }
        if (all->v[i]->confidence < least) {
            (*ret_hidden)++;
        } else {
            vec_push(all->v, &shown, all->v[i]);
        }
    }
    return shown;
}

/* ---- writing them ---------------------------------------------------------------------------- */

static bool use_colour(const struct options *options)
{
    const char *no_colour = getenv("NO_COLOR");

    return options->output == NULL && isatty(STDOUT_FILENO) == 1 &&
           (no_colour == NULL || no_colour[0] == '\0');
}

/* The terminal's width in columns, by COLUMNS or by itself; 0: the output goes elsewhere. */
static unsigned width_of(const struct options *options)
{
    const char *columns = getenv("COLUMNS");
    struct winsize size;

    if (options->output != NULL || isatty(STDOUT_FILENO) != 1) {
        return 0;
    }
    if (columns != NULL && atoi(columns) > 0) {
        return (unsigned)atoi(columns);
    }
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

/* Bytes on their way to a stream, gathered first so that they can be kept. */
struct gathered {
    FILE *stream;
    char *bytes; /* malloc()ed by open_memstream() */
    size_t size;
};

static bool gather(struct gathered *gathered)
{
    *gathered = (struct gathered){.stream = NULL};
    gathered->stream = open_memstream(&gathered->bytes, &gathered->size);
    return gathered->stream != NULL;
}

static bool write_report(const struct run *run, const struct options *options,
                         const struct finding_list *shown, size_t n_hidden, FILE *out,
                         struct err *err)
{
    size_t n_rules;
    struct report report = {.findings = (const struct finding *const *)shown->v,
                            .n_findings = shown->n,
                            .rules = rules_all(&n_rules),
                            .rule_help = rules_page,
                            .problems = run->problems.v,
                            .n_problems = run->problems.n,
                            .root = run->root,
                            .colour = use_colour(options),
                            .width = width_of(options),
                            .n_hidden = n_hidden,
                            .n_allowed = shown->n_allowed};

    report.n_rules = n_rules;
    return report_write(options->format, &report, out, err);
}

static int status_of(const struct run *run, const struct finding_list *shown)
{
    if (run->problems.n > 0) {
        return EXIT_INCOMPLETE;
    }
    return shown->n > 0 ? EXIT_FINDINGS : EXIT_CLEAN;
}

/* The whole way, from the facts to what is to be printed. */
static bool work_out(struct run *run, const struct options *options, FILE *out, FILE *said,
                     int *ret_status, struct err *err)
{
    size_t n_hidden;

    if (!run_analyse(run, err)) {
        return false;
    }
    tell_unknown_files(run);
    struct finding_list all = rules_run(run, run->prog, &run->config);
    fingerprint_all(&all);
    struct finding_list shown = shown_of(run, options, &all, &n_hidden);
    if (!write_report(run, options, &shown, n_hidden, out, err) ||
        !results_store(run->facts, run->prog, &all, err)) {
        return false;
    }
    run_print_problems(run, said);
    run_print_claim_problems(run, said);
    run_note_own_locks(run, said);
    *ret_status = status_of(run, &shown);
    return true;
}

/* Writes the report to where it belongs, and what was said to stderr. */
static bool print_answer(const struct options *options, const struct facts_answer *answer,
                         struct err *err)
{
    FILE *out = options->output == NULL ? stdout : fopen(options->output, "w");
    bool ok = out != NULL && fwrite(answer->out, 1, answer->out_size, out) == answer->out_size;

    ok = out != NULL && (out == stdout ? fflush(out) : fclose(out)) == 0 && ok;
    if (!ok) {
        const char *file = options->output == NULL ? "the report" : options->output;
        err_set(err, ERR_IO, (struct loc){.file = file}, "can't write this file: %s",
                strerror(errno));
    }
    (void)fwrite(answer->said, 1, answer->said_size, stderr);
    return ok;
}

/* All options that change what is printed; NULL: it also depends on what only a run can tell. */
static const char *question_of(struct run *run, const struct options *options)
{
    const struct common_options *common = &options->common;

    if (common->stats || common->has_cflags || common->words.n > 0 || run->problems.n > 0) {
        return NULL;
    }
    return mem_printf(run, "check %d %d %d %d %d %u", (int)options->format,
                      options->has_confidence ? 1 : 0, (int)options->confidence,
                      use_colour(options) ? 1 : 0, common->quiet ? 1 : 0, width_of(options));
}

/* Works the answer out, prints it and keeps it for a run that asks the same. */
static int answer_anew(struct run *run, const struct options *options, const char *question)
{
    struct err err = {0};
    struct err ignored = {0};
    struct facts_answer answer = {.status = EXIT_CLEAN};
    struct facts_hash key;
    struct gathered out;
    struct gathered said = {.stream = NULL};
    bool ok = gather(&out) && gather(&said) &&
              work_out(run, options, out.stream, said.stream, &answer.status, &err);

    ok = out.stream != NULL && fclose(out.stream) == 0 && ok;
    ok = said.stream != NULL && fclose(said.stream) == 0 && ok;
    answer.out = out.bytes;
    answer.out_size = out.size;
    answer.said = said.bytes;
    answer.said_size = said.size;
    if (ok || answer.out_size > 0) { /* a report is worth printing though it can't be stored */
        ok = print_answer(options, &answer, ok ? &err : &ignored) && ok;
    }
    if (ok && question != NULL && run_is_complete(run) && answer_key(run, question, &key)) {
        ok = facts_keep_answer(run->facts, key, &answer, &err);
    }
    if (options->common.stats && ok) {
        run_print_stats(run);
    }
    free(out.bytes);
    free(said.bytes);
    return ok ? answer.status : run_fail(&err);
}

static int check(struct run *run, const struct options *options)
{
    struct err err = {0};
    struct facts_answer answer;
    struct facts_hash key;

    if (!run_open(run, &options->common, &err)) {
        return run_fail(&err);
    }
    const char *question = question_of(run, options);
    if (question == NULL || !answer_key(run, question, &key) ||
        !facts_find_answer(run->facts, run, key, &answer)) {
        return answer_anew(run, options, question);
    }
    return print_answer(options, &answer, &err) ? answer.status : run_fail(&err);
}

int cmd_check(int argc, char **argv)
{
    struct options options = {.format = REPORT_TEXT};
    struct run *run = run_new();

    options.common.owner = run;
    argc = common_split_cflags(&options.common, argc, argv);
    argp_parse(&argp, argc, argv, 0, NULL, &options);
    int status = options.explain_flags != NULL
                     ? explain_flags(&options.common, options.explain_flags)
                     : check(run, &options);
    talloc_free(run);
    return status;
}
