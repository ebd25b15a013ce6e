/* check-then-act by a count of references: an object is freed because its count was read, and
 * another context changes the count, or reads the same, before or after. The change that yields the
 * count
 * (`if (atomic_fetch_sub(&o->refs, 1) == 1)`) tells each holder something else; a read tells
 * several the same.
 */
#include "program/containers.h"
#include "program/counts.h"
#include "program/resolve.h"
#include "program/written.h"
#include "rules/check_then_act.h"

enum { MAX_UP = 3 }; /* callers in which the object may have been taken out before */

/* A test as it is made in one phase of a context. */
struct view {
    const struct count_test *test;
    phase_id phase;
    context_id context;
    const struct variable *count;
    op_id from;  /* where the step begins that should be one: the drop, else the test */
    op_id until; /* where it is over: the test, else the end of the object */
    const struct lockset *at_from;
    const struct lockset *at_until;
};

/* Who spoils it. */
struct spoiler {
    const struct access *access; /* NULL: nobody */
    struct containers found_in;  /* where it has found the object; n 0: not known */
};

/* Is a lock held from the first moment to `then` that is among theirs, too? */
static bool is_kept_out(const struct view *view, const struct lockset *then,
                        const struct lockset *theirs)
{
    for (uint32_t i = 0; i < view->at_from->n && then != NULL; i++) {
        const struct token *mine = &view->at_from->v[i];
        const struct token *later = lockset_find(then, mine->lock);
        const struct token *other = lockset_find(theirs, mine->lock);
        if (later != NULL && site_eq(later->taken, mine->taken) && other != NULL &&
            (mine->mode == TOKEN_EXCLUSIVE || other->mode == TOKEN_EXCLUSIVE)) {
            return true;
        }
    }
    return false;
}

/* Where the pointer was read from through which the access counts. */
static struct containers found_in(const struct prog *prog, const struct access *access)
{
    const struct prog_fn *body = &prog->linked->fns.v[access->fn.i];
    const struct ir_op *op = &body->ir->ops.v[access->op.i];
    const struct ir_place *place = &body->ir->places.v[op->u.access.place.i];
    struct depends *depends = depends_new(NULL, body);
    struct containers found = {0};

    for (uint32_t i = 0; i < body->ir->ops.n && place->base_kind == IR_BASE_LOCAL; i++) {
        const struct ir_op *def = &body->ir->ops.v[i];
        uint32_t local;
        if (def->kind != IR_WRITE || def->u.access.value.i == ID_NONE ||
            !place_is_local(body->ir, def->u.access.place, &local) || local != place->base) {
            continue;
        }
        const struct op_list *ops = depends_of_value(depends, def->u.access.value);
        for (size_t k = 0; k < ops->n; k++) {
            const struct ir_op *read = &body->ir->ops.v[ops->v[k].i];
            if (read->kind == IR_READ) {
                containers_of_place(prog->contexts, access->fn, read->u.access.place, &found);
            }
        }
    }
    talloc_free(depends);
    return found;
}

/* Does the op put something else where others find the object? */
static bool takes_out(const struct prog *prog, fn_id fn, op_id op, const struct containers *from)
{
    const struct ir_op *o = &prog->linked->fns.v[fn.i].ir->ops.v[op.i];
    struct containers into = {0};

    if (o->kind == IR_WRITE) {
        containers_of_place(prog->contexts, fn, o->u.access.place, &into);
        return containers_meet(&into, from);
    }
    const struct call *call = o->kind == IR_CALL ? calls_at(prog->calls, fn, op) : NULL;
    for (size_t c = 0; call != NULL && c < call->callees.n; c++) {
        for (uint32_t k = 0; k < from->n; k++) {
            if (written_by(prog->flows->written, call->callees.v[c], from->v[k])) {
                return true;
            }
        }
    }
    return false;
}

/* Is it taken out in `fn`, always, before `end`? */
static bool takes_out_before(const struct prog *prog, fn_id fn, op_id end,
                             const struct containers *from)
{
    const struct prog_fn *body = &prog->linked->fns.v[fn.i];

    for (uint32_t i = 0; i < body->ir->ops.n; i++) {
        if (i != end.i && cfg_op_before(body->cfg, (op_id){i}, end) &&
            takes_out(prog, fn, (op_id){i}, from)) {
            return true;
        }
    }
    return false;
}

/* Has the function taken the object out of where others find it, between the test and the end, in
 * the lock of those who take a reference there? */
