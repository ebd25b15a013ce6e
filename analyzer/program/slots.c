#include "program/slots.h"

#include <stdio.h>
#include <string.h>

/* Is the library's own source among the files? */
static bool has_source(const struct flows *flows, const char *library)
{
    for (size_t f = 0; f < flows->linked->fns.n; f++) {
        const struct model_fn *model = models_fn(flows->models, flows->linked->fns.v[f].name);
        if (model != NULL && model->library != NULL && strcmp(model->library, library) == 0) {
            return true;
        }
    }
    return false;
}

/* What the models say of the member that the op of a static initialiser sets; NULL: nothing. */
static const struct model_callback *slot_of(const struct flows *flows, const struct prog_fn *init,
                                            const struct ir_op *op, const char **ret_library)
{
    const struct linked *linked = flows->linked;
    const struct ir_place *place = &init->ir->places.v[op->u.access.place.i];
    char key[256];

    if (op->kind != IR_WRITE || op->u.access.value.i == ID_NONE || place->n_steps == 0 ||
        init->ir->values.v[op->u.access.value.i].kind != IR_VALUE_FN) {
        return NULL;
    }
    const struct ir_step *last = &init->ir->steps.v[place->first_step + place->n_steps - 1];
    if (last->kind != IR_STEP_FIELD) {
        return NULL;
    }
    const struct prog_field *field = &linked->fields.v[linked_field(linked, init, last->arg)];
    (void)snprintf(key, sizeof key, "%s.%s", linked->records.v[field->record].name, field->name);
    const struct model_callback *callback = models_field_callback(flows->models, key, ret_library);
    return callback != NULL && callback->runs == RUNS_ANY_THREAD ? callback : NULL;
}

static struct context *context_of(struct contexts *contexts, const char *library,
                                  const struct model_callback *callback)
{
    const char *name = mem_printf(contexts, "a call from %s", library);

    for (size_t i = 0; i < contexts->v.n; i++) {
        if (contexts->v.v[i].kind == CONTEXT_EXPORT && strcmp(contexts->v.v[i].name, name) == 0) {
            return &contexts->v.v[i];
        }
    }
    struct context context = {.kind = CONTEXT_EXPORT,
                              .name = name,
                              .holds = callback->holds,
                              .many = true,
                              .many_site = SITE_NONE,
                              .hop_to = FN_NONE};
    vec_push(contexts, &contexts->v, context);
    return &contexts->v.v[contexts->v.n - 1];
}

static void add_entry(void *owner, struct context *context, fn_id fn)
{
    for (size_t i = 0; i < context->entries.n; i++) {
        if (context->entries.v[i].i == fn.i) {
            return;
        }
    }
    vec_push(owner, &context->entries, fn);
}

static void read_slot(struct contexts *contexts, const struct flows *flows,
                      const struct prog_fn *init, const struct ir_op *op)
{
    const struct linked *linked = flows->linked;
    const char *library;
    const struct model_callback *callback = slot_of(flows, init, op, &library);

    if (callback == NULL || has_source(flows, library)) {
        return;
    }
    uint32_t sym = linked_sym(linked, init, init->ir->values.v[op->u.access.value.i].u.sym.i);
    struct bodies bodies = linked_bodies(linked, sym, init->unit_index);
    for (size_t i = 0; i < bodies.n; i++) {
        add_entry(contexts, context_of(contexts, library, callback), bodies.v[i]);
    }
}

void slots_find(struct contexts *contexts, const struct flows *flows)
{
    for (size_t u = 0; u < flows->linked->inits.n; u++) {
        const struct prog_fn *init = &flows->linked->inits.v[u];
        for (uint32_t i = 0; i < init->ir->ops.n; i++) {
            read_slot(contexts, flows, init, &init->ir->ops.v[i]);
        }
    }
}
