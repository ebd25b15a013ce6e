/* nested-loop: an event loop is run from a callback of a loop. Of the same one: its other callbacks
 * run in the middle of this one, or the library is not made for it. Of another one: the callback's
 * own loop waits until that one ends.
 */
#include "program/blocking.h"
#include "program/nested_loops.h"
#include "rules/rule.h"

static struct loc loc_at(const struct rule_run *run, fn_id fn, op_id op)
{
    return prog_loc_of(run->prog, (struct site){fn.i, op.i});
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

/* What comes of it. */
static const char *effect_of(const struct nested_loop *nested)
{
    if (!nested->same) {
        return "the callback's own loop waits until that one ends";
    }
    switch (nested->run->of->nesting) {
    case NESTING_REFUSED:
        return "the library refuses: it returns at once, and nothing has run";
    case NESTING_ALLOWED:
        return "other callbacks run now, in the middle of this one";
    case NESTING_UNDEFINED:
        break;
    }
    return "the library is in the middle of its own work, and not made for it";
}

static enum level severity_of(const struct nested_loop *nested)
{
    return nested->same && nested->run->of->nesting != NESTING_ALLOWED ? LEVEL_HIGH : LEVEL_MEDIUM;
}

/* A loop of one's own inside a callback is how GLib's users wait for an answer: what it costs is
 * the wait, and that may be short. */
static enum level confidence_of(const struct nested_loop *nested)
{
    if (!nested->same) {
        return nested->run->of->nesting == NESTING_ALLOWED ? LEVEL_LOW : LEVEL_MEDIUM;
    }
    return nested->known ? LEVEL_HIGH : LEVEL_LOW;
}

static const char *cure_of(const struct nested_loop *nested)
{
    return nested->same ? "return to the loop, and go on in a callback"
                        : "let one loop serve both, or run the other one in a thread of its own";
}

static void tell(struct rule_run *run, const struct nested_loop *nested)
{
    const struct prog *prog = run->prog;
    const struct call *call = nested->run->call;
    struct loc where = loc_at(run, call->fn, call->op);
    struct site site = nested->callback.registered;
    struct loc registered = site.fn == UINT32_MAX
                                ? linked_init_loc(prog->linked, nested->callback.init)
                                : prog_loc_of(prog, site);
    const char *name = prog_fn_name(prog, nested->callback.fn);
    const char *library = nested->run->of->library;
    struct finding *finding =
        finding_new(run, where, "'%s' runs %s %s loop inside its callback '%s'", call->name,
                    nested->same ? "the" : "another", library, name);
    size_t thread = finding_add_thread(
        finding, mem_printf(finding, "%s callback '%s', %s %s at %s:%u", library, name,
                            prog_callback_how(prog, site), nested->callback.by,
                            prog_file(prog, registered.file), registered.line));
    unsigned depth = add_way(run, finding, thread, &nested->turn, call->fn);

    finding_add_step(run, finding, thread, where, depth, NULL, "'%s': %s", call->name,
                     effect_of(nested));
    finding->severity = severity_of(nested);
    finding->confidence = confidence_of(nested);
    finding_add_reason(run, finding, "%s",
                       !nested->same   ? "the loops are made in different places"
                       : nested->known ? "it is the loop that calls the callback"
                                       : "the program makes several loops, and which one this is "
                                         "can't be told");
    finding->cure = cure_of(nested);
    finding_weigh_cure(finding, call->name, CURE_DESIGN);
    finding_identify(run, finding, "%s|%s|%s", run->rule->id, prog_fn_name(prog, call->fn),
                     call->name);
}

/* Another loop that only does what is ready is no wait. */
static bool waits(const struct rule_run *run, const struct nested_loop *nested)
{
    bool sure = false;

    return nested->same ||
           blocking_what(run->prog->contexts, nested->run->call, &sure) != BLOCKS_NOTHING;
}

void rule_nested_loop(struct rule_run *run)
{
    void *owner = mem_owner(NULL, "nested loops");
    struct loop_uses *uses = loop_uses_find(owner, run->prog->contexts);

    if (uses != NULL) {
        const struct nested_loops *loops = nested_loops_find(owner, uses);
        for (size_t i = 0; i < loops->v.n; i++) {
            if (waits(run, &loops->v.v[i])) {
                tell(run, &loops->v.v[i]);
            }
        }
    }
    talloc_free(owner);
}
