#include "program/flow.h"

#include "base/log.h"

#include "program/branch.h"
#include "program/written.h"

#include <string.h>

enum { MAX_LIFTED = 64, MAX_ROUNDS = 4000 };

/* The pass over one function. */
struct pass {
    struct flows *flows;
    fn_id fn;
    const struct prog_fn *body;
    struct branch branch; /* what its values tell */
    struct fn_flow *out;
    struct state_list *in; /* by block */
    bool recording;        /* the fixpoint is reached: write down what holds */
};

/* ---- arguments ----------------------------------------------------------------------------- */

path_id flow_place(const struct flows *flows, fn_id fn, place_id place)
{
    path_id path = resolve_place(flows->v[fn.i].resolver, place);

    return calls_sharpen(flows->calls, flows->paths, fn, path);
}

static path_id pointee(const struct flows *flows, fn_id fn, value_id value)
{
    path_id path = resolve_pointee(flows->v[fn.i].resolver, value);

    return calls_sharpen(flows->calls, flows->paths, fn, path);
}

static uint32_t name_number(struct flows *flows, const char *name)
{
    for (uint32_t i = 0; i < flows->lock_names.n; i++) {
        if (strcmp(flows->lock_names.v[i], name) == 0) {
            return i;
        }
    }
    vec_push(flows, &flows->lock_names, name);
    return (uint32_t)flows->lock_names.n - 1;
}

path_id flow_arg_path(const struct flows *flows, const struct call *call, int arg)
{
    if (arg == ARG_RETURNED) {
        path_id root = path_root(flows->paths, ROOT_CALL, call->fn.i, call->op.i);
        return path_step(flows->paths, root, STEP_DEREF, 0);
    }
    return pointee(flows, call->fn, call_arg(flows->linked, call, arg));
}

static path_id lock_of(struct flows *flows, const struct call *call, int arg)
{
    if (arg == ARG_SINGLETON) {
        const char *name = call->model->lock != NULL ? call->model->lock : call->model->library;
        return path_root(flows->paths, ROOT_NAMED, name_number(flows, name), 0);
    }
    return flow_arg_path(flows, call, arg);
}

size_t flow_pointees(const struct flows *flows, const struct call *call, path_id *ret)
{
    const struct ir_op *op = &flows->linked->fns.v[call->fn.i].ir->ops.v[call->op.i];
    size_t n = op->u.call.n_args < MAX_PARAMS ? op->u.call.n_args : MAX_PARAMS;

    for (size_t i = 0; i < n; i++) {
        ret[i] = pointee(flows, call->fn, call_arg(flows->linked, call, (int)i + 1));
    }
    return n;
}

static path_id returned_by(void *user, fn_id fn, op_id op)
{
    const struct flows *flows = user;
    const struct call *call = calls_at(flows->calls, fn, op);
    path_id pointees[MAX_PARAMS];

    if (call->callees.n != 1) {
        return PATH_NONE;
    }
    path_id path = flows->v[call->callees.v[0].i].returned;
    if (path_is_none(path)) {
        return path;
    }
    size_t n = flow_pointees(flows, call, pointees);
    return path_substitute(flows->paths, path, pointees, n);
}

/* ---- what values tell ----------------------------------------------------------------------- */

static enum result result_of(const struct pass *pass, const struct state *state, value_id value)
{
    struct state yes = *state;
    struct state no = *state;

    if (value.i == ID_NONE) {
        return RESULT_ANY;
    }
    if (!branch_learn(&pass->branch, &yes, value, true) || yes.held != state->held) {
        return RESULT_ZERO;
    }
    if (!branch_learn(&pass->branch, &no, value, false) || no.held != state->held) {
        return RESULT_NONZERO;
    }
    return RESULT_ANY;
}

/* ---- what calls do --------------------------------------------------------------------------- */

static bool fn_releases(const struct pass *pass, path_id lock)
{
    const struct calls *calls = pass->flows->calls;

    for (uint32_t i = calls->first[pass->fn.i]; i < calls->first[pass->fn.i + 1]; i++) {
        const struct call *call = &calls->v.v[i];
        if (call->model != NULL && call->model->release > 0 &&
            path_eq(flow_arg_path(pass->flows, call, call->model->release), lock)) {
            return true;
        }
    }
    return false;
}

