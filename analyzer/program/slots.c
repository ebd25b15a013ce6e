#include "program/slots.h"

#include <stdio.h>
#include <string.h>

/* What the models say of the members that static initialisers set, found once for each. */
struct slots {
    struct contexts *contexts;
    const struct flows *flows;
    struct slot {
        bool known;
        const struct model_callback *callback; /* NULL: it is no slot, or not for us */
        const char *library;
    } *of_field; /* by the program's number of the field */
};

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

static const struct slot *slot_of_field(struct slots *slots, uint32_t number)
{
    struct slot *slot = &slots->of_field[number];
    const struct linked *linked = slots->flows->linked;
    const struct prog_field *field = &linked->fields.v[number];
    char key[256];

    if (!slot->known) {
        slot->known = true;
        (void)snprintf(key, sizeof key, "%s.%s", linked->records.v[field->record].name,
                       field->name);
        slot->callback = models_field_callback(slots->flows->models, key, &slot->library);
        if (slot->callback != NULL &&
            (slot->callback->runs != RUNS_ANY_THREAD || has_source(slots->flows, slot->library))) {
            slot->callback = NULL;
        }
    }
    return slot;
}

/* The slot that the op of a static initialiser fills with a function; NULL: none. */
static const struct slot *slot_of(struct slots *slots, const struct prog_fn *init,
                                  const struct ir_op *op)
{
    if (op->kind != IR_WRITE || op->u.access.value.i == ID_NONE ||
        init->ir->values.v[op->u.access.value.i].kind != IR_VALUE_FN) {
        return NULL;
    }
    const struct ir_place *place = &init->ir->places.v[op->u.access.place.i];
    if (place->n_steps == 0) {
        return NULL;
    }
    const struct ir_step *last = &init->ir->steps.v[place->first_step + place->n_steps - 1];
    if (last->kind != IR_STEP_FIELD) {
        return NULL;
    }
    const struct slot *slot =
        slot_of_field(slots, linked_field(slots->flows->linked, init, last->arg));
    return slot->callback == NULL ? NULL : slot;
}

static struct context *context_of(struct contexts *contexts, const struct slot *slot)
{
    const char *name = mem_printf(contexts, "a call from %s", slot->library);

    for (size_t i = 0; i < contexts->v.n; i++) {
        if (contexts->v.v[i].kind == CONTEXT_EXPORT && strcmp(contexts->v.v[i].name, name) == 0) {
            return &contexts->v.v[i];
        }
    }
    struct context context = {.kind = CONTEXT_EXPORT,
                              .name = name,
                              .holds = slot->callback->holds,
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

static void read_slot(struct slots *slots, const struct prog_fn *init, const struct ir_op *op)
{
    const struct linked *linked = slots->flows->linked;
    const struct slot *slot = slot_of(slots, init, op);

    if (slot == NULL) {
        return;
    }
    uint32_t sym = linked_sym(linked, init, init->ir->values.v[op->u.access.value.i].u.sym.i);
    struct bodies bodies = linked_bodies(linked, sym, init->unit_index);
    for (size_t i = 0; i < bodies.n; i++) {
        add_entry(slots->contexts, context_of(slots->contexts, slot), bodies.v[i]);
    }
}

void slots_find(struct contexts *contexts, const struct flows *flows)
{
    struct slots slots = {contexts, flows,
                          mem_array(NULL, struct slot, flows->linked->fields.n + 1)};

    for (size_t u = 0; u < flows->linked->inits.n; u++) {
        const struct prog_fn *init = &flows->linked->inits.v[u];
        for (uint32_t i = 0; i < init->ir->ops.n; i++) {
            read_slot(&slots, init, &init->ir->ops.v[i]);
        }
    }
    talloc_free(slots.of_field);
}
