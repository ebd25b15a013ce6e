#include "program/lock_kinds.h"

#include "program/resolve.h"

enum { MAX_UP = 5 }; /* callers that a helper's parameter is followed to */

/* A lock that some code makes, or an attribute object that is given a type; in the terms of `fn`.
 */
struct making {
    fn_id fn;
    path_id object;
    path_id attr; /* whose type the lock gets; PATH_NONE: none, `again` says it */
    enum lock_again again;
};

struct made {
    path_id lock; /* absolute */
    enum lock_again again;
};

struct lock_kinds {
    const struct flows *flows;
    VEC(struct made) v;
    VEC(struct making) types;       /* attribute objects, in all functions that know them */
    VEC(const struct call *) calls; /* with bodies, by callee */
    uint32_t *first;                /* by fn; one more at the end */
};

/* ---- callers --------------------------------------------------------------------------------- */

static void index_callers(struct lock_kinds *kinds)
{
    const struct calls *calls = kinds->flows->calls;
    uint32_t n_fns = (uint32_t)kinds->flows->linked->fns.n;
    size_t n = 0;

    kinds->first = mem_array(kinds, uint32_t, n_fns + 2);
    for (size_t i = 0; i < calls->v.n; i++) {
        for (size_t c = 0; c < calls->v.v[i].callees.n; c++) {
            kinds->first[calls->v.v[i].callees.v[c].i + 1]++;
            n++;
        }
    }
    for (uint32_t f = 0; f < n_fns; f++) {
        kinds->first[f + 1] += kinds->first[f];
    }
    kinds->calls.v = mem_array(kinds, const struct call *, n + 1);
    kinds->calls.n = n;
    uint32_t *next = mem_array(NULL, uint32_t, n_fns + 1);
    for (size_t i = 0; i < calls->v.n; i++) {
        for (size_t c = 0; c < calls->v.v[i].callees.n; c++) {
            uint32_t f = calls->v.v[i].callees.v[c].i;
            kinds->calls.v[kinds->first[f] + next[f]++] = &calls->v.v[i];
        }
    }
    talloc_free(next);
}

static bool is_parameter(const struct lock_kinds *kinds, path_id path)
{
    const struct paths *paths = kinds->flows->paths;

    return !path_is_none(path) && path_get(paths, path_root_of(paths, path))->kind == ROOT_PARAM;
}

/* `making` as the caller of its function sees it. */
static struct making in_caller(const struct lock_kinds *kinds, const struct making *making,
                               const struct call *call)
{
    path_id pointees[MAX_PARAMS];
    size_t n = flow_pointees(kinds->flows, call, pointees);
    struct paths *paths = kinds->flows->paths;

    return (struct making){.fn = call->fn,
                           .object = path_substitute(paths, making->object, pointees, n),
                           .attr = path_substitute(paths, making->attr, pointees, n),
                           .again = making->again};
}

/* ---- attribute objects ----------------------------------------------------------------------- */

static void add_type(struct lock_kinds *kinds, struct making type, unsigned up)
{
    vec_push(kinds, &kinds->types, type);
    if (!is_parameter(kinds, type.object) || up >= MAX_UP) {
        return;
    }
    for (uint32_t i = kinds->first[type.fn.i]; i < kinds->first[type.fn.i + 1]; i++) {
        struct making outer = in_caller(kinds, &type, kinds->calls.v[i]);
        if (!path_is_none(outer.object)) {
            add_type(kinds, outer, up + 1);
        }
    }
}

/* What a type argument says. */
static enum lock_again type_of(const struct lock_kinds *kinds, const struct call *call)
{
    value_id value = call_arg(kinds->flows->linked, call, call->model->type);
    const struct ir_fn *ir = kinds->flows->linked->fns.v[call->fn.i].ir;
    bool checks;

    value = resolve_value(kinds->flows->v[call->fn.i].resolver, value);
    if (value.i == ID_NONE || ir->values.v[value.i].kind != IR_VALUE_INT) {
        return LOCK_AGAIN_NESTS; /* it may */
    }
    if (models_type_recursive(kinds->flows->models, call->model->library,
                              ir->values.v[value.i].u.number, &checks)) {
        return LOCK_AGAIN_NESTS;
    }
    return checks ? LOCK_AGAIN_FAILS : LOCK_AGAIN_WAITS;
}

