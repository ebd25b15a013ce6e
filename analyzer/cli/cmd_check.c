/* cmd_check.c - `snarl check`: the way from the compile database to findings. */
#include "answer.h"
#include "cmd.h"
#include "known.h"
#include "output.h"
#include "overrides.h"
#include "results.h"
#include "run/run.h"
#include "triage/fingerprint.h"
#include "triage/rank.h"
#include "triage/select.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { KEY_FORMAT = 512, KEY_EXPLAIN_FLAGS, KEY_MAX, KEY_ALL_FILES, KEY_CATEGORY };

struct options {
    struct common_options common;
    struct known_options known;
    struct overrides overrides;
    enum report_format format;
    VEC(const char *) output_words; /* of -o */
    VEC(struct output) outputs;     /* what they mean; never empty */
    const char *category;           /* --category; NULL: none */
    unsigned max;                   /* --max; 0: all are told */
    bool all_files;                 /* --all-files */
    const char *explain_flags;      /* a file, instead of all the rest; NULL: no */
};

static const char format_doc[] = "how findings are written (default: text); one of"
#define FORMAT(NAME, name) " " #name
#include "report/formats.def"
#undef FORMAT
    ;

static const struct argp_option option_table[] = {
    {"format", KEY_FORMAT, "FORMAT", 0, format_doc, 0},
    {"output", 'o', "[FORMAT:]FILE", 0,
     "where they are written (default: - for standard output); may be given more than once", 0},
    {"category", KEY_CATEGORY, "NAME", 0,
     "sarif: the name of this analysis, where a commit has several", 0},
    {"max", KEY_MAX, "N", 0,
     "text, github and html: only the N worst findings are told; the exit status minds all", 0},
    {"all-files", KEY_ALL_FILES, NULL, 0,
     "also findings in files that are not the project's own (see 'snarl config', paths)", 0},
    {"explain-flags", KEY_EXPLAIN_FLAGS, "FILE", 0,
     "only say how this file is parsed: flags given to libclang, flags left out and why", 0},
    {0},
};

static enum report_format format_of(const char *name, struct argp_state *state)
{
    enum report_format format = REPORT_TEXT;

