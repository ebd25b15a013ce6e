/* lock-in-loop: an event loop's callback waits for a lock that another context holds while it waits
 * for something slow. The loop then stands still as long as that takes.
 *
 * It is the worst case of blocking-under-lock, and covers it: one hold that waits is one finding.
 */
#include "rules/stall_story.h"

static struct finding *tell(struct rule_run *run, const struct stall_case *c)
{
    const struct prog *prog = run->prog;
    const struct held_wait *wait = c->stall->wait;
    const char *lock = stall_lock_name(run->owner, prog, c);
    struct loc there = stall_wait_loc(prog, c);
    const struct callback *callback = &prog->contexts->callbacks.v[c->wanter->callback];
    struct finding *finding =
        finding_new(run, stall_want_loc(prog, c),
                    "callback '%s' waits here for '%s', which '%s' holds while '%s' %s (%s:%u)",
                    prog_fn_name(prog, callback->fn), lock, prog_fn_name(prog, wait->fn),
                    wait->site->call->name, c->cost.what, prog_file(prog, there.file), there.line);

    stall_tell(run, finding, c);
    finding->severity = c->cost.severity == LEVEL_LOW ? LEVEL_LOW : LEVEL_HIGH;
    finding->cure = mem_printf(finding,
                               "let '%s' wait with '%s' given back; or let another thread take it "
                               "and tell the loop",
                               prog_fn_name(prog, wait->fn), lock);
    finding_weigh_cure(finding, lock, CURE_DESIGN);
    finding_identify(run, finding, "%s|%s|%s|%s", run->rule->id, prog_fn_name(prog, wait->fn), lock,
                     wait->site->call->name);
    return finding;
}

/* What blocking-under-lock says of the same wait, whatever other locks are held in it. */
static void cover(struct rule_run *run, struct finding *finding, const struct stall_case *c,
                  const struct stall_cases *all)
{
    void *scratch = mem_owner(NULL, "names");

    for (size_t i = 0; i < all->n; i++) {
        const struct held_wait *wait = all->v[i].stall->wait;
        if (wait->site == c->stall->wait->site && wait->fn.i == c->stall->wait->fn.i) {
            finding_cover(finding, stall_wait_loc(run->prog, &all->v[i]),
                          stall_lock_name(scratch, run->prog, &all->v[i]));
        }
    }
    talloc_free(scratch);
}

void rule_lock_in_loop(struct rule_run *run)
{
    void *scratch = mem_owner(NULL, "cases");
    struct stall_cases cases = stall_cases_of(scratch, run, true);
    struct finding **told = mem_array(scratch, struct finding *, cases.n + 1);

    struct stall_cases all = stall_cases_of(scratch, run, false);

    for (size_t i = 0; i < cases.n; i++) {
        const struct stall_case *before = stall_told_before(&cases, i);
        told[i] = before == NULL ? tell(run, &cases.v[i]) : told[before - cases.v];
        cover(run, told[i], &cases.v[i], &all);
    }
    talloc_free(scratch);
}
