/* unlock-not-held: a lock is given back on a way where the thread does not hold it: it was given
 * back before, or none of those who could have taken it did.
 */
#include "program/turn.h"
#include "rules/rule.h"

#include <string.h>

enum { MAX_DOWN = 8 }; /* calls above each other that are told apart */

/* One place where the lock is not held. */
struct mistake {
    fn_id fn;
    const struct giving *giving;
    struct holders holders; /* who lack it, of a lock that was never taken */
};

/* The rule at work. A place is told of once, whoever lacks the lock there, and however many bodies
 * are behind a call. */
struct search {
    struct rule_run *run;
    VEC(struct site) told;
};

static bool is_told(struct search *search, fn_id fn, op_id op)
{
    struct site site = {fn.i, op.i};

    for (size_t i = 0; i < search->told.n; i++) {
        if (site_eq(search->told.v[i], site)) {
            return true;
        }
    }
    vec_push(search->run->owner, &search->told, site);
    return false;
}

/* ---- how sure ------------------------------------------------------------------------------- */

static void lower(struct rule_run *run, struct finding *finding, enum level to, const char *reason)
{
    finding->confidence = finding->confidence < to ? finding->confidence : to;
    finding_add_reason(run, finding, "%s", reason);
}

/* Can the way go past the place without giving the lock back there? Then a condition decides, and
 * may know who holds it. */
static bool is_by_choice(const struct prog *prog, const struct mistake *mistake)
{
    struct site before = mistake->giving->before;
    op_id from = {before.fn == mistake->fn.i ? before.op : ID_NONE};

    return turn_can_miss(prog->flows, mistake->fn, from, mistake->giving->op);
}

/* Does a function on the way down to the unlock not always come to it, or hold it on some ways
 * there? What it decides by can be about the lock. */
static bool is_chosen_below(const struct prog *prog, const struct giving *giving)
{
    for (; giving->inner != NULL; giving = giving->inner) {
        if (giving->inner->partly ||
            turn_can_miss(prog->flows, giving->inner_fn, (op_id){ID_NONE}, giving->inner->op)) {
            return true;
        }
    }
    return false;
}

/* Does the function stand in a header? */
static bool is_of_header(const struct prog *prog, fn_id fn)
{
    return strcmp(prog_loc_of_fn(prog, fn).file, prog->linked->fns.v[fn.i].unit->path) != 0;
}

static void weigh(struct rule_run *run, struct finding *finding, const struct mistake *mistake)
{
    const struct prog *prog = run->prog;
    const struct giving *giving = mistake->giving;

    finding->confidence = LEVEL_HIGH;
    if (!giving->partly) {
        finding_add_reason(run, finding, "it is held on no way to this place");
    } else if (is_by_choice(prog, mistake)) {
        lower(run, finding, LEVEL_LOW,
              "a condition decides if it is given back here; it may know who holds it");
    } else {
        lower(run, finding, LEVEL_MEDIUM, "it is held on some ways to this place, not on all");
    }
    if (is_chosen_below(prog, giving)) {
        lower(run, finding, LEVEL_LOW, "a function that is called here does not always come to it");
    }
    if (giving->how == GIVES_CALLERS && !mistake->holders.some_lack) {
        lower(run, finding, LEVEL_MEDIUM,
              "the ways here begin in functions that nobody, or a library, is known to call");
        if (is_of_header(prog, mistake->fn)) { /* g_mutex_locker_free() of every GLib program */
            lower(run, finding, LEVEL_LOW,
                  "it is an inline function that the program has no use for");
        }
    }
    if (giving->how == GIVES_FREED &&
        lock_kinds_of(prog->lock_kinds, contexts_absolute(prog->contexts, mistake->fn,
                                                          giving->lock)) == LOCK_AGAIN_UNKNOWN) {
        lower(run, finding, LEVEL_MEDIUM,
              "the place that makes the lock is not known, so it could be a recursive one");
    }
    if (giving->merged) {
        lower(run, finding, LEVEL_LOW, "the function has more lock states than are kept apart");
    }
}

/* ---- telling --------------------------------------------------------------------------------- */

static void tell_story(struct rule_run *run, struct finding *finding, const struct mistake *mistake,
                       const char *name)
{
    const struct prog *prog = run->prog;
    const struct giving *giving = mistake->giving;
    fn_id fn = mistake->fn;
    unsigned depth;
    size_t thread = finding_add_thread_of(run, finding, fn, &depth);

    if (giving->how == GIVES_FREED && giving->before.fn != UINT32_MAX) {
        finding_add_step(run, finding, thread, prog_loc_of(prog, giving->before), depth, NULL,
                         "gives '%s' back", name);
    }
    for (; giving->inner != NULL; giving = giving->inner) {
        finding_add_step(run, finding, thread, prog_loc_of(prog, (struct site){fn.i, giving->op.i}),
                         depth++, NULL, "calls '%s'", prog_fn_name(prog, giving->inner_fn));
        fn = giving->inner_fn;
    }
    finding_add_step(run, finding, thread, prog_loc_of(prog, (struct site){fn.i, giving->op.i}),
                     depth, NULL, "gives '%s' back, which it does not hold", name);
}

