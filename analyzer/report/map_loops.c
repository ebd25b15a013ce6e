/* map_loops.c - the event loops of the program, for `snarl map --loops`. */
#include "report/map.h"
#include "report/map_pick.h"
#include "rules/cost.h"

#include <stdlib.h>
#include <string.h>

struct loops_run {
    const struct prog *prog;
    const struct contexts *contexts;
    FILE *out;
    void *scratch;
    size_t n_own;
    size_t n_library;
    size_t n_callbacks;
};

/* ---- places and threads ---------------------------------------------------------------------- */

static const char *place_text(const struct loops_run *run, struct loc where)
{
    return where.file == NULL
               ? "?"
               : mem_printf(run->scratch, "%s:%u", prog_file(run->prog, where.file), where.line);
}

static const char *site_text(const struct loops_run *run, struct site site)
{
    return place_text(run, prog_loc_of(run->prog, site));
}

/* "main thread 'main' (at a.c:30)" where there is more than one main. */
static const char *context_text(const struct loops_run *run, context_id id)
{
    const struct context *context = &run->contexts->v.v[id.i];
    const char *title = prog_context_title(run->scratch, run->prog, id);

    if (context->kind != CONTEXT_MAIN || run->contexts->n_programs < 2) {
        return title;
    }
    struct loc where = prog_loc_of_fn(run->prog, context->entries.v[0]);
    return mem_printf(run->scratch, "%s (at %s)", title, place_text(run, where));
}

/* Does the context get to any of the functions, and (`sure`) not only by pointers that can mean
 * many functions? */
static bool gets_to(const struct loops_run *run, uint32_t context, const fn_id *fns, size_t n_fns,
                    bool sure)
{
    const struct context *c = &run->contexts->v.v[context];

    for (size_t i = 0; i < n_fns; i++) {
        if (sure ? contexts_surely_runs(run->contexts, c, fns[i])
                 : contexts_reaches(run->contexts, c, fns[i])) {
            return true;
        }
    }
    return false;
}

/* "  runs on: main thread 'main'; thread 'worker', started at a.c:7": the contexts that get to any
 * of the functions. */
static void write_threads(const struct loops_run *run, const fn_id *fns, size_t n_fns)
{
    size_t n = 0;

    for (unsigned sure = 2; sure-- > 0 && n == 0;) {
        for (uint32_t c = 0; c < run->contexts->v.n; c++) {
            if (gets_to(run, c, fns, n_fns, sure == 1)) {
                (void)fprintf(run->out, "%s%s", n == 0 ? "  runs on: " : "; ",
                              context_text(run, (context_id){c}));
                n++;
            }
        }
    }
    (void)fputs(n == 0 ? "  runs on: no thread that is seen to get there\n" : "\n", run->out);
}

/* ---- callbacks ------------------------------------------------------------------------------- */

struct line {
    const char *name;
    struct loc where;
    const char *text;
};

static int compare_lines(const void *a, const void *b)
{
    const struct line *x = a;
    const struct line *y = b;
    int order = strcmp(x->name, y->name);

    return order != 0 ? order : strcmp(x->text, y->text);
}

static struct line line_of(const struct loops_run *run, const struct callback *callback)
{
    struct line line = {prog_fn_name(run->prog, callback->fn),
                        prog_callback_loc(run->prog, callback), NULL};

    if (callback->by_name) {
        line.text = mem_printf(run->scratch, "called by name at %s", place_text(run, line.where));
    } else if (line.where.file == NULL || callback->by == NULL) {
        line.text = "not seen where it is registered";
    } else {
        line.text = mem_printf(run->scratch, "%s %s at %s",
                               prog_callback_how(run->prog, callback->registered), callback->by,
                               place_text(run, line.where));
    }
    return line;
}

/* What a loop calls by name is told if it waits for something: the rest are its own affairs. */
static bool is_told(const struct loops_run *run, size_t callback)
{
    const struct callback_blocking *blocking =
        callback_waits_of(run->prog->callback_waits, callback);
    bool waits = false;

    for (size_t i = 0; i < blocking->calls.n; i++) {
        waits = waits || cost_of(blocking->calls.v[i].what).what != NULL;
    }
    return waits || !run->contexts->callbacks.v[callback].by_name;
}

/* Does the callback belong to the loop that is written? */
typedef bool belongs_fn(const struct callback *callback, const void *user);

