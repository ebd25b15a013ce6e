#include "program/filenames.h"

#include "program/resolve.h"

#include <fcntl.h>
#include <string.h>

enum { MAX_NESTED = 6 }; /* names made of names made of ... */

struct filenames *filenames_new(void *owner, const struct flows *flows)
{
    struct filenames *names = mem_new(owner, struct filenames);

    names->flows = flows;
    names->writes = mem_array(names, signed char *, flows->linked->fns.n + 1);
    return names;
}

void filenames_turn_to(struct filenames *names, fn_id fn)
{
    names->fn = fn;
    names->ir = names->flows->linked->fns.v[fn.i].ir;
    names->cfg = names->flows->linked->fns.v[fn.i].cfg;
    names->resolver = names->flows->v[fn.i].resolver;
}

const struct ir_value *filenames_value(const struct filenames *names, value_id id)
{
    return id.i == ID_NONE ? NULL : &names->ir->values.v[id.i];
}

static bool is_int(const struct filenames *names, value_id id, int64_t number)
{
    const struct ir_value *v = filenames_value(names, id);

    return v != NULL && v->kind == IR_VALUE_INT && v->u.number == number;
}

struct file_name filenames_arg(const struct filenames *names, const struct call *call, int arg,
                               int dir)
{
    value_id value = call_arg(names->flows->linked, call, arg);
    const struct ir_value *v = filenames_value(names, value);
    struct file_name name = {.local = ID_NONE, .dir = {ID_NONE}};

    if (v == NULL || v->kind != IR_VALUE_READ ||
        !place_is_local(names->ir, names->ir->ops.v[v->u.op.i].u.access.place, &name.local)) {
        name.local = ID_NONE;
    }
    name.value = resolve_value(names->resolver, value);
    name.path = resolve_pointee(names->resolver, name.value);
    name.text = filenames_text(names, &name);
    if (dir != ARG_NONE) {
        name.dir = resolve_value(names->resolver, call_arg(names->flows->linked, call, dir));
        if (is_int(names, name.dir, AT_FDCWD)) {
            name.dir.i = ID_NONE;
        }
    }
    return name;
}

const char *filenames_text(const struct filenames *names, const struct file_name *name)
{
    const struct ir_value *v = filenames_value(names, name->value);

    return v != NULL && v->kind == IR_VALUE_STRING ? v->u.text : name->text;
}

/* ---- when two values are the same ------------------------------------------------------------ */

static bool same_text(struct filenames *names, value_id a, op_id from, value_id b, op_id to,
                      unsigned nested);

static bool same_value(struct filenames *names, value_id a, op_id from, value_id b, op_id to,
                       unsigned nested);

static bool same_place(struct filenames *names, place_id a, op_id from, place_id b, op_id to,
                       unsigned nested)
{
    const struct ir_fn *ir = names->ir;
    const struct ir_place *x = &ir->places.v[a.i];
    const struct ir_place *y = &ir->places.v[b.i];

    if (x->n_steps != y->n_steps || x->base_kind != y->base_kind) {
        return path_eq(resolve_place(names->resolver, a), resolve_place(names->resolver, b)) &&
               path_is_exact(names->flows->paths, resolve_place(names->resolver, a));
    }
    bool same = x->base_kind == IR_BASE_VALUE ? same_value(names, (value_id){x->base}, from,
                                                           (value_id){y->base}, to, nested + 1)
                                              : x->base == y->base;
    for (uint32_t i = 0; i < x->n_steps && same; i++) {
        const struct ir_step *s = &ir->steps.v[x->first_step + i];
        const struct ir_step *t = &ir->steps.v[y->first_step + i];
        same = s->kind == t->kind &&
               (s->kind == IR_STEP_INDEX ? same_value(names, (value_id){s->arg}, from,
                                                      (value_id){t->arg}, to, nested + 1)
                                         : s->arg == t->arg);
    }
    return same;
}

/* What two reads of one place read is the same if nobody has written it in between. */
static bool same_read(struct filenames *names, op_id a, op_id b, unsigned nested)
{
    place_id x = names->ir->ops.v[a.i].u.access.place;
    place_id y = names->ir->ops.v[b.i].u.access.place;
    path_id path = resolve_place(names->resolver, x);

    if (a.i == b.i) {
        return true;
    }
    return names->ir->ops.v[a.i].kind == IR_READ && names->ir->ops.v[b.i].kind == IR_READ &&
           same_place(names, x, a, y, b, nested) && !path_is_none(path) &&
           !filetexts_changed(names, path, a, b);
}

/* Do two calls of one function get the same arguments, but for number `except`? */
static bool same_arguments(struct filenames *names, op_id a, op_id b, int except, unsigned nested)
{
    const struct ir_op *x = &names->ir->ops.v[a.i];
    const struct ir_op *y = &names->ir->ops.v[b.i];
    const struct call *f = calls_at(names->flows->calls, names->fn, a);
    const struct call *g = calls_at(names->flows->calls, names->fn, b);
    bool same = !f->indirect && !g->indirect && strcmp(f->name, g->name) == 0 &&
                x->u.call.n_args == y->u.call.n_args && x->u.call.n_args > 0;

    for (uint32_t i = 0; i < x->u.call.n_args && same; i++) {
        same = (int)i + 1 == except ||
               same_text(names, names->ir->args.v[x->u.call.first_arg + i], a,
                         names->ir->args.v[y->u.call.first_arg + i], b, nested + 1);
    }
    return same;
}

