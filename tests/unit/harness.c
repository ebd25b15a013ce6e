#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "frontend/frontend.h"
#include "harness.h"
#include "program/resolve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const ARGS[] = {"-std=gnu17", "-I" HARNESS_INCLUDE, "-include",
                                   HARNESS_INCLUDE "/prelude.h", NULL};
enum {
    N_ARGS = sizeof ARGS / sizeof ARGS[0] - 1,
};

/* ---- programs -------------------------------------------------------------------------------- */

static struct ir_unit *lower(void *owner, struct intern *names, const char *path,
                             const char *source)
{
    struct ir_unit *unit = frontend_lower_text(owner, names, path, source, ARGS, N_ARGS);

    for (size_t i = 0; i < unit->problems.n; i++) {
        if (unit->problems.v[i].is_error) {
            fail_msg("%s:%u: %s", path, unit->problems.v[i].line, unit->problems.v[i].text);
        }
    }
    return unit;
}

const struct ir_unit *harness_lower(void *owner, const char *source)
{
    return lower(owner, intern_new(owner), "/test/a.c", source);
}

static const char *const PATHS[] = {"/test/a.c", "/test/b.c"};

static struct prog *link_sources(void *owner, struct intern *names, const char *const *sources,
                                 size_t n)
{
    const struct ir_unit **units = mem_array(owner, const struct ir_unit *, n);
    struct err err = {0};
    struct models *models = models_builtin(owner, names, &err);

    if (models == NULL) {
        fail_msg("%s", err_text(owner, &err));
    }
    for (size_t i = 0; i < n; i++) {
        units[i] = lower(owner, names, PATHS[i], sources[i]);
        models_activate(models, units[i]->files.v, units[i]->files.n);
    }
    return prog_link(owner, units, n, models, "/test");
}

struct prog *harness_link(void *owner, const char *source)
{
    return link_sources(owner, intern_new(owner), &source, 1);
}

struct prog *harness_link_two(void *owner, const char *a, const char *b)
{
    const char *const sources[] = {a, b};

    return link_sources(owner, intern_new(owner), sources, 2);
}

struct prog *harness_replace(void *owner, const char *a, const char *b, const char *other)
{
    const char *const sources[] = {a, b};
    struct intern *names = intern_new(owner);
    struct prog *prog = link_sources(owner, names, sources, 2);
    struct ir_unit *unit = lower(owner, names, PATHS[1], other);

    talloc_free(harness_dump_effects(owner, prog));
    return prog_replace(prog, 1, unit) ? prog : NULL;
}

fn_id harness_fn(const struct prog *prog, const char *name)
{
    for (uint32_t i = 0; i < prog->linked->fns.n; i++) {
        if (strcmp(prog->linked->fns.v[i].name, name) == 0) {
            return (fn_id){i};
        }
    }
    fail_msg("no function '%s'", name);
    return FN_NONE;
}

/* ---- parts of lines -------------------------------------------------------------------------- */

static const char *place_text(void *owner, const struct prog *prog, struct loc where)
{
    if (prog->linked->n_units < 2) {
        return mem_printf(owner, "%u", where.line);
    }
    return mem_printf(owner, "%s:%u", prog_file(prog, where.file), where.line);
}

static const char *op_place(void *owner, const struct prog *prog, fn_id fn, uint32_t op)
{
    return place_text(owner, prog, prog_loc_of(prog, (struct site){fn.i, op}));
}

/* "m, c->mu" in the words of `fn` (FN_NONE: of the program), sorted, for the order of a set is that
 * of the numbers of its locks. */
static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static char *set_text(void *owner, const struct prog *prog, fn_id fn, const struct lockset *set)
{
    const char **names = mem_array(owner, const char *, set->n + 1);
    char *text = mem_strdup(owner, "");

    for (uint32_t i = 0; i < set->n; i++) {
        names[i] = mem_printf(owner, "%s%s", prog_path_name(owner, prog, fn, set->v[i].lock),
                              set->v[i].mode == TOKEN_SHARED ? " (shared)" : "");
    }
    qsort(names, set->n, sizeof *names, by_text);
    for (uint32_t i = 0; i < set->n; i++) {
        mem_append(owner, &text, "%s%s", i > 0 ? ", " : "", names[i]);
    }
    return text;
}

