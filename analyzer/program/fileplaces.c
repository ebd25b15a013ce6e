#include "program/filenames.h"

#include "program/resolve.h"

enum { MAX_NESTED = 6 }; /* names made of names made of ... */

/* The first part of what a call makes: of snprintf(buf, n, "%s/x", dir) the format, or `dir`. */
static value_id first_part(const struct filenames *names, const struct call *call)
{
    const struct ir_op *op = &names->ir->ops.v[call->op.i];
    value_id found = {ID_NONE};

    for (uint32_t i = 0; i < op->u.call.n_args; i++) {
        value_id arg = resolve_value(names->resolver, names->ir->args.v[op->u.call.first_arg + i]);
        const struct ir_value *v = filenames_value(names, arg);
        bool is_number = v == NULL || v->kind == IR_VALUE_INT || v->kind == IR_VALUE_UNKNOWN;
        bool is_format = v != NULL && v->kind == IR_VALUE_STRING &&
                         (v->u.text[0] == '%' || v->u.text[0] == '\0');
        if ((int)i + 1 != call->model->builds && !is_number && !is_format) {
            return arg;
        }
    }
    return found;
}

static enum file_place place_of(struct filenames *names, value_id value, op_id at, unsigned nested);

static enum file_place place_of_call(struct filenames *names, op_id op, unsigned nested)
{
    const struct call *call = calls_at(names->flows->calls, names->fn, op);
    const struct models *models = names->flows->models;
    const struct model_fn *model = call->model;

    if (model == NULL) {
        return PLACE_UNKNOWN;
    }
    if (model->returns_shared) {
        return PLACE_SHARED;
    }
    if (model->reads_environment) {
        const struct ir_value *v = filenames_value(names, call_arg(names->flows->linked, call, 1));
        bool shared =
            v != NULL && v->kind == IR_VALUE_STRING && models_is_shared_variable(models, v->u.text);
        return shared ? PLACE_SHARED : PLACE_UNKNOWN;
    }
    return model->builds != ARG_NONE ? place_of(names, first_part(names, call), op, nested + 1)
                                     : PLACE_UNKNOWN;
}

/* What a local can hold: a shared place if any of the values that it is given leads there. */
static enum file_place place_of_local(struct filenames *names, uint32_t local, unsigned nested)
{
    enum file_place found = PLACE_UNKNOWN;
    uint32_t written;

    for (uint32_t i = 0; i < names->ir->ops.n && found != PLACE_SHARED; i++) {
        const struct ir_op *op = &names->ir->ops.v[i];
        if (op->kind == IR_WRITE && place_is_local(names->ir, op->u.access.place, &written) &&
            written == local) {
            enum file_place here = place_of(names, op->u.access.value, (op_id){i}, nested + 1);
            found = here == PLACE_UNKNOWN ? found : here;
        }
    }
    return found;
}

static enum file_place place_of(struct filenames *names, value_id value, op_id at, unsigned nested)
{
    value = resolve_value(names->resolver, value);
    const struct ir_value *v = filenames_value(names, value);
    uint32_t local;

    if (v == NULL || nested > MAX_NESTED) {
        return PLACE_UNKNOWN;
    }
    if (v->kind == IR_VALUE_STRING) {
        return models_place(names->flows->models, v->u.text);
    }
    if (v->kind == IR_VALUE_CALL) {
        return place_of_call(names, v->u.op, nested);
    }
    const struct call *builder =
        filenames_builder(names, resolve_pointee(names->resolver, value), at);
    if (builder != NULL) {
        return place_of(names, first_part(names, builder), builder->op, nested + 1);
    }
    if (v->kind == IR_VALUE_READ &&
        place_is_local(names->ir, names->ir->ops.v[v->u.op.i].u.access.place, &local)) {
        return place_of_local(names, local, nested);
    }
    return PLACE_UNKNOWN;
}

enum file_place fileplaces_of(struct filenames *names, const struct file_name *name, op_id at)
{
    const char *text = filenames_text(names, name);

    return text != NULL ? models_place(names->flows->models, text)
                        : place_of(names, name->value, at, 0);
}

/* Is a directory made for this process under the name in `text`? */
static bool is_made_private(struct filenames *names, path_id text)
{
    const struct calls *calls = names->flows->calls;

    for (uint32_t i = calls->first[names->fn.i];
         i < calls->first[names->fn.i + 1] && !path_is_none(text); i++) {
        const struct call *call = &calls->v.v[i];
        if (call->model != NULL && call->model->makes_private != ARG_NONE &&
            (path_eq(flow_arg_path(names->flows, call, call->model->makes_private), text) ||
             path_eq(flow_arg_path(names->flows, call, ARG_RETURNED), text))) {
            return true;
        }
    }
    return false;
}

static bool is_private(struct filenames *names, value_id value, op_id at, unsigned nested)
{
    value = resolve_value(names->resolver, value);
    const struct ir_value *v = filenames_value(names, value);

    if (v == NULL || nested > MAX_NESTED) {
        return false;
    }
    path_id text = resolve_pointee(names->resolver, value);
    if (is_made_private(names, text)) {
        return true;
    }
    const struct call *builder = v->kind == IR_VALUE_CALL
                                     ? calls_at(names->flows->calls, names->fn, v->u.op)
                                     : filenames_builder(names, text, at);
    return builder != NULL && builder->model != NULL && builder->model->builds != ARG_NONE &&
           is_private(names, first_part(names, builder), builder->op, nested + 1);
}

bool fileplaces_is_private(struct filenames *names, const struct file_name *name, op_id at)
{
    return is_private(names, name->value, at, 0);
}
