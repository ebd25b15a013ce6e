#include "program/protect.h"

#include "program/arguments.h"
#include "program/resolve.h"

/* The object that a path lies in: what its last pointer, container or index leads to; its root
 * where there is none. */
static path_id object_of(const struct paths *paths, path_id path)
{
    for (;;) {
        const struct path_node *node = path_get(paths, path);
        if (path_is_none(node->parent) || node->kind == STEP_DEREF ||
            node->kind == STEP_CONTAINER || node->kind == STEP_INDEX) {
            return path;
        }
        path = node->parent;
    }
}

static bool is_of_one_type(struct paths *paths, path_id a, path_id b)
{
    path_id x = path_root_of(paths, path_class(paths, a));
    path_id y = path_root_of(paths, path_class(paths, b));

    return path_eq(x, y) && path_get(paths, x)->kind == ROOT_OBJECT;
}

/* Does the way to an object begin at a pointer that keeps its value all through the function? */
static bool is_steady(const struct paths *paths, path_id object)
{
    enum path_kind kind = path_get(paths, path_root_of(paths, object))->kind;

    for (path_id at = object; !path_is_none(at); at = path_get(paths, at)->parent) {
        const struct path_node *node = path_get(paths, at);
        if (node->kind == STEP_INDEX && node->a == PATH_INDEX_ANY) {
            return false;
        }
    }
    return kind == ROOT_PARAM || kind == ROOT_VAR;
}

/* ---- `locks[i]` for `v[i]` --------------------------------------------------------------------
 */

/* The value of the last index on the way to a place; ID_NONE: it has none. */
static value_id last_index(const struct ir_fn *ir, place_id place)
{
    const struct ir_place *p = &ir->places.v[place.i];

    for (uint32_t i = p->n_steps; i-- > 0;) {
        const struct ir_step *step = &ir->steps.v[p->first_step + i];
        if (step->kind == IR_STEP_INDEX) {
            return (value_id){step->arg};
        }
    }
    return (value_id){ID_NONE};
}

/* The index of the lock that the token stands for, as it was taken in `fn`; ID_NONE: not there. */
static value_id index_of_lock(const struct flows *flows, fn_id fn, const struct token *token)
{
    const struct ir_fn *ir = flows->linked->fns.v[fn.i].ir;

    if (token->taken.fn != fn.i) {
        return (value_id){ID_NONE};
    }
    const struct call *call = calls_at(flows->calls, fn, (op_id){token->taken.op});
    int arg = call->model == NULL ? ARG_NONE : call->model->acquire;
    value_id value = arg > 0 ? call_arg(flows->linked, call, arg) : (value_id){ID_NONE};
    value = resolve_value(flows->v[fn.i].resolver, value);
    const struct ir_value *v = value.i == ID_NONE ? NULL : &ir->values.v[value.i];
    return v != NULL && v->kind == IR_VALUE_ADDR ? last_index(ir, v->u.place) : (value_id){ID_NONE};
}

/* Are the two the same number? (A variable is taken not to change in between.) */
static bool is_same_index(const struct flows *flows, fn_id fn, value_id a, value_id b)
{
    const struct ir_fn *ir = flows->linked->fns.v[fn.i].ir;
    uint32_t x;
    uint32_t y;

    a = resolve_value(flows->v[fn.i].resolver, a);
    b = resolve_value(flows->v[fn.i].resolver, b);
    if (a.i == ID_NONE || b.i == ID_NONE || a.i == b.i) {
        return a.i == b.i && a.i != ID_NONE;
    }
    const struct ir_value *v = &ir->values.v[a.i];
    const struct ir_value *w = &ir->values.v[b.i];
    if (v->kind == IR_VALUE_INT && w->kind == IR_VALUE_INT) {
        return v->u.number == w->u.number;
    }
    return v->kind == IR_VALUE_READ && w->kind == IR_VALUE_READ &&
           place_is_local(ir, ir->ops.v[v->u.op.i].u.access.place, &x) &&
           place_is_local(ir, ir->ops.v[w->u.op.i].u.access.place, &y) && x == y;
}

