#include "program/errands.h"

#include "program/errand_modes.h"
#include "program/surely.h"

/* What a context that is not the giver does. */
struct helper {
    bool *runs; /* by fn: it gets there, by what the modes rule out */
    bool *away; /* by fn: only on errands */
};

/* The errands of one flag. */
struct errand {
    const struct errand_flag *flag;
    struct errand_modes modes;
    context_id giver;
    bool *open;             /* by fn: the giver may run it while helpers are away */
    struct helper *helpers; /* by context; that of the giver is empty */
};

struct errands {
    const struct contexts *contexts;
    const struct flows *flows;
    const struct errand_flags *flags;
    VEC(struct errand) v;
};

static const struct context *context_at(const struct errands *errands, uint32_t id)
{
    return &errands->contexts->v.v[id];
}

static bool rules_out(const struct errands *errands, const struct errand *errand, fn_id fn,
                      op_id op, bool inside)
{
    return errand_modes_exclude(&errand->modes, errands->flags, errand->flag, fn, op, inside);
}

/* What a context runs by the call; none, if the call is never made. What is behind a pointer of
 * many meanings is no evidence that somebody runs it, here as elsewhere (surely.h). */
static struct fn_list run_by(const struct errands *errands, context_id context,
                             const struct call *call)
{
    struct fn_list callees = contexts_callees(errands->contexts, context, call);

    if (callees.n == 0 || !surely_few(call, callees) ||
        flow_held_at(errands->flows, call->fn, call->op) == NULL ||
        doom_at(errands->contexts->doom, call->fn, call->op)) {
        return (struct fn_list){NULL, 0};
    }
    return callees;
}

/* ---- the giver ------------------------------------------------------------------------------- */

static bool gives(const struct errand_flag *flag, fn_id fn)
{
    for (size_t i = 0; i < flag->touches.n; i++) {
        if (flag->touches.v[i].fn.i == fn.i && flag->touches.v[i].kind == TOUCH_GIVE) {
            return true;
        }
    }
    return false;
}

/* Can the giver come to `op` while helpers are away? */
static bool open_at(const struct errands *errands, const struct errand *errand, fn_id fn, op_id op)
{
    return (errand->open[fn.i] && !rules_out(errands, errand, fn, op, true)) ||
           errand_flag_open(errands->flags, errand->flag, fn, op);
}

/* True: the giver may run more now; it is in `dirty`, too. */
static bool follow_giver_call(const struct errands *errands, struct errand *errand,
                              const struct call *call, bool *dirty)
{
    const struct context *giver = context_at(errands, errand->giver.i);
    bool changed = false;

    if (!open_at(errands, errand, call->fn, call->op)) {
        return false;
    }
    struct fn_list callees = run_by(errands, errand->giver, call);
    for (size_t c = 0; c < callees.n; c++) {
        fn_id to = callees.v[c];
        if (!errand->open[to.i] && contexts_reaches(errands->contexts, giver, to)) {
            errand->open[to.i] = dirty[to.i] = changed = true;
        }
    }
    return changed;
}

static void follow_giver(const struct errands *errands, struct errand *errand)
{
    const struct calls *calls = errands->flows->calls;
    uint32_t n_fns = (uint32_t)errands->flows->linked->fns.n;
    bool *dirty = mem_array(NULL, bool, n_fns + 1); /* by fn: its calls are to be followed */

    for (uint32_t f = 0; f < n_fns; f++) {
        dirty[f] = errand->flag->fns[f] != NULL;
    }
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t f = 0; f < n_fns; f++) {
            bool follow = dirty[f];
            dirty[f] = false;
            for (uint32_t i = calls->first[f]; i < calls->first[f + 1] && follow; i++) {
                changed |= follow_giver_call(errands, errand, &calls->v.v[i], dirty);
            }
        }
    }
    talloc_free(dirty);
}

/* ---- helpers --------------------------------------------------------------------------------- */

static bool is_away(const struct errands *errands, const struct errand *errand,
                    const struct helper *helper, fn_id fn, op_id op)
{
    return helper->away[fn.i] || errand_flag_away(errands->flags, errand->flag, fn, op);
}

/* Does the context never come to `op`, as the modes are on an errand? */
static bool is_out_for(const struct errands *errands, const struct errand *errand,
                       const struct helper *helper, fn_id fn, op_id op)
{
    return !helper->runs[fn.i] || (is_away(errands, errand, helper, fn, op) &&
                                   rules_out(errands, errand, fn, op, helper->away[fn.i]));
}

static bool enter(struct helper *helper, fn_id fn, bool away)
{
    bool changed = !helper->runs[fn.i] || (helper->away[fn.i] && !away);

    helper->away[fn.i] = away && (helper->away[fn.i] || !helper->runs[fn.i]);
    helper->runs[fn.i] = true;
    return changed;
}

