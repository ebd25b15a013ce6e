#include "program/containers.h"

#include "program/resolve.h"

#include <string.h>

enum { MAX_LINKS = 3 }; /* of a list, back to where it begins */

bool containers_have(const struct containers *set, path_id class)
{
    for (uint32_t i = 0; i < set->n; i++) {
        if (path_eq(set->v[i], class)) {
            return true;
        }
    }
    return false;
}

bool containers_meet(const struct containers *a, const struct containers *b)
{
    for (uint32_t i = 0; i < a->n; i++) {
        if (containers_have(b, a->v[i])) {
            return true;
        }
    }
    return false;
}

void containers_add(struct containers *set, path_id class)
{
    if (!path_is_none(class) && set->n < MAX_CONTAINERS && !containers_have(set, class)) {
        set->v[set->n++] = class;
    }
}

void containers_join(struct containers *set, const struct containers *more)
{
    for (uint32_t i = 0; i < more->n; i++) {
        containers_add(set, more->v[i]);
    }
    set->rooted = set->rooted || more->rooted;
}

/* One place whose steps are all told. */
static void add_path(const struct contexts *contexts, fn_id fn, path_id path,
                     struct containers *set)
{
    struct paths *paths = contexts->flows->paths;

    if (path_is_none(path)) {
        return;
    }
    path_id absolute = contexts_absolute(contexts, fn, path);
    containers_add(set, path_class(paths, path_is_none(absolute) ? path : absolute));
    set->rooted = set->rooted || path_get(paths, path_root_of(paths, path))->kind == ROOT_VAR ||
                  (!path_is_none(absolute) && path_is_exact(paths, absolute));
}

/* Is the place all that a local pointer points to, `*pp`? */
static bool is_bare_pointee(const struct ir_fn *ir, place_id place, uint32_t *ret_local)
{
    const struct ir_place *p = &ir->places.v[place.i];

    *ret_local = p->base;
    return p->base_kind == IR_BASE_LOCAL && p->n_steps == 1 &&
           ir->steps.v[p->first_step].kind == IR_STEP_DEREF;
}

void containers_of_place(const struct contexts *contexts, fn_id fn, place_id place,
                         struct containers *set)
{
    const struct ir_fn *ir = contexts->flows->linked->fns.v[fn.i].ir;
    uint32_t pointer;
    uint32_t written;

    if (!is_bare_pointee(ir, place, &pointer)) {
        add_path(contexts, fn, flow_place(contexts->flows, fn, place), set);
        return;
    }
    for (size_t i = 0; i < ir->ops.n; i++) {
        const struct ir_op *op = &ir->ops.v[i];
        if (op->kind == IR_WRITE && op->u.access.value.i != ID_NONE &&
            place_is_local(ir, op->u.access.place, &written) && written == pointer &&
            ir->values.v[op->u.access.value.i].kind == IR_VALUE_ADDR) {
            place_id at = ir->values.v[op->u.access.value.i].u.place;
            add_path(contexts, fn, flow_place(contexts->flows, fn, at), set);
        }
    }
}

/* Is the last step a member of the very struct that the pointer points to: a link of a list? */
static bool is_link(const struct linked *linked, const struct prog_fn *body, place_id place,
                    const char *type)
{
    const struct ir_place *p = &body->ir->places.v[place.i];

    if (p->n_steps < 2) {
        return false;
    }
    const struct ir_step *last = &body->ir->steps.v[p->first_step + p->n_steps - 1];
    if (last->kind != IR_STEP_FIELD) {
        return false;
    }
    uint32_t field = linked_field(linked, body, last->arg);
    const char *record = linked->records.v[linked->fields.v[field].record].name;
    size_t n = strlen(record);
    return n > 0 && strncmp(type, record, n) == 0 && strcmp(type + n, " *") == 0;
}

static void add_read(const struct contexts *contexts, struct depends *depends, fn_id fn, op_id read,
                     const char *type, struct containers *set, unsigned links)
{
    const struct prog_fn *body = &contexts->flows->linked->fns.v[fn.i];
    const struct ir_op *op = &body->ir->ops.v[read.i];
    const struct ir_place *place = &body->ir->places.v[op->u.access.place.i];

    containers_of_place(contexts, fn, op->u.access.place, set);
    if (links >= MAX_LINKS || place->base_kind != IR_BASE_LOCAL ||
        !is_link(contexts->flows->linked, body, op->u.access.place, type)) {
        return;
    }
    /* what the link's own struct was found by: the writes of the local it stands behind */
    for (uint32_t i = 0; i < body->ir->ops.n; i++) {
        const struct ir_op *def = &body->ir->ops.v[i];
        uint32_t written;
        if (def->kind != IR_WRITE || def->u.access.value.i == ID_NONE ||
            !place_is_local(body->ir, def->u.access.place, &written) || written != place->base) {
            continue;
        }
        struct op_list from = {0};
        const struct op_list *ops = depends_of_value(depends, def->u.access.value);
        for (size_t k = 0; k < ops->n; k++) {
            vec_push(NULL, &from, ops->v[k]);
        }
        for (size_t k = 0; k < from.n; k++) {
            if (from.v[k].i != read.i && body->ir->ops.v[from.v[k].i].kind == IR_READ) {
                add_read(contexts, depends, fn, from.v[k], type, set, links + 1);
            }
        }
        talloc_free(from.v);
    }
}

/* Is the field a pointer of that type, or a pointer to one? */
static bool holds_pointer(const struct prog_field *field, const char *type)
{
    const char *last = field->type == NULL ? NULL : strrchr(field->type, '|');
    const char *bare = last == NULL ? field->type : last + 1;
    size_t n = strlen(type);

    return bare != NULL && strncmp(bare, type, n) == 0 &&
           (bare[n] == '\0' || strcmp(bare + n, "*") == 0);
}

/* Adds what lies beside the field that `class` ends in. */
static void add_neighbours(const struct contexts *contexts, path_id class, const char *type,
                           struct containers *set)
{
    struct paths *paths = contexts->flows->paths;
    const struct linked *linked = contexts->flows->linked;
    struct path_node last = *path_get(paths, class);

    if (last.kind != STEP_FIELD) {
        return;
    }
    uint32_t f = linked->records.v[linked->fields.v[last.a].record].first;
    for (; f != ID_NONE; f = linked->fields.v[f].next) {
        if (holds_pointer(&linked->fields.v[f], type)) {
            containers_add(set, path_class(paths, path_step(paths, last.parent, STEP_FIELD, f)));
        }
    }
}

void containers_of_read(const struct contexts *contexts, struct depends *depends, fn_id fn,
                        op_id read, const char *type, struct containers *set)
{
    add_read(contexts, depends, fn, read, type, set, 0);
    for (uint32_t i = 0, n = set->n; i < n; i++) {
        add_neighbours(contexts, set->v[i], type, set);
    }
}
