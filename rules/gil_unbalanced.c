/* gil-unbalanced: a way out of a function that lets an interpreter's lock go and does not take it
 * again, or takes it and does not give it back, as its other ways do.
 */
#include "program/turn.h"
#include "rules/gil_story.h"

/* One way out in the wrong state. */
struct way_out {
    fn_id fn;
    uint32_t block;   /* that ends in the return */
    bool without;     /* the lock was let go; else it was taken */
    struct site site; /* where; SITE_NONE: in several places */
    bool bracket;     /* ... by a macro that opens a block, which a return must not leave */
    bool merged;
    VEC(op_id) others; /* where other ways put it right */
    struct turn turn;
};

/* ---- what calls do to the lock --------------------------------------------------------------- */

/* Does a function that ends so leave the lock taken, which it was not before (`takes`), or given
 * back? */
static bool leaves(const struct outcome *outcome, path_id lock, bool takes)
{
    bool held = lockset_find(outcome->held, lock) != NULL;
    bool gone = lockset_find(outcome->gone, lock) != NULL;

    return takes ? held && !gone : gone && !held;
}

static bool callee_changes(const struct prog *prog, const struct call *call, path_id lock,
                           bool takes)
{
    for (size_t c = 0; c < call->callees.n && call->model == NULL; c++) {
        const struct fn_flow *flow = &prog->flows->v[call->callees.v[c].i];
        for (size_t i = 0; i < flow->outcomes.n; i++) {
            if (leaves(&flow->outcomes.v[i], lock, takes)) {
                return true;
            }
        }
    }
    return false;
}

/* Does the call take the lock (else: give it back), here or in what it calls? */
static bool changes(const struct prog *prog, const struct call *call, path_id lock, bool takes)
{
    const struct model_fn *model = call->model;

    if (model == NULL) {
        return callee_changes(prog, call, lock, takes);
    }
    return model->kind == LOCK_GIL && (takes ? model->acquire : model->release) == ARG_SINGLETON;
}

static void find_others(struct rule_run *run, struct way_out *out, path_id lock)
{
    const struct calls *calls = run->prog->calls;

    for (uint32_t i = calls->first[out->fn.i]; i < calls->first[out->fn.i + 1]; i++) {
        if (changes(run->prog, &calls->v.v[i], lock, out->without)) {
            vec_push(run->owner, &out->others, calls->v.v[i].op);
        }
    }
}

/* Does some caller put right what the function leaves? */
static bool is_callers_task(const struct prog *prog, const struct way_out *out, path_id lock)
{
    const struct call *const *callers;
    size_t n = borders_calls_of(prog->borders, out->fn, &callers);

    if (!out->without) {
        return borders_receivers(prog->borders, out->fn, lock) == RECEIVERS_AWARE;
    }
    for (size_t i = 0; i < n; i++) {
        const struct calls *calls = prog->calls;
        uint32_t fn = callers[i]->fn.i;
        for (uint32_t c = calls->first[fn]; c < calls->first[fn + 1]; c++) {
            if (&calls->v.v[c] != callers[i] && changes(prog, &calls->v.v[c], lock, true)) {
                return true;
            }
        }
    }
    return false;
}

/* Does what is called leave it so on some ways only, though its callers don't expect that? Then it
 * is told of there. */
static bool is_callees_fault(const struct prog *prog, const struct call *call, path_id lock,
                             bool without)
{
    for (size_t c = 0; c < call->callees.n; c++) {
        const struct fn_flow *flow = &prog->flows->v[call->callees.v[c].i];
        struct way_out out = {.fn = call->callees.v[c], .without = without};
        size_t n = 0;
        for (size_t i = 0; i < flow->outcomes.n; i++) {
            n += leaves(&flow->outcomes.v[i], lock, !without) ? 1 : 0;
        }
        if (n > 0 && n < flow->outcomes.n && !is_callers_task(prog, &out, lock)) {
            return true;
        }
    }
    return false;
}

