/* check-then-act by one variable: a decision is made from a shared value, and by the time it is
 * acted upon another context can have changed the value, because no token is held all the way from
 * one to the other.
 */
#include "program/completion.h"
#include "rules/check_then_act.h"
#include "rules/stretch.h"

#include <stdlib.h>

/* A decision as it is made in one phase of a context. */
struct check {
    const struct decision *decision;
    struct effects *effects;
    const struct variable *variable;
    struct stretch stretch;
};

/* Does the access only store what leaves the decision as it was? */
static bool leaves_it_so(const struct rule_run *run, const struct decision *decision,
                         const struct access *other)
{
    const struct ir_fn *ir = run->prog->linked->fns.v[other->fn.i].ir;
    const struct ir_op *op = &ir->ops.v[other->op.i];

    if (op->kind != IR_WRITE || op->u.access.value.i == ID_NONE) {
        return false;
    }
    const struct ir_value *stored = &ir->values.v[op->u.access.value.i];
    return stored->kind == IR_VALUE_INT &&
           decision_stands(run->prog->flows, decision, stored->u.number);
}

/* Does the access only count in the other direction than the act? What there was to take, or room
 * for, is then there still: a single producer, say, whom consumers only make room. */
static bool goes_the_other_way(const struct rule_run *run, const struct decision *decision,
                               const struct access *other)
{
    const struct ir_fn *ir = run->prog->linked->fns.v[other->fn.i].ir;

    return decision->shift != 0 && op_shift(ir, other->op) == -decision->shift;
}

/* The constant that an op stores. False: it stores none. */
static bool constant_stored(const struct prog *prog, fn_id fn, op_id op, int64_t *ret)
{
    const struct ir_fn *ir = prog->linked->fns.v[fn.i].ir;
    const struct ir_op *o = &ir->ops.v[op.i];

    if (o->kind != IR_WRITE || o->u.access.value.i == ID_NONE ||
        ir->values.v[o->u.access.value.i].kind != IR_VALUE_INT) {
        return false;
    }
    *ret = ir->values.v[o->u.access.value.i].u.number;
    return true;
}

static int by_act(const void *key, const void *element)
{
    const op_id *op = key;
    const struct decision *d = element;

    return op->i < d->act.i ? -1 : op->i > d->act.i;
}

/* Does the access store the constant that the act stores, and without a test before it? Then the
 * value comes out the same whoever is first. (With a test it is the same decision made twice: two
 * threads initialise.) */
static bool stores_the_same(const struct rule_run *run, struct forms *forms,
                            const struct decision *d, const struct access *other)
{
    int64_t mine;
    int64_t theirs;

    if (!constant_stored(run->prog, d->fn, d->act, &mine) ||
        !constant_stored(run->prog, other->fn, other->op, &theirs) || mine != theirs) {
        return false;
    }
    const struct decisions *tests = forms_decisions(forms, other->fn);
    return tests->v.n == 0 ||
           bsearch(&other->op, tests->v.v, tests->v.n, sizeof *tests->v.v, by_act) == NULL;
}

/* The last of the sure writes, of which number `i` is one, that belong to its context: they are
 * sorted by context, and main's are very many. */
static size_t last_write_of(const struct variable *variable, size_t i)
{
    const uint32_t *writes = variable->sure_writes.v;
    context_id context = variable->accesses.v[writes[i]].context;
    size_t end = variable->sure_writes.n;

    while (i + 1 < end) {
        size_t middle = i + (end - i) / 2;
        if (variable->accesses.v[writes[middle]].context.i == context.i) {
            i = middle;
        } else {
            end = middle;
        }
    }
    return i;
}

/* Is the act behind a test, under a lock that was taken anew for it and that the rival holds, of
 * something else that the rival changes with the variable (a version)? */
static bool is_renewed(const struct prog *prog, const struct check *check,
                       const struct access *other)
{
    for (uint32_t i = 0; i < check->stretch.at_act->n; i++) {
        const struct token *token = &check->stretch.at_act->v[i];
        if (!stretch_is_held(&check->stretch, token) &&
            lockset_find(other->held, token->lock) != NULL &&
            stretch_is_renewed(prog, check->effects, &check->stretch, token->lock, other)) {
            return true;
        }
    }
    return false;
}

/* A write by a context that runs at the same time and is not kept out; NULL: nobody interferes. The
 * most telling one is one that stores something else than the act does, and of those the one that
 * is farthest from it: another function's before its own. */