static const char *context_text(void *owner, const struct context *context)
{
    static const char *const KINDS[] = {
        [CONTEXT_MAIN] = "main",     [CONTEXT_THREAD] = "thread", [CONTEXT_WORKER] = "worker",
        [CONTEXT_LOOP] = "loop",     [CONTEXT_SIGNAL] = "signal", [CONTEXT_EXIT] = "exit",
        [CONTEXT_EXPORT] = "export",
    };

    return context->kind == CONTEXT_MAIN
               ? "main"
               : mem_printf(owner, "%s %s", KINDS[context->kind], context->name);
}

/* Appends `line` unless `text` ends with it: `x = x + 1` says the same twice. */
static void append_new(void *owner, char **text, const char *line)
{
    size_t n = strlen(*text);
    size_t m = strlen(line);
    bool same =
        n >= m && strcmp(*text + n - m, line) == 0 && (n == m || (*text)[n - m - 1] == '\n');

    if (!same) {
        mem_append(owner, text, "%s", line);
    }
}

/* ---- dumps ----------------------------------------------------------------------------------- */

char *harness_dump_accesses(void *owner, const struct prog *prog)
{
    char *text = mem_strdup(owner, "");

    for (uint32_t f = 0; f < prog->linked->fns.n; f++) {
        fn_id fn = {f};
        for (uint32_t op = 0; op < prog->linked->fns.v[f].ir->ops.n; op++) {
            path_id path;
            if (!accessmap_is_shared_access(prog->accessmap, fn, (op_id){op}, &path)) {
                continue;
            }
            const struct held *held = flow_held_at(prog->flows, fn, (op_id){op});
            const char *set = held == NULL ? "unreached" : set_text(owner, prog, fn, held->must);
            append_new(owner, &text,
                       mem_printf(owner, "%s %s {%s}\n", op_place(owner, prog, fn, op),
                                  prog_path_name(owner, prog, fn, path), set));
        }
    }
    return text;
}

static void append_effect(void *owner, char **text, const struct prog *prog, fn_id fn,
                          const char *does, const struct effect *effect)
{
    mem_append(owner, text, " %s %s@%u", does, prog_path_name(owner, prog, fn, effect->path),
               effect->depth);
    if (effect->slot != SLOT_RESULT) {
        mem_append(owner, text, "/%u", effect->slot);
    }
    if (effect->field != ID_NONE) {
        mem_append(owner, text, ".%s", prog->linked->fields.v[effect->field].name);
    }
    mem_append(owner, text, "%s%s%s%s%s", effect->perhaps ? "?" : "",
               effect->at_times ? " at times" : "", effect->counts ? " counts" : "",
               effect->sets ? " sets" : "",
               effect->shift < 0   ? " down"
               : effect->shift > 0 ? " up"
                                   : "");
}

char *harness_dump_effects_in(void *owner, const struct prog *prog, fn_id fn)
{
    const struct calls *calls = prog->calls;
    char *text = mem_strdup(owner, "");

    for (uint32_t c = calls->first[fn.i]; c < calls->first[fn.i + 1]; c++) {
        const struct call *call = &calls->v.v[c];
        struct fn_effects of;
        mem_append(owner, &text, "%u:", prog_loc_of(prog, (struct site){fn.i, call->op.i}).line);
        (void)effects_of_call(prog->effects, call, &of);
        for (uint32_t i = 0; i < of.n_told; i++) {
            append_effect(owner, &text, prog, fn, "tells", &of.told[i]);
        }
        for (uint32_t i = 0; i < of.n_changed; i++) {
            append_effect(owner, &text, prog, fn, "changes", &of.changed[i]);
        }
        mem_append(owner, &text, "\n");
    }
    return text;
}

char *harness_dump_effects(void *owner, const struct prog *prog)
{
    char *text = mem_strdup(owner, "");

    for (uint32_t f = 0; f < prog->linked->fns.n; f++) {
        mem_append(owner, &text, "%s\n%s", prog->linked->fns.v[f].name,
                   harness_dump_effects_in(owner, prog, (fn_id){f}));
    }
    return text;
}