static bool takes_out_in_lock(const struct prog *prog, const struct view *view,
                              const struct access *access, const struct containers *from)
{
    const struct count_test *test = view->test;
    const struct prog_fn *body = &prog->linked->fns.v[test->fn.i];

    for (uint32_t i = 0; i < body->ir->ops.n; i++) {
        op_id op = {i};
        if (i != test->end.i && cfg_op_before(body->cfg, op, test->end) &&
            takes_out(prog, test->fn, op, from) &&
            is_kept_out(view, contexts_held_at(prog->contexts, view->phase, test->fn, op),
                        access->held)) {
            return true;
        }
    }
    return false;
}

/* Has the function, or one that calls it here, taken the object out before the test? Then who
 * counts it up has a reference already, and there is none but the tester's. */
static bool is_taken_out(const struct prog *prog, const struct view *view,
                         const struct access *access, const struct containers *from)
{
    const struct reach *reach = prog->contexts->phases.v[view->phase.i].reach;
    fn_id fn = view->test->fn;
    op_id before = view->test->test;

    for (unsigned up = 0; up <= MAX_UP && fn.i != FN_NONE.i; up++) {
        if (takes_out_before(prog, fn, before, from)) {
            return true;
        }
        before = reach[fn.i].call;
        fn = reach[fn.i].caller;
    }
    return takes_out_in_lock(prog, view, access, from);
}

static bool is_atomic(const struct prog *prog, fn_id fn, op_id op)
{
    const struct ir_op *o = &prog->linked->fns.v[fn.i].ir->ops.v[op.i];

    return o->kind != IR_CALL && o->order != IR_ORDER_NONE;
}

/* Does anything show that threads are meant to share the count? A plain one under no lock needs
 * more than one step: what is amiss there is a data race. */
static bool is_meant_for_threads(const struct prog *prog, const struct view *view,
                                 const struct access *theirs)
{
    return is_atomic(prog, view->test->fn, view->from) || theirs->atomic ||
           (view->at_from->n > 0 && theirs->held->n > 0);
}

static struct spoiler find_spoiler(const struct prog *prog, const struct view *view)
{
    struct moment mine = {view->phase, view->test->fn, view->until};
    bool drops = view->test->drop.i != ID_NONE;
    path_id path = contexts_absolute(prog->contexts, view->test->fn, view->test->path);

    for (size_t i = 0; i < view->count->sure_writes.n; i++) {
        const struct access *access = &view->count->accesses.v[view->count->sure_writes.v[i]];
        struct spoiler spoiler = {.access = access};
        int64_t shift = counts_shift(prog->flows, access->fn, access->op);
        if ((drops ? shift >= 0 : shift <= 0) || !is_meant_for_threads(prog, view, access) ||
            is_kept_out(view, view->at_until, access->held) ||
            !contexts_overlap(prog->contexts, view->context, access->context) ||
            !path_may_alias(prog->paths, path, access->path) ||
            !contexts_meet_at(prog->contexts, mine,
                              (struct moment){access->phase, access->fn, access->op},
                              access->path)) {
            continue;
        }
        if (drops) {
            return spoiler;
        }
        spoiler.found_in = found_in(prog, access);
        if (spoiler.found_in.n > 0 && !is_taken_out(prog, view, access, &spoiler.found_in)) {
            return spoiler;
        }
    }
    return (struct spoiler){.access = NULL};
}

/* ---- saying it ------------------------------------------------------------------------------- */

static struct loc line_of(const struct prog *prog, fn_id fn, op_id op)
{
    return prog_loc_of(prog, (struct site){fn.i, op.i});
}

static void tell_tester(struct rule_run *run, struct finding *finding, const struct view *view,
                        const char *name)
{
    const struct prog *prog = run->prog;
    const struct count_test *test = view->test;
    unsigned depth;
    size_t thread = finding_add_context(run, finding,
                                        (struct moment){view->phase, test->fn, test->end}, &depth);

    if (test->drop.i != ID_NONE) {
        finding_add_step(run, finding, thread, line_of(prog, test->fn, test->drop), depth,
                         view->at_from, "lowers '%s'", name);
    }
    finding_add_step(run, finding, thread, line_of(prog, test->fn, test->test), depth,
                     contexts_held_at(prog->contexts, view->phase, test->fn, test->test),
                     "reads '%s' to see if it holds the last reference", name);
    finding_add_step(run, finding, thread, line_of(prog, test->fn, test->end), depth,
                     contexts_held_at(prog->contexts, view->phase, test->fn, test->end),
                     "frees the object");
}

