#include "program/gil.h"

#include <string.h>

enum need_known {
    NEED_NOT_ASKED,
    NEED_ASKING, /* while its callees are looked at: a circle adds nothing */
    NEED_NO,
    NEED_YES,
};

struct gil_api {
    const struct contexts *contexts;
    const struct linked *linked;
    VEC(const char *) folders; /* of the library's headers, with a '/' at the end */
    enum need_known *needs;    /* by fn: of bodies in those headers */
};

static void add_folder(struct gil_api *api, const char *file)
{
    const char *slash = strrchr(file, '/');

    if (slash == NULL || !models_is_gil_header(api->contexts->flows->models, file)) {
        return;
    }
    size_t n = (size_t)(slash - file) + 1;
    for (size_t i = 0; i < api->folders.n; i++) {
        if (strlen(api->folders.v[i]) == n && strncmp(api->folders.v[i], file, n) == 0) {
            return;
        }
    }
    vec_push(api, &api->folders, mem_strndup(api, file, n));
}

struct gil_api *gil_api_new(void *owner, const struct contexts *contexts)
{
    struct gil_api *api = mem_new(owner, struct gil_api);
    const struct linked *linked = contexts->flows->linked;

    api->contexts = contexts;
    api->linked = linked;
    api->needs = mem_array(api, enum need_known, linked->fns.n + 1);
    for (size_t u = 0; u < linked->n_units; u++) {
        for (size_t i = 0; i < linked->units[u]->files.n; i++) {
            add_folder(api, linked->units[u]->files.v[i]);
        }
    }
    return api;
}

/* The function that is called by its name; NULL: a pointer. */
static const struct prog_sym *callee_of(const struct gil_api *api, const struct call *call)
{
    const struct prog_fn *fn = &api->linked->fns.v[call->fn.i];
    const struct ir_op *op = &fn->ir->ops.v[call->op.i];
    const struct ir_value *callee = &fn->ir->values.v[op->u.call.callee.i];

    return callee->kind == IR_VALUE_FN
               ? &api->linked->syms.v[linked_sym(api->linked, fn, callee->u.sym.i)]
               : NULL;
}

static bool is_of_library(const struct gil_api *api, const struct prog_sym *sym)
{
    const struct ir_unit *unit = api->linked->units[sym->unit];
    const char *file = sym->ir->file.i == ID_NONE ? NULL : unit->files.v[sym->ir->file.i];

    for (size_t i = 0; i < api->folders.n && file != NULL; i++) {
        if (strncmp(file, api->folders.v[i], strlen(api->folders.v[i])) == 0) {
            return true;
        }
    }
    return false;
}

bool gil_api_owns(const struct gil_api *api, fn_id fn)
{
    uint32_t sym = api->linked->fns.v[fn.i].sym;

    return sym != ID_NONE && is_of_library(api, &api->linked->syms.v[sym]);
}

static bool body_needs(struct gil_api *api, fn_id fn);

static bool sym_needs(struct gil_api *api, const struct prog_sym *sym)
{
    if (sym == NULL || !is_of_library(api, sym)) {
        return false;
    }
    return sym->bodies.n > 0 ? body_needs(api, sym->bodies.v[0])
                             : models_needs_gil(api->contexts->flows->models, sym->ir->name);
}

/* Is it more than a local of the function? */
static bool is_memory(const struct ir_fn *ir, const struct ir_place *place)
{
    bool memory = place->base_kind != IR_BASE_LOCAL;

    for (uint32_t s = 0; s < place->n_steps && !memory; s++) {
        memory = ir->steps.v[place->first_step + s].kind == IR_STEP_DEREF;
    }
    return memory;
}

static bool op_needs(struct gil_api *api, fn_id fn, uint32_t i)
{
    const struct ir_fn *ir = api->linked->fns.v[fn.i].ir;
    const struct ir_op *op = &ir->ops.v[i];

    switch (op->kind) {
    case IR_READ:
        return false;
    case IR_WRITE:
    case IR_RMW:
        return is_memory(ir, &ir->places.v[op->u.access.place.i]);
    case IR_CALL:
        return sym_needs(api,
                         callee_of(api, calls_at(api->contexts->flows->calls, fn, (op_id){i})));
    }
    return false;
}

/* An inline function: by what it does. */
static bool body_needs(struct gil_api *api, fn_id fn)
{
    const struct ir_fn *ir = api->linked->fns.v[fn.i].ir;
    bool needs = false;

    if (api->needs[fn.i] != NEED_NOT_ASKED) {
        return api->needs[fn.i] == NEED_YES;
    }
    api->needs[fn.i] = NEED_ASKING;
    for (uint32_t i = 0; i < ir->ops.n && !needs; i++) {
        needs = op_needs(api, fn, i);
    }
    api->needs[fn.i] = needs ? NEED_YES : NEED_NO;
    return needs;
}

bool gil_api_needs(struct gil_api *api, const struct call *call)
{
    return sym_needs(api, callee_of(api, call));
}

const char *gil_api_name(const struct gil_api *api, const struct call *call)
{
    const struct ir_fn *ir = api->linked->fns.v[call->fn.i].ir;
    loc_id where = ir->ops.v[call->op.i].where;
    const char *macro = where.i == ID_NONE ? NULL : ir->locs.v[where.i].macro;

    return macro != NULL && models_needs_gil(api->contexts->flows->models, macro) ? macro
                                                                                  : call->name;
}