/* Lines in the order of the source, each once: a context comes to a place in several phases. */
struct line {
    uint32_t number;
    const char *text;
};

static int by_line(const void *a, const void *b)
{
    const struct line *x = a;
    const struct line *y = b;

    return x->number != y->number ? (x->number < y->number ? -1 : 1) : strcmp(x->text, y->text);
}

char *harness_dump_map(void *owner, const struct prog *prog)
{
    char *text = mem_strdup(owner, "");
    VEC(struct line) lines = {NULL, 0};

    for (size_t v = 0; v < prog->accessmap->v.n; v++) {
        const struct variable *variable = &prog->accessmap->v.v[v];
        for (size_t i = 0; i < variable->accesses.n; i++) {
            const struct access *a = &variable->accesses.v[i];
            struct loc where = prog_loc_of(prog, (struct site){a->fn.i, a->op.i});
            const char *line = mem_printf(
                owner, "%s %s %s %s {%s}\n", place_text(owner, prog, where),
                context_text(owner, &prog->contexts->v.v[a->context.i]),
                a->writes ? "writes" : "reads", prog_path_name(owner, prog, FN_NONE, a->path),
                set_text(owner, prog, FN_NONE, a->held));
            vec_push(owner, &lines, (struct line){where.line, line});
        }
    }
    if (lines.n > 0) {
        qsort(lines.v, lines.n, sizeof *lines.v, by_line);
    }
    for (size_t i = 0; i < lines.n; i++) {
        append_new(owner, &text, lines.v[i].text);
    }
    return text;
}

char *harness_dump_variables(void *owner, const struct prog *prog)
{
    char *text = mem_strdup(owner, "");

    for (size_t v = 0; v < prog->accessmap->v.n; v++) {
        const struct variable *variable = &prog->accessmap->v.v[v];
        mem_append(owner, &text, "%s %s", prog_path_name(owner, prog, FN_NONE, variable->class),
                   variable->shared ? "shared" : "private");
        if (!path_is_none(variable->guard)) {
            mem_append(owner, &text, " guard %s (%u)",
                       prog_path_name(owner, prog, FN_NONE, variable->guard), variable->guarded);
        }
        mem_append(owner, &text, "\n");
    }
    return text;
}

char *harness_dump_contexts(void *owner, const struct prog *prog)
{
    char *text = mem_strdup(owner, "");

    for (size_t i = 0; i < prog->contexts->v.n; i++) {
        const struct context *context = &prog->contexts->v.v[i];
        mem_append(owner, &text, "%s %s [", context_text(owner, context),
                   context->many ? "many" : "once");
        const char *between = "";
        for (uint32_t f = 0; f < prog->linked->fns.n; f++) {
            if (contexts_reaches(prog->contexts, context, (fn_id){f})) {
                mem_append(owner, &text, "%s%s", between, prog->linked->fns.v[f].name);
                between = ", ";
            }
        }
        mem_append(owner, &text, "]\n");
    }
    return text;
}

static char *sorted_lines(void *owner, const char **lines, size_t n)
{
    char *text = mem_strdup(owner, "");

    qsort(lines, n, sizeof *lines, by_text);
    for (size_t i = 0; i < n; i++) {
        mem_append(owner, &text, "%s", lines[i]);
    }
    return text;
}

char *harness_dump_edges(void *owner, const struct prog *prog)
{
    const struct lockgraph *graph = prog->lockgraph;
    const char **lines = mem_array(owner, const char *, graph->edges.n + 1);

    for (size_t i = 0; i < graph->edges.n; i++) {
        const struct lock_edge *edge = &graph->edges.v[i];
        lines[i] = mem_printf(owner, "%s -> %s\n",
                              prog_path_name(owner, prog, FN_NONE, graph->locks.v[edge->from].path),
                              prog_path_name(owner, prog, FN_NONE, graph->locks.v[edge->to].path));
    }
    return sorted_lines(owner, lines, graph->edges.n);
}