static void record_acquisition(struct pass *pass, struct acquisition acquisition)
{
    if (!pass->recording) {
        return;
    }
    for (size_t i = 0; i < pass->out->acquisitions.n; i++) {
        const struct acquisition *known = pass->out->acquisitions.v[i];
        if (known->op.i == acquisition.op.i && path_eq(known->lock, acquisition.lock) &&
            known->held == acquisition.held && known->inner == acquisition.inner) {
            return;
        }
    }
    struct acquisition *kept = mem_new(pass->flows, struct acquisition);
    *kept = acquisition;
    vec_push(pass->flows, &pass->out->acquisitions, kept);
}

static void release(struct pass *pass, struct state *state, path_id lock)
{
    struct lockset_pool *pool = pass->flows->pool;

    if (path_is_none(lock)) {
        return;
    }
    if (lockset_find(state->held, lock) != NULL) {
        state->held = lockset_remove(pool, state->held, lock);
        return;
    }
    for (uint32_t i = 0; i < state->held->n; i++) { /* the same lock under another name? */
        if (path_may_alias(pass->flows->paths, state->held->v[i].lock, lock)) {
            state->held = lockset_remove(pool, state->held, state->held->v[i].lock);
            return;
        }
    }
    struct token token = {lock, TOKEN_EXCLUSIVE, 1, SITE_NONE};
    state->gone = lockset_add(pool, lockset_drop(pool, state->gone, lock), token);
}

static void take(struct pass *pass, struct state *state, const struct call *call, path_id lock)
{
    const struct model_fn *model = call->model;
    enum token_mode mode = model->shared ? TOKEN_SHARED : TOKEN_EXCLUSIVE;
    struct token token = {lock, mode, 1, {pass->fn.i, call->op.i}};

    record_acquisition(pass, (struct acquisition){.op = call->op,
                                                  .lock = lock,
                                                  .mode = mode,
                                                  .waits = !model->is_try && !model->timed,
                                                  .recursive = model->recursive,
                                                  .held = state->held,
                                                  .inner_fn = FN_NONE});
    state->held = lockset_add(pass->flows->pool, state->held, token);
}

/* A lock call: one state where it is held, for try and timed calls another where it is not. */
static void acquire(struct pass *pass, const struct state *before, const struct call *call,
                    struct state_list *out)
{
    const struct model_fn *model = call->model;
    path_id lock = lock_of(pass->flows, call, model->acquire);
    struct state taken = *before;
    struct fact ok = {.about = FACT_CALL, .id = call->op.i, .equal = model->ok == OK_ZERO};
    bool capped = false;

    if (path_is_none(lock) || (model->kind == LOCK_SEM && !fn_releases(pass, lock))) {
        states_add(out, pass->flows->pool, before, &capped);
        return;
    }
    take(pass, &taken, call, lock);
    ok.assumes = model->is_try || model->timed ? PATH_NONE : lock;
    if (model->ok != OK_ALWAYS) {
        (void)state_learn(&taken, pass->flows->pool, ok);
    }
    states_add(out, pass->flows->pool, &taken, &capped);
    if (model->is_try || model->timed) {
        struct state failed = *before;
        ok.equal = !ok.equal;
        (void)state_learn(&failed, pass->flows->pool, ok);
        states_add(out, pass->flows->pool, &failed, &capped);
    }
    pass->out->capped |= capped;
}

/* A condition wait gives the lock up and takes it again: a new critical section. */
static void wait_with(struct pass *pass, struct state *state, const struct call *call, path_id lock)
{
    struct token again = {lock, TOKEN_EXCLUSIVE, 1, {pass->fn.i, call->op.i}};
    const struct token *token = path_is_none(lock) ? NULL : lockset_find(state->held, lock);

    if (path_is_none(lock)) {
        return;
    }
    if (token != NULL) {
        again.depth = token->depth;
        state->held = lockset_drop(pass->flows->pool, state->held, lock);
    } else { /* the caller's */
        release(pass, state, lock);
    }
    state->held = lockset_add(pass->flows->pool, state->held, again);
}

static void apply_model(struct pass *pass, const struct state *before, const struct call *call,
                        struct state_list *out)
{
    const struct model_fn *model = call->model;
    struct state after = *before;
    bool capped = false;