/* True: the helper runs more now, or is less on errands; it is in `dirty`, too. */
static bool follow_call(const struct errands *errands, const struct errand *errand, uint32_t c,
                        const struct call *call, bool *dirty)
{
    struct helper *helper = &errand->helpers[c];
    bool away = is_away(errands, errand, helper, call->fn, call->op);
    bool changed = false;

    if (is_out_for(errands, errand, helper, call->fn, call->op)) {
        return false;
    }
    struct fn_list callees = run_by(errands, (context_id){c}, call);
    for (size_t i = 0; i < callees.n; i++) {
        fn_id to = callees.v[i];
        if (contexts_reaches(errands->contexts, context_at(errands, c), to) &&
            enter(helper, to, away && !errand->flag->resets[to.i])) {
            dirty[to.i] = changed = true;
        }
    }
    return changed;
}

static void follow_helper(const struct errands *errands, struct errand *errand, uint32_t c)
{
    const struct calls *calls = errands->flows->calls;
    const struct context *context = context_at(errands, c);
    uint32_t n_fns = (uint32_t)errands->flows->linked->fns.n;
    bool *dirty = mem_array(NULL, bool, n_fns + 1); /* by fn: its calls are to be followed */

    for (size_t i = 0; i < context->entries.n; i++) {
        (void)enter(&errand->helpers[c], context->entries.v[i], false);
        dirty[context->entries.v[i].i] = true;
    }
    for (bool changed = true; changed;) { /* ends: `runs` only gets more, `away` less */
        changed = false;
        for (uint32_t f = 0; f < n_fns; f++) {
            bool follow = dirty[f];
            dirty[f] = false;
            for (uint32_t i = calls->first[f]; i < calls->first[f + 1] && follow; i++) {
                changed |= follow_call(errands, errand, c, &calls->v.v[i], dirty);
            }
        }
    }
    talloc_free(dirty);
}

/* ---- do they keep to it? --------------------------------------------------------------------- */

/* Can anybody come to `op` while helpers are away? */
static bool may_run_meanwhile(const struct errands *errands, const struct errand *errand, fn_id fn,
                              op_id op)
{
    for (uint32_t c = 0; c < errands->contexts->v.n; c++) {
        bool out = c == errand->giver.i ? !open_at(errands, errand, fn, op)
                                        : is_out_for(errands, errand, &errand->helpers[c], fn, op);
        if (!out) {
            return true;
        }
    }
    return false;
}

static bool is_steady(const struct errands *errands, const struct errand *errand,
                      const struct errand_mode *mode)
{
    for (size_t i = 0; i < mode->writes.n; i++) {
        struct site site = mode->writes.v[i];
        if (may_run_meanwhile(errands, errand, (fn_id){site.fn}, (op_id){site.op})) {
            return false;
        }
    }
    return true;
}

/* Follows all of them, with those candidates for modes that hold. (Whatever writes a mode first
 * while helpers are away does so while all modes still hold, and is found by that.) */
static void follow_all(struct errands *errands, struct errand *errand)
{
    uint32_t n_fns = (uint32_t)errands->flows->linked->fns.n;
    size_t before;

    do {
        errand->open = mem_array(errands, bool, n_fns + 1);
        errand->helpers = mem_array(errands, struct helper, errands->contexts->v.n + 1);
        follow_giver(errands, errand);
        for (uint32_t c = 0; c < errands->contexts->v.n; c++) {
            errand->helpers[c].runs = mem_array(errand->helpers, bool, n_fns + 1);
            errand->helpers[c].away = mem_array(errand->helpers, bool, n_fns + 1);
            if (c != errand->giver.i) {
                follow_helper(errands, errand, c);
            }
        }
        before = errand->modes.v.n;
        size_t n = 0;
        for (size_t i = 0; i < before; i++) {
            if (is_steady(errands, errand, &errand->modes.v.v[i])) {
                errand->modes.v.v[n++] = errand->modes.v.v[i];
            }
        }
        errand->modes.v.n = n;
    } while (errand->modes.v.n < before);
}

/* The one context that gives; false: several, or many of it. */
static bool find_giver(struct errands *errands, struct errand *errand)
{
    uint32_t found = ID_NONE;

    for (uint32_t c = 0; c < errands->contexts->v.n; c++) {
        const struct context *context = context_at(errands, c);
        bool may = false;
        for (size_t i = 0; i < errand->flag->touches.n; i++) {
            const struct touch *touch = &errand->flag->touches.v[i];
            may = may || (touch->kind == TOUCH_GIVE &&
                          contexts_reaches(errands->contexts, context, touch->fn));
        }
        if (may && (found == ID_NONE || context->kind == CONTEXT_MAIN)) {
            found = c; /* helpers may seem to get there, too; that is looked at later */
        }
    }
    errand->giver = (context_id){found};
    return found != ID_NONE && !context_at(errands, found)->many;
}

