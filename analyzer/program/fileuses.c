#include "program/fileuses.h"

#include "program/resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

enum { MAX_DEPTH = 4 }; /* wrappers around a call */

bool file_deed_is_check(enum file_deed deed)
{
    return deed <= FILE_FSTAT;
}

bool file_deed_opens(enum file_deed deed)
{
    return deed == FILE_OPEN || deed == FILE_FOPEN || deed == FILE_CREATE;
}

/* ---- how a file is opened -------------------------------------------------------------------- */

/* fopen(3), and glibc's "x". */
static struct open_flags flags_of_mode(const char *mode)
{
    struct open_flags flags = {.known = true, .param = ARG_NONE};
    bool plus = strchr(mode, '+') != NULL;

    if (mode[0] != 'r') {
        flags.sure = O_CREAT | (mode[0] == 'w' ? O_TRUNC : O_APPEND);
    }
    flags.sure |= plus ? O_RDWR : mode[0] == 'r' ? O_RDONLY : O_WRONLY;
    flags.sure |= strchr(mode, 'x') != NULL ? O_EXCL : 0;
    return flags;
}

static struct open_flags flags_of_value(const struct filenames *names, value_id value)
{
    struct open_flags flags = {.param = ARG_NONE};
    uint32_t local;

    value = resolve_value(names->resolver, value);
    if (value.i == ID_NONE) {
        return flags;
    }
    const struct ir_value *v = &names->ir->values.v[value.i];
    if (v->kind == IR_VALUE_INT) {
        flags.known = true;
        flags.sure = (uint32_t)v->u.number;
    } else if (v->kind == IR_VALUE_STRING) {
        flags = flags_of_mode(v->u.text);
    } else if (v->kind == IR_VALUE_BINARY && v->opcode == IR_OP_OR) {
        struct open_flags a = flags_of_value(names, v->u.of.a);
        struct open_flags b = flags_of_value(names, v->u.of.b);
        flags.sure = a.sure | b.sure;
        flags.known = a.known && b.known;
    } else if (v->kind == IR_VALUE_READ &&
               place_is_local(names->ir, names->ir->ops.v[v->u.op.i].u.access.place, &local) &&
               resolve_is_argument(names->resolver, local)) {
        flags.param = (int)local + 1;
    }
    return flags;
}

static struct open_flags flags_of(const struct filenames *names, const struct call *call,
                                  const struct model_path *path)
{
    if (path->does == FILE_CREATE) {
        return (struct open_flags){O_WRONLY | O_CREAT | O_TRUNC, true, ARG_NONE};
    }
    if (path->flags == ARG_NONE) {
        return (struct open_flags){O_RDONLY, true, ARG_NONE};
    }
    return flags_of_value(names, call_arg(names->flows->linked, call, path->flags));
}

/* ---- what a result says ---------------------------------------------------------------------- */

static bool is_comparison(enum ir_opcode opcode)
{
    return opcode >= IR_OP_EQ && opcode <= IR_OP_GE;
}

static bool compare(enum ir_opcode opcode, int64_t a, int64_t b)
{
    return (opcode == IR_OP_EQ && a == b) || (opcode == IR_OP_NE && a != b) ||
           (opcode == IR_OP_LT && a < b) || (opcode == IR_OP_LE && a <= b) ||
           (opcode == IR_OP_GT && a > b) || (opcode == IR_OP_GE && a >= b);
}

bool fileuses_evaluate(const struct filenames *names, value_id value, op_id check, int64_t answer,
                       int64_t *ret)
{
    int64_t a;
    int64_t b;

    value = resolve_value(names->resolver, value);
    if (value.i == ID_NONE) {
        return false;
    }
    const struct ir_value *v = &names->ir->values.v[value.i];
    switch (v->kind) {
    case IR_VALUE_INT:
        *ret = v->u.number;
        return true;
    case IR_VALUE_CALL:
        *ret = answer;
        return v->u.op.i == check.i;
    case IR_VALUE_UNARY:
        if (!fileuses_evaluate(names, v->u.of.a, check, answer, &a)) {
            return false;
        }
        *ret = v->opcode == IR_OP_NOT ? a == 0 : -a;
        return v->opcode == IR_OP_NOT || v->opcode == IR_OP_NEG;
    case IR_VALUE_BINARY:
        if (!is_comparison(v->opcode) || !fileuses_evaluate(names, v->u.of.a, check, answer, &a) ||
            !fileuses_evaluate(names, v->u.of.b, check, answer, &b)) {
            return false;
        }
        *ret = compare(v->opcode, a, b);
        return true;
    case IR_VALUE_READ:
    case IR_VALUE_UNKNOWN:
    case IR_VALUE_STRING:
    case IR_VALUE_FN:
    case IR_VALUE_ADDR:
        return false;
    }
    return false;
}

/* ---- uses ------------------------------------------------------------------------------------ */