static void find_types(struct lock_kinds *kinds)
{
    const struct calls *calls = kinds->flows->calls;

    for (size_t i = 0; i < calls->v.n; i++) {
        const struct call *call = &calls->v.v[i];
        if (call->model == NULL || call->model->sets_type == ARG_NONE ||
            call->model->type == ARG_NONE) {
            continue;
        }
        path_id attr = flow_arg_path(kinds->flows, call, call->model->sets_type);
        add_type(kinds, (struct making){call->fn, attr, PATH_NONE, type_of(kinds, call)}, 0);
    }
}

/* The type that an attribute object has in `fn`; UNKNOWN: nobody gives it one. */
static enum lock_again type_of_attr(const struct lock_kinds *kinds, fn_id fn, path_id attr)
{
    struct paths *paths = kinds->flows->paths;
    enum lock_again again = LOCK_AGAIN_UNKNOWN;

    for (size_t i = 0; i < kinds->types.n; i++) {
        const struct making *type = &kinds->types.v[i];
        bool same =
            path_eq(type->object, attr) && (type->fn.i == fn.i || !is_parameter(kinds, attr));
        bool global = path_is_global(paths, attr) && path_may_alias(paths, type->object, attr);
        if ((same || global) && type->again > again) {
            again = type->again;
        }
    }
    return again;
}

/* Is it a variable that the function itself has, so that all that happens to it is in sight? */
static bool is_in_sight(const struct lock_kinds *kinds, path_id attr)
{
    const struct paths *paths = kinds->flows->paths;
    enum path_kind root = path_get(paths, path_root_of(paths, attr))->kind;

    return !path_has_deref(paths, attr) && (root == ROOT_LOCAL || root == ROOT_VAR);
}

/* ---- locks ----------------------------------------------------------------------------------- */

static void add_made(struct lock_kinds *kinds, path_id lock, enum lock_again again)
{
    struct paths *paths = kinds->flows->paths;

    if (!path_is_none(lock)) {
        lock = path_is_exact(paths, lock) ? lock : path_class(paths, lock);
        vec_push(kinds, &kinds->v, (struct made){lock, again});
    }
}

/* A lock that is made in `making.fn`: told by its own function, or by those that hand it over. */
static void add_lock(struct lock_kinds *kinds, struct making making, unsigned up)
{
    struct paths *paths = kinds->flows->paths;
    bool open = !path_is_none(making.attr); /* the type is still to be found */

    if (open) {
        enum lock_again again = type_of_attr(kinds, making.fn, making.attr);
        bool told = again != LOCK_AGAIN_UNKNOWN;
        if (told || is_in_sight(kinds, making.attr)) {
            making.again = told ? again : LOCK_AGAIN_WAITS;
            open = false;
        }
    }
    bool nameless =
        path_is_none(making.object) || (is_parameter(kinds, making.object) &&
                                        path_eq(path_class(paths, making.object), making.object));
    bool has_callers = kinds->first[making.fn.i] < kinds->first[making.fn.i + 1];
    bool goes_up = (is_parameter(kinds, making.attr) && open) || nameless;
    if (!goes_up || up >= MAX_UP || !has_callers) {
        add_made(kinds, making.object, open ? LOCK_AGAIN_NESTS : making.again);
        return;
    }
    making.attr = open ? making.attr : PATH_NONE;
    for (uint32_t i = kinds->first[making.fn.i]; i < kinds->first[making.fn.i + 1]; i++) {
        struct making outer = in_caller(kinds, &making, kinds->calls.v[i]);
        if (open && path_is_none(outer.attr)) {
            value_id value = {ID_NONE};
            const struct path_node *root = path_get(paths, path_root_of(paths, making.attr));
            value = call_arg(kinds->flows->linked, kinds->calls.v[i], (int)root->a + 1);
            const struct ir_fn *ir = kinds->flows->linked->fns.v[outer.fn.i].ir;
            bool null = value.i != ID_NONE && ir->values.v[value.i].kind == IR_VALUE_INT;
            outer.again = null ? LOCK_AGAIN_WAITS : LOCK_AGAIN_NESTS;
        }
        add_lock(kinds, outer, up + 1);
    }
}

