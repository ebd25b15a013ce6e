/* check-then-act by an old value: what was read under a lock is written back, used as an index or
 * as a size, or decides what happens to another variable, under the same lock taken anew.
 */
#include "program/completion.h"
#include "rules/check_then_act.h"
#include "rules/stretch.h"

/* A reliance as it is in one phase of a context, and who spoils it. */
struct reliant {
    const struct reliance *r;
    struct stretch stretch;
    const struct variable *variable;
    const struct access *rival; /* writes the variable in between */
    struct effects *effects;
    const struct gil_gaps *gaps;
    const struct token *lock; /* taken anew before the act, and held by the rival; NULL: the act is
                                   a call that locks by itself */
};

/* ---- who can come in between ----------------------------------------------------------------- */

/* The token that was taken anew for the act, and that the rival holds, too. NULL: none. */
static const struct token *lock_taken_anew(const struct prog *prog, const struct reliant *x,
                                           const struct access *rival)
{
    for (uint32_t i = 0; i < x->stretch.at_act->n; i++) {
        const struct token *token = &x->stretch.at_act->v[i];
        bool read_holds = lockset_find(x->stretch.at_read, token->lock) != NULL;
        bool callee_holds = x->r->by_call && x->variable->guarded == x->variable->accesses.n &&
                            accessmap_holds(prog->paths, x->stretch.at_act, x->variable->guard);
        if (!stretch_is_held(&x->stretch, token) &&
            lockset_find(rival->held, token->lock) != NULL &&
            (read_holds || callee_holds || x->r->kind == RELIES_TO_WRITE_BACK)) {
            return token;
        }
    }
    return NULL;
}

/* Is everybody who touches the variable under its guard, so that calls which touch it are, too? */
static bool callees_lock(const struct reliant *x)
{
    return !path_is_none(x->variable->guard) && x->variable->guarded == x->variable->accesses.n;
}

static bool is_call(const struct prog *prog, const struct reliant *x, op_id op)
{
    return prog->linked->fns.v[x->r->fn.i].ir->ops.v[op.i].kind == IR_CALL;
}

/* Do the two belong together: who changes what was read changes what the act is about in the same
 * section? */
static bool belong_together(const struct prog *prog, const struct reliant *x,
                            const struct access *rival, path_id lock)
{
    const struct variable *acted =
        path_is_none(x->r->acted) ? NULL : accessmap_find(prog->accessmap, x->r->fn, x->r->acted);

    return acted != NULL && stretch_rival_changes(rival, lock, acted);
}

/* All that is ever stored in it is one constant: it is set once and stays (`stop = true`). */
static bool only_ever_set(const struct prog *prog, const struct variable *variable)
{
    bool any = false;
    int64_t number = 0;

    for (size_t i = 0; i < variable->accesses.n; i++) {
        const struct access *a = &variable->accesses.v[i];
        const struct ir_fn *ir = prog->linked->fns.v[a->fn.i].ir;
        const struct ir_op *op = &ir->ops.v[a->op.i];
        if (!a->writes) {
            continue;
        }
        if (op->kind != IR_WRITE || op->u.access.value.i == ID_NONE ||
            ir->values.v[op->u.access.value.i].kind != IR_VALUE_INT ||
            (any && ir->values.v[op->u.access.value.i].u.number != number)) {
            return false;
        }
        number = ir->values.v[op->u.access.value.i].u.number;
        any = true;
    }
    return any;
}

static bool spoils(const struct prog *prog, struct reliant *x, const struct access *rival)
{
    path_id path = contexts_absolute(prog->contexts, x->r->fn, x->r->path);
    struct moment theirs = {rival->phase, rival->fn, rival->op};

    if (!contexts_overlap(prog->contexts, x->stretch.context, rival->context) ||
        !path_may_alias(prog->paths, path, rival->path) || stretch_keeps_out(&x->stretch, rival)) {
        return false;
    }
    x->lock = lock_taken_anew(prog, x, rival);
    if (x->lock == NULL && !(is_call(prog, x, x->r->act) && callees_lock(x))) {
        return false;
    }
    bool alone = x->r->kind == RELIES_TO_WRITE_BACK || x->r->kind == RELIES_FOR_SIZE;
    if (!alone && (x->lock == NULL || !belong_together(prog, x, rival, x->lock->lock))) {
        return false;
    }
    return contexts_meet_at(prog->contexts, stretch_end(&x->stretch), theirs, rival->path) &&
           !completion_tells(prog->accessmap, stretch_end(&x->stretch), rival) &&
           (x->lock == NULL ||
            !stretch_is_renewed(prog, x->effects, &x->stretch, x->lock->lock, rival));
}