static void tell_spoiler(struct rule_run *run, struct finding *finding, const struct view *view,
                         const struct access *access, const char *name)
{
    const struct prog *prog = run->prog;
    bool drops = view->test->drop.i != ID_NONE;
    unsigned depth;
    size_t thread = finding_add_context(
        run, finding, (struct moment){access->phase, access->fn, access->op}, &depth);

    finding_add_step(run, finding, thread, line_of(prog, access->fn, access->op), depth,
                     access->held,
                     drops ? "lowers '%s' in between: both read the last value"
                           : "takes a reference in between: raises '%s'",
                     name);
}

/* How much shows that the other one can get at the object. */
static enum level weigh(struct rule_run *run, struct finding *finding, const struct view *view,
                        const struct spoiler *spoiler)
{
    finding_add_reason(run, finding, "the count is changed atomically, or with locks held");
    if (view->test->drop.i == ID_NONE && !spoiler->found_in.rooted) {
        finding_add_reason(run, finding, "where others find the object is no one place");
        return LEVEL_MEDIUM;
    }
    return LEVEL_HIGH;
}

static void tell(struct rule_run *run, const struct view *view, const struct spoiler *spoiler)
{
    const struct prog *prog = run->prog;
    const struct count_test *test = view->test;
    void *scratch = mem_owner(NULL, "names");
    const char *name = prog_path_name(scratch, prog, test->fn, test->path);
    unsigned line = line_of(prog, test->fn, test->test).line;
    bool drops = test->drop.i != ID_NONE;
    struct finding *finding = finding_new(
        run, line_of(prog, test->fn, test->end),
        drops ? "'%s' is lowered and then read on line %u: two threads can both free the object"
              : "'%s' can have gone up between the test on line %u and this end of the object",
        name, line);

    tell_tester(run, finding, view, name);
    tell_spoiler(run, finding, view, spoiler->access, name);
    finding->confidence = weigh(run, finding, view, spoiler);
    finding->severity = LEVEL_HIGH;
    finding->cure =
        drops ? mem_printf(finding,
                           "test what the step on line %u itself yields, or hold one lock from "
                           "there to line %u",
                           line_of(prog, test->fn, test->drop).line,
                           line_of(prog, test->fn, test->end).line)
              : mem_printf(finding,
                           "give the reference back (`if (atomic_fetch_sub(&%s, 1) == 1)`), or "
                           "hold the lock of those who take one from line %u to line %u",
                           name, line, line_of(prog, test->fn, test->end).line);
    finding_weigh_cure(finding, name, CURE_FUNCTION);
    finding_identify(run, finding, "%s|count|%s|%s", run->rule->id, prog_fn_name(prog, test->fn),
                     name);
    talloc_free(scratch);
}

/* ---- the rule -------------------------------------------------------------------------------- */

static bool look(const struct prog *prog, const struct count_test *test, phase_id phase,
                 struct view *view)
{
    const struct contexts *contexts = prog->contexts;

    if (!contexts->phases.v[phase.i].reach[test->fn.i].sure) {
        return false;
    }
    *view = (struct view){.test = test, .phase = phase};
    view->context = contexts->phases.v[phase.i].context;
    view->count = accessmap_find(prog->accessmap, test->fn, test->path);
    view->from = test->drop.i != ID_NONE ? test->drop : test->test;
    view->at_from = contexts_held_at(contexts, phase, test->fn, view->from);
    view->until = test->drop.i != ID_NONE ? test->test : test->end;
    view->at_until = contexts_held_at(contexts, phase, test->fn, view->until);
    return view->count != NULL && view->at_from != NULL && view->at_until != NULL &&
           !contexts_alone_at(contexts, (struct moment){phase, test->fn, test->end}) &&
           !doom_at(contexts->doom, test->fn, test->end);
}

void check_counts(struct rule_run *run, const struct forms *forms)
{
    void *scratch = mem_owner(NULL, "counts");
    struct count_tests *tests =
        counts_find(scratch, run->prog->accessmap, forms->effects, forms->frees, run->prog->focus);

    for (size_t i = 0; i < tests->v.n; i++) {
        for (uint32_t p = 0; p < run->prog->contexts->phases.n; p++) {
            struct view view;
            struct spoiler spoiler = {.access = NULL};
            if (look(run->prog, &tests->v.v[i], (phase_id){p}, &view)) {
                spoiler = find_spoiler(run->prog, &view);
            }
            if (spoiler.access != NULL) {
                tell(run, &view, &spoiler);
                break;
            }
        }
    }
    talloc_free(scratch);
}