static void write_callbacks(struct loops_run *run, belongs_fn *belongs, const void *user)
{
    const struct contexts *contexts = run->contexts;
    struct line *lines = mem_array(run->scratch, struct line, contexts->callbacks.n + 1);
    size_t n = 0;

    for (size_t i = 0; i < contexts->callbacks.n; i++) {
        if (belongs(&contexts->callbacks.v[i], user) && is_told(run, i)) {
            lines[n++] = line_of(run, &contexts->callbacks.v[i]);
        }
    }
    qsort(lines, n, sizeof *lines, compare_lines);
    for (size_t i = 0; i < n; i++) {
        (void)fprintf(run->out, "  callback '%s': %s\n", lines[i].name, lines[i].text);
    }
    if (n == 0) {
        (void)fputs("  no callbacks\n", run->out);
    }
    (void)fputs("\n", run->out);
    run->n_callbacks += n;
}

/* ---- the program's own ----------------------------------------------------------------------- */

static bool belongs_to_own(const struct callback *callback, const void *user)
{
    return callback->own == *(const uint32_t *)user;
}

static void write_own(struct loops_run *run, uint32_t number)
{
    const struct own_loop *loop = &run->contexts->own_loops->v.v[number];
    VEC(fn_id) fns = {NULL, 0};

    (void)fprintf(run->out, "the program's own loop '%s'\n", prog_fn_name(run->prog, loop->fn));
    (void)fprintf(run->out, "  known by: waits in %s at %s, calls handlers at", loop->waits_in,
                  site_text(run, loop->wait));
    const char *last = "";
    for (size_t i = 0, n = 0; i < loop->calls.n; i++) {
        const char *place = site_text(run, loop->calls.v[i]);
        if (strcmp(place, last) != 0) {
            (void)fprintf(run->out, "%s %s", n++ > 0 ? "," : "", place);
        }
        last = place;
    }
    (void)fputs("\n", run->out);
    vec_push(run->scratch, &fns, loop->fn);
    for (size_t i = 0; i < loop->also.n; i++) {
        (void)fprintf(run->out, "  also run by '%s' at %s\n",
                      prog_fn_name(run->prog, loop->also.v[i]),
                      place_text(run, prog_loc_of_fn(run->prog, loop->also.v[i])));
        vec_push(run->scratch, &fns, loop->also.v[i]);
    }
    write_threads(run, fns.v, fns.n);
    write_callbacks(run, belongs_to_own, &number);
    run->n_own++;
}

/* ---- of libraries ---------------------------------------------------------------------------- */

/* One loop of a library, or (`set` is LOOPS_ANY) what is not known to be of a certain one. */
struct library_loop {
    const char *library;
    loop_set set;
    bool only; /* the library has no other loop: what may be of any is of this one */
};

/* Does what is said of these loops belong to the one that is written? */
static bool is_of(loop_set set, const struct library_loop *loop)
{
    if (set == LOOPS_ANY || loop->set == LOOPS_ANY) {
        return set == loop->set || (set == LOOPS_ANY && loop->only);
    }
    return (set & loop->set) != 0;
}

static bool belongs_to_library(const struct callback *callback, const void *user)
{
    const struct library_loop *loop = user;

    return callback->own == ID_NONE && strcmp(callback->library, loop->library) == 0 &&
           is_of(callback->loops, loop);
}

/* Does the call run the loop? */
static bool runs(const struct loops_run *run, const struct call *call,
                 const struct library_loop *loop)
{
    if (call->model == NULL || call->model->runs_loop == ARG_NONE ||
        strcmp(call->model->library, loop->library) != 0) {
        return false;
    }
    return is_of(loops_of(run->prog->calls->loops, call, call->model->runs_loop), loop);
}

static bool is_seen(const struct loops_run *run, const struct library_loop *loop)
{
    for (size_t i = 0; i < run->contexts->callbacks.n; i++) {
        if (belongs_to_library(&run->contexts->callbacks.v[i], loop)) {
            return true;
        }
    }
    for (size_t i = 0; i < run->prog->calls->v.n; i++) {
        if (runs(run, &run->prog->calls->v.v[i], loop)) {
            return true;
        }
    }
    return false;
}

