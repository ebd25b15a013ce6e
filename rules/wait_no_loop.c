/* wait-no-loop: who is woken from a wait for a condition goes on as if it held, and does not test
 * it again (POSIX, pthread_cond_wait: "spurious wakeups from ... may occur").
 */
#include "program/waits.h"
#include "rules/rule.h"

static struct loc loc_at(const struct prog *prog, fn_id fn, op_id op)
{
    return prog_loc_of(prog, (struct site){fn.i, op.i});
}

static const char *name_of(const struct prog *prog, const struct wait *wait)
{
    return calls_at(prog->calls, wait->fn, wait->op)->name;
}

/* What is waited for, as the message calls it. */
static const char *predicate_of(void *owner, const struct prog *prog, const struct wait *wait)
{
    if (!path_is_none(wait->test.about)) {
        return mem_printf(owner, "'%s'", prog_path_name(owner, prog, wait->fn, wait->test.about));
    }
    return mem_printf(owner, "what '%s' tells",
                      calls_at(prog->calls, wait->fn, wait->test.asked)->name);
}

static struct finding *new_finding(struct rule_run *run, const struct wait *wait)
{
    const struct prog *prog = run->prog;
    struct loc where = loc_at(prog, wait->fn, wait->op);

    if (wait->test.block != ID_NONE) {
        return finding_new(run, where,
                           "%s is not tested again after this wait: who is woken goes on "
                           "whether it has come true or not",
                           predicate_of(run->owner, prog, wait));
    }
    if (wait->inner != NULL) {
        return finding_new(
            run, where, "'%s' waits once, and nothing is tested after it: it can end for nothing",
            name_of(prog, wait));
    }
    return finding_new(run, where,
                       "this wait is for nothing that is tested: it can end for nothing, and a "
                       "wake-up before it is lost");
}

static void tell_waiter(struct rule_run *run, struct finding *finding, const struct wait *wait)
{
    const struct prog *prog = run->prog;
    unsigned depth;
    size_t thread = finding_add_thread_of(run, finding, wait->fn, &depth);
    struct loc where = loc_at(prog, wait->fn, wait->op);

    if (wait->test.block != ID_NONE) {
        finding_add_step(run, finding, thread, loc_at(prog, wait->fn, wait->test.asked), depth,
                         NULL, "tests %s", predicate_of(finding, prog, wait));
    }
    finding_add_step(run, finding, thread, where, depth, NULL,
                     "lets the lock go and waits, perhaps woken for nothing");
    if (wait->fate == WAIT_RELIES) {
        finding_add_step(run, finding, thread, loc_at(prog, wait->relies_fn, wait->relies), depth,
                         NULL,
                         wait->changes ? "changes what it has not tested since"
                                       : "goes on without another test");
    }
    for (const struct wait *in = wait->inner; in != NULL; in = in->inner) {
        finding_add_related(run, finding, loc_at(prog, in->fn, in->op), "the wait in '%s'",
                            prog_fn_name(prog, in->fn));
    }
}

/* The calls that wake up who waits for it: the first few, by place. */
static void tell_wakers(struct rule_run *run, struct finding *finding, const struct wait *wait)
{
    enum { MAX_WAKERS = 3 };
    const struct prog *prog = run->prog;
    path_id cond = contexts_absolute(prog->contexts, wait->fn, wait->cond);
    unsigned n = 0;

    for (size_t c = 0; c < prog->calls->v.n && !path_is_none(cond) && n < MAX_WAKERS; c++) {
        const struct call *call = &prog->calls->v.v[c];
        if (call->model == NULL || call->model->signals == ARG_NONE) {
            continue;
        }
        path_id there = contexts_absolute(prog->contexts, call->fn,
                                          flow_arg_path(prog->flows, call, call->model->signals));
        if (!path_is_none(there) &&
            path_eq(path_class(prog->paths, there), path_class(prog->paths, cond))) {
            finding_add_related(run, finding, loc_at(prog, call->fn, call->op), "'%s' wakes it up",
                                prog_fn_name(prog, call->fn));
            n++;
        }
    }
}

static void weigh(struct rule_run *run, struct finding *finding, const struct wait *wait)
{
    finding->confidence = LEVEL_MEDIUM;
    if (wait->test.block == ID_NONE) {
        finding_add_reason(run, finding, "nothing is tested between lock and wait");
        if (wait->timed) {
            finding->confidence = LEVEL_LOW;
            finding_add_reason(run, finding,
                               "it ends by itself after a time: a sleep, most likely");
        }
    } else if (wait->timed) {
        finding_add_reason(run, finding, "it can also end because its time is over");
    } else {
        finding->confidence = LEVEL_HIGH;
        finding_add_reason(run, finding, "the test before it shows what it waits for");
    }
}

static void tell(struct rule_run *run, const struct wait *wait)
{
    const struct prog *prog = run->prog;
    struct finding *finding = new_finding(run, wait);

    finding->severity = wait->changes ? LEVEL_HIGH : LEVEL_MEDIUM;
    tell_waiter(run, finding, wait);
    tell_wakers(run, finding, wait);
    weigh(run, finding, wait);
    finding->cure =
        wait->test.block != ID_NONE
            ? mem_printf(finding, "test again after the wait: 'while' on line %u",
                         prog_loc_of_condition(prog, wait->fn, wait->test.block).line)
            : "say in a variable what is waited for, and wait in a 'while' that tests it";
    finding_weigh_cure(finding, name_of(prog, wait), CURE_LINE);
    finding_identify(run, finding, "%s|%s|%s", run->rule->id, prog_fn_name(prog, wait->fn),
                     name_of(prog, wait));
}

void rule_wait_no_loop(struct rule_run *run)
{
    struct waits *waits = waits_find(NULL, run->prog->accessmap);

    for (size_t i = 0; i < waits->v.n; i++) {
        if (waits->v.v[i]->fate != WAIT_GOOD) {
            tell(run, waits->v.v[i]);
        }
    }
    talloc_free(waits);
}