static const char *words_of(const struct mistake *mistake)
{
    if (mistake->giving->how == GIVES_FREED) {
        return mistake->giving->partly ? "which was given back before on some way here"
                                       : "which was given back before";
    }
    return mistake->giving->partly ? "which is not taken on every way here"
                                   : "which nobody who comes here has taken";
}

static void tell(struct search *search, const struct mistake *mistake)
{
    struct rule_run *run = search->run;
    const struct prog *prog = run->prog;
    const struct giving *giving = mistake->giving;
    struct loc where = prog_loc_of(prog, (struct site){mistake->fn.i, giving->op.i});
    char *name = prog_path_name(run->owner, prog, mistake->fn, giving->lock);
    struct finding *finding;

    if (doom_at(prog->contexts->doom, mistake->fn, giving->op) ||
        is_told(search, mistake->fn, giving->op)) {
        return;
    }
    if (giving->inner != NULL) {
        finding = finding_new(run, where, "'%s' gives back '%s' here, %s",
                              prog_fn_name(prog, giving->inner_fn), name, words_of(mistake));
    } else {
        finding = finding_new(run, where, "'%s' is given back here, %s", name, words_of(mistake));
    }
    finding->severity = LEVEL_HIGH;
    tell_story(run, finding, mistake, name);
    weigh(run, finding, mistake);
    finding->cure = "take the lock before, or leave the unlock out on this way";
    finding_weigh_cure(finding, name, CURE_LINE);
    finding_identify(run, finding, "%s|%s|%s|%s", run->rule->id, prog_fn_name(prog, mistake->fn),
                     name, giving->inner == NULL ? "" : prog_fn_name(prog, giving->inner_fn));
}

/* ---- looking --------------------------------------------------------------------------------- */

/* Does a function that users of a library can call return with such a lock? Then they can also call
 * one that gives it back. */
static bool is_handed_out(const struct prog *prog, path_id lock)
{
    const struct linked *linked = prog->linked;
    path_id class = path_class(prog->paths, lock);

    for (uint32_t f = 0; f < linked->fns.n; f++) {
        uint32_t sym = linked->fns.v[f].sym;
        if (sym == ID_NONE || (linked->syms.v[sym].flags & IR_SYM_INTERNAL) != 0) {
            continue;
        }
        const struct fn_flow *flow = &prog->flows->v[f];
        for (size_t i = 0; i < flow->outcomes.n; i++) {
            const struct lockset *held = flow->outcomes.v[i].held;
            for (uint32_t t = 0; t < held->n; t++) {
                if (path_eq(path_class(prog->paths, held->v[t].lock), class)) {
                    return true;
                }
            }
        }
    }
    return false;
}

static bool is_lacked(const struct holders *holders)
{
    return (holders->some_lack || holders->open) && !holders->some_hold && !holders->unknown;
}

/* Some who come to `fn` hold the lock that it gives back, others don't: tells of these, each at the
 * call where all ways lack it. */
static void check_callers(struct search *search, fn_id fn, const struct giving *giving,
                          unsigned depth)
{
    const struct borders *borders = search->run->prog->borders;
    const struct call *const *calls;
    size_t n = borders_calls_of(borders, fn, &calls);

    for (size_t i = 0; i < n && depth < MAX_DOWN; i++) {
        struct holders holders = borders_holders_through(borders, calls[i], giving);
        const struct giving *outer = borders_giving_at(borders, calls[i], giving);
        if (outer == NULL || outer->standby || (!holders.some_lack && !holders.open)) {
            continue;
        }
        if (is_lacked(&holders) && !outer->partly) {
            tell(search, &(struct mistake){calls[i]->fn, outer, holders});
        } else {
            check_callers(search, calls[i]->fn, outer, depth + 1);
        }
    }
}

static void check_callers_lock(struct search *search, fn_id fn, const struct giving *giving)
{
    const struct prog *prog = search->run->prog;
    struct holders holders = borders_holders(prog->borders, fn, giving);
    const struct call *const *calls;

    if (borders_calls_of(prog->borders, fn, &calls) == 0 && !holders.some_lack) {
        return; /* it is for its users to hold it */
    }
    if (holders.open && is_handed_out(prog, giving->lock)) {
        return;
    }
    if (is_lacked(&holders)) {
        tell(search, &(struct mistake){fn, giving, holders});
    } else if (holders.some_hold) {
        check_callers(search, fn, giving, 0);
    }
}

static void check(struct search *search, fn_id fn, const struct giving *giving)
{
    const struct prog *prog = search->run->prog;
    path_id lock = contexts_absolute(prog->contexts, fn, giving->lock);

    if (giving->standby) {
        return;
    }
    if (giving->how == GIVES_CALLERS && giving->inner == NULL) {
        check_callers_lock(search, fn, giving);
    } else if (giving->how == GIVES_FREED &&
               lock_kinds_of(prog->lock_kinds, lock) != LOCK_AGAIN_NESTS) {
        tell(search, &(struct mistake){.fn = fn, .giving = giving});
    }
}

void rule_unlock_not_held(struct rule_run *run)
{
    const struct flows *flows = run->prog->flows;
    struct search search = {.run = run};

    for (uint32_t f = 0; f < flows->linked->fns.n; f++) {
        for (size_t i = 0; i < flows->v[f].givings.n; i++) {
            check(&search, (fn_id){f}, flows->v[f].givings.v[i]);
        }
    }
}
