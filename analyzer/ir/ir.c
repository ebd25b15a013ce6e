#include "ir/ir.h"

#include <string.h>

struct ir_fn *ir_fn_new(struct ir_unit *unit, sym_id sym)
{
    struct ir_fn *fn = mem_new(unit, struct ir_fn);

    fn->sym = sym;
    fn->where.i = ID_NONE;
    return fn;
}

struct ir_unit *ir_unit_new(void *owner, struct intern *names, const char *path)
{
    struct ir_unit *unit = mem_new(owner, struct ir_unit);

    unit->path = intern_str(names, path);
    unit->init = ir_fn_new(unit, (sym_id){ID_NONE});
    return unit;
}

static bool place_is(const struct ir_fn *fn, const struct ir_place *place, enum ir_base base_kind,
                     uint32_t base, const struct ir_step *steps, uint32_t n_steps)
{
    if (place->base_kind != base_kind || place->base != base || place->n_steps != n_steps) {
        return false;
    }
    for (uint32_t i = 0; i < n_steps; i++) {
        const struct ir_step *mine = &fn->steps.v[place->first_step + i];
        if (mine->kind != steps[i].kind || mine->arg != steps[i].arg) {
            return false;
        }
    }
    return true;
}

/* How many of the newest places are compared. A place that was seen longer ago gets a second id:
 * that costs a few bytes, a look through thousands of places (generated code) would cost seconds.
 */
enum { PLACES_COMPARED = 64 };

place_id ir_place_add(struct ir_fn *fn, enum ir_base base_kind, uint32_t base,
                      const struct ir_step *steps, uint32_t n_steps)
{
    size_t oldest = fn->places.n > PLACES_COMPARED ? fn->places.n - PLACES_COMPARED : 0;

    for (size_t i = fn->places.n; i-- > oldest;) {
        if (place_is(fn, &fn->places.v[i], base_kind, base, steps, n_steps)) {
            return (place_id){(uint32_t)i};
        }
    }
    struct ir_place place = {base_kind, base, (uint32_t)fn->steps.n, n_steps};
    for (uint32_t i = 0; i < n_steps; i++) {
        vec_push(fn, &fn->steps, steps[i]);
    }
    vec_push(fn, &fn->places, place);
    return (place_id){(uint32_t)fn->places.n - 1};
}

value_id ir_value_add(struct ir_fn *fn, struct ir_value value)
{
    vec_push(fn, &fn->values, value);
    return (value_id){(uint32_t)fn->values.n - 1};
}

const char *ir_attr_name(enum ir_attr_kind kind)
{
    static const char *const names[] = {
        [IR_ATTR_CAPABILITY] = "capability",
        [IR_ATTR_GUARDED_BY] = "guarded_by",
        [IR_ATTR_PT_GUARDED_BY] = "pt_guarded_by",
        [IR_ATTR_GUARDED] = "guarded_var",
        [IR_ATTR_PT_GUARDED] = "pt_guarded_var",
        [IR_ATTR_ACQUIRED_AFTER] = "acquired_after",
        [IR_ATTR_ACQUIRED_BEFORE] = "acquired_before",
        [IR_ATTR_ACQUIRE] = "acquire_capability",
        [IR_ATTR_ACQUIRE_SHARED] = "acquire_shared_capability",
        [IR_ATTR_RELEASE] = "release_capability",
        [IR_ATTR_RELEASE_SHARED] = "release_shared_capability",
        [IR_ATTR_RELEASE_GENERIC] = "release_generic_capability",
        [IR_ATTR_TRY_ACQUIRE] = "try_acquire_capability",
        [IR_ATTR_TRY_ACQUIRE_SHARED] = "try_acquire_shared_capability",
        [IR_ATTR_REQUIRES] = "requires_capability",
        [IR_ATTR_REQUIRES_SHARED] = "requires_shared_capability",
        [IR_ATTR_EXCLUDES] = "locks_excluded",
        [IR_ATTR_ASSERT] = "assert_capability",
        [IR_ATTR_ASSERT_SHARED] = "assert_shared_capability",
        [IR_ATTR_RETURNS] = "lock_returned",
        [IR_ATTR_NO_ANALYSIS] = "no_thread_safety_analysis",
        [IR_ATTR_NONBLOCKING] = "nonblocking",
        [IR_ATTR_BLOCKING] = "blocking",
        [IR_ATTR_ANNOTATE] = "annotate",
    };

    return names[kind];
}

bool ir_type_is(const char *type, const char *name)
{
    size_t n = strlen(name);

    for (const char *at = type; at != NULL; at = strchr(at, '|')) {
        at += *at == '|' ? 1 : 0;
        if (strncmp(at, name, n) == 0 && (at[n] == '\0' || at[n] == '|')) {
            return true;
        }
    }
    return false;
}