/* ---- saying it ------------------------------------------------------------------------------- */

static void tell_act(struct rule_run *run, struct finding *finding, const struct reliant *x,
                     size_t thread, unsigned depth, const char *name, const char *acted)
{
    struct loc where = prog_loc_of(run->prog, (struct site){x->r->fn.i, x->r->act.i});
    const struct lockset *held = x->stretch.at_act;

    switch (x->r->kind) {
    case RELIES_TO_WRITE_BACK:
        finding_add_step(run, finding, thread, where, depth, held,
                         "then sets '%s' to what it made of the old one", name);
        return;
    case RELIES_FOR_INDEX:
        finding_add_step(run, finding, thread, where, depth, held,
                         "then uses the old one as an index, of '%s'", acted);
        return;
    case RELIES_TO_DECIDE:
        finding_add_step(run, finding, thread, where, depth, held,
                         "then changes '%s' because of the old one", acted);
        return;
    case RELIES_FOR_SIZE:
        finding_add_step(run, finding, thread, where, depth, held,
                         "then fills what it got for the old one, by the new '%s'", name);
        return;
    }
}

static void tell_read(struct rule_run *run, struct finding *finding, const struct reliant *x,
                      size_t thread, unsigned depth, const char *name)
{
    const struct prog *prog = run->prog;
    struct loc where = prog_loc_of(prog, (struct site){x->r->fn.i, x->r->read.i});

    if (x->r->by_call) {
        finding_add_step(run, finding, thread, where, depth, x->stretch.at_read,
                         "calls '%s', which reads '%s'",
                         calls_at(prog->calls, x->r->fn, x->r->read)->name, name);
    } else {
        finding_add_step(run, finding, thread, where, depth, x->stretch.at_read, "reads '%s'",
                         name);
    }
    stretch_add_gap(run, finding, thread, depth, &x->stretch, 0, UINT32_MAX);
}

static void tell_rival(struct rule_run *run, struct finding *finding, const struct access *rival,
                       const char *name)
{
    const struct prog *prog = run->prog;
    unsigned depth;
    size_t thread = finding_add_context(
        run, finding, (struct moment){rival->phase, rival->fn, rival->op}, &depth);

    finding_add_step(run, finding, thread,
                     prog_loc_of(prog, (struct site){rival->fn.i, rival->op.i}), depth, rival->held,
                     "changes '%s' in between", name);
}

static struct finding *begin(struct rule_run *run, const struct reliant *x, unsigned line,
                             const char *name, const char *acted)
{
    struct loc act = prog_loc_of(run->prog, (struct site){x->r->fn.i, x->r->act.i});

    switch (x->r->kind) {
    case RELIES_TO_WRITE_BACK:
        return finding_new(run, act,
                           "'%s' can have changed since line %u, and what is stored here was made "
                           "of its value there",
                           name, line);
    case RELIES_FOR_INDEX:
        return finding_new(run, act,
                           "'%s' can have changed since line %u, and its value there is the index "
                           "into '%s' here",
                           name, line, acted);
    case RELIES_TO_DECIDE:
        return finding_new(run, act,
                           "'%s' can have changed between the test on line %u and this act on '%s'",
                           name, line, acted);
    case RELIES_FOR_SIZE:
        break;
    }
    return finding_new(run, act,
                       "'%s' can have changed since line %u, and what is filled here was got for "
                       "its value there",
                       name, line);
}

/* How much shows that the two really meet on one object. */
static enum level weigh(struct rule_run *run, struct finding *finding, const struct reliant *x)
{
    const struct prog *prog = run->prog;
    path_id path = contexts_absolute(prog->contexts, x->r->fn, x->r->path);

