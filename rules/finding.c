#include "program/arguments.h"
#include "rules/assume.h"
#include "rules/rule.h"

#include <stdarg.h>

static char *formatted(void *owner, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

static char *formatted(void *owner, const char *format, va_list args)
{
    return mem_checked(talloc_vasprintf(owner, format, args));
}

struct finding *finding_new(struct rule_run *run, struct loc where, const char *format, ...)
{
    struct finding *finding = mem_new(run->owner, struct finding);
    va_list args;

    finding->rule = run->rule;
    finding->where = where;
    finding->severity = LEVEL_MEDIUM;
    finding->confidence = LEVEL_MEDIUM;
    finding->reach = CURE_DESIGN;
    va_start(args, format);
    finding->message = formatted(finding, format, args);
    va_end(args);
    finding->identity = finding->message;
    vec_push(run->owner, &run->findings, finding);
    return finding;
}

size_t finding_add_thread(struct finding *finding, const char *title)
{
    struct finding_thread thread = {.title = mem_strdup(finding, title), .context = UINT32_MAX};

    vec_push(finding, &finding->threads, thread);
    return finding->threads.n - 1;
}

void finding_add_step(struct rule_run *run, struct finding *finding, size_t thread,
                      struct loc where, unsigned depth, const struct lockset *held,
                      const char *format, ...)
{
    struct finding_step step = {.where = where, .depth = depth, .order = finding->n_steps++};
    va_list args;

    va_start(args, format);
    step.text = formatted(finding, format, args);
    va_end(args);
    step.held = held == NULL ? NULL : prog_tokens_text(finding, run->prog, held);
    vec_push(finding, &finding->threads.v[thread].steps, step);
}

/* The way that the phase found first: it always comes to an end. */
static struct way_in first_way(const struct contexts *contexts, phase_id phase, fn_id fn)
{
    const struct reach *reach = &contexts->phases.v[phase.i].reach[fn.i];

    return (struct way_in){.from = {reach->caller_phase, reach->caller, reach->call}};
}

/* A way to the moment by which arguments come there of which `need` holds. */
static struct way_in best_way(const struct contexts *contexts, struct moment m,
                              const struct need *need)
{
    struct way_in way = arguments_way(contexts->arguments, m, need);

    return way.possible ? way : first_way(contexts, m.phase, m.fn);
}

/* `n` is the number of calls told of already. Other ways than the first can go round in circles. */
static unsigned add_way(struct rule_run *run, struct finding *finding, size_t thread,
                        phase_id phase, fn_id fn, const struct way_in *way, unsigned n)
{
    enum { MANY = 24 };
    const struct contexts *contexts = run->prog->contexts;
    struct moment from = way->from;

    if (from.fn.i == UINT32_MAX) {
        finding_add_step(run, finding, thread, prog_loc_of_fn(run->prog, fn), 0,
                         contexts->phases.v[phase.i].reach[fn.i].held, "starts in '%s'",
                         prog_fn_name(run->prog, fn));
        finding->threads.v[thread].entry = prog_fn_name(run->prog, fn);
        return 0;
    }
    struct way_in before =
        n < MANY ? best_way(contexts, from, &way->need) : first_way(contexts, from.phase, from.fn);
    unsigned depth = add_way(run, finding, thread, from.phase, from.fn, &before, n + 1);
    struct loc at = prog_loc_of(run->prog, (struct site){from.fn.i, from.op.i});
    finding_add_step(run, finding, thread, at, depth, NULL, "calls '%s'",
                     prog_fn_name(run->prog, fn));
    return depth + 1;
}

unsigned finding_add_way(struct rule_run *run, struct finding *finding, size_t thread,
                         phase_id phase, fn_id fn)
{
    struct way_in way = first_way(run->prog->contexts, phase, fn);

    return add_way(run, finding, thread, phase, fn, &way, 0);
}

unsigned finding_add_way_to(struct rule_run *run, struct finding *finding, size_t thread,
                            struct moment moment)
{
    struct way_in way = best_way(run->prog->contexts, moment, NULL);

    return add_way(run, finding, thread, moment.phase, moment.fn, &way, 0);
}

void finding_add_related(struct rule_run *run, struct finding *finding, struct loc where,
                         const char *format, ...)
{
    struct finding_place place = {.where = where};
    va_list args;

    (void)run;
    va_start(args, format);
    place.text = formatted(finding, format, args);
    va_end(args);
    vec_push(finding, &finding->related, place);
}

void finding_cover(struct finding *finding, struct loc where, const char *variable)
{
    struct finding_cover cover = {where, mem_strdup(finding, variable)};

    vec_push(finding, &finding->covers, cover);
}

void finding_weigh_cure(struct finding *finding, const char *subject, enum cure_reach reach)
{
    finding->subject = mem_strdup(finding, subject);
    finding->reach = reach;
}

size_t finding_add_context(struct rule_run *run, struct finding *finding, struct moment moment,
                           unsigned *ret_depth)
{
    const struct prog *prog = run->prog;
    context_id context = prog->contexts->phases.v[moment.phase.i].context;
    const char *title = prog_context_title(finding, prog, context);
    bool again = false;

    for (size_t i = 0; i < finding->threads.n; i++) {
        again = again || finding->threads.v[i].context == context.i;
    }
    size_t thread =
        finding_add_thread(finding, again ? mem_printf(finding, "another %s", title) : title);
    finding->threads.v[thread].context = context.i;
    *ret_depth = finding_add_way_to(run, finding, thread, moment);
    for (size_t i = 0; i < thread; i++) {
        assume_together(run, finding, i, thread);
    }
    return thread;
}

size_t finding_add_thread_of(struct rule_run *run, struct finding *finding, fn_id fn,
                             unsigned *ret_depth)
{
    const struct prog *prog = run->prog;
    const struct contexts *contexts = prog->contexts;
    phase_id best = {UINT32_MAX};

    for (uint32_t p = 0; p < contexts->phases.n; p++) {
        const struct reach *reach = &contexts->phases.v[p].reach[fn.i];
        if (reach->yes && (best.i == UINT32_MAX ||
                           (reach->sure && !contexts->phases.v[best.i].reach[fn.i].sure))) {
            best.i = p;
        }
    }
    if (best.i == UINT32_MAX) {
        size_t thread = finding_add_thread(finding, "any thread");
        finding_add_step(run, finding, thread, prog_loc_of_fn(prog, fn), 0, NULL, "in '%s'",
                         prog_fn_name(prog, fn));
        *ret_depth = 0;
        return thread;
    }
    char *title = prog_context_title(finding, prog, contexts->phases.v[best.i].context);
    size_t thread = finding_add_thread(finding, title);
    *ret_depth = finding_add_way(run, finding, thread, best, fn);
    return thread;
}

void finding_add_reason(struct rule_run *run, struct finding *finding, const char *format, ...)
{
    va_list args;

    (void)run;
    va_start(args, format);
    const char *reason = formatted(finding, format, args);
    va_end(args);
    vec_push(finding, &finding->reasons, reason);
}

void finding_doubt_locks(struct rule_run *run, struct finding *finding)
{
    const struct accessmap *map = run->prog->accessmap;

    if (accessmap_has_own_locks(map)) {
        finding->confidence = LEVEL_LOW;
        finding_add_reason(run, finding,
                           "the program may have locks of its own making: %zu atomic changes, %zu "
                           "uses under a lock that snarl knows",
                           map->n_atomic, map->n_locked);
    }
}

void finding_identify(struct rule_run *run, struct finding *finding, const char *format, ...)
{
    va_list args;

    (void)run;
    va_start(args, format);
    finding->identity = formatted(finding, format, args);
    va_end(args);
}
