#include "program/flow_pass.h"

#include "program/handshakes.h"

#include <string.h>

enum { MAX_LIFTED = 64 }; /* acquisitions of callees that a function makes its own */

path_id flow_find_named_lock(const struct flows *flows, const char *name)
{
    for (uint32_t i = 0; i < flows->lock_names.n; i++) {
        if (strcmp(flows->lock_names.v[i], name) == 0) {
            return path_root(flows->paths, ROOT_NAMED, i, 0);
        }
    }
    return PATH_NONE;
}

path_id flow_named_lock(struct flows *flows, const char *name)
{
    path_id known = flow_find_named_lock(flows, name);

    if (!path_is_none(known)) {
        return known;
    }
    vec_push(flows, &flows->lock_names, name);
    return path_root(flows->paths, ROOT_NAMED, (uint32_t)flows->lock_names.n - 1, 0);
}

static path_id lock_of(struct flows *flows, const struct call *call, int arg)
{
    if (arg == ARG_SINGLETON) {
        const char *name = call->model->lock != NULL ? call->model->lock : call->model->library;
        return flow_named_lock(flows, name);
    }
    return flow_arg_path(flows, call, arg);
}

static void record_acquisition(struct pass *pass, struct acquisition acquisition)
{
    if (!pass->recording) {
        return;
    }
    for (size_t i = 0; i < pass->out->acquisitions.n; i++) {
        const struct acquisition *known = pass->out->acquisitions.v[i];
        if (known->op.i == acquisition.op.i && path_eq(known->lock, acquisition.lock) &&
            known->held == acquisition.held && known->gone == acquisition.gone &&
            known->inner == acquisition.inner) {
            return;
        }
    }
    struct acquisition *kept = mem_new(pass->flows, struct acquisition);
    *kept = acquisition;
    vec_push(pass->flows, &pass->out->acquisitions, kept);
}

/* How a lock call takes the lock. */
struct taking {
    bool waits;    /* it can wait for as long as another one holds the lock */
    bool may_fail; /* its result tells if the lock is had: it tries, or gives up after a time */
    bool tries;    /* ... at once */
};

static struct taking taking_of(const struct pass *pass, const struct call *call)
{
    const struct model_fn *model = call->model;
    struct taking taking = {.waits = !model->is_try && !model->timed,
                            .may_fail = model->is_try || model->timed,
                            .tries = model->is_try};

    if (model->wait_flag != ARG_NONE) {
        const struct ir_fn *ir = pass->body->ir;
        value_id flag = call_arg(pass->flows->linked, call, model->wait_flag);
        bool constant = flag.i != ID_NONE && ir->values.v[flag.i].kind == IR_VALUE_INT;
        taking.tries = constant && ir->values.v[flag.i].u.number == 0;
        taking.waits = !taking.tries;
        taking.may_fail = !constant || taking.tries;
    }
    return taking;
}

static void take(struct pass *pass, struct state *state, const struct call *call, path_id lock)
{
    const struct model_fn *model = call->model;
    enum token_mode mode = model->shared ? TOKEN_SHARED : TOKEN_EXCLUSIVE;
    struct token token = {lock, mode, 1, {pass->fn.i, call->op.i}};
    bool is_new = model->kind == LOCK_SEM && handshake_is_new(pass->flows, call);

    record_acquisition(pass, (struct acquisition){
                                 .op = call->op,
                                 .lock = lock,
                                 .mode = mode,
                                 .waits = taking_of(pass, call).waits && !is_new,
                                 .recursive = model->recursive,
                                 .held = state->held,
                                 .gone = lockset_minus(pass->flows->pool, state->gone, state->held),
                                 .inner_fn = FN_NONE});
    pass_hold(pass, state, token);
}

/* Who has locked through a pointer knows that it is none to nothing: `if (p) unlock(p);` then does.
 */
static void learn_pointer(struct pass *pass, struct state *state, const struct call *call)
{
    value_id pointer = call_arg(pass->flows->linked, call, call->model->acquire);

    if (call->model->acquire > 0 && pointer.i != ID_NONE) {
        (void)branch_learn(&pass->branch, state, pointer, true);
    }
}

