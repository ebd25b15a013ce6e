/* loop-affinity: what belongs to an event loop is touched by another thread while its own thread
 * runs it, by a call that the library does not make safe for that.
 */
#include "program/strays.h"
#include "rules/rule.h"

static struct loc loc_of(const struct rule_run *run, struct moment moment)
{
    return prog_loc_of(run->prog, (struct site){moment.fn.i, moment.op.i});
}

static bool is_signal(const struct rule_run *run, struct moment moment)
{
    const struct contexts *contexts = run->prog->contexts;

    return contexts->v.v[contexts->phases.v[moment.phase.i].context.i].kind == CONTEXT_SIGNAL;
}

/* The library can be told to lock its loops, and the call would be safe then. */
static bool needs_threads_on(const struct stray *stray)
{
    const struct model_loop *of = stray->touch->of;

    return of->thread_on.n > 0 && name_list_has(&of->with_threads, stray->touch->call->name);
}

static const char *cure_of(void *owner, const struct stray *stray)
{
    const struct model_loop *of = stray->touch->of;

    if (needs_threads_on(stray)) {
        return mem_printf(owner, "call %s before the loop is made: %s then locks it",
                          of->thread_on.v[0], of->library);
    }
    return of->wake == NULL
               ? "hand it to the loop's own thread"
               : mem_printf(owner, "hand it to the loop's own thread, and wake that by %s",
                            of->wake);
}

static void add_reasons(struct rule_run *run, struct finding *finding, const struct stray *stray)
{
    bool known = stray->one_loop || stray->one_runner;

    finding_add_reason(run, finding, "%s",
                       stray->one_loop     ? "both calls are about the same loop"
                       : stray->one_runner ? "the program runs its loops in that thread only"
                                           : "which loop it is can't be told");
    if (!stray->sure) {
        finding_add_reason(run, finding,
                           "the way there goes by pointers or arguments that can't "
                           "be told");
    }
    if (stray->far) {
        finding_add_reason(run, finding,
                           "the loop's own thread runs this code, too, and the other one is many "
                           "calls away from it");
    }
    finding->confidence = stray->far             ? LEVEL_LOW
                          : known && stray->sure ? LEVEL_HIGH
                          : known || stray->sure ? LEVEL_MEDIUM
                                                 : LEVEL_LOW;
    if (is_signal(run, stray->here) && finding->confidence == LEVEL_HIGH) {
        finding->confidence = LEVEL_MEDIUM;
    }
}

/* Other calls of the same function and context that stray, too. */
static void add_others(struct rule_run *run, struct finding *finding, const struct strays *strays,
                       size_t first)
{
    const struct stray *mine = &strays->v.v[first];

    for (size_t i = first + 1; i < strays->v.n; i++) {
        const struct stray *other = &strays->v.v[i];
        if (other->here.fn.i == mine->here.fn.i && other->here.phase.i == mine->here.phase.i) {
            finding_add_related(run, finding, loc_of(run, other->here), "so does '%s'",
                                other->touch->call->name);
        }
    }
}

static void tell(struct rule_run *run, const struct strays *strays, size_t i)
{
    const struct stray *stray = &strays->v.v[i];
    const struct call *call = stray->touch->call;
    const char *library = stray->touch->of->library;
    bool in_handler = is_signal(run, stray->here);
    struct finding *finding =
        in_handler
            ? finding_new(run, loc_of(run, stray->here),
                          "'%s' touches a %s loop, which this signal handler interrupts",
                          call->name, library)
            : finding_new(run, loc_of(run, stray->here),
                          "'%s' touches a %s loop that another thread runs", call->name, library);

    unsigned depth;
    size_t thread = finding_add_context(run, finding, stray->there, &depth);
    finding_add_step(run, finding, thread, loc_of(run, stray->there), depth, NULL,
                     "'%s' runs the loop", stray->run->call->name);
    thread = finding_add_context(run, finding, stray->here, &depth);
    finding_add_step(run, finding, thread, loc_of(run, stray->here), depth, NULL,
                     in_handler ? "'%s' changes the loop in the middle of what it does"
                                : "'%s' changes the loop meanwhile: nothing locks it, nothing "
                                  "wakes it",
                     call->name);
    finding->severity = LEVEL_HIGH;
    add_reasons(run, finding, stray);
    add_others(run, finding, strays, i);
    finding->cure = cure_of(finding, stray);
    finding_weigh_cure(finding, call->name, needs_threads_on(stray) ? CURE_LINE : CURE_DESIGN);
    finding_identify(run, finding, "%s|%s|%s", run->rule->id,
                     prog_fn_name(run->prog, stray->here.fn), call->name);
}

/* One finding a function: whoever mends its first such call sees the others. */
static bool is_told(const struct strays *strays, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (strays->v.v[k].here.fn.i == strays->v.v[i].here.fn.i) {
            return true;
        }
    }
    return false;
}

void rule_loop_affinity(struct rule_run *run)
{
    void *owner = mem_owner(NULL, "strays");
    struct loop_uses *uses = loop_uses_find(owner, run->prog->contexts);

    if (uses != NULL) {
        const struct strays *strays = strays_find(owner, uses);
        for (size_t i = 0; i < strays->v.n; i++) {
            if (!is_told(strays, i)) {
                tell(run, strays, i);
            }
        }
    }
    talloc_free(owner);
}