    if (model->acquire != ARG_NONE) {
        acquire(pass, before, call, out);
        return;
    }
    if (model->release != ARG_NONE) {
        release(pass, &after, lock_of(pass->flows, call, model->release));
    }
    if (model->wait_lock != ARG_NONE) {
        wait_with(pass, &after, call, flow_arg_path(pass->flows, call, model->wait_lock));
    }
    states_add(out, pass->flows->pool, &after, &capped);
    pass->out->capped |= capped;
}

/* What is held at a callee's acquisition, in this function's terms. */
static const struct lockset *held_in_caller(struct pass *pass, const struct state *before,
                                            const struct acquisition *a, const path_id *pointees,
                                            size_t n)
{
    const struct lockset *held = before->held;

    for (uint32_t t = 0; t < a->held->n; t++) {
        struct token token = a->held->v[t];
        token.lock = path_substitute(pass->flows->paths, token.lock, pointees, n);
        if (!path_is_none(token.lock) && lockset_find(held, token.lock) == NULL) {
            held = lockset_add(pass->flows->pool, held, token);
        }
    }
    return held;
}

/* A callee's acquisitions whose lock is about its parameters are this function's too. */
static void lift(struct pass *pass, const struct state *before, const struct call *call,
                 fn_id callee, const path_id *pointees, size_t n)
{
    struct flows *flows = pass->flows;
    struct fn_flow *inner = &flows->v[callee.i];

    if (!pass->recording || callee.i == pass->fn.i) {
        return;
    }
    for (size_t i = 0; i < inner->acquisitions.n; i++) {
        struct acquisition *a = inner->acquisitions.v[i];
        path_id lock = path_substitute(flows->paths, a->lock, pointees, n);
        if (path_is_global(flows->paths, a->lock)) {
            continue;
        }
        const struct lockset *held = held_in_caller(pass, before, a, pointees, n);
        bool blurred = lockset_find(held, lock) != NULL && !path_is_exact(flows->paths, lock);
        if (path_is_none(lock) || path_eq(lock, a->lock) || blurred ||
            pass->out->acquisitions.n >= MAX_LIFTED) {
            a->kept = true;
            continue;
        }
        a->lifted = true;
        record_acquisition(pass, (struct acquisition){.op = call->op,
                                                      .lock = lock,
                                                      .mode = a->mode,
                                                      .waits = a->waits,
                                                      .recursive = a->recursive,
                                                      .held = held,
                                                      .inner = a,
                                                      .inner_fn = callee});
    }
}

static struct state after_outcome(struct pass *pass, const struct state *before,
                                  const struct call *call, const struct outcome *outcome,
                                  const path_id *pointees, size_t n)
{
    struct flows *flows = pass->flows;
    struct state after = *before;

    for (uint32_t i = 0; i < outcome->gone->n; i++) {
        release(pass, &after, path_substitute(flows->paths, outcome->gone->v[i].lock, pointees, n));
    }
    for (uint32_t i = 0; i < outcome->held->n; i++) {
        struct token token = outcome->held->v[i];
        token.lock = path_substitute(flows->paths, token.lock, pointees, n);
        token.taken = (struct site){pass->fn.i, call->op.i};
        if (!path_is_none(token.lock)) {
            after.held = lockset_add(flows->pool, after.held, token);
        }
    }
    return after;
}

static bool has_effect(const struct fn_flow *flow)
{
    for (size_t i = 0; i < flow->outcomes.n; i++) {
        if (flow->outcomes.v[i].held->n > 0 || flow->outcomes.v[i].gone->n > 0) {
            return true;
        }
    }
    return false;
}