/* A lock call: one state where it is held, for try and timed calls another where it is not. */
static void acquire(struct pass *pass, const struct state *before, const struct call *call,
                    struct state_list *out)
{
    const struct model_fn *model = call->model;
    path_id lock = lock_of(pass->flows, call, model->acquire);
    struct state taken;
    struct fact ok = {.about = FACT_CALL, .id = call->op.i, .equal = model->ok == OK_ZERO};
    struct taking how = taking_of(pass, call);
    bool capped = false;

    if (path_is_none(lock) || (model->kind == LOCK_SEM && handshake_is(pass->flows, call))) {
        states_add(out, pass->flows->pool, before, &capped);
        return;
    }
    state_copy(&taken, before);
    take(pass, &taken, call, lock);
    learn_pointer(pass, &taken, call);
    ok.assumes = how.may_fail ? PATH_NONE : lock;
    if (model->ok != OK_ALWAYS) {
        (void)state_learn(&taken, pass->flows->pool, ok);
    }
    states_add(out, pass->flows->pool, &taken, &capped);
    if (how.may_fail) {
        struct state failed;
        state_copy(&failed, before);
        ok.equal = !ok.equal;
        ok.only_two = how.tries && !ok.equal;
        (void)state_learn(&failed, pass->flows->pool, ok);
        pass_miss(pass, &failed, call, lock);
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
        pass_release(pass, state, call, lock);
    }
    pass_hold(pass, state, again);
}

/* A writer's lock becomes a reader's. */
static void downgrade(struct pass *pass, struct state *state, path_id lock)
{
    const struct token *token = path_is_none(lock) ? NULL : lockset_find(state->held, lock);

    if (token != NULL) {
        struct token reader = *token;
        reader.mode = TOKEN_SHARED;
        state->held = lockset_drop(pass->flows->pool, state->held, lock);
        state->held = lockset_add(pass->flows->pool, state->held, reader);
    }
}

static void apply_model(struct pass *pass, const struct state *before, const struct call *call,
                        struct state_list *out)
{
    const struct model_fn *model = call->model;
    struct state after;
    bool capped = false;

    if (model->acquire != ARG_NONE) {
        acquire(pass, before, call, out);
        return;
    }
    state_copy(&after, before);
    if (model->release != ARG_NONE) {
        pass_release(pass, &after, call, lock_of(pass->flows, call, model->release));
    }
    if (model->downgrade != ARG_NONE) {
        downgrade(pass, &after, flow_arg_path(pass->flows, call, model->downgrade));
    }
    if (model->wait_lock != ARG_NONE) {
        wait_with(pass, &after, call, flow_arg_path(pass->flows, call, model->wait_lock));
    }
    states_add(out, pass->flows->pool, &after, &capped);
    pass->out->capped |= capped;
}

/* What a callee gives back before an acquisition of its own, in this function's terms. */
static const struct lockset *gone_in_caller(struct pass *pass, const struct acquisition *a,
                                            const path_id *pointees, size_t n)
{
    const struct lockset *gone = lockset_empty(pass->flows->pool);

    for (uint32_t t = 0; t < a->gone->n; t++) {
        struct token token = a->gone->v[t];
        token.lock = path_substitute(pass->flows->paths, token.lock, pointees, n);
        if (!path_is_none(token.lock) && lockset_find(gone, token.lock) == NULL) {
            gone = lockset_add(pass->flows->pool, gone, token);
        }
    }
    return gone;
}

/* What is held at a callee's acquisition, in this function's terms. */
static const struct lockset *held_in_caller(struct pass *pass, const struct state *before,
                                            const struct lockset *gone, const struct acquisition *a,
                                            const path_id *pointees, size_t n)
{
    const struct lockset *held = lockset_minus(pass->flows->pool, before->held, gone);

    for (uint32_t t = 0; t < a->held->n; t++) {
        struct token token = a->held->v[t];
        token.lock = path_substitute(pass->flows->paths, token.lock, pointees, n);
        if (!path_is_none(token.lock) && lockset_find(held, token.lock) == NULL) {
            held = lockset_add(pass->flows->pool, held, token);
        }
    }
    return held;
}

/* The caller's locks that are not there at a callee's acquisition: those that the callee or this
 * function gave back. */
static const struct lockset *gone_with(struct pass *pass, const struct state *before,
                                       const struct lockset *gone, const struct lockset *held)
{
    gone = lockset_minus(pass->flows->pool, gone, before->held);
    gone = lockset_join(pass->flows->pool, gone, before->gone);
    return lockset_minus(pass->flows->pool, gone, held);
}

