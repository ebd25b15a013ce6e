#include "program/locktypes.h"

#include "base/map.h"

#include <string.h>

/* An answer: types are asked for again and again, by the same text. */
struct known_type {
    UT_hash_handle hh;
    struct {
        const char *text;
        uintptr_t behind;
    } key;
    bool has_lock;
};

struct locktypes {
    const struct flows *flows;
    struct known_type *known;
};

static int forget_known(struct locktypes *types)
{
    HASH_CLEAR(hh, types->known);
    return 0;
}

struct locktypes *locktypes_new(void *owner, const struct flows *flows)
{
    struct locktypes *types = mem_new(owner, struct locktypes);

    types->flows = flows;
    talloc_set_destructor(types, forget_known);
    return types;
}

/* The type that `type` points to, if `pointer`, in *ret (room for 128): its name without typedefs.
 */
static bool plain_type(const char *type, bool pointer, char *ret)
{
    const char *last = type == NULL ? NULL : strrchr(type, '|');
    size_t n;

    last = last == NULL ? type : last + 1;
    n = last == NULL ? 0 : strlen(last);
    if (pointer) {
        if (n < 2 || last[n - 1] != '*') {
            return false;
        }
        n -= last[n - 2] == ' ' ? 2 : 1;
    }
    if (n == 0 || n >= 128) {
        return false;
    }
    memcpy(ret, last, n);
    ret[n] = '\0';
    return strchr(ret, '*') == NULL;
}

static bool type_has_lock(const struct flows *flows, const char *type, unsigned depth)
{
    const struct linked *linked = flows->linked;
    char field[128];

    if (models_type_lock(flows->models, type) != LOCK_KIND_NONE) {
        return true;
    }
    for (size_t r = 0; r < linked->records.n && depth < 4; r++) {
        if (strcmp(linked->records.v[r].name, type) != 0) {
            continue;
        }
        for (size_t f = 0; f < linked->fields.n; f++) {
            const struct prog_field *mine = &linked->fields.v[f];
            if (mine->record == r &&
                (models_type_lock(flows->models, mine->type) != LOCK_KIND_NONE ||
                 (plain_type(mine->type, false, field) &&
                  type_has_lock(flows, field, depth + 1)))) {
                return true;
            }
        }
    }
    return false;
}

/* Is a lock in an object of this type, or (with `behind`) of the type that it points to? */
static bool has_lock(struct locktypes *types, const char *type, bool behind)
{
    struct known_type asked = {.key = {type, behind}};
    struct known_type *known = NULL;
    char name[128];

    HASH_FIND(hh, types->known, &asked.key, sizeof asked.key, known);
    if (known == NULL) {
        known = mem_new(types, struct known_type);
        known->key = asked.key;
        known->has_lock = plain_type(type, behind, name) && type_has_lock(types->flows, name, 0);
        HASH_ADD(hh, types->known, key, sizeof known->key, known);
    }
    return known->has_lock;
}

/* The type name of a place, before the steps from *ret_step on, which only follow pointers. */
static const char *type_before(const struct flows *flows, const struct prog_fn *fn,
                               const struct ir_place *place, uint32_t *ret_step)
{
    const char *type =
        place->base_kind == IR_BASE_LOCAL ? fn->ir->locals.v[place->base].type
        : place->base_kind == IR_BASE_GLOBAL
            ? flows->linked->syms.v[linked_sym(flows->linked, fn, place->base)].ir->type
            : NULL;

    *ret_step = 0;
    for (uint32_t i = 0; i < place->n_steps; i++) {
        const struct ir_step *step = &fn->ir->steps.v[place->first_step + i];
        if (step->kind == IR_STEP_FIELD) {
            type = flows->linked->fields.v[linked_field(flows->linked, fn, step->arg)].type;
            *ret_step = i + 1;
        } else if (step->kind == IR_STEP_CONTAINER) {
            type = NULL;
        }
    }
    return type;
}

/* Is a lock in the object at this place (or, with `behind`, in the one it points to)? */
static bool place_has_lock(struct locktypes *types, const struct prog_fn *fn, place_id id,
                           bool behind)
{
    const struct ir_place *place = &fn->ir->places.v[id.i];
    uint32_t step;
    const char *type = type_before(types->flows, fn, place, &step);
    unsigned pointers = behind ? 1 : 0;

    for (; step < place->n_steps; step++) {
        pointers += fn->ir->steps.v[place->first_step + step].kind == IR_STEP_DEREF ? 1 : 0;
    }
    return type != NULL && pointers <= 1 && has_lock(types, type, pointers == 1);
}

bool locktypes_behind(struct locktypes *types, const struct call *call, int arg)
{
    const struct prog_fn *fn = &types->flows->linked->fns.v[call->fn.i];
    value_id value = call_arg(types->flows->linked, call, arg);
    const struct ir_value *v = value.i == ID_NONE ? NULL : &fn->ir->values.v[value.i];

    if (v == NULL) {
        return false;
    }
    return v->kind == IR_VALUE_ADDR ? place_has_lock(types, fn, v->u.place, false)
           : v->kind == IR_VALUE_READ
               ? place_has_lock(types, fn, fn->ir->ops.v[v->u.op.i].u.access.place, true)
               : false;
}

bool locktypes_in_place(struct locktypes *types, const struct prog_fn *fn, place_id place)
{
    return place_has_lock(types, fn, place, false);
}