/* Are the two parameters of the function that it never writes, and not the same one? As with two
 * pointers, they are taken to be given two elements. */
static bool are_two_arguments(const struct flows *flows, fn_id fn, value_id a, value_id b)
{
    const struct ir_fn *ir = flows->linked->fns.v[fn.i].ir;
    value_id pair[2] = {resolve_value(flows->v[fn.i].resolver, a),
                        resolve_value(flows->v[fn.i].resolver, b)};
    uint32_t local[2];

    for (unsigned i = 0; i < 2; i++) {
        const struct ir_value *v = pair[i].i == ID_NONE ? NULL : &ir->values.v[pair[i].i];
        if (v == NULL || v->kind != IR_VALUE_READ ||
            !place_is_local(ir, ir->ops.v[v->u.op.i].u.access.place, &local[i]) ||
            !resolve_is_argument(flows->v[fn.i].resolver, local[i])) {
            return false;
        }
    }
    return local[0] != local[1];
}

/* An element of one array, under an element of an array of locks: does the index tell? */
static enum bond compare_index(const struct flows *flows, const struct access *access,
                               const struct token *token)
{
    const struct ir_fn *ir = flows->linked->fns.v[access->fn.i].ir;
    value_id mine = last_index(ir, ir->ops.v[access->op.i].u.access.place);
    value_id theirs = index_of_lock(flows, access->fn, token);

    if (mine.i == ID_NONE || theirs.i == ID_NONE) {
        return BOND_UNKNOWN;
    }
    bool fixed = ir->values.v[theirs.i].kind == IR_VALUE_INT;
    bool varies = ir->values.v[mine.i].kind != IR_VALUE_INT;
    if (is_same_index(flows, access->fn, mine, theirs)) {
        return BOND_SELF;
    }
    if (fixed && varies) { /* one lock, whatever element it is */
        return BOND_OTHER;
    }
    return are_two_arguments(flows, access->fn, mine, theirs) ? BOND_OTHER : BOND_UNKNOWN;
}

/* ---- `p->mu` for `p->n` ------------------------------------------------------------------------
 */

/* `lock` and `path` are of one function. */
static enum bond compare(struct paths *paths, path_id path, path_id lock)
{
    path_id mine = object_of(paths, path);
    path_id theirs = object_of(paths, lock);
    const struct path_node *node = path_get(paths, lock);

    if (node->kind == STEP_DEREF && path_get(paths, node->parent)->kind == STEP_FIELD) {
        /* `*e->lock` is e's, and may be what another one's `lock` points to as well */
        return path_eq(object_of(paths, node->parent), mine) ? BOND_SELF : BOND_UNKNOWN;
    }
    if (path_eq(mine, theirs)) {
        bool certain =
            path_get(paths, mine)->kind != STEP_INDEX || path_get(paths, mine)->a != PATH_INDEX_ANY;
        return certain ? BOND_SELF : BOND_UNKNOWN;
    }
    bool distinct =
        is_of_one_type(paths, path, lock) && is_steady(paths, mine) && is_steady(paths, theirs);
    return distinct ? BOND_OTHER : BOND_UNKNOWN;
}

/* The token of the access that is the lock, or one of the class `lock`; NULL: none. */
static const struct token *find_token(struct paths *paths, const struct access *access,
                                      path_id lock)
{
    const struct token *found = lockset_find(access->held, lock);

    for (uint32_t i = 0; i < access->held->n && found == NULL; i++) {
        const struct token *token = &access->held->v[i];
        found = path_eq(path_class(paths, token->lock), lock) ? token : NULL;
    }
    return found;
}

