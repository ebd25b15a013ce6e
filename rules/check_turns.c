/* check-then-act across the turns of an event loop: one callback tests and starts a request, other
 * callbacks run, and the callback that answers it acts on the old test. One thread, no data race.
 */
#include "program/late_acts.h"
#include "program/nested_runs.h"
#include "rules/check_then_act.h"

static struct loc loc_at(const struct rule_run *run, fn_id fn, op_id op)
{
    return prog_loc_of(run->prog, (struct site){fn.i, op.i});
}

/* "libuv callback 'on_done', asked for by uv_write at x.c:12": the title of one turn. */
static size_t add_turn(struct rule_run *run, struct finding *finding,
                       const struct requests *requests, fn_id callback, const char *when)
{
    const struct prog *prog = run->prog;

    for (size_t i = 0; i < requests->v.n; i++) {
        const struct request *request = &requests->v.v[i];
        if (request->callback.i == callback.i) {
            struct loc at = loc_at(run, request->call->fn, request->call->op);
            return finding_add_thread(
                finding, mem_printf(finding, "%s: callback '%s', registered by %s at %s:%u", when,
                                    prog_fn_name(prog, callback), request->by,
                                    prog_file(prog, at.file), at.line));
        }
    }
    return finding_add_thread(
        finding, mem_printf(finding, "%s: callback '%s'", when, prog_fn_name(prog, callback)));
}

/* The calls by which the turn gets to `fn`; gives its depth. */
static unsigned add_way(struct rule_run *run, struct finding *finding, size_t thread,
                        const struct loop_turn *turn, fn_id fn)
{
    const struct turn_reach *reach = &turn->reach[fn.i];

    if (reach->caller.i == UINT32_MAX) {
        finding_add_step(run, finding, thread, prog_loc_of_fn(run->prog, fn), 0, NULL,
                         "the loop calls '%s'", prog_fn_name(run->prog, fn));
        return 0;
    }
    (void)add_way(run, finding, thread, turn, reach->caller);
    finding_add_step(run, finding, thread, loc_at(run, reach->caller, reach->call),
                     reach->depth - 1, NULL, "calls '%s'", prog_fn_name(run->prog, fn));
    return reach->depth;
}

static const struct loop_turn *turn_of(const struct requests *requests, fn_id callback)
{
    return &requests->turns.v[requests->turn_of[callback.i]];
}

static void tell_start(struct rule_run *run, struct finding *finding,
                       const struct requests *requests, const struct late_act *late,
                       const char *name)
{
    const struct prog *prog = run->prog;
    struct loc read = loc_at(run, late->fn, late->read);
    struct loc test = prog_loc_of_condition(prog, late->fn, late->branch);
    size_t thread = add_turn(run, finding, requests, late->starter, "turn 1");
    unsigned depth = add_way(run, finding, thread, turn_of(requests, late->starter), late->fn);

    finding_add_step(run, finding, thread, read, depth, NULL, "reads '%s' (the decision)", name);
    if (test.line != read.line) {
        finding_add_step(run, finding, thread, test, depth, NULL, "decides by what it read");
    }
    finding_add_step(run, finding, thread, loc_at(run, late->fn, late->start), depth, NULL,
                     "starts what '%s' answers, and returns to the loop",
                     prog_fn_name(prog, late->hops[0]->callback));
}

static void tell_rival(struct rule_run *run, struct finding *finding,
                       const struct requests *requests, const struct late_act *late,
                       const char *name)
{
    size_t thread = add_turn(run, finding, requests, late->rival,
                             late->again ? "in between, for another request" : "in between");
    unsigned depth = add_way(run, finding, thread, turn_of(requests, late->rival), late->rival_fn);

    finding_add_step(run, finding, thread, loc_at(run, late->rival_fn, late->rival_op), depth, NULL,
                     "changes '%s'", name);
}

static void tell_answer(struct rule_run *run, struct finding *finding,
                        const struct requests *requests, const struct late_act *late,
                        const char *name)
{
    const struct prog *prog = run->prog;
    const struct request *last = late->hops[late->n_hops - 1];
    size_t thread = add_turn(run, finding, requests, last->callback, "a later turn");

    for (uint32_t i = 1; i < late->n_hops; i++) {
        const struct request *next = late->hops[i];
        finding_add_step(run, finding, thread, loc_at(run, next->call->fn, next->call->op), 0, NULL,
                         "'%s' has started what '%s' answers",
                         prog_fn_name(prog, late->hops[i - 1]->callback),
                         prog_fn_name(prog, next->callback));
    }
    unsigned depth = add_way(run, finding, thread, turn_of(requests, last->callback), late->act_fn);
    finding_add_step(run, finding, thread, loc_at(run, late->act_fn, late->act), depth, NULL,
                     "changes '%s' without another look", name);
}