static const struct access *find_interference(const struct rule_run *run, struct forms *forms,
                                              const struct check *check)
{
    const struct prog *prog = run->prog;
    const struct access *found = NULL;
    const struct access *same = NULL;
    path_id path = contexts_absolute(prog->contexts, check->decision->fn, check->decision->path);
    context_id last = {UINT32_MAX}; /* they are sorted by context */
    bool overlaps = false;

    for (size_t i = 0; i < check->variable->sure_writes.n; i++) {
        const struct access *other =
            &check->variable->accesses.v[check->variable->sure_writes.v[i]];
        struct moment theirs = {other->phase, other->fn, other->op};
        if (other->context.i != last.i) {
            last = other->context;
            overlaps = contexts_overlap(prog->contexts, check->stretch.context, last);
        }
        if (!overlaps) {
            i = last_write_of(check->variable, i);
            continue;
        }
        if (!path_may_alias(prog->paths, path, other->path) ||
            stretch_keeps_out(&check->stretch, other) ||
            !contexts_meet_at(prog->contexts, stretch_end(&check->stretch), theirs, other->path) ||
            leaves_it_so(run, check->decision, other) ||
            goes_the_other_way(run, check->decision, other) ||
            completion_tells(prog->accessmap, stretch_end(&check->stretch), other) ||
            is_renewed(prog, check, other)) {
            continue;
        }
        if (stores_the_same(run, forms, check->decision, other)) {
            same = same == NULL ? other : same;
            continue;
        }
        if (other->fn.i != check->decision->fn.i) {
            return other;
        }
        found = found == NULL ? other : found;
    }
    return found == NULL ? same : found;
}

/* Fills *check for a context that really gets there with others running. */
static bool check_in(const struct rule_run *run, const struct forms *forms,
                     const struct decision *decision, phase_id phase, struct check *check)
{
    const struct prog *prog = run->prog;

    *check = (struct check){.decision = decision, .effects = forms->effects};
    check->variable = accessmap_find(prog->accessmap, decision->fn, decision->path);
    return check->variable != NULL && stretch_make(prog->contexts, forms->gaps, phase, decision->fn,
                                                   decision->read, decision->act, &check->stretch);
}

/* ---- saying it ------------------------------------------------------------------------------- */

static bool holds(const struct prog *prog, const struct lockset *set, path_id lock)
{
    return !path_is_none(lock) && accessmap_holds(prog->paths, set, lock);
}

/* Calls between a thread's start routine and what it certainly does itself. Farther away is code
 * that main runs too, and whether a thread ever comes there may hang on flags that are not
 * followed. */
enum { NEAR = 2 };

static bool is_thread_code(const struct contexts *contexts, phase_id phase, fn_id fn)
{
    bool main_runs_it = false;

    for (size_t i = 0; i < contexts->v.n; i++) {
        const struct context *c = &contexts->v.v[i];
        main_runs_it =
            main_runs_it || (c->kind == CONTEXT_MAIN && contexts_reaches(contexts, c, fn));
    }
    const struct phase *own = &contexts->phases.v[phase.i];
    enum context_kind kind = contexts->v.v[own->context.i].kind;
    return kind != CONTEXT_MAIN && kind != CONTEXT_EXPORT &&
           (!main_runs_it || own->reach[fn.i].depth <= NEAR);
}

/* Is the test or the act a call, and does everybody who touches the variable hold its guard? Then
 * the callee does, too. */
static bool locks_by_itself(const struct rule_run *run, const struct check *check)
{
    const struct decision *d = check->decision;
    const struct ir_fn *ir = run->prog->linked->fns.v[d->fn.i].ir;
    bool calls = ir->ops.v[d->read.i].kind == IR_CALL || ir->ops.v[d->act.i].kind == IR_CALL;

    return calls && check->variable->guarded == check->variable->accesses.n;
}

/* How much shows that the two really meet on one object. */
static enum level weigh(struct rule_run *run, struct finding *finding, const struct check *check,
                        const struct access *other)
{
    const struct prog *prog = run->prog;
    const struct variable *variable = check->variable;
    path_id path = contexts_absolute(prog->contexts, check->decision->fn, check->decision->path);
    bool one_object = path_is_exact(prog->paths, path);
    bool guarded_here = holds(prog, check->stretch.at_act, variable->guard) ||
                        holds(prog, check->stretch.at_read, variable->guard) ||
                        locks_by_itself(run, check);
    bool guarded_there = holds(prog, other->held, variable->guard);

    if (!path_is_none(variable->guard)) {
        char *guard = prog_path_name(finding, prog, FN_NONE, variable->guard);
        finding_add_reason(run, finding, "%u of %zu accesses hold '%s'", variable->guarded,
                           variable->accesses.n, guard);
    }
    if (one_object) {
        finding_add_reason(run, finding, "it is one object of the whole program");
    }
    bool sure = one_object || !stretch_needs_gap(&check->stretch, other);
    if (sure && (guarded_here ? one_object || guarded_there : one_object && guarded_there)) {
        return one_object ? LEVEL_HIGH : LEVEL_MEDIUM;
    }
    if (one_object && (is_thread_code(prog->contexts, check->stretch.phase, check->decision->fn) ||
                       is_thread_code(prog->contexts, other->phase, other->fn))) {
        return LEVEL_MEDIUM;
    }
    finding_add_reason(run, finding,
                       one_object ? "the threads only share code that main runs too"
                                  : "nothing shows that both use the same object at once");
    return LEVEL_LOW;
}

