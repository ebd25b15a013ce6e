/* blocking-under-lock: a call that can wait is made with a lock in hand that another context needs
 * meanwhile. That one waits as long, for something that has nothing to do with it.
 */
#include "rules/stall_story.h"

/* Who waits is worth more than how long: several of them, or a hot path that all go by. */
static enum level severity_of(const struct stall_case *c)
{
    enum level severity = c->cost.severity;

    if (c->wanter->callback != ID_NONE) {
        return severity == LEVEL_LOW ? LEVEL_LOW : LEVEL_HIGH;
    }
    return c->stall->n_contexts > 1 || severity == LEVEL_LOW ? severity : severity - 1;
}

static const char *cure_of(struct finding *finding, enum blocks_what what, const char *lock)
{
    switch ((int)what) {
    case BLOCKS_JOIN:
        return mem_printf(finding, "give '%s' back before the thread is waited for", lock);
    case BLOCKS_COND:
        return mem_printf(finding, "give '%s' back before the wait, which gives up its own only",
                          lock);
    default:
        return mem_printf(finding,
                          "do it before '%s' is taken or after it is given back, with a copy of "
                          "what it needs",
                          lock);
    }
}

static struct finding *tell(struct rule_run *run, const struct stall_case *c)
{
    const struct prog *prog = run->prog;
    const struct call *call = c->stall->wait->site->call;
    const char *lock = stall_lock_name(run->owner, prog, c);
    struct loc there = stall_want_loc(prog, c);
    struct finding *finding = finding_new(
        run, stall_wait_loc(prog, c), "'%s' %s while '%s' is held, which '%s' needs (%s:%u)",
        call->name, c->cost.what, lock, prog_fn_name(prog, c->wanter->at.fn),
        prog_file(prog, there.file), there.line);

    stall_tell(run, finding, c);
    finding->severity = severity_of(c);
    finding->cure = cure_of(finding, c->stall->wait->site->what, lock);
    finding_weigh_cure(finding, lock, CURE_FUNCTION);
    finding_identify(run, finding, "%s|%s|%s|%s", run->rule->id,
                     prog_fn_name(prog, c->stall->wait->fn), lock, call->name);
    return finding;
}

void rule_blocking_under_lock(struct rule_run *run)
{
    void *scratch = mem_owner(NULL, "cases");
    struct stall_cases cases = stall_cases_of(scratch, run, false);

    for (size_t i = 0; i < cases.n; i++) {
        if (stall_told_before(&cases, i) == NULL) {
            (void)tell(run, &cases.v[i]);
        }
    }
    talloc_free(scratch);
}
