#include "run/run.h"

#include "program/repeats.h"
#include "rules/rule.h"
#include "run/interrupt.h"
#include "run/over.h"
#include "run/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Units on their way: which have to be parsed, and where the answers go. */
struct loading {
    struct run *run;
    struct ir_unit **units; /* by compdb index; NULL: lost or not there yet */
    struct facts_hash *keys;
    VEC(const struct compile_unit *) stale;
    VEC(size_t) stale_index;
    struct err *err;
};

static double now(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

struct run *run_new(void)
{
    return mem_new(NULL, struct run);
}

static void print_err(const struct err *err, FILE *to)
{
    char *root = getcwd(NULL, 0);
    struct err shown = {.kind = ERR_NONE};

    err_set(&shown, err->kind, (struct loc){0}, "%s", err->text);
    if (err->where.file != NULL) {
        const char *path = prog_relative(root == NULL ? "" : root, err->path);
        (void)snprintf(shown.path, sizeof shown.path, "%s", path);
        shown.where = (struct loc){shown.path, err->where.line, err->where.column};
    }
    char *text = err_text(NULL, &shown);
    (void)fprintf(to, "%s\n", text);
    talloc_free(text);
    free(root);
}

int run_fail(const struct err *err)
{
    print_err(err, stderr);
    return (int)exit_status_of(err->kind);
}

static void note(const struct run *run, const char *text)
{
    if (!run->options->quiet) {
        (void)fprintf(stderr, "snarl: note: %s\n", text);
    }
}

void run_add_problem(struct run *run, struct loc where, const char *text)
{
    struct err problem = {.kind = ERR_NONE};

    err_set(&problem, ERR_INPUT, where, "%s", text);
    vec_push(run, &run->problems, problem);
    /* the path lives inside the struct, which the array has just copied */
    for (size_t i = 0; i < run->problems.n; i++) {
        struct err *at = &run->problems.v[i];
        at->where.file = at->where.file == NULL ? NULL : at->path;
    }
}

/* ---- set-up ---------------------------------------------------------------------------------- */

const char *const *run_rule_ids(void *owner)
{
    size_t n;
    const struct rule *rules = rules_all(&n);
    const char **ids = mem_array(owner, const char *, n + 1);

    for (size_t i = 0; i < n; i++) {
        ids[i] = rules[i].id;
    }
    return ids;
}

bool run_configure(struct run *run, const struct common_options *options, struct err *err)
{
    char *root = getcwd(NULL, 0);

    run->options = options;
    run->root = root == NULL ? "" : mem_strdup(run, root);
    free(root);
    run->names = intern_new(run);
    run->models = models_builtin(run, run->names, err);
    return run->models != NULL && config_load(run, run->root, options->config, run_rule_ids(run),
                                              run->models, &run->config, err);
}

static bool find_units(struct run *run, struct err *err)
{
    const struct common_options *o = run->options;

    if (!o->has_cflags) {
        run->compdb = compdb_find(run, run->root, o->build_dir, err);
        return run->compdb != NULL;
    }
    if (o->words.n == 0) {
        err_set(err, ERR_USAGE, (struct loc){0}, "flags after '--' need the files they are for");
        return false;
    }
    run->compdb = compdb_of_files(run, o->words.v, o->words.n, o->cflags.v, o->cflags.n);
    return true;
}

/* A missing file costs only itself. A database of which nothing is left must not look clean. */
static void tell_missing(struct run *run)
{
    const struct compdb *db = run->compdb;
    bool typed = run->options->has_cflags;

    for (size_t i = 0; i < db->missing.n; i++) {
        run_add_problem(run, (struct loc){.file = db->missing.v[i]},
                        typed ? "there is no such file"
                              : "the compile database names this file, but it does not exist: "
                                "build the project first, or make the database anew");
    }
    if (db->units.n == 0 && db->missing.n == 0) {
        const char *file = typed ? NULL : mem_printf(run, "%s/compile_commands.json", db->dir);
        run_add_problem(run, (struct loc){.file = file},
                        typed ? "none of the files is C source"
                              : "this compile database names no C source: build the whole project "
                                "while it is made (`make clean` first)");
    }
}

static void note_skipped(struct run *run)
{
    const struct compdb *db = run->compdb;
    char *text = NULL;

    if (db->n_skipped_cxx + db->n_skipped_asm > 0) {
        mem_append(run, &text, "%zu C++ and %zu assembler files are left out: snarl reads C",
                   db->n_skipped_cxx, db->n_skipped_asm);
        note(run, text);
    }
}

static bool open_facts(struct run *run, struct err *err)
{
    enum facts_state state;
    const char *why = NULL;
    const char *path = run->options->database;

    path = path == NULL ? ".snarl/facts.db" : path;
    run->facts = facts_open(run, path, &state, &why, err);
    if (run->facts != NULL && state != FACTS_OPENED && why != NULL &&
        strcmp(path, ":memory:") != 0) {
        note(run, why);
    }
    return run->facts != NULL;
}

/* ---- units ----------------------------------------------------------------------------------- */

/* What a unit's facts depend on besides its files. Not on the models: the front end does not read
 * them. */
struct facts_hash run_key_of(const struct run *run, const struct compile_unit *unit)
{
    VEC(const char *) parts = {NULL, 0};

    vec_push(NULL, &parts, run->frontend);
    vec_push(NULL, &parts, unit->path);
    vec_push(NULL, &parts, unit->directory);
    for (size_t i = 0; i < unit->n_args; i++) {
        vec_push(NULL, &parts, unit->args[i]);
    }
    vec_push(NULL, &parts, NULL);
    struct facts_hash key = facts_hash_strings(parts.v);
    talloc_free(parts.v);
    return key;
}

bool run_lacks_include(const struct ir_unit *unit)
{
    for (size_t i = 0; i < unit->problems.n; i++) {
        if (strstr(unit->problems.v[i].text, "file not found") != NULL) {
            return true;
        }
    }
    return false;
}

static void load_known(struct loading *l)
{
    struct run *run = l->run;
    for (size_t i = 0; i < run->compdb->units.n; i++) {
        const struct compile_unit *unit = &run->compdb->units.v[i];
        l->keys[i] = run_key_of(run, unit);
        l->units[i] = facts_load_unit(run->facts, run, run->names, unit->path, l->keys[i]);
        if (l->units[i] == NULL && run->overlay != NULL) {
            l->keys[i] = over_key(l->keys[i]);
            l->units[i] = facts_load_unit(run->facts, run, run->names, unit->path, l->keys[i]);
        }
        if (l->units[i] == NULL || run_lacks_include(l->units[i])) {
            l->units[i] = NULL;
            vec_push(run, &l->stale, unit);
            vec_push(run, &l->stale_index, i);
        }
    }
}

static void unit_begun(void *user, size_t index)
{
    const struct loading *l = user;

    progress_begun(l->run->progress, prog_relative(l->run->root, l->stale.v[index]->path));
}

static void unit_done(void *user, size_t index, const void *blob, size_t size, const char *why)
{
    struct loading *l = user;
    struct run *run = l->run;
    size_t at = l->stale_index.v[index];
    const struct compile_unit *unit = l->stale.v[index];

    progress_done(run->progress, prog_relative(run->root, unit->path));
    struct ir_unit *ir = blob == NULL ? NULL : facts_decode(run, run->names, blob, size);
    if (ir == NULL) {
        run->counts.units_lost++;
        run_add_problem(run, (struct loc){.file = unit->path},
                        why == NULL ? "its facts came back damaged" : why);
        return;
    }
    l->units[at] = ir;
    (void)facts_store_unit(run->facts, unit->path, l->keys[at], blob, size, ir->files.v,
                           ir->files.n, l->err);
}

/* For people who look on. */
static bool shows_progress(const struct run *run)
{
    return !run->options->quiet && isatty(STDERR_FILENO) == 1;
}

/* Ctrl-C costs the units that are being parsed; those that are done are kept for the next run. */
static bool parse_stale(struct loading *l, struct err *err)
{
    struct frontend_limits limits = run_limits(l->run->options);

    if (l->stale.n == 0) {
        return true;
    }
    struct interrupt interrupt = interrupt_hold();
    limits.begun = unit_begun;
    limits.overlay = l->run->overlay;
    limits.stop_on = &interrupt.held;
    bool ok = frontend_refresh(l->stale.v, l->stale.n, &limits, facts_encode, unit_done, l, err);
    progress_end(l->run->progress);
    ok = facts_flush(l->run->facts, err) && ok;
    interrupt_release(&interrupt);
    return ok && !err_is_set(err);
}

/* Parse errors and lost functions of one unit, told once: the first, and how many more. */
static void tell_parse_errors(struct run *run, const struct ir_unit *unit)
{
    const struct ir_problem *first = NULL;
    size_t n = 0;

    for (size_t i = 0; i < unit->problems.n; i++) {
        if (unit->problems.v[i].is_error) {
            first = first == NULL ? &unit->problems.v[i] : first;
            n++;
        }
    }
    if (first == NULL) {
        return;
    }
    const char *file = first->file.i == ID_NONE ? unit->path : unit->files.v[first->file.i];
    char *text = mem_printf(run, "%s", first->text);
    if (n > 1) {
        mem_append(run, &text, " (and %zu more in this unit)", n - 1);
    }
    mem_append(run, &text, "; what could be read of it is analysed");
    run_add_problem(run, (struct loc){file, first->line, first->column}, text);
}

static void gather_units(struct loading *l)
{
    struct run *run = l->run;
    size_t n = run->compdb->units.n;

    for (size_t i = 0; i < n; i++) {
        struct ir_unit *unit = l->units[i];
        if (unit == NULL) {
            continue;
        }
        vec_push(run, &run->units, unit);
        run->counts.functions += unit->fns.n;
        run->counts.functions_lost += unit->n_fns_lost;
        tell_parse_errors(run, unit);
        models_activate(run->models, unit->files.v, unit->files.n);
    }
    repeats_drop(run->units.v, run->units.n);
    run->counts.units = n;
    run->counts.units_parsed = l->stale.n;
}

const char *const *run_sources(void *owner, const struct run *run)
{
    size_t n = run->compdb->units.n;
    const char **paths = mem_array(owner, const char *, n + 1);

    for (size_t i = 0; i < n; i++) {
        paths[i] = run->compdb->units.v[i].path;
    }
    return paths;
}

/* Units of files that the compile database names no more. */
static bool forget_removed(struct run *run, struct err *err)
{
    return facts_keep_only(run->facts, run_sources(run, run), run->compdb->units.n, err);
}

static bool load_units(struct run *run, struct err *err)
{
    size_t n = run->compdb->units.n;
    struct loading l = {.run = run, .err = err};

    l.units = mem_array(run, struct ir_unit *, n + 1);
    l.keys = mem_array(run, struct facts_hash, n + 1);
    load_known(&l);
    run->progress = progress_new(run, l.stale.n, shows_progress(run));
    if (!parse_stale(&l, err)) {
        return false;
    }
    gather_units(&l);
    return run->options->has_cflags || run->overlay != NULL || forget_removed(run, err);
}

/* ---- all of it ------------------------------------------------------------------------------- */

bool run_open(struct run *run, const struct common_options *options, struct err *err)
{
    struct timespec t;

    run->opened = now();
    (void)clock_gettime(CLOCK_REALTIME, &t);
    run->opened_at = (double)t.tv_sec + (double)t.tv_nsec / 1e9;
    run->frontend = frontend_version(run);
    if (!run_configure(run, options, err) || !find_units(run, err)) {
        return false;
    }
    over_drop_absent(run);
    if (!open_facts(run, err) || !over_facts(run, err)) {
        return false;
    }
    tell_missing(run);
    note_skipped(run);
    return true;
}

bool run_analyse(struct run *run, struct err *err)
{
    if (!load_units(run, err)) {
        return false;
    }
    double start = now();
    run->counts.seconds_front = start - run->opened;
    progress_stage(run->progress, mem_printf(run, "joining %zu files", run->units.n));
    run->prog = prog_link(run, (const struct ir_unit *const *)run->units.v, run->units.n,
                          run->models, run->root);
    progress_end(run->progress);
    run->counts.seconds_link = now() - start;
    return true;
}

bool run_program(struct run *run, const struct common_options *options, struct err *err)
{
    return run_open(run, options, err) && run_analyse(run, err);
}

bool run_is_complete(const struct run *run)
{
    for (size_t i = 0; i < run->units.n; i++) {
        if (run_lacks_include(run->units.v[i])) {
            return false;
        }
    }
    return run->counts.units_lost == 0;
}

void run_print_problems(const struct run *run, FILE *to)
{
    for (size_t i = 0; i < run->problems.n; i++) {
        print_err(&run->problems.v[i], to);
    }
}

/* Where something was not analysed, a comment may be about what would have been found there. */
void run_print_allowed_problems(const struct run *run, const struct allowed *allowed, FILE *to)
{
    struct allowed_problems *problems =
        allowed_problems(NULL, allowed, run->problems.n == 0, &run->config);

    for (size_t i = 0; i < problems->v.n && !run->options->quiet; i++) {
        const struct allowed_problem *problem = &problems->v.v[i];
        (void)fprintf(to, "%s:%u:%u: warning: %s\n", prog_file(run->prog, problem->where.file),
                      problem->where.line, problem->where.column, problem->text);
    }
    talloc_free(problems);
}

void run_print_claim_problems(const struct run *run, FILE *to)
{
    for (size_t i = 0; i < run->prog->claims->problems.n && !run->options->quiet; i++) {
        const struct claim_problem *problem = &run->prog->claims->problems.v[i];
        (void)fprintf(to, "%s:%u:%u: note: %s\n", prog_file(run->prog, problem->where.file),
                      problem->where.line, problem->where.column, problem->text);
    }
}

/* Of files alone (after "--") not all functions are there. */
void run_print_setting_problems(const struct run *run, FILE *to)
{
    struct said_problems *problems =
        said_problems(NULL, run->prog->contexts->said, run->problems.n == 0);
    bool tells = !run->options->quiet && !run->options->has_cflags;

    for (size_t i = 0; i < problems->v.n && tells; i++) {
        const struct said_problem *problem = &problems->v.v[i];
        (void)fprintf(to, "%s:%u:%u: warning: %s\n", prog_file(run->prog, problem->where.file),
                      problem->where.line, problem->where.column, problem->text);
    }
    talloc_free(problems);
}

void run_note_own_locks(const struct run *run, FILE *to)
{
    const struct accessmap *map = run->prog->accessmap;

    if (accessmap_has_own_locks(map) && !run->options->quiet) {
        (void)fprintf(
            to,
            "snarl: note: %zu places change a shared variable atomically, and %zu use one "
            "under a lock that snarl knows: if the program has locks of its own making, "
            "describe them in .snarl.yml (docs/config.md); until then what they may "
            "protect is of low confidence\n",
            map->n_atomic, map->n_locked);
    }
}

static size_t count_shared(const struct accessmap *map)
{
    size_t n = 0;

    for (size_t i = 0; i < map->v.n; i++) {
        n += map->v.v[i].shared ? 1 : 0;
    }
    return n;
}

void run_print_stats(const struct run *run)
{
    const struct run_counts *c = &run->counts;
    const struct prog *prog = run->prog;

    (void)fprintf(stderr,
                  "units        %zu (%zu parsed, %zu from the facts database, %zu lost)\n"
                  "functions    %zu (%zu lost)\n"
                  "contexts     %zu, event-loop callbacks %zu\n"
                  "locks        %zu, edges %zu\n"
                  "variables    %zu, shared %zu\n"
                  "claims       %zu, attributes not understood %zu\n"
                  "calls        %zu, through pointers to nowhere known %zu\n"
                  "functions with too many lock states %zu\n"
                  "seconds      %.2f reading and parsing, %.2f analysing\n",
                  c->units, c->units_parsed, c->units - c->units_parsed, c->units_lost,
                  prog->linked->fns.n, c->functions_lost, prog->contexts->v.n,
                  prog->contexts->callbacks.n, prog->lockgraph->locks.n, prog->lockgraph->edges.n,
                  prog->accessmap->v.n, count_shared(prog->accessmap), prog->claims->v.n,
                  prog->claims->n_unknown, prog->calls->v.n, prog->calls->n_unresolved,
                  prog->flows->n_capped, c->seconds_front, c->seconds_link);
}