enum bond protect_bond(const struct contexts *contexts, const struct access *access, path_id lock)
{
    const struct flows *flows = contexts->flows;
    const struct held *held = flow_held_at(flows, access->fn, access->op);
    const struct ir_op *op = &flows->linked->fns.v[access->fn.i].ir->ops.v[access->op.i];
    const struct token *token = find_token(flows->paths, access, lock);
    enum bond best = BOND_NONE;

    if (token == NULL) {
        return BOND_NONE;
    }
    path_id path = flow_place(flows, access->fn, op->u.access.place);
    for (uint32_t i = 0; i < held->must->n && !path_is_none(path); i++) {
        path_id own = calls_sharpen(flows->calls, flows->paths, access->fn, held->must->v[i].lock);
        if (path_eq(contexts_absolute(contexts, access->fn, own), token->lock)) {
            enum bond bond = compare(flows->paths, path, own);
            bond = bond == BOND_UNKNOWN ? compare_index(flows, access, &held->must->v[i]) : bond;
            best = bond > best ? bond : best;
        }
    }
    bool certain = path_is_exact(flows->paths, token->lock);
    if (best <= BOND_UNKNOWN && best != BOND_OTHER) { /* a caller's, or it can't be told */
        return certain ? BOND_EXACT : BOND_UNKNOWN;
    }
    return best;
}

/* Do two tokens of one class, or the same one, keep the accesses apart? */
static bool token_keeps_apart(const struct contexts *contexts, const struct access *a,
                              const struct token *mine, const struct access *b,
                              const struct token *theirs)
{
    struct paths *paths = contexts->flows->paths;

    if (path_eq(mine->lock, theirs->lock) && path_is_exact(paths, mine->lock)) {
        return true;
    }
    enum bond x = protect_bond(contexts, a, mine->lock);
    enum bond y = protect_bond(contexts, b, theirs->lock);
    return !(x == BOND_OTHER && y == BOND_SELF) && !(x == BOND_SELF && y == BOND_OTHER);
}

/* Can the two be one lock? One that is reached through a pointer in memory can be any that is not.
 */
static bool can_be_one(struct paths *paths, path_id a, path_id b)
{
    bool x = path_get(paths, a)->kind == STEP_DEREF;
    bool y = path_get(paths, b)->kind == STEP_DEREF;

    return x != y || path_may_alias(paths, a, b);
}

/* The lock of a token that is held at the access, as its context knows it: what `lock(mu)` locks is
 * what the context hands over as `mu`. */
static path_id lock_of(const struct contexts *contexts, const struct access *access,
                       const struct token *token)
{
    struct moment at = {access->phase, access->fn, access->op};

    return arguments_object(contexts->arguments, at, token->lock);
}

/* A lock in an object that nobody else has seen yet: each thread that comes here has its own. */
static bool is_private(const struct contexts *contexts, const struct access *access,
                       const struct token *token)
{
    const struct path_node *root =
        path_get(contexts->flows->paths, path_root_of(contexts->flows->paths, token->lock));

    return (root->kind == ROOT_CALL || root->kind == ROOT_LOCAL) && root->a == access->fn.i &&
           ownership_is_private(contexts->ownership, access->fn, token->lock, access->op);
}

bool protect_apart(const struct contexts *contexts, const struct access *a, const struct access *b)
{
    struct paths *paths = contexts->flows->paths;

    for (uint32_t i = 0; i < a->held->n; i++) {
        const struct token *mine = &a->held->v[i];
        path_id lock = lock_of(contexts, a, mine);
        if (is_private(contexts, a, mine)) {
            continue;
        }
        for (uint32_t j = 0; j < b->held->n; j++) {
            const struct token *theirs = &b->held->v[j];
            bool excludes = mine->mode == TOKEN_EXCLUSIVE || theirs->mode == TOKEN_EXCLUSIVE;
            if (excludes && can_be_one(paths, lock, lock_of(contexts, b, theirs)) &&
                token_keeps_apart(contexts, a, mine, b, theirs)) {
                return true;
            }
        }
    }
    return false;
}