char *harness_dump_calls(void *owner, const struct prog *prog)
{
    char *text = mem_strdup(owner, "");

    for (size_t i = 0; i < prog->calls->v.n; i++) {
        const struct call *call = &prog->calls->v.v[i];
        if (!call->indirect && call->callees.n == 0) {
            continue;
        }
        mem_append(owner, &text, "%s %s ->", op_place(owner, prog, call->fn, call->op.i),
                   call->indirect ? "pointer" : call->name);
        for (size_t c = 0; c < call->callees.n; c++) {
            mem_append(owner, &text, "%s %s", c > 0 ? "," : "",
                       prog_fn_name(prog, call->callees.v[c]));
        }
        mem_append(owner, &text, "%s\n", call->callees.n == 0 ? " nobody known" : "");
    }
    return text;
}

static void append_outcomes(void *owner, char **text, const struct prog *prog, fn_id fn)
{
    static const char *const RESULTS[] = {
        [RESULT_ANY] = "any", [RESULT_ZERO] = "zero", [RESULT_NONZERO] = "nonzero"};
    const struct fn_flow *flow = &prog->flows->v[fn.i];
    bool effect = false;

    for (size_t i = 0; i < flow->outcomes.n; i++) {
        effect = effect || flow->outcomes.v[i].held->n > 0 || flow->outcomes.v[i].gone->n > 0;
    }
    for (size_t i = 0; i < flow->outcomes.n && effect; i++) {
        const struct outcome *outcome = &flow->outcomes.v[i];
        mem_append(owner, text, "%s %s: +{%s} -{%s}\n", prog_fn_name(prog, fn),
                   RESULTS[outcome->result], set_text(owner, prog, fn, outcome->held),
                   set_text(owner, prog, fn, outcome->gone));
    }
    if (!flow->returns) {
        mem_append(owner, text, "%s never returns\n", prog_fn_name(prog, fn));
    }
}

char *harness_dump_outcomes(void *owner, const struct prog *prog)
{
    char *text = mem_strdup(owner, "");

    for (uint32_t f = 0; f < prog->linked->fns.n; f++) {
        append_outcomes(owner, &text, prog, (fn_id){f});
    }
    return text;
}

/* Those of `rule`; NULL: of all. */
static char *dump_findings(void *owner, const struct prog *prog, const char *rule)
{
    static const char *const SURE[] = {
        [LEVEL_LOW] = " (low)", [LEVEL_MEDIUM] = " (medium)", [LEVEL_HIGH] = ""};
    const struct config config = {.min_confidence = LEVEL_LOW};
    struct finding_list list = rules_run(owner, prog, &config, 1);
    char *text = mem_strdup(owner, "");

    for (size_t i = 0; i < list.n; i++) {
        const struct finding *finding = list.v[i];
        if (finding->allowed != NULL || (rule != NULL && strcmp(finding->rule->id, rule) != 0)) {
            continue;
        }
        mem_append(owner, &text, "%s [%s] %s%s\n", place_text(owner, prog, finding->where),
                   finding->rule->id, finding->message, SURE[finding->confidence]);
    }
    return text;
}

char *harness_dump_findings(void *owner, const struct prog *prog)
{
    return dump_findings(owner, prog, NULL);
}

/* ---- checks ---------------------------------------------------------------------------------- */

/* Frees before it fails, for a failed test would leave all to LeakSanitizer. */
static void compare(void *owner, const char *got, const char *want)
{
    bool same = strcmp(got, want) == 0;

    if (!same) {
        print_error("got:\n%swant:\n%s", got, want);
    }
    talloc_free(owner);
    assert_true(same);
}

void harness_check(harness_dump_fn *dump, const char *source, const char *want)
{
    void *owner = mem_owner(NULL, "test");

    compare(owner, dump(owner, harness_link(owner, source)), want);
}

void harness_check_rule(const char *rule, const char *source, const char *want)
{
    void *owner = mem_owner(NULL, "test");

    compare(owner, dump_findings(owner, harness_link(owner, source), rule), want);
}

void harness_check_two(harness_dump_fn *dump, const char *a, const char *b, const char *want)
{
    void *owner = mem_owner(NULL, "test");

    compare(owner, dump(owner, harness_link_two(owner, a, b)), want);
}
