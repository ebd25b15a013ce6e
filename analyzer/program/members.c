#include "program/members.h"

#include <stdio.h>

enum { MAX_KEY = 256 };

/* The field that step `i` of the place goes to; NULL: it goes to none. */
static const struct prog_field *field_of(const struct linked *linked, const struct prog_fn *fn,
                                         const struct ir_place *place, uint32_t i)
{
    const struct ir_step *step = &fn->ir->steps.v[place->first_step + i];

    return step->kind != IR_STEP_FIELD ? NULL
                                       : &linked->fields.v[linked_field(linked, fn, step->arg)];
}

/* "struct conn.on_read". False: too long, so nobody's. */
static bool make_key(char key[MAX_KEY], const char *record, const char *names)
{
    int n = snprintf(key, MAX_KEY, "%s.%s", record, names);

    return n > 0 && n < MAX_KEY;
}

static const struct model_callback *look_up(const struct models *models, const char *record,
                                            const char *names, const char **ret_library)
{
    char key[MAX_KEY];

    return make_key(key, record, names) ? models_field_callback(models, key, ret_library) : NULL;
}

/* The same by the way from the type around it that has a name. */
static const struct model_callback *
look_up_way(const struct models *models, const struct linked *linked, const struct prog_fn *fn,
            const struct ir_place *place, const char **ret_library)
{
    const struct model_callback *callback = NULL;
    void *scratch = mem_owner(NULL, "names");
    const char *names = NULL;

    for (uint32_t i = place->n_steps; i > 0; i--) {
        const struct prog_field *field = field_of(linked, fn, place, i - 1);
        if (field == NULL) {
            break;
        }
        const char *record = linked->records.v[field->record].name;
        names = names == NULL ? field->name : mem_printf(scratch, "%s.%s", field->name, names);
        if (*record != '\0') {
            callback = look_up(models, record, names, ret_library);
            break;
        }
    }
    talloc_free(scratch);
    return callback;
}

bool member_stored(const struct models *models, const struct linked *linked,
                   const struct prog_fn *fn, const struct ir_op *op, struct member *ret)
{
    if (op->kind != IR_WRITE || op->u.access.value.i == ID_NONE) {
        return false;
    }
    const struct ir_place *place = &fn->ir->places.v[op->u.access.place.i];
    const struct prog_field *field =
        place->n_steps == 0 ? NULL : field_of(linked, fn, place, place->n_steps - 1);
    if (field == NULL) {
        return false;
    }
    const char *record = linked->records.v[field->record].name;
    ret->field = (uint32_t)(field - linked->fields.v);
    ret->callback = look_up(models, record, field->name, &ret->library);
    if (ret->callback == NULL && *record == '\0') {
        ret->callback = look_up_way(models, linked, fn, place, &ret->library);
    }
    return ret->callback != NULL;
}

const struct model_fn *member_called(const struct models *models, const struct linked *linked,
                                     const struct prog_fn *fn, const struct ir_op *op)
{
    const struct ir_value *callee = &fn->ir->values.v[op->u.call.callee.i];

    if (callee->kind != IR_VALUE_READ) {
        return NULL;
    }
    const struct ir_op *read = &fn->ir->ops.v[callee->u.op.i];
    const struct ir_place *place = &fn->ir->places.v[read->u.access.place.i];
    const struct prog_field *field =
        place->n_steps == 0 ? NULL : field_of(linked, fn, place, place->n_steps - 1);
    char key[MAX_KEY];
    return field != NULL && make_key(key, linked->records.v[field->record].name, field->name)
               ? models_fn(models, key)
               : NULL;
}