static void apply_callee(struct pass *pass, const struct state *before, const struct call *call,
                         fn_id callee, struct state_list *out)
{
    const struct fn_flow *flow = &pass->flows->v[callee.i];
    bool lifts = pass->recording && flow->acquisitions.n > 0;
    path_id pointees[MAX_PARAMS];
    size_t n = 0;
    bool capped = false;

    if (lifts || has_effect(flow)) {
        n = flow_pointees(pass->flows, call, pointees);
        lift(pass, before, call, callee, pointees, n);
    }
    for (size_t i = 0; i < flow->outcomes.n; i++) {
        const struct outcome *outcome = &flow->outcomes.v[i];
        struct state after = after_outcome(pass, before, call, outcome, pointees, n);
        if (flow->outcomes.n > 1 && outcome->result != RESULT_ANY) {
            struct fact fact = {.about = FACT_CALL,
                                .id = call->op.i,
                                .equal = outcome->constant || outcome->result == RESULT_ZERO,
                                .value = outcome->constant ? outcome->value : 0,
                                .assumes = PATH_NONE};
            (void)state_learn(&after, pass->flows->pool, fact);
        }
        states_add(out, pass->flows->pool, &after, &capped);
    }
    pass->out->capped |= capped;
}

bool flow_call_ends(const struct flows *flows, const struct call *call)
{
    if (call->model != NULL) {
        return call->model->noreturn;
    }
    for (size_t i = 0; i < call->callees.n; i++) {
        if (flows->v[call->callees.v[i].i].returns) {
            return false;
        }
    }
    return call->callees.n > 0;
}

/* ---- what may have changed ------------------------------------------------------------------ */

static bool lies_behind(const struct paths *paths, path_id path, path_id whole)
{
    while (!path_is_none(path) && !path_eq(path, whole)) {
        path = path_get(paths, path)->parent;
    }
    return !path_is_none(path);
}

/* Forgets what is known of memory that a write of `written` can change, or make another. */
static void forget_written(struct pass *pass, struct state *state, path_id written)
{
    struct paths *paths = pass->flows->paths;

    for (uint32_t i = state->n_facts; i-- > 0;) {
        path_id path = {state->facts[i].id};
        if (state->facts[i].about == FACT_PATH &&
            (path_may_alias(paths, path, written) || lies_behind(paths, path, written))) {
            state_drop(state, i);
        }
    }
}

static bool callee_changes(const struct pass *pass, const struct call *call,
                           const struct fact *fact)
{
    bool only_locks = call->model != NULL &&
                      (call->model->acquire != ARG_NONE || call->model->release != ARG_NONE);

    switch (fact->about) {
    case FACT_LOCAL:
        return !only_locks && (pass->body->ir->locals.v[fact->id].flags & IR_LOCAL_ADDRESS_TAKEN);
    case FACT_CALL:
        return fact->id == call->op.i;
    case FACT_PATH: {
        path_id class = path_class(pass->flows->paths, (path_id){fact->id});
        bool changes = call->model != NULL && call->model->wait_cond != ARG_NONE;
        for (size_t i = 0; i < call->callees.n && !changes; i++) {
            changes = written_by(pass->flows->written, call->callees.v[i], class);
        }
        return changes;
    }
    }
    return false;
}

/* Waiting for a condition is waiting for others to change something. */
static void forget_called(struct pass *pass, struct state *state, const struct call *call)
{
    for (uint32_t i = state->n_facts; i-- > 0;) {
        if (callee_changes(pass, call, &state->facts[i])) {
            state_drop(state, i);
        }
    }
}

static bool loop_reads(struct pass *pass, uint32_t head, path_id path)
{
    const struct ir_fn *ir = pass->body->ir;

    for (uint32_t i = 0; i < ir->ops.n; i++) {
        if (ir->ops.v[i].kind == IR_READ &&
            path_eq(resolve_place(pass->out->resolver, ir->ops.v[i].u.access.place), path) &&
            cfg_in_loop(pass->body->cfg, cfg_block_of(pass->body->cfg, (op_id){i}), head)) {
            return true;
        }
    }
    return false;
}

/* A loop that looks at a variable again expects another answer: `while (!done) { ... }`. */
static void forget_looped(struct pass *pass, struct state *state, uint32_t head)
{
    for (uint32_t i = state->n_facts; i-- > 0;) {
        if (state->facts[i].about == FACT_PATH &&
            loop_reads(pass, head, (path_id){state->facts[i].id})) {
            state_drop(state, i);
        }
    }
}

static void forget_memory(struct state *state)
{
    for (uint32_t i = state->n_facts; i-- > 0;) {
        if (state->facts[i].about == FACT_PATH) {
            state_drop(state, i);
        }
    }
}