    if (!output_format(name, &format)) {
        argp_error(state, "unknown format '%s': use one of %s", name, output_format_words());
    }
    return format;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct options *options = state->input;

    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->known;
        state->child_inputs[1] = &options->common;
        state->child_inputs[2] = &options->overrides;
        return 0;
    case KEY_FORMAT:
        options->format = format_of(arg, state);
        return 0;
    case KEY_CATEGORY:
        options->category = arg;
        return 0;
    case KEY_MAX:
        options->max = common_number(arg, "--max", state);
        return 0;
    case KEY_ALL_FILES:
        options->all_files = true;
        return 0;
    case KEY_EXPLAIN_FLAGS:
        options->explain_flags = arg;
        return 0;
    case 'o':
        vec_push(options->common.owner, &options->output_words, arg);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {
    {&known_argp, 0, "Only what is new:", 1},
    {&common_argp, 0, "Analysis:", 2},
    {&overrides_argp, 0, NULL, 0},
    {0},
};

const struct argp cmd_check_argp = {
    .options = option_table,
    .parser = parse,
    .args_doc = "[FILES...] [-- CFLAGS...]",
    .doc = "Find concurrency hazards.\vThe whole compile database is analysed; with FILES only the "
           "findings that touch one of them are shown. With CFLAGS no compile database is needed: "
           "the FILES, compiled with them, are the program.",
    .children = children,
};

/* What the words of -o mean: --format may stand behind them. */
static void read_outputs(struct options *options)
{
    void *owner = options->common.owner;

    for (size_t i = 0; i < options->output_words.n; i++) {
        vec_push(owner, &options->outputs, output_of(options->output_words.v[i], options->format));
    }
    if (options->outputs.n == 0) {
        vec_push(owner, &options->outputs, output_of("-", options->format));
    }
}

/* ---- which findings -------------------------------------------------------------------------- */

/* Was `file` read by a unit, or meant to be? */
static bool is_of_program(const struct run *run, const char *file)
{
    bool found = false;

    for (size_t i = 0; i < run->compdb->units.n && !found; i++) {
        found = select_is_same_file(file, run->compdb->units.v[i].path);
    }
    for (size_t i = 0; i < run->units.n && !found; i++) {
        for (size_t f = 0; f < run->units.v[i]->files.n && !found; f++) {
            found = select_is_same_file(file, run->units.v[i]->files.v[f]);
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

static void select_shown(struct run *run, const struct options *options,
                         const struct finding_list *all, struct selection *ret)
{
    const struct common_options *common = &options->common;
    struct select_options asked = {.min_confidence = run->config.min_confidence};

    if (!options->all_files) {
        asked.own = own_files_new(run, &run->config, run->root, run_sources(run, run),
                                  run->compdb->units.n);
    }
    for (size_t i = 0; i < common->words.n && !common->has_cflags; i++) {
        vec_push(run, &asked.files, common->words.v[i]);
    }
    select_findings(run, &asked, all, ret);
}

/* ---- writing them ---------------------------------------------------------------------------- */

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

/* What becomes reports. */
struct triaged {
    struct known known;
    struct selection selection;
};

static int status_of(const struct run *run, const struct selection *selection)
{
    enum fail_on fail_on = run->config.fail_on;
    bool fails = false;

    for (size_t i = 0; i < selection->shown.n; i++) {
        fails = fails || (int)selection->shown.v[i]->severity >= (int)fail_on;
    }
    return run->problems.n > 0 ? EXIT_INCOMPLETE : fails ? EXIT_FINDINGS : EXIT_CLEAN;
}

static struct report report_of(struct run *run, const struct options *options,
                               const struct triaged *triaged, const struct ranking *ranking,
                               const struct output *output)
{
    const struct selection *selection = &triaged->selection;
    struct report report = {.category = options->category,
                            .fail_on = run->config.fail_on,
                            .exit_code = (unsigned)status_of(run, selection),
                            .findings = selection->shown.v,
                            .n_findings = selection->shown.n,
                            .ranked = ranking->order.v,
                            .n_ranked = ranking->order.n,
                            .prog = run->prog,
                            .allowed = selection->allowed.v,
                            .n_allowed = selection->allowed.n,
                            .known = selection->known.v,
                            .n_known = selection->known.n,
                            .absent = triaged->known.gone.v,
                            .n_absent = triaged->known.gone.n,
                            .rule_help = rules_page,
                            .problems = run->problems.v,
                            .n_problems = run->problems.n,
                            .root = run->root,
                            .colour = output_has_colour(output),
                            .width = output_width(output),
                            .n_hidden = selection->n_hidden,
                            .n_foreign = selection->n_foreign};

    report.rules = rules_all(&report.n_rules);
    for (size_t i = 0; i < report.n_rules; i++) {
        if (config_rule(&run->config, report.rules[i].id) == RULE_OFF) {
            vec_push(run, &report.off, report.rules[i].id);
        }
    }
    return report;
}

/* Writes each report to its place; the only one is gathered in `kept` instead, if it is not NULL.
 */
static bool write_reports(struct run *run, const struct options *options,
                          const struct triaged *triaged, FILE *kept, struct err *err)
{
    const struct selection *selection = &triaged->selection;
    struct ranking ranking;
    bool ok = true;

    rank_findings(run, selection->shown.v, selection->shown.n, options->max, &ranking);
    for (size_t i = 0; i < options->outputs.n && ok; i++) {
        const struct output *output = &options->outputs.v[i];
        struct report report = report_of(run, options, triaged, &ranking, output);
        ok = kept != NULL ? report_write(output->format, &report, kept, err)
                          : output_write(output, &report, err);
    }
    return ok;
}

/* The whole way, from the facts to the reports. What a run that asks the same would print goes to
 * `kept` (NULL: nothing is kept) and `said`. */
static bool work_out(struct run *run, const struct options *options, FILE *kept, FILE *said,
                     int *ret_status, struct err *err)
{
    struct triaged triaged;

    if (!known_open(run, &options->known, &triaged.known, err) || !run_analyse(run, err)) {
        return false;
    }
    tell_unknown_files(run);
    struct finding_list all =
        rules_run(run, run->prog, &run->config, run_limits(run->options).jobs);
    fingerprint_all(&all);
    known_compare(run, &all, &triaged.known);
    select_shown(run, options, &all, &triaged.selection);
    if (!known_write(run, &options->known, &triaged.selection, said, err) ||
        !write_reports(run, options, &triaged, kept, err) || !results_store(run, &all, err) ||
        !known_keep(run, &triaged.known, err)) {
        return false;
    }
    run_print_problems(run, said);
    run_print_claim_problems(run, said);
    run_print_setting_problems(run, said);
    run_print_allowed_problems(run, all.allowed, said);
    run_note_own_locks(run, said);
    *ret_status = status_of(run, &triaged.selection);
    return true;
}

/* All options that change what is printed; NULL: it also depends on what only a run can tell, or
 * goes to several places. */
static const char *question_of(struct run *run, const struct options *options)
{
    const struct common_options *common = &options->common;
    const struct output *output = &options->outputs.v[0];
    const char *known = known_question(run, &options->known);

    if (common->stats || common->has_cflags || common->words.n > 0 || run->problems.n > 0 ||
        options->outputs.n > 1 || known == NULL) {
        return NULL;
    }
    return mem_printf(run, "check %s %d %d %d %d %u %d %d %u %s", known, (int)output->format,
                      (int)run->config.min_confidence, (int)run->config.fail_on,
                      options->all_files ? 1 : 0, options->max, output_has_colour(output) ? 1 : 0,
                      common->quiet ? 1 : 0, output_width(output),
                      options->category == NULL ? "" : options->category);
}

/* Writes a kept answer to where it belongs, and what was said to stderr. */
static bool print_answer(const struct options *options, const struct facts_answer *answer,
                         struct err *err)
{
    bool ok = options->outputs.n > 1 ||
              output_put(&options->outputs.v[0], answer->out, answer->out_size, err);

    (void)fwrite(answer->said, 1, answer->said_size, stderr);
    return ok;
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
              work_out(run, options, options->outputs.n > 1 ? NULL : out.stream, said.stream,
                       &answer.status, &err);

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
    overrides_apply(run, &options->overrides, &run->config);
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
    argp_parse(&cmd_check_argp, argc, argv, 0, NULL, &options);
    read_outputs(&options);
    int status = options.explain_flags != NULL
                     ? explain_flags(&options.common, options.explain_flags)
                     : check(run, &options);
    talloc_free(run);
    return status;
}