static struct answers answers_of(const struct model_fn *model)
{
    switch (model->ok) {
    case OK_ZERO:
        return (struct answers){true, 0, -1};
    case OK_NONZERO:
        return (struct answers){true, 1, 0};
    case OK_ALWAYS:
        break;
    }
    return (struct answers){.known = false};
}

static struct file_use use_by_model(const struct filenames *names, const struct call *call,
                                    const struct model_path *path)
{
    struct file_use use = {.op = call->op,
                           .deed = path->does,
                           .name = filenames_arg(names, call, path->arg, path->dir),
                           .into = PATH_NONE,
                           .tells = true,
                           .answers = answers_of(call->model),
                           .flags = flags_of(names, call, path),
                           .looked_at = calls_uses_result(names->ir, call->op),
                           .inner = call};

    if (path->into != ARG_NONE) {
        use.into =
            resolve_pointee(names->resolver, call_arg(names->flows->linked, call, path->into));
    }
    return use;
}

/* Is it what parameter number *ret_param points to, all of it? */
static bool is_argument(const struct paths *paths, path_id path, int *ret_param)
{
    const struct path_node *node = path_get(paths, path);

    if (node->kind != STEP_DEREF || path_get(paths, node->parent)->kind != ROOT_PARAM) {
        return false;
    }
    *ret_param = (int)path_get(paths, node->parent)->a;
    return true;
}

/* Something of a callee in terms of the caller, where the arguments point to `pointees`. */
static struct name_part import_part(const struct filenames *names, const struct call *call,
                                    path_id path, const path_id *pointees, size_t n)
{
    int param;

    if (!path_is_none(path) && is_argument(names->flows->paths, path, &param)) {
        struct file_name name = filenames_arg(names, call, param + 1, ARG_NONE);
        return (struct name_part){name.value, name.path};
    }
    return (struct name_part){{ID_NONE}, path_substitute(names->flows->paths, path, pointees, n)};
}

/* A callee's use in terms of the caller. False: the name can't be said here. */
static bool import(const struct filenames *names, const struct call *call,
                   const struct file_use *callee, struct file_use *ret)
{
    const struct flows *flows = names->flows;
    path_id pointees[MAX_PARAMS];
    size_t n = flow_pointees(flows, call, pointees);
    struct file_name *name = &ret->name;
    int param;

    *ret = *callee;
    ret->op = call->op;
    ret->depth++;
    ret->looked_at = calls_uses_result(names->ir, call->op) || callee->looked_at;
    if (!path_is_none(callee->into)) {
        ret->into = path_substitute(flows->paths, callee->into, pointees, n);
    }
    if (callee->flags.param != ARG_NONE) {
        ret->flags = flags_of_value(names, call_arg(flows->linked, call, callee->flags.param));
    }
    bool said = true;
    for (uint32_t i = 0; i < name->n_parts; i++) {
        name->parts[i] = import_part(names, call, callee->name.parts[i].path, pointees, n);
        said = said && (name->parts[i].value.i != ID_NONE || !path_is_none(name->parts[i].path));
    }
    if (name->text != NULL || name->form != NULL) {
        return said;
    }
    if (is_argument(flows->paths, callee->name.path, &param)) {
        *name = filenames_arg(names, call, param + 1, ARG_NONE);
    } else {
        name->path = path_substitute(flows->paths, callee->name.path, pointees, n);
    }
    return name->value.i != ID_NONE || !path_is_none(name->path);
}

/* Can callers say what the path is: is it about a parameter, or a certain variable's? */
static bool is_callers(struct paths *paths, path_id path)
{
    if (path_is_none(path)) {
        return false;
    }
    for (path_id p = path; !path_is_none(p); p = path_get(paths, p)->parent) {
        if (path_get(paths, p)->kind == STEP_INDEX && path_get(paths, p)->a == PATH_INDEX_ANY) {
            return false; /* which item it is the caller can't say */
        }
    }
    enum path_kind root = path_get(paths, path_root_of(paths, path))->kind;
    return root == ROOT_PARAM || root == ROOT_VAR;
}

/* Can callers say what all the parts of the name are? */
static bool has_callers_parts(struct filenames *names, struct file_name *name, op_id at)
{
    bool callers = name->form != NULL || filenames_take_apart(names, name, at);

    for (uint32_t i = 0; i < name->n_parts && callers; i++) {
        callers = is_callers(names->flows->paths, name->parts[i].path);
        name->parts[i].value.i = ID_NONE;
    }
    return callers;
}

bool fileuses_export(struct filenames *names, const struct file_use *use, struct file_use *ret)
{
    struct paths *paths = names->flows->paths;

    *ret = *use;
    ret->name.text = filenames_text(names, &use->name);
    if (!path_is_none(use->into) &&
        path_get(paths, path_root_of(paths, use->into))->kind != ROOT_PARAM) {
        ret->into = PATH_NONE;
    }
    bool said = use->name.dir.i == ID_NONE && use->depth < MAX_DEPTH &&
                (ret->name.text != NULL || is_callers(paths, use->name.path) ||
                 has_callers_parts(names, &ret->name, use->op));
    ret->name.value.i = ID_NONE;
    ret->name.local = ID_NONE;
    return said;
}

