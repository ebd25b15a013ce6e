/* missing-unlock: a way out of a function that keeps a lock which its other ways give back, or that
 * ends the thread or jumps elsewhere with it.
 */
#include "program/gil.h"
#include "program/turn.h"
#include "rules/rule.h"

/* One lock on one way out. */
struct way_out {
    fn_id fn;
    const struct leaving *leaving;
    const struct token *token;
    VEC(op_id) gives; /* where other ways give it back */
    enum receivers receivers;
    struct turn turn;
};

static bool is_return(const struct way_out *out)
{
    return out->leaving->op.i == ID_NONE;
}

/* Is it one lock by this name all the way? One of an array is, unless it is taken in a loop. */
static bool is_certain(const struct prog *prog, const struct way_out *out)
{
    const struct cfg *cfg = prog->linked->fns.v[out->fn.i].cfg;
    path_id root = path_root_of(prog->paths, out->token->lock);
    struct site taken = out->token->taken;

    return flow_is_one_lock(prog->paths, out->token->lock) ||
           (path_get(prog->paths, root)->kind == ROOT_VAR && taken.fn == out->fn.i &&
            !cfg_op_repeats(cfg, (op_id){taken.op}));
}

static bool is_listed(const struct way_out *out, op_id op)
{
    for (size_t i = 0; i < out->gives.n; i++) {
        if (out->gives.v[i].i == op.i) {
            return true;
        }
    }
    return false;
}

static void find_gives(struct rule_run *run, struct way_out *out)
{
    const struct fn_flow *flow = &run->prog->flows->v[out->fn.i];

    for (size_t i = 0; i < flow->givings.n; i++) {
        const struct giving *giving = flow->givings.v[i];
        struct site taken = out->token->taken;
        bool same_place = giving->before.fn == UINT32_MAX || taken.fn == UINT32_MAX ||
                          site_eq(giving->before, taken);
        if (giving->how == GIVES_OWN && same_place && path_eq(giving->lock, out->token->lock) &&
            !is_listed(out, giving->op)) {
            vec_push(run->owner, &out->gives, giving->op);
        }
    }
}

/* ---- ways out that are meant so -------------------------------------------------------------- */

static bool is_entry_of_main(const struct prog *prog, fn_id fn)
{
    const struct contexts *contexts = prog->contexts;

    for (size_t c = 0; c < contexts->v.n; c++) {
        for (size_t e = 0; e < contexts->v.v[c].entries.n; e++) {
            if (contexts->v.v[c].kind == CONTEXT_MAIN && contexts->v.v[c].entries.v[e].i == fn.i) {
                return true;
            }
        }
    }
    return false;
}

/* Does a handler that stands by for the thread's end give the lock back? */
static bool is_cleaned_up(const struct prog *prog, const struct way_out *out)
{
    const struct fn_flow *flow = &prog->flows->v[out->fn.i];

    for (size_t i = 0; i < flow->givings.n; i++) {
        const struct giving *giving = flow->givings.v[i];
        if (giving->standby && path_may_alias(prog->paths, giving->lock, out->token->lock)) {
            return true;
        }
    }
    return false;
}

static bool can_return_twice(const struct ir_fn *ir)
{
    bool found = false;

    for (size_t i = 0; i < ir->ops.n && !found; i++) {
        found = ir->ops.v[i].kind == IR_CALL && (ir->ops.v[i].flags & IR_OPF_SETJMP) != 0;
    }
    return found;
}

/* Does a function to which one can jump give such a lock back? */
static bool is_caught(const struct prog *prog, const struct way_out *out)
{
    const struct flows *flows = prog->flows;

    for (uint32_t f = 0; f < flows->linked->fns.n; f++) {
        for (size_t i = 0; i < flows->v[f].givings.n; i++) {
            if (path_may_alias(prog->paths, flows->v[f].givings.v[i]->lock, out->token->lock) &&
                can_return_twice(flows->linked->fns.v[f].ir)) {
                return true;
            }
        }
    }
    return false;
}