/* A thread that ends, or a callback that returns to its library, gives nothing back afterwards. */
static bool is_entry(const struct prog *prog, fn_id fn)
{
    const struct contexts *contexts = prog->contexts;

    for (size_t c = 0; c < contexts->v.n; c++) {
        const struct context *context = &contexts->v.v[c];
        bool own = context->kind == CONTEXT_THREAD || context->kind == CONTEXT_WORKER ||
                   context->kind == CONTEXT_LOOP;
        for (size_t e = 0; e < context->entries.n && own; e++) {
            if (context->entries.v[e].i == fn.i && context->hop == NULL) {
                return true;
            }
        }
    }
    return false;
}

/* ---- telling --------------------------------------------------------------------------------- */

/* Is the lock in the wrong state on every way to the branch, so that its condition can't be about
 * that? */
static bool is_settled_at_turn(const struct prog *prog, const struct way_out *out, path_id lock)
{
    const struct prog_fn *fn = &prog->linked->fns.v[out->fn.i];
    uint32_t b = out->turn.block;

    while (fn->ir->blocks.v[b].n_ops == 0 && b != 0) {
        b = fn->cfg->idom[b];
    }
    const struct ir_block *block = &fn->ir->blocks.v[b];
    op_id last = {block->first_op + block->n_ops - 1};
    return block->n_ops > 0 && (gil_at(prog->contexts, lock, out->fn, last, GIL_UNKNOWN) ==
                                    (out->without ? GIL_FREE : GIL_HELD) ||
                                last.i == out->site.op);
}

static void lower(struct rule_run *run, struct finding *finding, enum level to, const char *reason)
{
    finding->confidence = finding->confidence < to ? finding->confidence : to;
    finding_add_reason(run, finding, "%s", reason);
}

static void weigh(struct rule_run *run, struct finding *finding, const struct way_out *out,
                  path_id lock)
{
    finding->severity = LEVEL_HIGH;
    finding->confidence = LEVEL_HIGH;
    if (out->bracket) {
        finding_add_reason(run, finding, "nothing but its macros can end the block");
    } else if (out->others.n == 0) {
        finding_add_reason(run, finding, "nobody is left who could give it back");
    } else if (out->turn.block == ID_NONE || is_settled_at_turn(run->prog, out, lock)) {
        finding_add_reason(run, finding, "the other ways of the function put it right");
    } else if (out->turn.guards_one) {
        lower(run, finding, LEVEL_LOW,
              "a condition decides if it is put right; it may know that it need not be");
    } else {
        lower(run, finding, LEVEL_MEDIUM, "it is so on some ways to this place, not on all");
    }
    if (out->merged || run->prog->flows->v[out->fn.i].capped) {
        lower(run, finding, LEVEL_LOW, "the function has more lock states than are kept apart");
    }
}

static const char *name_of_call(const struct prog *prog, struct site site)
{
    const struct call *call = calls_at(prog->calls, (fn_id){site.fn}, (op_id){site.op});

    return call->model != NULL ? call->model->name : call->name;
}

static void tell_story(struct rule_run *run, struct finding *finding, const struct way_out *out,
                       const char *name)
{
    const struct prog *prog = run->prog;
    unsigned depth;
    size_t thread = finding_add_thread_of(run, finding, out->fn, &depth);

    if (out->site.fn != UINT32_MAX) {
        finding_add_step(run, finding, thread, prog_loc_of(prog, out->site), depth, NULL,
                         out->without ? "lets '%s' go" : "takes '%s'", name);
    }
    if (out->turn.block != ID_NONE) {
        finding_add_step(run, finding, thread,
                         prog_loc_of_condition(prog, out->fn, out->turn.block), depth, NULL,
                         "leaves the ways that put it right");
    }
    finding_add_step(run, finding, thread, prog_loc_of_condition(prog, out->fn, out->block), depth,
                     NULL, out->without ? "returns without '%s'" : "returns with '%s'", name);
    for (size_t i = 0; i < out->others.n; i++) {
        finding_add_related(
            run, finding, prog_loc_of(prog, (struct site){out->fn.i, out->others.v[i].i}),
            out->without ? "another way takes '%s' again here" : "another way gives '%s' back here",
            name);
    }
}

