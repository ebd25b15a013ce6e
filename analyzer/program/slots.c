#include "program/slots.h"

#include <stdio.h>
#include <string.h>

/* The search, and what the models say of the members of structs, found once for each. */
struct slots {
    struct contexts *contexts;
    const struct flows *flows;
    const struct linked *linked;
    struct slot {
        bool known;
        const struct model_callback *callback; /* NULL: it is no slot, or not for us */
        const char *library;
    } *of_field; /* by the program's number of the field */
};

/* Where the interpreter itself is among the files, its calls say better who runs what. */
static bool is_for_us(const struct slots *slots, const struct model_callback *callback)
{
    const char *gil = models_gil(slots->flows->models);
    bool is_interpreters =
        gil != NULL && (callback->holds == NULL || strcmp(callback->holds, gil) == 0);

    return callback->runs == RUNS_ANY_THREAD &&
           (!is_interpreters || !path_is_none(slots->contexts->gil));
}

/* ---- contexts -------------------------------------------------------------------------------- */

/* What the functions of a slot are called with. */
struct entered {
    const char *library;
    const char *holds;
    bool at_start;
};

static struct context *context_of(struct contexts *contexts, struct entered how)
{
    const char *name = mem_printf(
        contexts, how.at_start ? "%s loading the module" : "a call from %s", how.library);

    for (size_t i = 0; i < contexts->v.n; i++) {
        if (contexts->v.v[i].kind == CONTEXT_EXPORT && strcmp(contexts->v.v[i].name, name) == 0) {
            return &contexts->v.v[i];
        }
    }
    struct context context = {.kind = CONTEXT_EXPORT,
                              .name = name,
                              .holds = how.holds,
                              .at_start = how.at_start,
                              .many = !how.at_start,
                              .many_site = SITE_NONE,
                              .hop_to = FN_NONE};
    vec_push(contexts, &contexts->v, context);
    return &contexts->v.v[contexts->v.n - 1];
}

static void add_entry(struct slots *slots, struct entered how, fn_id fn)
{
    struct context *context = context_of(slots->contexts, how);

    for (size_t i = 0; i < context->entries.n; i++) {
        if (context->entries.v[i].i == fn.i) {
            return;
        }
    }
    vec_push(slots->contexts, &context->entries, fn);
}

/* ---- members of structs ---------------------------------------------------------------------- */

static const struct slot *slot_of_field(struct slots *slots, uint32_t number)
{
    struct slot *slot = &slots->of_field[number];
    const struct prog_field *field = &slots->linked->fields.v[number];
    char key[256];

    if (!slot->known) {
        slot->known = true;
        (void)snprintf(key, sizeof key, "%s.%s", slots->linked->records.v[field->record].name,
                       field->name);
        slot->callback = models_field_callback(slots->flows->models, key, &slot->library);
        if (slot->callback != NULL && !is_for_us(slots, slot->callback)) {
            slot->callback = NULL;
        }
    }
    return slot;
}

/* The slot that a write fills with a function; NULL: none. */
static const struct slot *slot_of(struct slots *slots, const struct prog_fn *fn,
                                  const struct ir_op *op)
{
    if (op->kind != IR_WRITE || op->u.access.value.i == ID_NONE ||
        fn->ir->values.v[op->u.access.value.i].kind != IR_VALUE_FN) {
        return NULL;
    }
    const struct ir_place *place = &fn->ir->places.v[op->u.access.place.i];
    if (place->n_steps == 0) {
        return NULL;
    }
    const struct ir_step *last = &fn->ir->steps.v[place->first_step + place->n_steps - 1];
    if (last->kind != IR_STEP_FIELD) {
        return NULL;
    }
    const struct slot *slot = slot_of_field(slots, linked_field(slots->linked, fn, last->arg));
    return slot->callback == NULL ? NULL : slot;
}

static void read_writes(struct slots *slots, const struct prog_fn *fn)
{
    for (uint32_t i = 0; i < fn->ir->ops.n; i++) {
        const struct ir_op *op = &fn->ir->ops.v[i];
        const struct slot *slot = slot_of(slots, fn, op);
        if (slot == NULL) {
            continue;
        }
        uint32_t sym =
            linked_sym(slots->linked, fn, fn->ir->values.v[op->u.access.value.i].u.sym.i);
        struct bodies bodies = linked_bodies(slots->linked, sym, fn->unit_index);
        struct entered how = {slot->library, slot->callback->holds, slot->callback->at_start};
        for (size_t b = 0; b < bodies.n; b++) {
            add_entry(slots, how, bodies.v[b]);
        }
    }
}

/* ---- names and arguments --------------------------------------------------------------------- */

/* PyInit_*. */
static void read_name(struct slots *slots, fn_id fn)
{
    const char *library = models_enters(slots->flows->models, slots->linked->fns.v[fn.i].name);

    if (library != NULL && !path_is_none(slots->contexts->gil)) {
        add_entry(slots, (struct entered){library, models_gil(slots->flows->models), true}, fn);
    }
}

/* Functions that are handed to the library, for it to call them while it holds its lock. */
static void read_call(struct slots *slots, const struct call *call)
{
    const struct model_fn *model = call->model;

    for (size_t i = 0; model != NULL && i < model->callbacks.n; i++) {
        const struct model_callback *callback = &model->callbacks.v[i];
        if (!is_for_us(slots, callback)) {
            continue;
        }
        struct entered how = {model->library, models_gil(slots->flows->models), callback->at_start};
        void *scratch = mem_owner(NULL, "slots");
        struct fn_list fns = calls_functions_of(slots->flows->calls, scratch, call->fn,
                                                call_arg(slots->linked, call, callback->arg));
        for (size_t f = 0; f < fns.n; f++) {
            add_entry(slots, how, fns.v[f]);
        }
        talloc_free(scratch);
    }
}

void slots_find(struct contexts *contexts, const struct flows *flows)
{
    const struct linked *linked = flows->linked;
    struct slots slots = {contexts, flows, linked,
                          mem_array(NULL, struct slot, linked->fields.n + 1)};

    for (size_t u = 0; u < linked->inits.n; u++) {
        read_writes(&slots, &linked->inits.v[u]);
    }
    for (uint32_t f = 0; f < linked->fns.n; f++) {
        read_writes(&slots, &linked->fns.v[f]);
        read_name(&slots, (fn_id){f});
    }
    for (size_t i = 0; i < flows->calls->v.n; i++) {
        read_call(&slots, &flows->calls->v.v[i]);
    }
    talloc_free(slots.of_field);
}