/* Is the flag given by the giver only, and reset by whom it was given to only? */
static bool keeps_order(const struct errands *errands, const struct errand *errand,
                        const struct touch *touch)
{
    unsigned n_resetting = 0;

    for (uint32_t c = 0; c < errands->contexts->v.n && touch->kind != TOUCH_LOOK; c++) {
        const struct helper *helper = &errand->helpers[c];
        if (c == errand->giver.i) {
            if (touch->kind == TOUCH_RESET && open_at(errands, errand, touch->fn, touch->op)) {
                return false;
            }
            continue;
        }
        if (is_out_for(errands, errand, helper, touch->fn, touch->op)) {
            continue;
        }
        if (touch->kind == TOUCH_GIVE ||
            !errand_flag_away(errands->flags, errand->flag, touch->fn, touch->op)) {
            return false;
        }
        n_resetting += context_at(errands, c)->many ? 2 : 1;
    }
    /* One flag is for one helper: else the first that is back speaks for all. */
    return n_resetting <= 1 || !path_is_exact(errands->flows->paths, touch->path);
}

static bool holds_up(const struct errands *errands, const struct errand *errand)
{
    const struct errand_flag *flag = errand->flag;

    for (size_t i = 0; i < flag->touches.n; i++) {
        fn_id fn = flag->touches.v[i].fn;
        bool again = gives(flag, fn) && errand->open[fn.i];
        if (again || !keeps_order(errands, errand, &flag->touches.v[i])) {
            return false;
        }
    }
    return true;
}

struct errands *errands_build(void *owner, const struct accessmap *map)
{
    struct errands *errands = mem_new(owner, struct errands);

    errands->contexts = map->contexts;
    errands->flows = map->contexts->flows;
    errands->flags = errand_flags_find(errands, map);
    for (size_t i = 0; i < errands->flags->v.n; i++) {
        struct errand errand = {.flag = &errands->flags->v.v[i]};
        if (!errand_flag_is_waited_for(errand.flag) || !find_giver(errands, &errand)) {
            continue;
        }
        errand.modes = errand_modes_find(errands, errands->flags, errand.flag);
        follow_all(errands, &errand);
        if (holds_up(errands, &errand)) {
            vec_push(errands, &errands->v, errand);
        }
    }
    return errands;
}

/* ---- asking ---------------------------------------------------------------------------------- */

static context_id context_of(const struct errands *errands, struct moment m)
{
    return errands->contexts->phases.v[m.phase.i].context;
}

static bool never_runs(const struct errands *errands, const struct errand *errand, struct moment m)
{
    context_id c = context_of(errands, m);

    return c.i != errand->giver.i && is_out_for(errands, errand, &errand->helpers[c.i], m.fn, m.op);
}

static bool is_helper_away(const struct errands *errands, const struct errand *errand,
                           struct moment m)
{
    context_id c = context_of(errands, m);

    return c.i != errand->giver.i && is_away(errands, errand, &errand->helpers[c.i], m.fn, m.op);
}

/* Is `m` on an errand, and `other` what the giver does at another time? */
static bool is_apart(const struct errands *errands, const struct errand *errand, struct moment m,
                     struct moment other)
{
    return is_helper_away(errands, errand, m) && context_of(errands, other).i == errand->giver.i &&
           !open_at(errands, errand, other.fn, other.op);
}

/* Do they change the flag itself? It is given again only when it was seen to be back, and each
 * helper has his own. */
static bool is_own_flag(const struct errands *errands, const struct errand *errand, struct moment m,
                        struct moment other)
{
    const struct touch *theirs = errand_flag_touch(errand->flag, other.fn, other.op);

    return theirs != NULL && theirs->kind != TOUCH_LOOK && is_helper_away(errands, errand, m) &&
           errand_flag_touch(errand->flag, m.fn, m.op) != NULL &&
           (theirs->kind == TOUCH_GIVE || is_helper_away(errands, errand, other));
}

bool errands_apart(const struct errands *errands, struct moment a, struct moment b)
{
    for (size_t i = 0; i < errands->v.n; i++) {
        const struct errand *errand = &errands->v.v[i];
        if (never_runs(errands, errand, a) || never_runs(errands, errand, b) ||
            is_apart(errands, errand, a, b) || is_apart(errands, errand, b, a) ||
            is_own_flag(errands, errand, a, b) || is_own_flag(errands, errand, b, a)) {
            return true;
        }
    }
    return false;
}