/* What one op of the decision does: itself, or in the function it calls. */
static void add_use(struct rule_run *run, struct finding *finding, size_t thread,
                    const struct check *check, op_id op, unsigned depth, const struct lockset *held,
                    const char *does, const char *name)
{
    fn_id fn = check->decision->fn;
    struct loc where = prog_loc_of(run->prog, (struct site){fn.i, op.i});
    bool calls = run->prog->linked->fns.v[fn.i].ir->ops.v[op.i].kind == IR_CALL;

    if (calls) {
        finding_add_step(run, finding, thread, where, depth, held, "calls '%s', which %s '%s'",
                         calls_at(run->prog->calls, fn, op)->name, does, name);
    } else {
        finding_add_step(run, finding, thread, where, depth, held, "%s '%s'", does, name);
    }
}

/* Up to where others come in between. Gives the thread's number, and the depth of the function. */
static size_t tell_decision(struct rule_run *run, struct finding *finding,
                            const struct check *check, const char *name, unsigned *ret_depth)
{
    const struct prog *prog = run->prog;
    const struct decision *d = check->decision;
    struct loc read = prog_loc_of(prog, (struct site){d->fn.i, d->read.i});
    struct loc test = prog_loc_of_condition(prog, d->fn, d->branch);
    unsigned depth;
    size_t thread = finding_add_context(
        run, finding, (struct moment){check->stretch.phase, d->fn, d->act}, &depth);

    const struct ir_block *block = &prog->linked->fns.v[d->fn.i].ir->blocks.v[d->branch];
    uint32_t tested = block->first_op + block->n_ops;
    add_use(run, finding, thread, check, d->read, depth, check->stretch.at_read, "reads", name);
    stretch_add_gap(run, finding, thread, depth, &check->stretch, 0, tested);
    if (test.line != read.line) {
        finding_add_step(run, finding, thread, test, depth, NULL, "decides by what it read");
    }
    stretch_add_gap(run, finding, thread, depth, &check->stretch, tested, UINT32_MAX);
    *ret_depth = depth;
    return thread;
}

static void tell_interference(struct rule_run *run, struct finding *finding,
                              const struct access *other, const char *name)
{
    const struct prog *prog = run->prog;
    unsigned depth;
    size_t thread = finding_add_context(
        run, finding, (struct moment){other->phase, other->fn, other->op}, &depth);

    finding_add_step(run, finding, thread,
                     prog_loc_of(prog, (struct site){other->fn.i, other->op.i}), depth, other->held,
                     "changes '%s' in between", name);
}

static const char *doubt_text(enum effect_doubt doubt)
{
    static const char *const texts[] = {
        [DOUBT_NONE] = "",
        [DOUBT_COUNTS] = "two calls down an atomic counter keeps itself right",
        [DOUBT_SETS] = "what is called does other things, too, and only stores a constant there",
        [DOUBT_AT_TIMES] = "what is called does other things, too, and this at times only",
        [DOUBT_PERHAPS] = "not all functions do so that the pointer can be",
    };

    return texts[doubt];
}

