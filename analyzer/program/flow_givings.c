#include "program/flow_pass.h"

#include <string.h>

bool flow_is_lock_call(const struct model_fn *model)
{
    bool excludes = model->kind == LOCK_KIND_NONE || model->kind == LOCK_MUTEX ||
                    model->kind == LOCK_RWLOCK || model->kind == LOCK_SPIN;

    return excludes && (model->acquire > 0 || model->release > 0);
}

/* ---- writing down ---------------------------------------------------------------------------- */

/* Is it held on some of the ways that were merged into this one? */
static bool is_blurred(const struct pass *pass, const struct state *state, path_id lock)
{
    for (uint32_t i = 0; i < state->blurred->n; i++) {
        if (pass_may_be(pass, state->blurred->v[i].lock, lock)) {
            return true;
        }
    }
    return false;
}

static void add_giving(struct pass *pass, const struct giving *giving)
{
    struct fn_flow *out = pass->out;

    for (size_t i = 0; i < out->givings.n; i++) {
        struct giving *known = out->givings.v[i];
        if (known->op.i == giving->op.i && path_eq(known->lock, giving->lock) &&
            known->how == giving->how && site_eq(known->before, giving->before) &&
            known->inner == giving->inner) {
            known->merged = known->merged || giving->merged;
            return;
        }
    }
    struct giving *kept = mem_new(pass->flows, struct giving);
    *kept = *giving;
    vec_push(pass->flows, &out->givings, kept);
}

/* Adds the giving once for each place where a callee gives the lock back as its caller's. A call by
 * name has several callees where the files are of several programs. */
static bool add_by_callees(struct pass *pass, const struct call *call, struct giving giving)
{
    path_id pointees[MAX_PARAMS];
    size_t n = flow_pointees(pass->flows, call, pointees);
    bool added = false;

    for (size_t c = 0; c < call->callees.n; c++) {
        const struct fn_flow *callee = &pass->flows->v[call->callees.v[c].i];
        for (size_t i = 0; i < callee->givings.n; i++) {
            const struct giving *inner = callee->givings.v[i];
            path_id lock = flow_substitute(pass->flows, call, inner->lock, pointees, n);
            if (inner->how == GIVES_CALLERS && path_eq(lock, giving.lock)) {
                giving.inner = inner;
                giving.inner_fn = call->callees.v[c];
                add_giving(pass, &giving);
                added = true;
            }
        }
    }
    return added;
}

/* The macro of POSIX that sets a handler up calls it in a place of its own, where nothing comes in
 * the ordinary course. */
static bool is_standby(const struct pass *pass, op_id op)
{
    const struct ir_fn *ir = pass->body->ir;
    loc_id where = ir->ops.v[op.i].where;
    const char *macro = where.i == ID_NONE ? NULL : ir->locs.v[where.i].macro;

    return macro != NULL && strcmp(macro, "pthread_cleanup_push") == 0;
}

/* What a pointer of many meanings gives back is only good to know where the lock is held. */
static void note(struct pass *pass, const struct state *state, const struct call *call,
                 path_id lock, enum giving_how how, struct site before)
{
    struct giving giving = {.op = call->op,
                            .lock = lock,
                            .how = how,
                            .before = before,
                            .inner_fn = FN_NONE,
                            .merged = is_blurred(pass, state, lock)};

    if (!pass->recording || (call->model != NULL && !flow_is_lock_call(call->model))) {
        return;
    }
    giving.standby = is_standby(pass, call->op);
    if (call->model == NULL && (!call->indirect || call->callees.n == 1) &&
        add_by_callees(pass, call, giving)) {
        return;
    }
    if (how == GIVES_OWN || call->model != NULL) {
        add_giving(pass, &giving);
    }
}

/* Are all ways to the place alike in whose lock is given back there? */
void pass_finish_givings(struct pass *pass)
{
    struct fn_flow *out = pass->out;

    for (size_t i = 0; i < out->givings.n; i++) {
        for (size_t j = 0; j < out->givings.n; j++) {
            const struct giving *other = out->givings.v[j];
            struct giving *one = out->givings.v[i];
            one->partly |= one->op.i == other->op.i && one->how != other->how &&
                           path_may_alias(pass->flows->paths, one->lock, other->lock);
        }
    }
}

/* The caller's locks that are given back, with the places where that was. */
static const struct lockset *given_back(struct pass *pass, const struct state *state)
{
    struct lockset_pool *pool = pass->flows->pool;
    const struct lockset *gone = lockset_minus(pool, state->gone, state->held);
    const struct lockset *placed = lockset_empty(pool);

    for (uint32_t i = 0; i < gone->n; i++) {
        const struct token *freed = lockset_find(state->freed, gone->v[i].lock);
        placed = lockset_add(pool, placed, freed != NULL ? *freed : gone->v[i]);
    }
    return placed;
}