/* ---- failing because of a rival -------------------------------------------------------------- */

/* The error that says that somebody else was faster; 0: none does. */
static int64_t error_of_race(enum file_deed deed)
{
    switch (deed) {
    case FILE_LINK:
    case FILE_MKDIR:
        return EEXIST;
    case FILE_REMOVE:
    case FILE_RMDIR:
    case FILE_RENAME:
    case FILE_OPEN:
    case FILE_FOPEN:
    case FILE_LIST:
    case FILE_CHDIR:
    case FILE_EXEC:
        return ENOENT;
    case FILE_ACCESS:
    case FILE_STAT:
    case FILE_LSTAT:
    case FILE_FSTAT:
    case FILE_CREATE:
    case FILE_LOAD:
    case FILE_REPLACE:
    case FILE_CHMOD:
    case FILE_CHOWN:
    case FILE_TRUNCATE:
    case FILE_UTIME:
        break;
    }
    return 0;
}

/* Does the value come of errno, read behind `act`? */
static bool is_errno(const struct filenames *names, value_id value, op_id act)
{
    value = resolve_value(names->resolver, value);
    const struct ir_value *v = value.i == ID_NONE ? NULL : &names->ir->values.v[value.i];

    if (v == NULL || v->kind != IR_VALUE_READ || !cfg_op_before(names->cfg, act, v->u.op)) {
        return false;
    }
    const struct ir_place *place =
        &names->ir->places.v[names->ir->ops.v[v->u.op.i].u.access.place.i];
    if (place->base_kind != IR_BASE_VALUE) {
        return false;
    }
    const struct ir_value *base = &names->ir->values.v[place->base];
    const struct model_fn *model = base->kind == IR_VALUE_CALL
                                       ? calls_at(names->flows->calls, names->fn, base->u.op)->model
                                       : NULL;
    return model != NULL && model->returns_errno;
}

enum { MAX_COMPARED = 4 }; /* operators around the comparison */

/* Does the condition compare errno with this number? */
static bool compares(const struct filenames *names, value_id value, op_id act, int64_t error,
                     unsigned nested)
{
    value = resolve_value(names->resolver, value);
    const struct ir_value *v = value.i == ID_NONE ? NULL : &names->ir->values.v[value.i];

    if (v == NULL || v->kind != IR_VALUE_BINARY || nested > MAX_COMPARED) {
        return false;
    }
    const struct ir_value *b = &names->ir->values.v[v->u.of.b.i];
    bool here = b->kind == IR_VALUE_INT && b->u.number == error && is_errno(names, v->u.of.a, act);
    return here || compares(names, v->u.of.a, act, error, nested + 1) ||
           compares(names, v->u.of.b, act, error, nested + 1);
}

/* Has the switch a case for this number? */
static bool has_case(const struct ir_fn *ir, const struct ir_block *block, int64_t number)
{
    for (uint32_t i = 0; i < block->n_succs; i++) {
        const struct ir_succ *succ = &ir->succs.v[block->first_succ + i];
        if (!succ->is_default && succ->low <= number && number <= succ->high) {
            return true;
        }
    }
    return false;
}

static bool is_handled(const struct filenames *names, const struct file_use *use)
{
    int64_t error = error_of_race(use->deed);
    bool handled = false;

    for (uint32_t b = 0; b < names->ir->blocks.n && error != 0 && !handled; b++) {
        const struct ir_block *block = &names->ir->blocks.v[b];
        if (block->term == IR_BRANCH) {
            handled = compares(names, block->cond, use->op, error, 0);
        } else if (block->term == IR_SWITCH) {
            handled = is_errno(names, block->cond, use->op) && has_case(names->ir, block, error);
        }
    }
    return handled;
}

/* ---- all uses of a function ------------------------------------------------------------------ */

static void add(void *owner, const struct filenames *names, struct file_use use,
                struct file_use_list *out)
{
    use.handled = use.handled || (!file_deed_is_check(use.deed) && is_handled(names, &use));
    vec_push(owner, out, use);
}

struct file_use_list fileuses_of(void *owner, struct filenames *names,
                                 const struct file_use_list *exported)
{
    const struct calls *calls = names->flows->calls;
    struct file_use_list out = {NULL, 0};

    for (uint32_t i = calls->first[names->fn.i]; i < calls->first[names->fn.i + 1]; i++) {
        const struct call *call = &calls->v.v[i];
        if (call->model != NULL) {
            for (size_t p = 0; p < call->model->paths.n; p++) {
                add(owner, names, use_by_model(names, call, &call->model->paths.v[p]), &out);
            }
            continue;
        }
        if (call->indirect || call->callees.n != 1) {
            continue;
        }
        const struct file_use_list *callee = &exported[call->callees.v[0].i];
        for (size_t u = 0; u < callee->n; u++) {
            struct file_use use;
            if (import(names, call, &callee->v[u], &use)) {
                add(owner, names, use, &out);
            }
        }
    }
    return out;
}
