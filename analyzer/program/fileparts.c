#include "program/filenames.h"

#include "program/resolve.h"

enum { MAX_NESTED = 4 }; /* calls that make parts of what calls make */

/* A name while it is taken apart. */
struct taking {
    struct filenames *names;
    struct file_name *name;
    char *form;
    bool failed;
};

static void add_value(struct taking *t, value_id value, op_id at, unsigned nested);

/* A part that nothing more is said of. */
static void add_part(struct taking *t, value_id value)
{
    struct file_name *name = t->name;

    if (name->n_parts == MAX_PARTS) {
        t->failed = true;
        return;
    }
    name->parts[name->n_parts++] =
        (struct name_part){value, resolve_pointee(t->names->resolver, value)};
    mem_append(t->names, &t->form, "$");
}

/* "f(a, b)" for a call that makes a text. The buffer that it fills is left out, and its size. */
static void add_call(struct taking *t, const struct call *call, unsigned nested)
{
    const struct ir_fn *ir = t->names->ir;
    const struct ir_op *op = &ir->ops.v[call->op.i];
    int builds = call->model == NULL ? ARG_NONE : call->model->builds;

    if (call->indirect || nested > MAX_NESTED) {
        t->failed = true;
        return;
    }
    mem_append(t->names, &t->form, "%s(", call->name);
    const char *before = "";
    for (uint32_t i = 0; i < op->u.call.n_args; i++) {
        value_id arg = resolve_value(t->names->resolver, ir->args.v[op->u.call.first_arg + i]);
        const struct ir_value *v = filenames_value(t->names, arg);
        bool is_size = (int)i == builds && builds > 0 && v != NULL && v->kind == IR_VALUE_INT;
        if ((int)i + 1 != builds && !is_size) {
            mem_append(t->names, &t->form, "%s", before);
            add_value(t, arg, call->op, nested + 1);
            before = ", ";
        }
    }
    mem_append(t->names, &t->form, ")");
}

static void add_value(struct taking *t, value_id value, op_id at, unsigned nested)
{
    value = resolve_value(t->names->resolver, value);
    const struct ir_value *v = filenames_value(t->names, value);

    if (v == NULL || t->failed) {
        t->failed = true;
    } else if (v->kind == IR_VALUE_STRING) {
        mem_append(t->names, &t->form, "\"%s\"", v->u.text);
    } else if (v->kind == IR_VALUE_INT) {
        mem_append(t->names, &t->form, "%lld", (long long)v->u.number);
    } else if (v->kind == IR_VALUE_CALL) {
        add_call(t, calls_at(t->names->flows->calls, t->names->fn, v->u.op), nested);
    } else {
        const struct call *builder =
            filenames_builder(t->names, resolve_pointee(t->names->resolver, value), at);
        if (builder != NULL) {
            add_call(t, builder, nested);
        } else {
            add_part(t, value);
        }
    }
}

bool filenames_take_apart(struct filenames *names, struct file_name *name, op_id at)
{
    struct taking t = {.names = names, .name = name, .form = mem_strdup(names, "")};

    name->n_parts = 0;
    add_value(&t, name->value, at, 0);
    bool made = !t.failed && t.form[0] != '$' && name->n_parts > 0;
    name->form = made ? t.form : NULL;
    return made;
}
