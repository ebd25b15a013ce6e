#include "program/filenames.h"

#include "program/resolve.h"
#include "program/written.h"

#include <string.h>

/* What a function does to the text that a parameter points to. */
enum { NOT_ASKED, ASKING, LEAVES, WRITES };

/* Does one come to `path` from `whole`? */
static bool is_behind(const struct paths *paths, path_id path, path_id whole)
{
    for (; !path_is_none(path); path = path_get(paths, path)->parent) {
        if (path_eq(path, whole)) {
            return true;
        }
    }
    return false;
}

/* Is it a part of `whole`, not only behind a pointer there? */
static bool is_part(const struct paths *paths, path_id path, path_id whole)
{
    while (!path_eq(path, whole)) {
        if (path_is_none(path) || path_get(paths, path)->kind == STEP_DEREF) {
            return false;
        }
        path = path_get(paths, path)->parent;
    }
    return true;
}

/* Does a function of this type ("int (const char *, ...)") promise not to write what parameter `k`
 * (from 0) points to? What `...` takes is only read, most likely. */
static bool promises(const char *type, uint32_t k)
{
    const char *at = type == NULL ? NULL : strchr(type, '(');
    unsigned depth = 0;

    if (at == NULL) {
        return false;
    }
    for (at++; *at != '\0' && (depth > 0 || *at != ')') && k > 0; at++) {
        depth += *at == '(';
        depth -= *at == ')';
        k -= *at == ',' && depth == 0;
    }
    size_t n = strcspn(at, ",");
    bool open = *at == '\0' || *at == ')' || strncmp(at + strspn(at, " "), "...", 3) == 0;
    return open || memmem(at, n, "const ", 6) != NULL;
}

static bool body_writes(struct filenames *names, fn_id fn, uint32_t param);

/* Can the call write to what its argument number `k` (from 0), a text, points to? */
static bool call_writes(struct filenames *names, const struct call *call, uint32_t k)
{
    const struct linked *linked = names->flows->linked;
    const struct prog_fn *caller = &linked->fns.v[call->fn.i];
    const struct ir_op *op = &caller->ir->ops.v[call->op.i];
    const struct ir_value *callee = &caller->ir->values.v[op->u.call.callee.i];

    if (call->callees.n > 0) {
        bool writes = false;
        for (size_t i = 0; i < call->callees.n && !writes; i++) {
            writes = body_writes(names, call->callees.v[i], k);
        }
        return writes;
    }
    if (call->model != NULL && call->model->builds == (int)k + 1) {
        return true;
    }
    for (size_t i = 0; call->model != NULL && i < call->model->paths.n; i++) {
        if (call->model->paths.v[i].arg == (int)k + 1) {
            return false;
        }
    }
    if (callee->kind != IR_VALUE_FN) {
        return true;
    }
    return !promises(linked->syms.v[linked_sym(linked, caller, callee->u.sym.i)].ir->type, k);
}

/* Is the value the parameter itself, or a place in what it points to? */
static bool is_about_param(struct resolver *resolver, const struct paths *paths, value_id value,
                           uint32_t param)
{
    path_id path = resolve_pointee(resolver, value);
    const struct path_node *root =
        path_is_none(path) ? NULL : path_get(paths, path_root_of(paths, path));

    return root != NULL && root->kind == ROOT_PARAM && root->a == param;
}

static bool op_writes(struct filenames *names, fn_id fn, op_id op, uint32_t param)
{
    const struct flows *flows = names->flows;
    const struct ir_fn *ir = flows->linked->fns.v[fn.i].ir;
    const struct ir_op *o = &ir->ops.v[op.i];
    bool writes = false;

    if (o->kind == IR_CALL) {
        for (uint32_t a = 0; a < o->u.call.n_args && !writes; a++) {
            writes = is_about_param(flows->v[fn.i].resolver, flows->paths,
                                    ir->args.v[o->u.call.first_arg + a], param) &&
                     call_writes(names, calls_at(flows->calls, fn, op), a);
        }
        return writes;
    }
    if (o->kind == IR_READ) {
        return false;
    }
    path_id path = resolve_place(flows->v[fn.i].resolver, o->u.access.place);
    const struct path_node *root =
        path_is_none(path) ? NULL : path_get(flows->paths, path_root_of(flows->paths, path));
    return root != NULL && root->kind == ROOT_PARAM && root->a == param;
}