static void tell(struct rule_run *run, const struct requests *requests, const struct late_act *late)
{
    const struct prog *prog = run->prog;
    struct loc read = loc_at(run, late->fn, late->read);
    struct loc act = loc_at(run, late->act_fn, late->act);
    void *scratch = mem_owner(NULL, "names");
    const char *name = prog_path_name(scratch, prog, late->fn, late->path);
    path_id path = contexts_absolute(prog->contexts, late->fn, late->path);
    bool one_object = path_is_exact(prog->paths, path);
    const char *answer = prog_fn_name(prog, late->hops[late->n_hops - 1]->callback);
    struct finding *finding = finding_new(
        run, act, "'%s' can have changed in the turns of the loop since the test at %s:%u", name,
        prog_file(prog, read.file), read.line);

    tell_start(run, finding, requests, late, name);
    tell_rival(run, finding, requests, late, name);
    tell_answer(run, finding, requests, late, name);
    finding_add_reason(run, finding,
                       one_object ? "it is one object of the whole program"
                                  : "nothing shows that all three turns use the same object");
    if (late->again) {
        finding_add_reason(run, finding, "'%s' can be asked for again before it has run", answer);
    }
    finding->confidence = one_object ? LEVEL_HIGH : LEVEL_LOW;
    finding->cure =
        mem_printf(finding, "test again in '%s', or change '%s' before the start on line %u",
                   answer, name, loc_at(run, late->fn, late->start).line);
    finding_weigh_cure(finding, name, CURE_PLACES);
    finding_identify(run, finding, "%s|turns|%s|%s", run->rule->id,
                     prog_fn_name(prog, late->act_fn), name);
    talloc_free(scratch);
}

/* ---- around a call that runs the loop -------------------------------------------------------- */

static void tell_nested(struct rule_run *run, const struct requests *requests,
                        const struct nested_run *nested)
{
    const struct prog *prog = run->prog;
    struct loc read = loc_at(run, nested->fn, nested->read);
    struct loc loop = loc_at(run, nested->fn, nested->run);
    struct loc act = loc_at(run, nested->fn, nested->act);
    void *scratch = mem_owner(NULL, "names");
    const char *name = prog_path_name(scratch, prog, nested->fn, nested->path);
    path_id path = contexts_absolute(prog->contexts, nested->fn, nested->path);
    bool one_object = path_is_exact(prog->paths, path);
    unsigned depth;
    struct finding *finding = finding_new(
        run, act,
        "'%s' can have changed in the callbacks run on line %u, since the test on line %u", name,
        loop.line, read.line);
    size_t thread = finding_add_thread_of(run, finding, nested->fn, &depth);

    finding_add_step(run, finding, thread, read, depth, NULL, "reads '%s' (the decision)", name);
    finding_add_step(run, finding, thread, loop, depth, NULL, "runs the loop, and its callbacks");
    finding_add_step(run, finding, thread, act, depth, NULL, "changes '%s' without another look",
                     name);
    thread = add_turn(run, finding, requests, nested->rival, "in between");
    depth = add_way(run, finding, thread, turn_of(requests, nested->rival), nested->rival_fn);
    finding_add_step(run, finding, thread, loc_at(run, nested->rival_fn, nested->rival_op), depth,
                     NULL, "changes '%s'", name);
    finding_add_reason(run, finding,
                       one_object ? "it is one object of the whole program"
                                  : "nothing shows that both use the same object");
    finding->confidence = one_object ? LEVEL_HIGH : LEVEL_LOW;
    finding->cure =
        mem_printf(finding, "test again behind line %u, or change '%s' before it", loop.line, name);
    finding_weigh_cure(finding, name, CURE_PLACES);
    finding_identify(run, finding, "%s|nested|%s|%s", run->rule->id, prog_fn_name(prog, nested->fn),
                     name);
    talloc_free(scratch);
}

void check_turns(struct rule_run *run)
{
    void *owner = mem_owner(NULL, "turns");
    struct requests *requests = requests_find(owner, run->prog->contexts);

    if (requests != NULL) {
        struct class_ops *ops = class_ops_new(owner, run->prog->accessmap);
        struct late_acts *late = late_acts_find(owner, ops, requests);
        struct nested_runs *nested = nested_runs_find(owner, ops, requests);
        for (size_t i = 0; i < late->v.n; i++) {
            tell(run, requests, &late->v.v[i]);
        }
        for (size_t i = 0; i < nested->v.n; i++) {
            tell_nested(run, requests, &nested->v.v[i]);
        }
    }
    talloc_free(owner);
}