static bool is_jump(const struct prog *prog, const struct way_out *out)
{
    const struct ir_op *op = &prog->linked->fns.v[out->fn.i].ir->ops.v[out->leaving->op.i];

    return (op->flags & IR_OPF_LONGJMP) != 0;
}

static bool is_meant(const struct prog *prog, const struct way_out *out)
{
    if (is_return(out)) {
        return out->gives.n == 0 || out->receivers == RECEIVERS_AWARE ||
               is_entry_of_main(prog, out->fn);
    }
    return is_jump(prog, out) ? is_caught(prog, out) : is_cleaned_up(prog, out);
}

/* ---- telling --------------------------------------------------------------------------------- */

static struct loc loc_of_exit(const struct prog *prog, const struct way_out *out)
{
    return is_return(out) ? prog_loc_of_condition(prog, out->fn, out->leaving->block)
                          : prog_loc_of(prog, (struct site){out->fn.i, out->leaving->op.i});
}

static void lower(struct rule_run *run, struct finding *finding, enum level to, const char *reason)
{
    finding->confidence = finding->confidence < to ? finding->confidence : to;
    finding_add_reason(run, finding, "%s", reason);
}

/* Is the lock held on every way to this branch, so that the condition can't be about having it? */
static bool is_held_at_turn(const struct prog *prog, const struct way_out *out)
{
    const struct prog_fn *fn = &prog->linked->fns.v[out->fn.i];
    uint32_t b = out->turn.block;

    while (fn->ir->blocks.v[b].n_ops == 0 && b != 0) {
        b = fn->cfg->idom[b];
    }
    const struct ir_block *block = &fn->ir->blocks.v[b];
    op_id last = {block->first_op + block->n_ops - 1};
    const struct held *held = block->n_ops == 0 ? NULL : flow_held_at(prog->flows, out->fn, last);
    /* before the block's last op, which may be what takes it */
    return held != NULL &&
           (lockset_find(held->must, out->token->lock) != NULL || last.i == out->token->taken.op);
}

static void weigh(struct rule_run *run, struct finding *finding, const struct way_out *out)
{
    const struct prog *prog = run->prog;

    finding->confidence = LEVEL_HIGH;
    if (lockset_find(out->leaving->must, out->token->lock) != NULL) {
        finding_add_reason(run, finding, "it is held on every way to this place");
    } else if (out->turn.block != ID_NONE && is_held_at_turn(prog, out)) {
        finding_add_reason(run, finding,
                           "it is held on every way to the branch that leads past what gives it "
                           "back");
    } else if (out->turn.block != ID_NONE && out->turn.guards_one) {
        lower(run, finding, LEVEL_LOW,
              "a condition decides if the lock is given back; it may know that it is not held");
    } else {
        lower(run, finding, LEVEL_MEDIUM, "it is held on some ways to this place, not on all");
    }
    if (is_return(out) && out->receivers == RECEIVERS_NONE) {
        lower(run, finding, LEVEL_MEDIUM,
              "nobody is known to call the function, who could give it back");
    }
    if (prog->flows->v[out->fn.i].capped || out->leaving->merged) {
        lower(run, finding, LEVEL_LOW, "the function has more lock states than are kept apart");
    }
}

static void tell_story(struct rule_run *run, struct finding *finding, const struct way_out *out,
                       const char *name)
{
    const struct prog *prog = run->prog;
    unsigned depth;
    size_t thread = finding_add_thread_of(run, finding, out->fn, &depth);
    struct site taken = out->token->taken;

    if (taken.fn != UINT32_MAX) {
        finding_add_step(run, finding, thread, prog_loc_of(prog, taken), depth, NULL, "takes '%s'",
                         name);
    }
    if (out->turn.block != ID_NONE) {
        finding_add_step(run, finding, thread,
                         prog_loc_of_condition(prog, out->fn, out->turn.block), depth, NULL,
                         "leaves the ways that give it back");
    }
    finding_add_step(run, finding, thread, loc_of_exit(prog, out), depth, NULL,
                     is_return(out)       ? "returns with '%s'"
                     : is_jump(prog, out) ? "jumps out with '%s'"
                                          : "ends with '%s'",
                     name);
    for (size_t i = 0; i < out->gives.n; i++) {
        finding_add_related(run, finding,
                            prog_loc_of(prog, (struct site){out->fn.i, out->gives.v[i].i}),
                            "another way gives '%s' back here", name);
    }
}