static bool body_writes(struct filenames *names, fn_id fn, uint32_t param)
{
    const struct ir_fn *ir = names->flows->linked->fns.v[fn.i].ir;
    signed char **slot = &names->writes[fn.i];

    if (param >= ir->n_params) {
        return false;
    }
    if (*slot == NULL) {
        *slot = mem_array(names, signed char, ir->n_params);
    }
    if ((*slot)[param] == NOT_ASKED) {
        (*slot)[param] = ASKING;
        bool writes = false;
        for (uint32_t i = 0; i < ir->ops.n && !writes; i++) {
            writes = op_writes(names, fn, (op_id){i}, param);
        }
        (*slot)[param] = writes ? WRITES : LEAVES;
    }
    return (*slot)[param] == WRITES; /* what calls itself adds nothing */
}

/* Can a body that the call runs write a variable on the way to the text? */
static bool writes_way(const struct filenames *names, const struct call *call, path_id text)
{
    struct paths *paths = names->flows->paths;

    for (path_id p = text; !path_is_none(p); p = path_get(paths, p)->parent) {
        enum path_kind kind = path_get(paths, p)->kind;
        for (size_t i = 0; i < call->callees.n; i++) {
            if ((kind == STEP_FIELD || kind == ROOT_VAR) &&
                written_by(names->flows->written, call->callees.v[i], path_class(paths, p))) {
                return true;
            }
        }
    }
    return false;
}

static bool call_changes(struct filenames *names, op_id op, path_id text)
{
    const struct paths *paths = names->flows->paths;
    const struct call *call = calls_at(names->flows->calls, names->fn, op);
    const struct ir_op *o = &names->ir->ops.v[op.i];
    bool changes = writes_way(names, call, text);

    for (uint32_t a = 0; a < o->u.call.n_args && !changes; a++) {
        path_id there =
            resolve_pointee(names->resolver, names->ir->args.v[o->u.call.first_arg + a]);
        if (path_is_none(there)) {
            continue;
        }
        bool is_text = is_part(paths, there, text);
        bool leads_there = !is_text && is_behind(paths, text, there) && call->callees.n == 0 &&
                           call->model == NULL;
        changes = (is_text || leads_there) && call_writes(names, call, a);
    }
    return changes;
}

/* Does a write to `place` change the text, or a pointer on the way to it? */
static bool write_changes(const struct filenames *names, place_id place, path_id text)
{
    struct paths *paths = names->flows->paths;
    path_id written = resolve_place(names->resolver, place);

    if (path_is_none(written)) {
        return false;
    }
    if (is_part(paths, written, text) || is_behind(paths, text, written)) {
        return true;
    }
    for (path_id p = text; !path_is_none(p); p = path_get(paths, p)->parent) {
        if (path_get(paths, p)->kind == STEP_FIELD && path_may_alias(paths, p, written)) {
            return true;
        }
    }
    return false;
}

bool filetexts_changed(struct filenames *names, path_id text, op_id from, op_id to)
{
    if (path_is_none(text)) {
        return false; /* a literal */
    }
    for (uint32_t i = 0; i < names->ir->ops.n; i++) {
        const struct ir_op *op = &names->ir->ops.v[i];
        if (i == from.i || i == to.i || op->kind == IR_READ) {
            continue;
        }
        bool changes = op->kind == IR_CALL ? call_changes(names, (op_id){i}, text)
                                           : write_changes(names, op->u.access.place, text);
        if (changes && cfg_op_between(names->cfg, from, (op_id){i}, to)) {
            return true;
        }
    }
    return false;
}