    if (!path_is_none(x->variable->guard)) {
        char *guard = prog_path_name(finding, prog, FN_NONE, x->variable->guard);
        finding_add_reason(run, finding, "%u of %zu accesses hold '%s'", x->variable->guarded,
                           x->variable->accesses.n, guard);
    }
    if (path_is_exact(prog->paths, path)) {
        finding_add_reason(run, finding, "it is one object of the whole program");
        return LEVEL_HIGH;
    }
    bool guarded = x->lock != NULL && !path_is_none(x->variable->guard) &&
                   accessmap_holds(prog->paths, x->stretch.at_act, x->variable->guard) &&
                   accessmap_holds(prog->paths, x->rival->held, x->variable->guard);
    if (!guarded || stretch_needs_gap(&x->stretch, x->rival)) {
        finding_add_reason(run, finding, "nothing shows that both use the same object at once");
        return LEVEL_LOW;
    }
    return LEVEL_MEDIUM;
}

static struct finding *tell(struct rule_run *run, const struct reliant *x)
{
    const struct prog *prog = run->prog;
    unsigned line = prog_loc_of(prog, (struct site){x->r->fn.i, x->r->read.i}).line;
    unsigned end = prog_loc_of(prog, (struct site){x->r->fn.i, x->r->act.i}).line;
    void *scratch = mem_owner(NULL, "names");
    const char *name = prog_path_name(scratch, prog, x->r->fn, x->r->path);
    const char *acted =
        path_is_none(x->r->acted) ? "" : prog_path_name(scratch, prog, x->r->fn, x->r->acted);
    struct finding *finding = begin(run, x, line, name, acted);

    unsigned depth;
    size_t thread = finding_add_context(run, finding, stretch_end(&x->stretch), &depth);
    tell_read(run, finding, x, thread, depth, name);
    tell_rival(run, finding, x->rival, name);
    tell_act(run, finding, x, thread, depth, name, acted);
    finding->confidence = weigh(run, finding, x);
    finding_doubt_locks(run, finding);
    finding->cure =
        mem_printf(finding,
                   "hold one lock from line %u to line %u, or read '%s' again under the "
                   "lock before line %u",
                   line, end, name, end);
    if (stretch_needs_gap(&x->stretch, x->rival)) {
        stretch_tell_gap(run, finding, &x->stretch, name);
    }
    finding_weigh_cure(finding, name, CURE_FUNCTION);
    finding_identify(run, finding, "%s|old value|%s|%s|%s", run->rule->id,
                     prog_fn_name(prog, x->r->fn), name, acted);
    talloc_free(scratch);
    return finding;
}

/* ---- the form -------------------------------------------------------------------------------- */

/* Looks for a rival; false: none can come in between in this phase. */
static bool examine(struct rule_run *run, struct reliant *x, phase_id phase)
{
    const struct prog *prog = run->prog;

    if (!stretch_make(prog->contexts, x->gaps, phase, x->r->fn, x->r->read, x->r->act,
                      &x->stretch)) {
        return false;
    }
    for (size_t i = 0; i < x->variable->sure_writes.n; i++) {
        const struct access *rival = &x->variable->accesses.v[x->variable->sure_writes.v[i]];
        if (spoils(prog, x, rival)) {
            x->rival = rival;
            return !stretch_has_claim(prog, &x->stretch, x->variable);
        }
    }
    return false;
}

void check_reliances(struct rule_run *run, struct forms *forms)
{
    const struct prog *prog = run->prog;
    const struct reliances *all = forms->reliances;

    for (size_t i = 0; i < all->v.n; i++) {
        struct reliant x = {.r = &all->v.v[i], .effects = forms->effects, .gaps = forms->gaps};
        struct site read = {x.r->fn.i, x.r->read.i};
        x.variable = accessmap_find(prog->accessmap, x.r->fn, x.r->path);
        if (x.variable == NULL || forms_told_of(forms, read, x.r->path) != NULL ||
            (x.r->kind == RELIES_TO_DECIDE && only_ever_set(prog, x.variable))) {
            continue;
        }
        for (uint32_t p = 0; p < prog->contexts->phases.n; p++) {
            if (examine(run, &x, (phase_id){p})) {
                vec_push(NULL, &forms->told, (struct told_read){read, x.r->path, tell(run, &x)});
                break;
            }
        }
    }
}