static void step_call(struct pass *pass, const struct state *before, op_id op,
                      struct state_list *out)
{
    const struct call *call = calls_at(pass->flows->calls, pass->fn, op);
    struct state state = *before;
    bool capped = false;

    forget_called(pass, &state, call);
    if (flow_call_ends(pass->flows, call)) {
        return;
    }
    if (call->model != NULL) {
        apply_model(pass, &state, call, out);
        return;
    }
    for (size_t i = 0; i < call->callees.n; i++) {
        apply_callee(pass, &state, call, call->callees.v[i], out);
    }
    if (call->callees.n == 0) {
        states_add(out, pass->flows->pool, &state, &capped);
    }
}

/* ---- what the other ops do ------------------------------------------------------------------- */

static void step_write(struct pass *pass, struct state *state, const struct ir_op *op)
{
    const struct ir_fn *ir = pass->body->ir;
    uint32_t local;

    if (!place_is_local(ir, op->u.access.place, &local)) {
        forget_written(pass, state, resolve_place(pass->out->resolver, op->u.access.place));
        return;
    }
    forget_written(pass, state, path_root(pass->flows->paths, ROOT_LOCAL, pass->fn.i, local));
    value_id value = op->kind == IR_WRITE ? op->u.access.value : (value_id){ID_NONE};
    branch_assign(&pass->branch, state, local, value);
}

static void record_held(struct pass *pass, uint32_t op, const struct state_list *states)
{
    struct lockset_pool *pool = pass->flows->pool;
    struct held held = {states->v[0].held, states->v[0].held, lockset_empty(pool)};
    struct fn_flow *out = pass->out;

    for (uint32_t i = 0; i < states->n; i++) {
        const struct state *state = &states->v[i];
        held.must = lockset_meet(pool, held.must, state->held);
        held.may = lockset_join(pool, held.may, state->held);
        held.gone = lockset_join(pool, held.gone, lockset_minus(pool, state->gone, state->held));
    }
    for (size_t i = out->helds.n; i-- > 0;) {
        const struct held *known = &out->helds.v[i];
        if (known->must == held.must && known->may == held.may && known->gone == held.gone) {
            out->held_at[op] = (uint32_t)i;
            return;
        }
    }
    out->held_at[op] = (uint32_t)out->helds.n;
    vec_push(pass->flows, &out->helds, held);
}

/* The states behind the ops of block `b`, into *states (which holds those before it). */
static void step_block(struct pass *pass, uint32_t b, struct state_list *states)
{
    const struct ir_block *block = &pass->body->ir->blocks.v[b];

    for (uint32_t i = block->first_op; i < block->first_op + block->n_ops && states->n > 0; i++) {
        const struct ir_op *op = &pass->body->ir->ops.v[i];
        if (pass->recording) {
            record_held(pass, i, states);
        }
        if (op->kind == IR_CALL) {
            struct state_list out = {.n = 0};
            for (uint32_t s = 0; s < states->n; s++) {
                step_call(pass, &states->v[s], (op_id){i}, &out);
            }
            *states = out;
        } else if (op->kind != IR_READ) {
            for (uint32_t s = 0; s < states->n; s++) {
                step_write(pass, &states->v[s], op);
            }
        }
    }
}

/* Is the edge possible in this state? Adds what it tells. */
static bool follow_edge(struct pass *pass, struct state *state, const struct ir_block *block,
                        uint32_t which)
{
    const struct ir_succ *succ = &pass->body->ir->succs.v[block->first_succ + which];

    if (block->term == IR_BRANCH) {
        return branch_learn(&pass->branch, state, block->cond, which == 0);
    }
    if (block->term == IR_SWITCH && !succ->is_default && succ->low == succ->high) {
        return branch_learn_case(&pass->branch, state, block->cond, succ->low);
    }
    return true;
}

static void add_outcome(struct pass *pass, const struct state *state, value_id returned)
{
    struct outcome outcome = {result_of(pass, state, returned), state->held, state->gone, false, 0};

    outcome.constant = branch_constant(&pass->branch, state, returned, &outcome.value);
    for (size_t i = 0; i < pass->out->outcomes.n; i++) {
        struct outcome *known = &pass->out->outcomes.v[i];
        if (known->held == outcome.held && known->gone == outcome.gone) {
            known->result = known->result == outcome.result ? known->result : RESULT_ANY;
            known->constant = known->constant && outcome.constant && known->value == outcome.value;
            return;
        }
    }
    vec_push(pass->flows, &pass->out->outcomes, outcome);
}