static void tell(struct rule_run *run, const struct way_out *out, path_id lock)
{
    const struct prog *prog = run->prog;
    const char *fn = prog_fn_name(prog, out->fn);
    const char *name = prog_path_name(run->owner, prog, FN_NONE, lock);
    const char *by = out->site.fn == UINT32_MAX ? NULL : name_of_call(prog, out->site);
    struct loc where = prog_loc_of_condition(prog, out->fn, out->block);
    const char *since = by == NULL ? ""
                                   : mem_printf(run->owner, " since '%s' on line %u", by,
                                                prog_loc_of(prog, out->site).line);
    struct finding *finding = finding_new(run, where,
                                          out->without ? "'%s' returns here without '%s', let go%s"
                                                       : "'%s' returns here with '%s' still held%s",
                                          fn, name, since);

    tell_story(run, finding, out, name);
    weigh(run, finding, out, lock);
    finding->cure = !out->without ? "give it back on this way, too (PyGILState_Release)"
                    : out->bracket
                        ? "return behind Py_END_ALLOW_THREADS, or put Py_BLOCK_THREADS before"
                        : "take it again on this way, too (PyEval_RestoreThread)";
    finding_weigh_cure(finding, fn, CURE_LINE);
    finding_identify(run, finding, "%s|%s|%s", run->rule->id, fn,
                     out->without ? "without" : "with");
}

/* ---- looking --------------------------------------------------------------------------------- */

static bool is_told(const struct fn_flow *flow, const struct leaving *leaving, path_id lock,
                    bool without)
{
    for (const struct leaving *other = flow->leavings.v; other < leaving; other++) {
        if (other->block == leaving->block && other->op.i == ID_NONE &&
            lockset_find(without ? other->gone : other->held, lock) != NULL) {
            return true;
        }
    }
    return false;
}

static void check(struct rule_run *run, fn_id fn, const struct leaving *leaving, path_id lock,
                  bool without)
{
    const struct prog *prog = run->prog;
    const struct token *token = lockset_find(without ? leaving->gone : leaving->held, lock);
    struct way_out out = {.fn = fn,
                          .block = leaving->block,
                          .without = without,
                          .merged = leaving->merged,
                          .turn = {.block = ID_NONE}};

    if (token == NULL || is_told(&prog->flows->v[fn.i], leaving, lock, without)) {
        return;
    }
    out.site = token->taken;
    const struct call *call =
        out.site.fn == fn.i ? calls_at(prog->calls, fn, (op_id){out.site.op}) : NULL;
    const struct model_fn *model = call == NULL ? NULL : call->model;
    out.bracket = without && model != NULL && model->opens != NULL;
    if (model != NULL && model->starts_interpreter) {
        return; /* its thread keeps the lock for as long as it likes */
    }
    if (call != NULL && model == NULL && is_callees_fault(prog, call, lock, without)) {
        return;
    }
    if (!without && model != NULL && !model->recursive && !is_entry(prog, fn)) {
        return; /* PyEval_RestoreThread(): by a function that ends what another began */
    }
    find_others(run, &out, lock);
    if (!out.bracket && out.others.n == 0 && (without || !is_entry(prog, fn))) {
        return;
    }
    if (!out.bracket && is_callers_task(prog, &out, lock)) {
        return;
    }
    if (call != NULL && out.others.n > 0) {
        out.turn = turn_find(prog->flows, fn, call->op, leaving->block, out.others.v, out.others.n);
    }
    tell(run, &out, lock);
}

void rule_gil_unbalanced(struct rule_run *run)
{
    const struct flows *flows = run->prog->flows;
    path_id lock = gil_lock(run->prog->contexts);

    for (uint32_t f = 0; f < flows->linked->fns.n && !path_is_none(lock); f++) {
        for (size_t i = 0; i < flows->v[f].leavings.n; i++) {
            const struct leaving *leaving = &flows->v[f].leavings.v[i];
            if (leaving->op.i == ID_NONE) {
                check(run, (fn_id){f}, leaving, lock, true);
                check(run, (fn_id){f}, leaving, lock, false);
            }
        }
    }
}