static struct finding *finding_for(struct rule_run *run, const struct way_out *out,
                                   const char *name)
{
    const struct prog *prog = run->prog;
    struct loc where = loc_of_exit(prog, out);
    const char *fn = prog_fn_name(prog, out->fn);

    if (is_return(out)) {
        struct site other = {out->fn.i, out->gives.v[out->gives.n - 1].i};
        return finding_new(run, where,
                           "'%s' returns here with '%s' still held; its other ways give it back "
                           "(line %u)",
                           fn, name, prog_loc_of(prog, other).line);
    }
    return finding_new(run, where,
                       is_jump(prog, out) ? "'%s' jumps out here with '%s' still held"
                                          : "'%s' ends the thread here with '%s' still held",
                       fn, name);
}

static void tell(struct rule_run *run, struct way_out *out)
{
    const struct prog *prog = run->prog;
    char *name = prog_path_name(run->owner, prog, out->fn, out->token->lock);
    struct site taken = out->token->taken;

    out->turn.block = ID_NONE;
    if (is_return(out) && taken.fn == out->fn.i) {
        out->turn = turn_find(prog->flows, out->fn, (op_id){taken.op}, out->leaving->block,
                              out->gives.v, out->gives.n);
    }
    struct finding *finding = finding_for(run, out, name);
    finding->severity = LEVEL_HIGH;
    tell_story(run, finding, out, name);
    weigh(run, finding, out);
    finding->cure = "give the lock back on this way, too";
    finding_weigh_cure(finding, name, CURE_LINE);
    finding_identify(run, finding, "%s|%s|%s|%s", run->rule->id, prog_fn_name(prog, out->fn), name,
                     is_return(out) ? "return" : "end");
}

/* Was the lock told of before, for another state at the same place? */
static bool is_told(const struct fn_flow *flow, const struct leaving *leaving, path_id lock)
{
    for (const struct leaving *other = flow->leavings.v; other < leaving; other++) {
        if (other->block == leaving->block && other->op.i == leaving->op.i &&
            lockset_find(other->held, lock) != NULL) {
            return true;
        }
    }
    return false;
}

static void check(struct rule_run *run, fn_id fn, const struct leaving *leaving,
                  const struct token *token)
{
    const struct prog *prog = run->prog;
    struct way_out out = {.fn = fn, .leaving = leaving, .token = token};

    if (path_eq(token->lock, gil_lock(prog->contexts))) {
        return; /* for gil-unbalanced to tell */
    }
    if (!is_certain(prog, &out) || is_told(&prog->flows->v[fn.i], leaving, token->lock)) {
        return;
    }
    find_gives(run, &out);
    if (is_return(&out) && out.gives.n > 0) {
        out.receivers = borders_receivers(prog->borders, fn, token->lock);
    }
    if (!is_meant(prog, &out)) {
        tell(run, &out);
    }
}

void rule_missing_unlock(struct rule_run *run)
{
    const struct flows *flows = run->prog->flows;

    for (uint32_t f = 0; f < flows->linked->fns.n; f++) {
        for (size_t i = 0; i < flows->v[f].leavings.n; i++) {
            const struct leaving *leaving = &flows->v[f].leavings.v[i];
            for (uint32_t t = 0; t < leaving->held->n; t++) {
                check(run, (fn_id){f}, leaving, &leaving->held->v[t]);
            }
        }
    }
}
