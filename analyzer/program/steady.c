#include "program/steady.h"

#include "program/resolve.h"

/* The function that the op stores to `path`: its symbol; ID_NONE: it stores something else. */
static uint32_t stored(const struct linked *linked, const struct prog_fn *body,
                       const struct ir_op *op)
{
    value_id value = op->u.access.value;

    if (op->kind != IR_WRITE || value.i == ID_NONE ||
        body->ir->values.v[value.i].kind != IR_VALUE_FN) {
        return ID_NONE;
    }
    return linked_sym(linked, body, body->ir->values.v[value.i].u.sym.i);
}

/* The symbol that the initialiser puts into `path`. */
static uint32_t starts_with(const struct contexts *contexts, path_id path)
{
    const struct linked *linked = contexts->flows->linked;
    uint32_t sym = ID_NONE;

    for (uint32_t u = 0; u < linked->inits.n && sym == ID_NONE; u++) {
        const struct prog_fn *init = &linked->inits.v[u];
        struct resolver *resolver =
            resolver_new_init(NULL, linked, contexts->flows->paths, init->unit_index);
        for (size_t i = 0; i < init->ir->ops.n && sym == ID_NONE; i++) {
            const struct ir_op *op = &init->ir->ops.v[i];
            if (stored(linked, init, op) != ID_NONE &&
                path_eq(resolve_place(resolver, op->u.access.place), path)) {
                sym = stored(linked, init, op);
            }
        }
        talloc_free(resolver);
    }
    return sym;
}

static bool is_run(const struct contexts *contexts, fn_id fn)
{
    for (size_t i = 0; i < contexts->v.n; i++) {
        if (contexts_reaches(contexts, &contexts->v.v[i], fn)) {
            return true;
        }
    }
    return false;
}

/* Does a store of the function put something else into it than `sym`? */
static bool changes(const struct contexts *contexts, fn_id fn, path_id path, uint32_t sym)
{
    const struct linked *linked = contexts->flows->linked;
    const struct prog_fn *body = &linked->fns.v[fn.i];

    for (size_t i = 0; i < body->ir->ops.n; i++) {
        const struct ir_op *op = &body->ir->ops.v[i];
        if ((op->kind == IR_WRITE || op->kind == IR_RMW) && stored(linked, body, op) != sym &&
            path_eq(flow_place(contexts->flows, fn, op->u.access.place), path)) {
            return true;
        }
    }
    return false;
}

bool steady_is(const struct contexts *contexts, path_id path)
{
    uint32_t sym =
        path_is_exact(contexts->flows->paths, path) ? starts_with(contexts, path) : ID_NONE;

    for (uint32_t f = 0; f < contexts->flows->linked->fns.n && sym != ID_NONE; f++) {
        if (changes(contexts, (fn_id){f}, path, sym) && is_run(contexts, (fn_id){f})) {
            return false;
        }
    }
    return sym != ID_NONE;
}