static void write_runners(const struct loops_run *run, const struct library_loop *loop)
{
    VEC(fn_id) fns = {NULL, 0};

    (void)fputs("  known by: model", run->out);
    for (size_t i = 0; i < run->prog->calls->v.n; i++) {
        const struct call *call = &run->prog->calls->v.v[i];
        if (runs(run, call, loop)) {
            (void)fprintf(run->out, "%s %s at %s", fns.n == 0 ? "; run by" : ",", call->name,
                          site_text(run, (struct site){call->fn.i, call->op.i}));
            vec_push(run->scratch, &fns, call->fn);
        }
    }
    if (fns.n == 0) {
        (void)fputs("; no call is seen to run it\n", run->out);
        return;
    }
    (void)fputs("\n", run->out);
    write_threads(run, fns.v, fns.n);
}

static const char *origin_text(const struct loops_run *run, const struct loop_origin *origin)
{
    if (origin->library != NULL) {
        return "the default one";
    }
    if (origin->made.fn != UINT32_MAX) {
        const struct call *call =
            calls_at(run->prog->calls, (fn_id){origin->made.fn}, (op_id){origin->made.op});
        return mem_printf(run->scratch, "made by %s at %s", call->name,
                          site_text(run, origin->made));
    }
    return mem_printf(run->scratch, "'%s'",
                      prog_path_name(run->scratch, run->prog, FN_NONE, origin->object));
}

static void write_library(struct loops_run *run, const char *library)
{
    const struct loops *loops = run->prog->calls->loops;
    size_t n_seen = 0;

    for (size_t i = 0; i < loops_count(loops); i++) {
        n_seen += is_seen(run, &(struct library_loop){library, 1ull << i, false}) ? 1 : 0;
    }
    for (size_t i = 0; i < loops_count(loops); i++) {
        struct library_loop loop = {library, 1ull << i, false};
        struct loop_origin origin = loops_origin(loops, i);
        if (is_seen(run, &loop)) {
            loop.only = n_seen == 1;
            (void)fprintf(run->out, "%s loop, %s\n", library, origin_text(run, &origin));
            write_runners(run, &loop);
            write_callbacks(run, belongs_to_library, &loop);
            run->n_library++;
        }
    }
    struct library_loop any = {library, LOOPS_ANY, false};
    if (n_seen != 1 && is_seen(run, &any)) {
        (void)fprintf(run->out, "%s loop, not known which\n", library);
        write_runners(run, &any);
        write_callbacks(run, belongs_to_library, &any);
        run->n_library++;
    }
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Libraries with callbacks or with calls that run a loop, by name. */
static void write_libraries(struct loops_run *run)
{
    VEC(const char *) libraries = {NULL, 0};

    for (size_t i = 0; i < run->contexts->callbacks.n; i++) {
        if (run->contexts->callbacks.v[i].own == ID_NONE) {
            vec_push(run->scratch, &libraries, run->contexts->callbacks.v[i].library);
        }
    }
    for (size_t i = 0; i < run->prog->calls->v.n; i++) {
        const struct call *call = &run->prog->calls->v.v[i];
        if (call->model != NULL && call->model->runs_loop != ARG_NONE) {
            (void)loops_of(run->prog->calls->loops, call, call->model->runs_loop);
            vec_push(run->scratch, &libraries, call->model->library);
        }
    }
    if (libraries.n > 0) {
        qsort(libraries.v, libraries.n, sizeof *libraries.v, compare_texts);
    }
    for (size_t i = 0; i < libraries.n; i++) {
        if (i == 0 || strcmp(libraries.v[i], libraries.v[i - 1]) != 0) {
            write_library(run, libraries.v[i]);
        }
    }
}

bool map_write_loops(const struct prog *prog, FILE *out)
{
    struct loops_run run = {.prog = prog,
                            .contexts = prog->contexts,
                            .out = out,
                            .scratch = mem_owner(NULL, "map_write_loops")};

    for (uint32_t i = 0; i < run.contexts->own_loops->v.n; i++) {
        write_own(&run, i);
    }
    write_libraries(&run);
    size_t n = run.n_own + run.n_library;
    (void)fprintf(out, "%zu loop%s: %zu of the program's own, %zu of libraries; %zu callback%s\n",
                  n, map_plural(n), run.n_own, run.n_library, run.n_callbacks,
                  map_plural(run.n_callbacks));
    talloc_free(run.scratch);
    return !ferror(out);
}