/* ---- the pass ---------------------------------------------------------------------------------
 */

enum sent {
    SENT_NOTHING, /* no state can go this way */
    SENT_KNOWN,   /* nothing new */
    SENT_NEWS,
};

/* Sends the states behind block `b` along its edge number `e`. With `forgetful`, memory may have
 * changed since it was looked at. */
static enum sent send(struct pass *pass, const struct state_list *states, uint32_t b, uint32_t e,
                      bool forgetful)
{
    const struct ir_block *block = &pass->body->ir->blocks.v[b];
    uint32_t to = pass->body->ir->succs.v[block->first_succ + e].block.i;
    bool goes_back = cfg_dominates(pass->body->cfg, to, b);
    enum sent sent = SENT_NOTHING;

    for (uint32_t s = 0; s < states->n; s++) {
        struct state state = states->v[s];
        if (forgetful) {
            forget_memory(&state);
        }
        if (!follow_edge(pass, &state, block, e)) {
            continue;
        }
        if (goes_back) {
            forget_looped(pass, &state, to);
        }
        bool news = states_add(&pass->in[to], pass->flows->pool, &state, &pass->out->capped);
        sent = news || sent == SENT_NEWS ? SENT_NEWS : SENT_KNOWN;
    }
    return sent;
}

/* Sends the states behind block `b` to its successors; marks those whose input changed. What is
 * known of memory tells ways apart, but makes none impossible: another thread can have written. */
static void spread(struct pass *pass, uint32_t b, const struct state_list *states, bool *dirty)
{
    const struct ir_block *block = &pass->body->ir->blocks.v[b];

    for (uint32_t e = 0; e < block->n_succs; e++) {
        enum sent sent = send(pass, states, b, e, false);
        if (sent == SENT_NOTHING) {
            sent = send(pass, states, b, e, true);
        }
        if (sent == SENT_NEWS) {
            dirty[pass->body->ir->succs.v[block->first_succ + e].block.i] = true;
        }
    }
}

static void find_fixpoint(struct pass *pass)
{
    const struct cfg *cfg = pass->body->cfg;
    bool *dirty = mem_array(NULL, bool, cfg->n + 1);
    bool again = true;
    const struct lockset *nothing = lockset_empty(pass->flows->pool);

    pass->in[0].n = 1;
    pass->in[0].v[0] = (struct state){.held = nothing, .gone = nothing};
    dirty[0] = true;
    for (unsigned round = 0; again && round < MAX_ROUNDS; round++) {
        again = false;
        for (uint32_t i = 0; i < cfg->n_order; i++) {
            uint32_t b = cfg->order[i];
            if (!dirty[b]) {
                continue;
            }
            dirty[b] = false;
            again = true;
            struct state_list states = pass->in[b];
            step_block(pass, b, &states);
            spread(pass, b, &states, dirty);
        }
    }
    talloc_free(dirty);
}

static void record(struct pass *pass)
{
    const struct cfg *cfg = pass->body->cfg;

    pass->recording = true;
    pass->out->returns = false;
    pass->out->outcomes.n = 0;
    pass->out->acquisitions.n = 0;
    for (uint32_t i = 0; i < cfg->n_order; i++) {
        uint32_t b = cfg->order[i];
        struct state_list states = pass->in[b];
        step_block(pass, b, &states);
        const struct ir_block *block = &pass->body->ir->blocks.v[b];
        for (uint32_t s = 0; s < states.n && block->term == IR_RETURN; s++) {
            pass->out->returns = true;
            add_outcome(pass, &states.v[s], block->cond);
        }
    }
}

