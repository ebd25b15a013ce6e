/* blocking-in-callback: a call that can wait, reached from an event-loop callback. */
#include "rules/cost.h"
#include "rules/rule.h"

/* The shortest way to what a function waits for. */
struct nearest {
    size_t callback; /* whose way it is: contexts->callbacks */
    struct blocking_call blocked;
};

struct all_nearest {
    VEC(struct nearest) v;
};

static void add_way(struct rule_run *run, struct finding *finding, size_t thread,
                    const struct callback_blocking *blocking, fn_id fn)
{
    const struct callback_step *step = callback_waits_step(blocking, fn);

    if (step->caller.i == UINT32_MAX) {
        finding_add_step(run, finding, thread, prog_loc_of_fn(run->prog, fn), 0, NULL,
                         "the loop calls '%s'", prog_fn_name(run->prog, fn));
        return;
    }
    add_way(run, finding, thread, blocking, step->caller);
    struct loc at = prog_loc_of(run->prog, (struct site){step->caller.i, step->call.i});
    finding_add_step(run, finding, thread, at, step->depth - 1, NULL, "calls '%s'",
                     prog_fn_name(run->prog, fn));
}

/* What the loop's library offers instead: of the call itself, else of all that waits for the same
 * thing. What it offers for a socket's read() is no help where read() waits for a file. */
static const char *offered(const struct rule_run *run, const char *library,
                           const struct blocking_call *blocked)
{
    const struct models *models = run->prog->models;
    const struct call *call = blocked->call;
    const char *kind = blocks_name(blocked->what);
    bool as_named = call->model != NULL && call->model->blocks == blocked->what;
    const char *own = as_named ? models_hint(models, library, call->name) : NULL;

    return own != NULL ? own : models_hint(models, library, kind);
}

static void tell(struct rule_run *run, const struct callback *callback,
                 const struct callback_blocking *blocking, const struct blocking_call *blocked,
                 struct cost cost)
{
    const struct prog *prog = run->prog;
    const struct call *call = blocked->call;
    struct loc where = prog_loc_of(prog, (struct site){call->fn.i, call->op.i});
    const char *callback_name = prog_fn_name(prog, callback->fn);
    struct finding *finding =
        finding_new(run, where, "'%s' %s while %s waits for callback '%s'", call->name, cost.what,
                    prog_loop_text(run->owner, prog, callback), callback_name);
    size_t thread = finding_add_thread(finding, prog_callback_title(finding, prog, callback));

    add_way(run, finding, thread, blocking, call->fn);
    finding_add_step(run, finding, thread, where, blocked->depth, NULL,
                     "'%s' %s; nothing else of this loop runs", call->name, cost.what);
    finding->severity = cost.severity;
    const char *hint = offered(run, callback->library, blocked);
    bool shown = cost.shown && (!cost.if_offered || hint != NULL);
    finding->confidence = !shown || !blocked->sure ? LEVEL_LOW : LEVEL_HIGH;
    if (!blocked->sure) {
        finding_add_reason(run, finding, "whether it waits depends on an argument or descriptor");
    }
    if (cost.shown && !shown) {
        finding_add_reason(run, finding, "%s", cost.quick);
    }
    finding->cure = hint != NULL ? mem_printf(finding, "use %s", hint)
                                 : "hand the work to a thread and come back by a callback";
    finding_weigh_cure(finding, call->name, hint != NULL ? CURE_PLACES : CURE_DESIGN);
    finding_identify(run, finding, "%s|%s|%s", run->rule->id, prog_fn_name(prog, call->fn),
                     call->name);
}

/* One finding for a function and a thing waited for, from the callback that is nearest: mending it
 * often mends the rest. */
static void keep_nearest(struct rule_run *run, struct all_nearest *all, struct nearest one)
{
    for (size_t i = 0; i < all->v.n; i++) {
        struct nearest *known = &all->v.v[i];
        if (known->blocked.call->fn.i == one.blocked.call->fn.i &&
            known->blocked.what == one.blocked.what) {
            *known = one.blocked.depth < known->blocked.depth ? one : *known;
            return;
        }
    }
    vec_push(run->owner, &all->v, one);
}

static struct all_nearest find_nearest(struct rule_run *run, struct callback_waits *waits)
{
    const struct prog *prog = run->prog;
    struct all_nearest all = {{NULL, 0}};

    for (size_t i = 0; i < prog->contexts->callbacks.n; i++) {
        const struct callback_blocking *blocking = callback_waits_of(waits, i);
        for (size_t j = 0; j < blocking->calls.n; j++) {
            if (cost_of(blocking->calls.v[j].what).what != NULL) {
                keep_nearest(run, &all, (struct nearest){i, blocking->calls.v[j]});
            }
        }
    }
    return all;
}

/* What callbacks wait for in the files that are asked about. */
static struct callback_waits *waits_of(struct rule_run *run)
{
    if (run->prog->focus == NULL) {
        return run->prog->callback_waits;
    }
    struct callback_waits *waits = callback_waits_new(run->owner, run->prog->contexts);
    callback_waits_look_for(waits, run->prog->focus);
    return waits;
}

void rule_blocking_in_callback(struct rule_run *run)
{
    const struct prog *prog = run->prog;
    struct callback_waits *waits = waits_of(run);
    struct all_nearest all = find_nearest(run, waits);

    for (size_t i = 0; i < prog->contexts->callbacks.n; i++) {
        const struct callback_blocking *blocking = callback_waits_of(waits, i);
        for (size_t j = 0; j < all.v.n; j++) {
            const struct blocking_call *blocked = &all.v.v[j].blocked;
            if (all.v.v[j].callback == i) {
                tell(run, &prog->contexts->callbacks.v[i], blocking, blocked,
                     cost_of(blocked->what));
            }
        }
    }
}