static struct finding *tell(struct rule_run *run, struct forms *forms, const struct check *check,
                            const struct access *other)
{
    const struct prog *prog = run->prog;
    const struct decision *d = check->decision;
    struct loc act = prog_loc_of(prog, (struct site){d->fn.i, d->act.i});
    struct loc read = prog_loc_of(prog, (struct site){d->fn.i, d->read.i});
    void *scratch = mem_owner(NULL, "names");
    const char *name = prog_path_name(scratch, prog, d->fn, d->path);
    bool adds = prog->linked->fns.v[d->fn.i].ir->ops.v[d->act.i].kind == IR_RMW;
    struct finding *finding = finding_new(
        run, act, "'%s' can have changed between the test on line %u and this act on it", name,
        read.line);

    unsigned depth;
    size_t thread = tell_decision(run, finding, check, name, &depth);
    tell_interference(run, finding, other, name);
    add_use(run, finding, thread, check, d->act, depth, check->stretch.at_act, "then changes",
            name);
    finding->confidence = weigh(run, finding, check, other);
    if (stores_the_same(run, forms, d, other)) {
        finding_add_reason(run, finding, "both store the same value");
        finding->confidence = LEVEL_LOW;
    }
    finding_doubt_locks(run, finding);
    if (d->doubt != DOUBT_NONE) {
        finding_add_reason(run, finding, "%s", doubt_text(d->doubt));
        finding->confidence = LEVEL_LOW;
    }
    finding->severity = adds ? LEVEL_HIGH : finding->severity;
    finding->cure = mem_printf(finding,
                               "hold one lock from line %u to line %u, or test again under the "
                               "lock on line %u",
                               read.line, act.line, act.line);
    if (stretch_needs_gap(&check->stretch, other)) {
        stretch_tell_gap(run, finding, &check->stretch, name);
    }
    finding_weigh_cure(finding, name, CURE_FUNCTION);
    finding_identify(run, finding, "%s|%s|%s", run->rule->id, prog_fn_name(prog, d->fn), name);
    talloc_free(scratch);
    return finding;
}

/* One test is one finding, however many acts follow it: `finding`, the last of the run, becomes
 * another place of the one that is there. False: there is none that is as sure. */
static bool joins(struct rule_run *run, const struct forms *forms, const struct decision *d,
                  struct finding *finding)
{
    struct finding *first = forms_told_of(forms, (struct site){d->fn.i, d->read.i}, d->path);

    if (first == NULL || first->confidence < finding->confidence) {
        return false;
    }
    finding_add_related(run, first, finding->where, "acts on it, too");
    run->findings.n--;
    talloc_free(finding);
    return true;
}

/* ---- the rule -------------------------------------------------------------------------------- */

/* The decisions d[0..n) lead to one act. In a context where one of them is still good at the act,
 * it is: a second test under the lock cures the first. */
static bool examine(struct rule_run *run, struct forms *forms, const struct decision *d, size_t n,
                    phase_id phase)
{
    struct check bad = {.decision = NULL};
    const struct access *interference = NULL;

    for (size_t i = 0; i < n; i++) {
        struct check check;
        if (!check_in(run, forms, &d[i], phase, &check)) {
            return false;
        }
        const struct access *other = find_interference(run, forms, &check);
        if (other == NULL || stretch_has_claim(run->prog, &check.stretch, check.variable)) {
            return false;
        }
        if (interference == NULL) {
            bad = check;
            interference = other;
        }
    }
    if (interference != NULL) {
        const struct decision *of = bad.decision;
        struct finding *finding = tell(run, forms, &bad, interference);
        if (!joins(run, forms, of, finding)) {
            vec_push(NULL, &forms->told,
                     (struct told_read){{of->fn.i, of->read.i}, of->path, finding});
        }
    }
    return interference != NULL;
}

/* Some acts settle by themselves what they act on: a compare-and-swap; an atomic counter that takes
 * back what it handed out (`if (atomic_fetch_sub(&n, 1) <= 0) atomic_fetch_add(&n, 1)`). */
static bool settles_itself(const struct prog *prog, const struct decision *d)
{
    const struct ir_fn *ir = prog->linked->fns.v[d->fn.i].ir;
    const struct ir_op *act = &ir->ops.v[d->act.i];
    const struct ir_op *read = &ir->ops.v[d->read.i];

    if (act->kind != IR_RMW) {
        return false;
    }
    bool both_count = read->kind == IR_RMW && read->order != IR_ORDER_NONE &&
                      act->order != IR_ORDER_NONE && act->u.access.opcode != IR_OP_EXCHANGE;
    return act->u.access.opcode == IR_OP_CAS || both_count;
}

static void check_fn(struct rule_run *run, struct forms *forms, const struct decisions *decisions)
{
    for (size_t i = 0; i < decisions->v.n;) {
        const struct decision *d = &decisions->v.v[i];
        size_t end = i;
        while (end < decisions->v.n && decisions->v.v[end].act.i == d->act.i) {
            end++;
        }
        bool cured = d->only_sets || settles_itself(run->prog, d);
        for (uint32_t c = 0; c < run->prog->contexts->phases.n && !cured; c++) {
            if (examine(run, forms, d, end - i, (phase_id){c})) {
                break;
            }
        }
        i = end;
    }
}

void check_decisions(struct rule_run *run, struct forms *forms)
{
    for (uint32_t f = 0; f < run->prog->linked->fns.n; f++) {
        if (focus_has(run->prog->focus, (fn_id){f})) {
            check_fn(run, forms, forms_decisions(forms, (fn_id){f}));
        }
    }
}