void pass_note_leavings(struct pass *pass, uint32_t b, op_id op, const struct state_list *states)
{
    struct lockset_pool *pool = pass->flows->pool;
    const struct lockset *must = states->v[0].held;

    for (uint32_t s = 1; s < states->n; s++) {
        must = lockset_meet(pool, must, states->v[s].held);
    }
    for (uint32_t s = 0; s < states->n; s++) {
        const struct state *state = &states->v[s];
        struct leaving leaving = {.block = b, .op = op, .must = must, .merged = states->merged};
        leaving.held = lockset_minus(pool, state->held, state->gone);
        leaving.gone = given_back(pass, state);
        if (leaving.held->n + leaving.gone->n > 0) {
            leaving.n_when = pass_conditions(pass, state, leaving.when);
            vec_push(pass->flows, &pass->out->leavings, leaving);
        }
    }
}

/* ---- what the states become ------------------------------------------------------------------ */

static const struct lockset *without_like(struct pass *pass, const struct lockset *set,
                                          path_id lock)
{
    for (uint32_t i = set->n; i-- > 0;) {
        if (path_may_alias(pass->flows->paths, set->v[i].lock, lock)) {
            set = lockset_drop(pass->flows->pool, set, set->v[i].lock);
            i = i < set->n ? i : set->n;
        }
    }
    return set;
}

void pass_hold(struct pass *pass, struct state *state, struct token token)
{
    state->freed = without_like(pass, state->freed, token.lock);
    state->missed = without_like(pass, state->missed, token.lock);
    state->held = lockset_add(pass->flows->pool, state->held, token);
}

static const struct lockset *renewed(struct pass *pass, const struct lockset *set, path_id lock,
                                     struct site where)
{
    struct token token = {lock, TOKEN_EXCLUSIVE, 1, where};

    return lockset_add(pass->flows->pool, lockset_drop(pass->flows->pool, set, lock), token);
}

void pass_miss(struct pass *pass, struct state *state, const struct call *call, path_id lock)
{
    if (lockset_find(state->held, lock) == NULL && flow_is_one_lock(pass->flows->paths, lock)) {
        state->freed = lockset_drop(pass->flows->pool, state->freed, lock);
        state->missed = renewed(pass, state->missed, lock, (struct site){pass->fn.i, call->op.i});
    }
}

static void set_free(struct pass *pass, struct state *state, const struct call *call, path_id lock)
{
    if (lockset_find(state->held, lock) == NULL && flow_is_one_lock(pass->flows->paths, lock)) {
        state->missed = lockset_drop(pass->flows->pool, state->missed, lock);
        state->freed = renewed(pass, state->freed, lock, (struct site){pass->fn.i, call->op.i});
    }
}

/* Can the caller have held it before, so that it is still held behind the call?
 * PyGILState_Release() gives one level back; what a callee gives back says not how. */
static bool may_nest(const struct pass *pass, const struct call *call, path_id lock)
{
    return path_get(pass->flows->paths, lock)->kind == ROOT_NAMED &&
           (call->model == NULL || call->model->recursive);
}

/* A lock that is held under this name, or one that may be it; NULL. */
static const struct token *find_held(const struct pass *pass, const struct state *state,
                                     path_id lock)
{
    const struct token *token = lockset_find(state->held, lock);

    for (uint32_t i = 0; i < state->held->n && token == NULL; i++) {
        if (pass_may_be(pass, state->held->v[i].lock, lock)) {
            token = &state->held->v[i];
        }
    }
    return token;
}

void pass_release(struct pass *pass, struct state *state, const struct call *call, path_id lock)
{
    struct lockset_pool *pool = pass->flows->pool;
    const struct token *token = path_is_none(lock) ? NULL : find_held(pass, state, lock);
    const struct token *missed = lockset_find(state->missed, lock);
    const struct token *freed = lockset_find(state->freed, lock);

    if (path_is_none(lock)) {
        return;
    }
    if (token != NULL) {
        bool certain = path_eq(token->lock, lock);
        if (token->depth == 1) {
            note(pass, state, call, token->lock, GIVES_OWN, token->taken);
        }
        state->held = lockset_remove(pool, state->held, token->lock);
        if (certain && !may_nest(pass, call, lock)) {
            set_free(pass, state, call, lock);
        }
        return;
    }
    if (missed != NULL || freed != NULL) {
        note(pass, state, call, lock, missed != NULL ? GIVES_MISSED : GIVES_FREED,
             missed != NULL ? missed->taken : freed->taken);
    } else {
        note(pass, state, call, lock, GIVES_CALLERS, SITE_NONE);
    }
    state->gone = lockset_add(pool, lockset_drop(pool, state->gone, lock),
                              (struct token){lock, TOKEN_EXCLUSIVE, 1, SITE_NONE});
    set_free(pass, state, call, lock);
}

void pass_not_held_behind(struct pass *pass, struct state *state, const struct effect *effect)
{
    for (uint32_t i = 0; i < effect->freed->n; i++) {
        const struct token *freed = &effect->freed->v[i];
        if (find_held(pass, state, freed->lock) == NULL) {
            state->freed = renewed(pass, state->freed, freed->lock, freed->taken);
        }
    }
    for (uint32_t i = 0; i < effect->missed->n; i++) {
        const struct token *missed = &effect->missed->v[i];
        if (find_held(pass, state, missed->lock) == NULL) {
            state->missed = renewed(pass, state->missed, missed->lock, missed->taken);
        }
    }
}