static bool same_value(struct filenames *names, value_id a, op_id from, value_id b, op_id to,
                       unsigned nested)
{
    a = resolve_value(names->resolver, a);
    b = resolve_value(names->resolver, b);
    const struct ir_value *x = filenames_value(names, a);
    const struct ir_value *y = filenames_value(names, b);

    if (x == NULL || y == NULL || x->kind != y->kind || nested > MAX_NESTED) {
        return false;
    }
    switch (x->kind) {
    case IR_VALUE_INT:
        return x->u.number == y->u.number;
    case IR_VALUE_STRING:
        return x->u.text == y->u.text;
    case IR_VALUE_FN:
        return x->u.sym.i == y->u.sym.i;
    case IR_VALUE_ADDR:
        return same_place(names, x->u.place, from, y->u.place, to, nested);
    case IR_VALUE_READ:
        return same_read(names, x->u.op, y->u.op, nested);
    case IR_VALUE_CALL:
        return x->u.op.i == y->u.op.i ||
               same_arguments(names, x->u.op, y->u.op, ARG_NONE, nested + 1);
    case IR_VALUE_UNARY:
    case IR_VALUE_BINARY:
        return x->opcode == y->opcode &&
               same_value(names, x->u.of.a, from, y->u.of.a, to, nested + 1) &&
               (x->kind == IR_VALUE_UNARY ||
                same_value(names, x->u.of.b, from, y->u.of.b, to, nested + 1));
    case IR_VALUE_UNKNOWN:
        return false;
    }
    return false;
}

const struct call *filenames_builder(struct filenames *names, path_id buffer, op_id at)
{
    const struct calls *calls = names->flows->calls;
    const struct call *found = NULL;

    for (uint32_t i = calls->first[names->fn.i];
         i < calls->first[names->fn.i + 1] && !path_is_none(buffer); i++) {
        const struct call *call = &calls->v.v[i];
        if (call->model != NULL && call->model->builds > 0 &&
            cfg_op_before(names->cfg, call->op, at) &&
            path_eq(resolve_pointee(names->resolver,
                                    call_arg(names->flows->linked, call, call->model->builds)),
                    buffer) &&
            !filetexts_changed(names, buffer, call->op, at)) {
            found = call;
        }
    }
    return found;
}

static bool same_builders(struct filenames *names, path_id a, op_id from, path_id b, op_id to,
                          unsigned nested)
{
    const struct call *x = filenames_builder(names, a, from);
    const struct call *y = x == NULL ? NULL : filenames_builder(names, b, to);

    return y != NULL && (x == y || same_arguments(names, x->op, y->op, x->model->builds, nested));
}

/* The same, and if they point to a text, that is what it was. */
static bool same_text(struct filenames *names, value_id a, op_id from, value_id b, op_id to,
                      unsigned nested)
{
    if (nested > MAX_NESTED) {
        return false;
    }
    path_id x = resolve_pointee(names->resolver, a);
    path_id y = resolve_pointee(names->resolver, b);
    return (same_value(names, a, from, b, to, nested) && !filetexts_changed(names, x, from, to)) ||
           same_builders(names, x, from, y, to, nested + 1);
}

static bool has_unknown_index(const struct paths *paths, path_id path)
{
    for (; !path_is_none(path); path = path_get(paths, path)->parent) {
        const struct path_node *node = path_get(paths, path);
        if (node->kind == STEP_INDEX && node->a == PATH_INDEX_ANY) {
            return true;
        }
    }
    return false;
}

static bool same_part(struct filenames *names, const struct name_part *a, op_id from,
                      const struct name_part *b, op_id to)
{
    if (a->value.i != ID_NONE && b->value.i != ID_NONE) {
        return same_text(names, a->value, from, b->value, to, 0);
    }
    return !path_is_none(a->path) && path_eq(a->path, b->path) &&
           !has_unknown_index(names->flows->paths, a->path) &&
           !filetexts_changed(names, a->path, from, to);
}

/* Are both made in the same way of the same parts? */
static bool same_form(struct filenames *names, struct file_name a, op_id from, struct file_name b,
                      op_id to)
{
    bool same = (a.form != NULL || filenames_take_apart(names, &a, from)) &&
                (b.form != NULL || filenames_take_apart(names, &b, to)) &&
                strcmp(a.form, b.form) == 0 && a.n_parts == b.n_parts;

    for (uint32_t i = 0; same && i < a.n_parts; i++) {
        same = same_part(names, &a.parts[i], from, &b.parts[i], to);
    }
    return same;
}

bool filenames_same(struct filenames *names, const struct file_name *a, op_id from,
                    const struct file_name *b, op_id to)
{
    const char *x = filenames_text(names, a);
    const char *y = filenames_text(names, b);

    if ((a->dir.i == ID_NONE) != (b->dir.i == ID_NONE) ||
        (a->dir.i != ID_NONE && !same_value(names, a->dir, from, b->dir, to, 0))) {
        return false;
    }
    if (x != NULL || y != NULL) {
        return x != NULL && y != NULL && strcmp(x, y) == 0;
    }
    if (a->form != NULL || b->form != NULL) {
        return same_form(names, *a, from, *b, to);
    }
    return same_part(names, &(struct name_part){a->value, a->path}, from,
                     &(struct name_part){b->value, b->path}, to);
}
