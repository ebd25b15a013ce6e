#include "program/loop_uses.h"

#include "program/bindings.h"

#include <string.h>

struct search {
    struct loop_uses *out;
    const struct flows *flows;
    const struct bindings *bindings;
    bool *is_library; /* by unit: source of a library that has loops */
};

/* The type of the function called, as declared; NULL: it is called through a pointer. */
static const char *type_of_callee(const struct linked *linked, const struct call *call)
{
    const struct prog_fn *fn = &linked->fns.v[call->fn.i];
    const struct ir_value *callee = &fn->ir->values.v[fn->ir->ops.v[call->op.i].u.call.callee.i];

    return callee->kind != IR_VALUE_FN
               ? NULL
               : linked->syms.v[linked_sym(linked, fn, callee->u.sym.i)].ir->type;
}

/* Is the text of `n` bytes "const NAME *", with or without the `const`? */
static bool is_pointer_to(const char *text, size_t n, const char *name)
{
    static const char qualifier[] = "const ";
    size_t m = strlen(name);

    if (n > sizeof qualifier && strncmp(text, qualifier, sizeof qualifier - 1) == 0) {
        text += sizeof qualifier - 1;
        n -= sizeof qualifier - 1;
    }
    return n == m + 2 && strncmp(text, name, m) == 0 && strncmp(text + m, " *", 2) == 0;
}

/* Which of the library's objects the parameter's type points to; `objects->n`: none. */
static size_t object_of(const struct name_list *objects, const char *text, size_t n)
{
    size_t i = 0;

    while (i < objects->n && !is_pointer_to(text, n, objects->v[i])) {
        i++;
    }
    return i;
}

/* The first parameter of a function of this type ("int (uv_timer_t *, int)") that points to an
 * object of a loop; ARG_NONE: there is none. *ret_object is which. */
static int object_param(const char *type, const struct name_list *objects, size_t *ret_object)
{
    const char *at = type == NULL ? NULL : strchr(type, '(');

    for (int arg = 1; at != NULL && *at != '\0' && *at != ')'; arg++) {
        const char *start = at + 1 + strspn(at + 1, " ");
        unsigned depth = 0;
        for (at = start; *at != '\0' && (depth > 0 || (*at != ',' && *at != ')')); at++) {
            depth += *at == '(';
            depth -= *at == ')';
        }
        *ret_object = object_of(objects, start, (size_t)(at - start));
        if (*ret_object < objects->n) {
            return arg;
        }
    }
    return ARG_NONE;
}

/* The loops of an object. The first of the library's types is the loop's own. */
static loop_set loops_of_object(const struct search *s, const struct call *call, int arg,
                                bool is_loop, const char *library)
{
    if (call->model == NULL && is_loop) {
        return LOOPS_ANY;
    }
    return is_loop ? loops_of(s->flows->calls->loops, call, arg)
                   : bindings_of_handle(s->bindings, call, arg, library);
}

/* A request without a callback is done at once, and leaves the loop alone (uv_fs_read). */
static bool is_synchronous(const struct search *s, const struct call *call,
                           const struct model_fn *model)
{
    if (model == NULL || model->blocks_test != TEST_IS ||
        strcmp(model->blocks_test_value, "NULL") != 0) {
        return false;
    }
    value_id value = call_arg(s->flows->linked, call, model->blocks_test_arg);
    const struct ir_fn *ir = s->flows->linked->fns.v[call->fn.i].ir;
    return value.i != ID_NONE && ir->values.v[value.i].kind == IR_VALUE_INT &&
           ir->values.v[value.i].u.number == 0;
}

/* Is it about an object that has been made one of a loop's? */
static void add_bound_touch(struct search *s, struct loop_use use, const char *type)
{
    size_t object = 0;

    use.arg = object_param(type, &use.of->bound, &object);
    use.loops =
        use.arg == ARG_NONE ? 0 : bindings_seen(s->bindings, use.call, use.arg, use.of->library);
    if (use.loops != 0) {
        vec_push(s->out, &s->out->v, use);
    }
}

static void add_touch(struct search *s, struct loop_use use)
{
    size_t object = 0;
    const char *type = type_of_callee(s->flows->linked, use.call);
    int arg = object_param(type, &use.of->objects, &object);

    if (name_list_has(&use.of->any_thread, use.call->name) ||
        (use.model != NULL && use.model->any_thread) || is_synchronous(s, use.call, use.model)) {
        return;
    }
    use.arg = arg;
    if (arg != ARG_NONE) {
        use.loops = loops_of_object(s, use.call, arg, object == 0, use.of->library);
        vec_push(s->out, &s->out->v, use);
    } else if (use.model != NULL && use.model->loop_only) {
        use.loops = LOOPS_ANY;
        vec_push(s->out, &s->out->v, use);
    } else {
        add_bound_touch(s, use, type);
    }
}

static void read_call(struct search *s, const struct call *call)
{
    const struct linked *linked = s->flows->linked;
    struct loop_use use = {.call = call, .model = calls_model(call)};
    bool has_body = call->model == NULL && call->callees.n > 0;

    if (call->indirect || (has_body && use.model == NULL) ||
        s->is_library[linked->fns.v[call->fn.i].unit_index]) {
        return;
    }
    use.of = models_loop_of_call(s->flows->models, call->name);
    if (use.of == NULL) {
        return;
    }
    if (use.model != NULL && use.model->runs_loop != ARG_NONE) {
        use.runs = true;
        use.arg = use.model->runs_loop;
        use.loops = call->model == NULL
                        ? LOOPS_ANY
                        : loops_of(s->flows->calls->loops, call, use.model->runs_loop);
        vec_push(s->out, &s->out->v, use);
        return;
    }
    add_touch(s, use);
}

/* Does the function stand in its unit's main file, not in a header? */
static bool is_own(const struct prog_fn *fn)
{
    loc_id where = fn->ir->where;

    return where.i != ID_NONE && fn->ir->locs.v[where.i].file.i != ID_NONE &&
           strcmp(fn->unit->files.v[fn->ir->locs.v[where.i].file.i], fn->unit->path) == 0;
}

/* Units that define what the models know as a library's: its own source. */
static void find_library(struct search *s)
{
    const struct linked *linked = s->flows->linked;

    s->is_library = mem_array(s->out, bool, linked->n_units + 1);
    for (size_t f = 0; f < linked->fns.n; f++) {
        const struct prog_fn *fn = &linked->fns.v[f];
        if (models_loop_of_call(s->flows->models, fn->name) != NULL &&
            models_fn(s->flows->models, fn->name) != NULL && is_own(fn)) {
            s->is_library[fn->unit_index] = true;
        }
    }
}

struct loop_uses *loop_uses_find(void *owner, const struct contexts *contexts)
{
    struct loop_uses *out = mem_new(owner, struct loop_uses);
    struct search s = {
        .out = out, .flows = contexts->flows, .bindings = bindings_build(out, contexts)};
    bool any_run = false;

    out->contexts = contexts;
    find_library(&s);
    for (size_t i = 0; i < s.flows->calls->v.n; i++) {
        read_call(&s, &s.flows->calls->v.v[i]);
    }
    for (size_t i = 0; i < out->v.n; i++) {
        any_run = any_run || out->v.v[i].runs;
    }
    if (!any_run) {
        talloc_free(out);
        return NULL;
    }
    return out;
}