/* What the function returns, when all its returns agree. */
static void find_returned(struct pass *pass)
{
    const struct ir_fn *ir = pass->body->ir;
    struct fn_flow *out = pass->out;
    path_id only = PATH_NONE;
    unsigned n = 0;

    out->fresh = false;
    for (size_t b = 0; b < ir->blocks.n; b++) {
        value_id value = ir->blocks.v[b].cond;
        if (ir->blocks.v[b].term != IR_RETURN || value.i == ID_NONE) {
            continue;
        }
        value = resolve_value(out->resolver, value);
        const struct ir_value *v = &ir->values.v[value.i];
        if (v->kind == IR_VALUE_INT && v->u.number == 0) {
            continue; /* NULL beside one object is still that object */
        }
        path_id path = resolve_pointee(out->resolver, value);
        only = n == 0 || path_eq(only, path) ? path : PATH_NONE;
        n++;
        if (v->kind == IR_VALUE_CALL) {
            const struct call *call = calls_at(pass->flows->calls, pass->fn, v->u.op);
            out->fresh = (call->model != NULL && call->model->fresh) ||
                         (call->callees.n == 1 && pass->flows->v[call->callees.v[0].i].fresh);
        }
    }
    bool tellable =
        !path_is_none(only) &&
        path_get(pass->flows->paths, path_root_of(pass->flows->paths, only))->kind != ROOT_LOCAL &&
        path_get(pass->flows->paths, path_root_of(pass->flows->paths, only))->kind != ROOT_CALL;
    out->returned = tellable ? only : PATH_NONE;
    out->fresh = out->fresh && n == 1;
}

static void analyse(struct flows *flows, fn_id fn)
{
    struct pass pass = {
        .flows = flows, .fn = fn, .body = &flows->linked->fns.v[fn.i], .out = &flows->v[fn.i]};

    pass.branch = (struct branch){pass.body->ir, pass.out->resolver, flows->pool};
    pass.in = mem_array(NULL, struct state_list, pass.body->cfg->n + 1);
    if (pass.out->held_at == NULL) {
        pass.out->held_at = mem_array(flows, uint32_t, pass.body->ir->ops.n + 1);
    }
    memset(pass.out->held_at, 0xff, pass.body->ir->ops.n * sizeof *pass.out->held_at);
    pass.out->helds.n = 0;
    pass.out->capped = false;
    find_fixpoint(&pass);
    record(&pass);
    find_returned(&pass);
    talloc_free(pass.in);
}

static void prepare(struct flows *flows)
{
    const struct lockset *nothing = lockset_empty(flows->pool);

    flows->v = mem_array(flows, struct fn_flow, flows->linked->fns.n + 1);
    for (uint32_t i = 0; i < flows->linked->fns.n; i++) {
        struct fn_flow *flow = &flows->v[i];
        flow->resolver =
            resolver_new(flows, flows->linked, flows->paths, (fn_id){i}, returned_by, flows);
        flow->returns = true;
        flow->returned = PATH_NONE;
        vec_push(flows, &flow->outcomes, (struct outcome){RESULT_ANY, nothing, nothing, false, 0});
    }
}

struct flows *flows_build(void *owner, const struct linked *linked, struct paths *paths,
                          const struct models *models, struct calls *calls)
{
    struct flows *flows = mem_new(owner, struct flows);

    flows->linked = linked;
    flows->paths = paths;
    flows->models = models;
    flows->calls = calls;
    flows->pool = lockset_pool_new(flows);
    prepare(flows);
    struct bottom_up order = calls_bottom_up(flows, linked, calls);
    flows->written = written_build(flows, linked, paths, calls, &order);
    for (size_t i = 0; i < order.n;) {
        size_t end = i;
        while (end < order.n && order.component[end] == order.component[i]) {
            end++;
        }
        unsigned rounds = end - i > 1 ? 2 : 1; /* a cycle's members see each other's first answer */
        for (unsigned round = 0; round < rounds; round++) {
            for (size_t f = i; f < end; f++) {
                analyse(flows, order.order[f]);
            }
        }
        i = end;
    }
    for (size_t i = 0; i < linked->fns.n; i++) {
        flows->n_capped += flows->v[i].capped ? 1 : 0;
        if (flows->v[i].capped) {
            log_debug("too many lock states: %s, %zu outcomes", linked->fns.v[i].name,
                      flows->v[i].outcomes.n);
        }
    }
    return flows;
}

const struct held *flow_held_at(const struct flows *flows, fn_id fn, op_id op)
{
    const struct fn_flow *flow = &flows->v[fn.i];
    uint32_t at = flow->held_at[op.i];

    return at == ID_NONE ? NULL : &flow->helds.v[at];
}