static void add_call(struct lock_kinds *kinds, const struct call *call)
{
    const struct model_fn *model = call->model;
    struct making making = {.fn = call->fn,
                            .object = flow_arg_path(kinds->flows, call, model->init),
                            .attr = PATH_NONE,
                            .again = model->recursive ? LOCK_AGAIN_NESTS : LOCK_AGAIN_WAITS};

    if (model->type != ARG_NONE) {
        making.again = type_of(kinds, call);
    }
    if (model->attr != ARG_NONE) {
        value_id value = call_arg(kinds->flows->linked, call, model->attr);
        const struct ir_fn *ir = kinds->flows->linked->fns.v[call->fn.i].ir;
        value = resolve_value(kinds->flows->v[call->fn.i].resolver, value);
        bool null = value.i != ID_NONE && ir->values.v[value.i].kind == IR_VALUE_INT;
        if (!null) {
            making.attr = flow_arg_path(kinds->flows, call, model->attr);
            making.again = LOCK_AGAIN_NESTS; /* unless the attribute object says more */
        }
    }
    add_lock(kinds, making, 0);
}

static void add_initialiser(struct lock_kinds *kinds, const struct prog_fn *fn,
                            struct resolver *resolver, const struct ir_op *op)
{
    const struct models *models = kinds->flows->models;
    const char *macro = op->where.i == ID_NONE ? NULL : fn->ir->locs.v[op->where.i].macro;

    if (macro == NULL || op->kind != IR_WRITE || !models_is_static_init(models, macro)) {
        return;
    }
    enum lock_again again = models_static_init_recursive(models, macro) ? LOCK_AGAIN_NESTS
                            : models_static_init_checks(models, macro)  ? LOCK_AGAIN_FAILS
                                                                        : LOCK_AGAIN_WAITS;
    add_made(kinds, resolve_place(resolver, op->u.access.place), again);
}

static void find_initialisers(struct lock_kinds *kinds)
{
    const struct linked *linked = kinds->flows->linked;

    for (uint32_t u = 0; u < linked->inits.n; u++) {
        const struct prog_fn *fn = &linked->inits.v[u];
        struct resolver *resolver = resolver_new_init(NULL, linked, kinds->flows->paths, u);
        for (size_t i = 0; i < fn->ir->ops.n; i++) {
            add_initialiser(kinds, fn, resolver, &fn->ir->ops.v[i]);
        }
        talloc_free(resolver);
    }
    for (uint32_t f = 0; f < linked->fns.n; f++) {
        const struct prog_fn *fn = &linked->fns.v[f];
        for (size_t i = 0; i < fn->ir->ops.n; i++) {
            add_initialiser(kinds, fn, kinds->flows->v[f].resolver, &fn->ir->ops.v[i]);
        }
    }
}

struct lock_kinds *lock_kinds_build(void *owner, const struct flows *flows)
{
    struct lock_kinds *kinds = mem_new(owner, struct lock_kinds);

    kinds->flows = flows;
    index_callers(kinds);
    find_types(kinds);
    find_initialisers(kinds);
    for (size_t i = 0; i < flows->calls->v.n; i++) {
        const struct call *call = &flows->calls->v.v[i];
        if (call->model != NULL && call->model->init != ARG_NONE) {
            add_call(kinds, call);
        }
    }
    return kinds;
}

enum lock_again lock_kinds_of(const struct lock_kinds *kinds, path_id path)
{
    struct paths *paths = kinds->flows->paths;
    enum lock_again own = LOCK_AGAIN_UNKNOWN;
    enum lock_again class = LOCK_AGAIN_UNKNOWN;

    for (size_t i = 0; i < kinds->v.n; i++) {
        const struct made *made = &kinds->v.v[i];
        if (path_eq(made->lock, path) && made->again > own) {
            own = made->again;
        }
        if (path_may_alias(paths, made->lock, path) && made->again > class) {
            class = made->again;
        }
    }
    return own != LOCK_AGAIN_UNKNOWN && path_is_exact(paths, path) ? own : class;
}
