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
}

static bool callee_replaces(const struct pass *pass, const struct call *call, path_id lock)
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
            if (written_by(pass->flows->written, call->callees.v[i], class)) {
                return true;
            }
        }
    }
    return false;
}

void pass_lose_called(struct pass *pass, struct state *state, const struct call *call)
{
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