/* Is a lock of the set one that only callers know? */
static bool names_argument(const struct pass *pass, const struct lockset *set)
{
    const struct paths *paths = pass->flows->paths;

    for (uint32_t i = 0; i < set->n; i++) {
        if (path_get(paths, path_root_of(paths, set->v[i].lock))->kind == ROOT_PARAM) {
            return true;
        }
    }
    return false;
}

/* A callee's acquisitions whose lock, or what is held at them, is about parameters are this
 * function's too. */
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
        path_id lock = flow_substitute(flows, call, a->lock, pointees, n);
        bool is_global = path_is_global(flows->paths, a->lock);
        if (is_global && !names_argument(pass, before->held) && !names_argument(pass, a->held)) {
            continue;
        }
        const struct lockset *gone = gone_in_caller(pass, a, pointees, n);
        const struct lockset *held = held_in_caller(pass, before, gone, a, pointees, n);
        bool blurred = lockset_find(held, lock) != NULL && !path_is_exact(flows->paths, lock);
        if (path_is_none(lock) || (path_eq(lock, a->lock) && !is_global) || blurred ||
            pass->out->acquisitions.n >= MAX_LIFTED) {
            vec_push(flows, &pass->out->lifts, (struct lift){a, false});
            continue;
        }
        vec_push(flows, &pass->out->lifts, (struct lift){a, true});
        record_acquisition(pass, (struct acquisition){.op = call->op,
                                                      .lock = lock,
                                                      .mode = a->mode,
                                                      .waits = a->waits,
                                                      .recursive = a->recursive,
                                                      .held = held,
                                                      .gone = gone_with(pass, before, gone, held),
                                                      .inner = a,
                                                      .inner_fn = callee});
    }
}

/* The state behind the call, into *after. */
static void run_effect(struct pass *pass, const struct state *before, const struct call *call,
                       const struct effect *effect, struct state *after)
{
    state_copy(after, before);
    for (uint32_t i = 0; i < effect->gone->n; i++) {
        pass_release(pass, after, call, effect->gone->v[i].lock);
    }
    for (uint32_t i = 0; i < effect->held->n; i++) {
        pass_hold(pass, after, effect->held->v[i]);
    }
    pass_not_held_behind(pass, after, effect);
    if (effect->tells) {
        (void)state_learn(after, pass->flows->pool, effect->told);
    }
}

bool pass_can_be(const struct pass *pass, const struct state *state, const struct call *call,
                 const struct fact *when, uint32_t n_when)
{
    for (uint32_t i = 0; i < n_when; i++) {
        value_id value = call_arg(pass->flows->linked, call, (int)when[i].id + 1);
        int64_t number;
        if (value.i != ID_NONE && branch_constant(&pass->branch, state, value, &number) &&
            fact_denies(&when[i], number)) {
            return false;
        }
    }
    return true;
}

static void apply_callees(struct pass *pass, const struct state *before, const struct call *call,
                          struct state_list *out)
{
    const struct call_effects *effects = effects_of(pass, call);
    bool capped = false;

    for (size_t i = 0; i < call->callees.n && pass->recording; i++) {
        lift(pass, before, call, call->callees.v[i], effects->pointees, effects->n_pointees);
    }
    for (size_t i = 0; i < effects->v.n; i++) {
        const struct effect *effect = &effects->v.v[i];
        struct state after;
        if (pass_can_be(pass, before, call, effect->when, effect->n_when)) {
            run_effect(pass, before, call, effect, &after);
            states_add(out, pass->flows->pool, &after, &capped);
        }
    }
    pass->out->capped |= capped;
}

void pass_call(struct pass *pass, const struct state *before, const struct call *call,
               struct state_list *out)
{
    struct state state;
    bool capped = false;

    if (flow_call_ends(pass->flows, call)) {
        return;
    }
    state_copy(&state, before);
    pass_forget_called(pass, &state, call);
    pass_lose_called(pass, &state, call);
    if (call->model != NULL) {
        apply_model(pass, &state, call, out);
    } else if (call->callees.n > 0) {
        apply_callees(pass, &state, call, out);
    } else {
        states_add(out, pass->flows->pool, &state, &capped);
    }
}
