/* unchecked-trylock: a way goes on as if a try or timed lock had been had, where it may not have.
 */
#include "program/turn.h"
#include "rules/rule.h"

/* One try, and what is done behind it. */
struct try_lock {
    fn_id fn;
    op_id op; /* the lock call, or the call that leads to it */
    path_id lock;
    const struct giving *giving;     /* gives the lock back all the same; NULL */
    const struct variable *variable; /* else: is used all the same, and the lock guards it... */
    op_id use;                       /* ... there */
};

static void lower(struct rule_run *run, struct finding *finding, enum level to, const char *reason)
{
    finding->confidence = finding->confidence < to ? finding->confidence : to;
    finding_add_reason(run, finding, "%s", reason);
}

static bool is_ignored(const struct prog *prog, const struct try_lock *try)
{
    return !prog_result_is_used(prog, (struct site){try->fn.i, try->op.i});
}

static void weigh(struct rule_run *run, struct finding *finding, const struct try_lock *try,
                  bool ignored)
{
    const struct prog *prog = run->prog;

    finding->confidence = LEVEL_HIGH;
    if (ignored) {
        finding_add_reason(run, finding, "nothing looks at the result");
    } else if (turn_can_miss(prog->flows, try->fn, try->op, try->giving->op)) {
        lower(run, finding, LEVEL_LOW,
              "a condition decides if the lock is given back; it may know that it was not had");
    } else {
        lower(run, finding, LEVEL_MEDIUM, "the result is looked at, but both ways come together");
    }
    if (try->giving != NULL && try->giving->merged) {
        lower(run, finding, LEVEL_LOW, "the function has more lock states than are kept apart");
    }
}

static const char *name_of_call(const struct prog *prog, const struct try_lock *try)
{
    return calls_at(prog->calls, try->fn, try->op)->name;
}

static void tell(struct rule_run *run, const struct try_lock *try)
{
    const struct prog *prog = run->prog;
    bool ignored = is_ignored(prog, try);
    char *name = prog_path_name(run->owner, prog, try->fn, try->lock);
    struct loc where = prog_loc_of(prog, (struct site){try->fn.i, try->op.i});
    op_id then = try->giving != NULL ? try->giving->op : try->use;
    struct loc behind = prog_loc_of(prog, (struct site){try->fn.i, then.i});
    const char *what = try->giving != NULL
                           ? "gives it back"
                           : prog_path_name(run->owner, prog, try->fn, try->variable->class);
    unsigned depth;

    struct finding *finding = finding_new(
        run, where,
        ignored ? "the result of '%s' is not looked at: '%s' may not be held when line "
                  "%u %s%s"
                : "where '%s' does not get '%s', the way still comes to line %u, which "
                  "%s%s",
        name_of_call(prog, try), name, behind.line, try->giving != NULL ? "" : "uses ", what);
    finding->severity = LEVEL_HIGH;
    size_t thread = finding_add_thread_of(run, finding, try->fn, &depth);
    finding_add_step(run, finding, thread, where, depth, NULL, "does not get '%s'", name);
    finding_add_step(run, finding, thread, behind, depth, NULL,
                     try->giving != NULL ? "gives '%s' back, which another thread may hold"
                                         : "goes on without '%s'",
                     name);
    weigh(run, finding, try, ignored);
    finding->cure = "go on only where the call says that the lock is held";
    finding_weigh_cure(finding, name, CURE_LINE);
    finding_identify(run, finding, "%s|%s|%s", run->rule->id, prog_fn_name(prog, try->fn), name);
}

/* ---- given back all the same ----------------------------------------------------------------- */

/* The first of the givings behind this try, in the order of the ops. */
static bool is_first(const struct fn_flow *flow, const struct giving *giving)
{
    for (size_t i = 0; i < flow->givings.n; i++) {
        const struct giving *other = flow->givings.v[i];
        if (other->how == GIVES_MISSED && site_eq(other->before, giving->before) &&
            path_eq(other->lock, giving->lock) && other->op.i < giving->op.i) {
            return false;
        }
    }
    return true;
}

static void check_givings(struct rule_run *run, fn_id fn)
{
    const struct fn_flow *flow = &run->prog->flows->v[fn.i];

    for (size_t i = 0; i < flow->givings.n; i++) {
        const struct giving *giving = flow->givings.v[i];
        struct try_lock try = {
            .fn = fn, .op = {giving->before.op}, .lock = giving->lock, .giving = giving};
        if (giving->how == GIVES_MISSED && giving->before.fn == fn.i && !giving->standby &&
            is_first(flow, giving)) {
            tell(run, &try);
        }
    }
}

/* ---- what it guards is used all the same ----------------------------------------------------- */

static bool is_given_back(const struct fn_flow *flow, fn_id fn, op_id op)
{
    for (size_t i = 0; i < flow->givings.n; i++) {
        const struct giving *giving = flow->givings.v[i];
        if (giving->how == GIVES_MISSED && giving->before.fn == fn.i && giving->before.op == op.i) {
            return true;
        }
    }
    return false;
}

/* The variable that the lock guards, if `op` uses one behind the try; NULL. */
static const struct variable *guarded_by_it(const struct prog *prog, const struct try_lock *try,
                                            op_id op)
{
    const struct held *held = flow_held_at(prog->flows, try->fn, op);
    path_id path;

    if (held == NULL || lockset_find(held->may, try->lock) == NULL ||
        lockset_find(held->must, try->lock) != NULL ||
        !accessmap_is_shared_access(prog->accessmap, try->fn, op, &path)) {
        return NULL;
    }
    const struct variable *variable = accessmap_find(prog->accessmap, try->fn, path);
    path_id lock = contexts_absolute(prog->contexts, try->fn, try->lock);
    bool guards =
        variable != NULL && variable->shared && !path_is_none(variable->guard) &&
        (path_eq(variable->guard, lock) || path_eq(variable->guard, path_class(prog->paths, lock)));
    return guards ? variable : NULL;
}

static void check_uses(struct rule_run *run, const struct call *call)
{
    const struct prog *prog = run->prog;
    struct try_lock try = {.fn = call->fn,
                           .op = call->op,
                           .lock = flow_arg_path(prog->flows, call, call->model->acquire)};

    if (path_is_none(try.lock) || !is_ignored(prog, &try) ||
        is_given_back(&prog->flows->v[call->fn.i], call->fn, call->op)) {
        return;
    }
    const struct ir_fn *ir = prog->linked->fns.v[call->fn.i].ir;
    for (uint32_t i = 0; i < ir->ops.n && try.variable == NULL; i++) {
        try.use = (op_id){i};
        try.variable = guarded_by_it(prog, &try, try.use);
    }
    if (try.variable != NULL) {
        tell(run, &try);
    }
}

void rule_unchecked_trylock(struct rule_run *run)
{
    const struct calls *calls = run->prog->calls;

    for (uint32_t f = 0; f < run->prog->linked->fns.n; f++) {
        check_givings(run, (fn_id){f});
    }
    for (size_t i = 0; i < calls->v.n; i++) {
        const struct model_fn *model = calls->v.v[i].model;
        if (model != NULL && flow_is_lock_call(model) && model->acquire > 0 &&
            (model->is_try || model->timed)) {
            check_uses(run, &calls->v.v[i]);
        }
    }
}
