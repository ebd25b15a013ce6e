#include "program/flow_pass.h"

/* Only "one of its class" is left of a lock whose name has come to mean another object. */
static path_id lost(struct paths *paths, path_id lock)
{
    path_id class = path_class(paths, lock);

    return path_eq(class, lock) ? path_step(paths, lock, STEP_INDEX, PATH_INDEX_ANY) : class;
}

/* Does the way to `lock` follow the pointer at `pointer`, or one that may be it? */
static bool leads_through(struct paths *paths, path_id lock, path_id pointer)
{
    for (; !path_is_none(lock); lock = path_get(paths, lock)->parent) {
        const struct path_node *node = path_get(paths, lock);
        if (node->kind == STEP_DEREF && path_may_alias(paths, node->parent, pointer)) {
            return true;
        }
    }
    return false;
}

static void lose(struct pass *pass, struct state *state, path_id lock)
{
    struct lockset_pool *pool = pass->flows->pool;
    struct token token = *lockset_find(state->held, lock);
    path_id other = lost(pass->flows->paths, lock);
    uint32_t depth = token.depth;

    if (path_is_none(other) || path_eq(other, lock)) {
        return;
    }
    token.lock = other;
    token.depth = 1;
    state->held = lockset_drop(pool, state->held, lock);
    for (uint32_t i = 0; i < depth; i++) {
        state->held = lockset_add(pool, state->held, token);
    }
}

/* Each token held now; what the body does to the state does not disturb it. */
#define FOR_EACH_HELD(state, token)                                                                \
    for (const struct lockset *set_ = (state)->held; set_ != NULL; set_ = NULL)                    \
        for (const struct token *token = set_->v; token < set_->v + set_->n; token++)

/* Locks that are not held: what is told of a name ends with what it means. */
static const struct lockset *still_named(struct pass *pass, const struct lockset *set,
                                         path_id written)
{
    for (uint32_t i = set->n; i-- > 0;) {
        path_id lock = set->v[i].lock;
        if (leads_through(pass->flows->paths, lock, written)) {
            set = lockset_drop(pass->flows->pool, set, lock);
        }
    }
    return set;
}

void pass_lose_written(struct pass *pass, struct state *state, path_id written)
{
    if (path_is_none(written)) {
        return;
    }
    FOR_EACH_HELD(state, token)
    {
        if (leads_through(pass->flows->paths, token->lock, written)) {
            lose(pass, state, token->lock);
        }
    }
    state->freed = still_named(pass, state->freed, written);
    state->missed = still_named(pass, state->missed, written);
}

static bool callee_replaces(struct pass *pass, const struct call *call, path_id lock)
{
    struct paths *paths = pass->flows->paths;

    for (; !path_is_none(lock); lock = path_get(paths, lock)->parent) {
        const struct path_node *node = path_get(paths, lock);
        if (node->kind == ROOT_CALL && node->a == pass->fn.i && node->b == call->op.i) {
            return true; /* called again: another object */
        }
        if (node->kind != STEP_DEREF) {
            continue;
        }
        path_id class = path_class(paths, node->parent);
        for (size_t i = 0; i < call->callees.n; i++) {
            if (pass_callee_writes(pass, call->callees.v[i], class)) {
                return true;
            }
        }
    }
    return false;
}

/* Is `path` in what an argument of the call points to, or behind it? */
static bool is_handed_over(const struct pass *pass, const struct call *call, path_id path)
{
    path_id pointees[MAX_PARAMS];
    size_t n = flow_pointees(pass->flows, call, pointees);

    for (; !path_is_none(path); path = path_get(pass->flows->paths, path)->parent) {
        for (size_t i = 0; i < n; i++) {
            if (path_eq(path, pointees[i])) {
                return true;
            }
        }
    }
    return false;
}

/* Can the call have taken the lock, without our knowing? A body that nobody has seen can take what
 * it is handed; one that was not understood, anything. */
static bool may_have_taken(const struct pass *pass, const struct call *call, path_id lock)
{
    bool unknown = call->model == NULL && call->callees.n == 0;
    bool capped = false;

    for (size_t i = 0; i < call->callees.n; i++) {
        capped = capped || pass->flows->v[call->callees.v[i].i].capped;
    }
    return capped || (unknown && (call->indirect || is_handed_over(pass, call, lock)));
}

static const struct lockset *still_not_held(struct pass *pass, const struct lockset *set,
                                            const struct call *call)
{
    for (uint32_t i = set->n; i-- > 0;) {
        path_id lock = set->v[i].lock;
        if (callee_replaces(pass, call, lock) || may_have_taken(pass, call, lock)) {
            set = lockset_drop(pass->flows->pool, set, lock);
        }
    }
    return set;
}

void pass_lose_called(struct pass *pass, struct state *state, const struct call *call)
{
    state->freed = still_not_held(pass, state->freed, call);
    state->missed = still_not_held(pass, state->missed, call);
    FOR_EACH_HELD(state, token)
    {
        if (callee_replaces(pass, call, token->lock)) {
            lose(pass, state, token->lock);
        }
    }
}

bool pass_may_be(const struct pass *pass, path_id held, path_id lock)
{
    struct paths *paths = pass->flows->paths;

    return path_may_alias(paths, held, lock) || path_eq(held, lost(paths, lock));
}
