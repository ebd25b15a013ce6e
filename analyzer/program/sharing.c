#include "program/sharing.h"

static path_id path_in_fn(const struct contexts *contexts, const struct access *access)
{
    const struct flows *flows = contexts->flows;
    const struct ir_op *op = &flows->linked->fns.v[access->fn.i].ir->ops.v[access->op.i];

    return flow_place(flows, access->fn, op->u.access.place);
}

/* Is the path one object, or part of one, that lives on the stack of one call at a time? */
static bool is_local_object(const struct contexts *contexts, path_id path)
{
    const struct paths *paths = contexts->flows->paths;

    for (path_id at = path; !path_is_none(at); at = path_get(paths, at)->parent) {
        const struct path_node *node = path_get(paths, at);
        if (node->kind == STEP_DEREF || node->kind == STEP_CONTAINER ||
            (node->kind == STEP_INDEX && node->a == PATH_INDEX_ANY)) {
            return false;
        }
        if (node->kind == ROOT_LOCAL) {
            return true;
        }
    }
    return false;
}

/* The path of what thread `access` touches, in terms of the function that starts it by `call`;
 * PATH_NONE: it does not touch what it got as its argument. */
static path_id argument_path(const struct contexts *contexts, const struct access *access,
                             const struct call *call)
{
    struct paths *paths = contexts->flows->paths;
    path_id mine = path_in_fn(contexts, access);
    const struct context *context = &contexts->v.v[access->context.i];

    if (path_is_none(mine) || access->fn.i != context->entries.v[0].i || call->model == NULL ||
        call->model->thread_data <= 0) {
        return PATH_NONE;
    }
    const struct path_node *root = path_get(paths, path_root_of(paths, mine));
    path_id pointee = flow_arg_path(contexts->flows, call, call->model->thread_data);
    return root->kind == ROOT_PARAM && root->a == 0 ? path_substitute(paths, mine, &pointee, 1)
                                                    : PATH_NONE;
}

/* Can the access come after the call, in one run of its function? */
static bool can_follow(const struct contexts *contexts, const struct access *access,
                       const struct call *call)
{
    const struct cfg *cfg = contexts->flows->linked->fns.v[call->fn.i].cfg;
    bool *seen = mem_array(NULL, bool, cfg->n + 1);
    uint32_t from = cfg_block_of(cfg, call->op);
    uint32_t to = cfg_block_of(cfg, access->op);

    cfg_reach(cfg, from, ID_NONE, seen);
    bool follows =
        from == to ? access->op.i > call->op.i || cfg_op_repeats(cfg, call->op) : seen[to];
    talloc_free(seen);
    return follows;
}

/* Did the function of `other` hand the object over to the thread that `access` is of, and use it
 * on? (What it did before is over when the thread begins.) */
static bool was_handed_over(const struct contexts *contexts, const struct access *access,
                            const struct access *other)
{
    const struct context *context = &contexts->v.v[access->context.i];
    path_id theirs = path_in_fn(contexts, other);

    for (size_t i = 0; i < context->created.n && context->kind == CONTEXT_THREAD; i++) {
        struct site site = context->created.v[i];
        const struct call *call =
            calls_at(contexts->flows->calls, (fn_id){site.fn}, (op_id){site.op});
        path_id path = site.fn == other->fn.i ? argument_path(contexts, access, call) : PATH_NONE;
        if (!path_is_none(path) && path_eq(path, theirs) && can_follow(contexts, other, call)) {
            return true;
        }
    }
    return false;
}

/* Has the function of `access` stored its new object in a variable, by which `other` comes to it?
 */
static bool was_published(const struct contexts *contexts, const struct access *access,
                          const struct access *other)
{
    struct paths *paths = contexts->flows->paths;
    path_id mine = path_in_fn(contexts, access);
    path_id theirs = path_in_fn(contexts, other);
    path_id in = path_is_none(mine)
                     ? PATH_NONE
                     : ownership_published_in(contexts->ownership, access->fn, mine, access->op);

    return !path_is_none(in) && !path_is_none(theirs) &&
           path_eq(path_replace_pointee(paths, mine, path_step(paths, in, STEP_DEREF, 0)), theirs);
}

bool sharing_is_certain(const struct contexts *contexts, const struct access *a,
                        const struct access *b)
{
    const struct paths *paths = contexts->flows->paths;

    if (path_is_exact(paths, a->path) && path_is_exact(paths, b->path)) {
        return true;
    }
    path_id x = path_in_fn(contexts, a);
    path_id y = path_in_fn(contexts, b);
    return (!path_is_none(x) && path_eq(x, y) && is_local_object(contexts, x)) ||
           was_handed_over(contexts, a, b) || was_handed_over(contexts, b, a) ||
           was_published(contexts, a, b) || was_published(contexts, b, a);
}
