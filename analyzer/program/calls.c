#include "program/calls.h"

#include "program/loops.h"
#include "program/members.h"
#include "program/pointsto.h"

#include <stdlib.h>
#include <string.h>

struct builder {
    struct calls *calls;
    const struct linked *linked;
    const struct models *models;
    const struct call *served; /* the last call that its macro's model was given to */
    size_t *n_seen;            /* by call through a pointer: functions when it was looked at last */
    struct known_model *known; /* hash of what names were asked for, by address: N_KNOWN of them */
};

enum { N_KNOWN = 1 << 12 };

/* What the models say of a name, which is interned. */
struct known_model {
    const char *name;
    const struct model_fn *fn;
};

static const struct model_fn *model_named(const struct builder *b, const char *name)
{
    struct known_model *known = &b->known[((uintptr_t)name >> 4) % N_KNOWN];

    if (known->name != name) {
        *known = (struct known_model){name, models_fn(b->models, name)};
    }
    return known->fn;
}

static value_id macro_arg(const struct ir_fn *ir, const struct ir_op *op, int arg)
{
    if (arg < 1 || (uint32_t)arg > op->u.call.n_macro_args) {
        return (value_id){ID_NONE};
    }
    return ir->args.v[op->u.call.first_arg + op->u.call.n_args + (uint32_t)arg - 1];
}

value_id call_arg(const struct linked *linked, const struct call *call, int arg)
{
    const struct ir_fn *ir = linked->fns.v[call->fn.i].ir;
    const struct ir_op *op = &ir->ops.v[call->op.i];

    if (call->by_macro) {
        return macro_arg(ir, op, arg);
    }
    if (arg < 1 || (uint32_t)arg > op->u.call.n_args) {
        return (value_id){ID_NONE};
    }
    return ir->args.v[op->u.call.first_arg + (uint32_t)arg - 1];
}

static const struct ir_value *callee_value(const struct prog_fn *fn, op_id op)
{
    return &fn->ir->values.v[fn->ir->ops.v[op.i].u.call.callee.i];
}

static const struct ir_loc *loc_of_call(const struct builder *b, const struct call *call)
{
    const struct ir_fn *ir = b->linked->fns.v[call->fn.i].ir;
    loc_id where = ir->ops.v[call->op.i].where;

    return where.i == ID_NONE ? NULL : &ir->locs.v[where.i];
}

/* Was the use of the macro that this call comes from served by a call before it? */
static bool is_served(const struct builder *b, const struct call *call)
{
    if (b->served == NULL || b->served->fn.i != call->fn.i) {
        return false;
    }
    const struct ir_loc *mine = loc_of_call(b, call);
    const struct ir_loc *before = loc_of_call(b, b->served);
    return mine->file.i == before->file.i && mine->line == before->line &&
           mine->column == before->column;
}

/* Are all the arguments that the model speaks of known of this use of the macro? */
static bool has_arguments(const struct ir_fn *ir, const struct ir_op *op,
                          const struct model_fn *model)
{
    const int args[] = {model->acquire,   model->release,       model->init,
                        model->destroy,   model->asserts,       model->wait_cond,
                        model->wait_lock, model->thread_handle, model->thread_entry,
                        model->join,      model->once_call,     model->installs,
                        model->blocks_fd, model->runs_loop};

    for (size_t i = 0; i < sizeof args / sizeof args[0]; i++) {
        if (args[i] > 0 && macro_arg(ir, op, args[i]).i == ID_NONE) {
            return false;
        }
    }
    for (size_t i = 0; i < model->callbacks.n; i++) {
        if (macro_arg(ir, op, model->callbacks.v[i].arg).i == ID_NONE) {
            return false;
        }
    }
    for (size_t i = 0; i < model->paths.n; i++) {
        if (macro_arg(ir, op, model->paths.v[i].arg).i == ID_NONE) {
            return false;
        }
    }
    return op->u.call.n_macro_args > 0;
}

/* Gives the call the model of the macro that it comes from, the first of its expansion that has the
 * macro's arguments. A function's body that is called by its name says more than a built-in model
 * of the macro. */
static void match_macro(struct builder *b, struct call *call, bool has_body)
{
    const struct ir_fn *ir = b->linked->fns.v[call->fn.i].ir;
    const struct ir_loc *where = loc_of_call(b, call);
    const char *macro = where == NULL ? NULL : where->macro;
    const struct model_fn *model = macro == NULL ? NULL : model_named(b, macro);

    if (model == NULL || (has_body && !model->overrides_body) || is_served(b, call) ||
        !has_arguments(ir, &ir->ops.v[call->op.i], model)) {
        return;
    }
    call->by_macro = true;
    call->name = macro;
    call->model = model;
    b->served = call;
}

/* What the models say. A body in the program says more than a built-in model, which is meant for
 * libraries that are not part of it; the user's own models have the last word. */
static const struct model_fn *model_of(const struct builder *b, const struct prog_fn *fn, op_id op,
                                       const char *name, bool has_body)
{
    loc_id where = fn->ir->ops.v[op.i].where;
    const char *macro = where.i == ID_NONE ? NULL : fn->ir->locs.v[where.i].macro;
    const struct model_fn *model = macro == NULL ? NULL : model_named(b, macro);

    if (model != NULL && (model->acquire == ARG_SINGLETON || model->release == ARG_SINGLETON)) {
        return model; /* each call of its expansion */
    }
    model = model_named(b, name);
    if (model != NULL && has_body && !model->overrides_body) {
        return NULL;
    }
    return model;
}

const struct model_fn *calls_model(const struct call *call)
{
    return call->model != NULL ? call->model : call->named;
}

static void add_direct(struct builder *b, struct call *call, uint32_t sym)
{
    const struct prog_fn *fn = &b->linked->fns.v[call->fn.i];
    struct bodies bodies = linked_bodies(b->linked, sym, fn->unit_index);

    match_macro(b, call, bodies.n > 0);
    if (call->by_macro) {
        return;
    }
    call->name = b->linked->syms.v[sym].ir->name;
    call->model = model_of(b, fn, call->op, call->name, bodies.n > 0);
    call->named = model_named(b, call->name);
    for (size_t i = 0; i < bodies.n && call->model == NULL; i++) {
        calls_add_callee(b->calls, call, bodies.v[i]);
    }
}

/* Room for the ops of all functions. */
static void number_ops(struct builder *b)
{
    const struct linked *linked = b->linked;
    uint32_t n = 0;

    b->calls->first_op = mem_array(b->calls, uint32_t, linked->fns.n + 1);
    for (size_t f = 0; f < linked->fns.n; f++) {
        b->calls->first_op[f] = n;
        n += (uint32_t)linked->fns.v[f].ir->ops.n;
    }
    b->calls->by_op = mem_array(b->calls, uint32_t, n + 1);
}

static void list_calls(struct builder *b)
{
    const struct linked *linked = b->linked;
    struct calls *calls = b->calls;

    number_ops(b);
    calls->first = mem_array(calls, uint32_t, linked->fns.n + 1);
    for (uint32_t f = 0; f < linked->fns.n; f++) {
        const struct prog_fn *fn = &linked->fns.v[f];
        calls->first[f] = (uint32_t)calls->v.n;
        for (uint32_t i = 0; i < fn->ir->ops.n; i++) {
            bool is_call = fn->ir->ops.v[i].kind == IR_CALL;
            calls->by_op[calls->first_op[f] + i] = is_call ? (uint32_t)calls->v.n : ID_NONE;
            if (is_call) {
                struct call call = {.fn = {f}, .op = {i}, .name = "a function pointer"};
                vec_push(calls, &calls->v, call);
            }
        }
    }
    calls->first[linked->fns.n] = (uint32_t)calls->v.n;
}

static int by_number(const void *a, const void *b)
{
    const fn_id *x = a;
    const fn_id *y = b;

    return x->i < y->i ? -1 : x->i > y->i;
}

static bool has_callee(const struct call *call, fn_id callee)
{
    return call->callees.n > 0 && bsearch(&callee, call->callees.v, call->callees.n,
                                          sizeof *call->callees.v, by_number) != NULL;
}

/* Adds callees that it does not have yet. */
static void extend(struct calls *calls, struct call *call, const fn_id *more, size_t n)
{
    size_t n_before = call->callees.n;
    fn_id *all = mem_array(calls, fn_id, n_before + n);

    for (size_t i = 0; i < n_before + n; i++) {
        all[i] = i < n_before ? call->callees.v[i] : more[i - n_before];
    }
    qsort(all, n_before + n, sizeof *all, by_number);
    if (calls->callees == NULL) { /* else it lies among those of other calls */
        talloc_free(call->callees.v);
    }
    call->callees.v = all;
    call->callees.n = n_before + n;
}

void calls_add_callee(struct calls *calls, struct call *call, fn_id callee)
{
    if (!has_callee(call, callee)) {
        extend(calls, call, &callee, 1);
        calls->order = NULL;
    }
}

/* Puts the callees of all calls into one place, in their order: whoever goes through the calls goes
 * through these, too. */
static void pack_callees(struct calls *calls)
{
    size_t n = 0;

    for (size_t i = 0; i < calls->v.n; i++) {
        n += calls->v.v[i].callees.n;
    }
    calls->callees = mem_array(calls, fn_id, n + 1);
    n = 0;
    for (size_t i = 0; i < calls->v.n; i++) {
        struct call *call = &calls->v.v[i];
        fn_id *packed = calls->callees + n;
        for (size_t c = 0; c < call->callees.n; c++) {
            packed[c] = call->callees.v[c];
        }
        n += call->callees.n;
        talloc_free(call->callees.v);
        call->callees.v = packed;
    }
}

/* Arguments and result of `call` when it runs `callee` directly. */
static void pass_arguments(struct builder *b, const struct call *call, fn_id callee)
{
    const struct ir_op *op = &b->linked->fns.v[call->fn.i].ir->ops.v[call->op.i];

    for (uint32_t i = 0; i < op->u.call.n_args; i++) {
        pointsto_pass(b->calls->pointsto, call->fn, call_arg(b->linked, call, (int)i + 1), callee,
                      i);
    }
    pointsto_return(b->calls->pointsto, call->fn, call->op, callee);
}

struct fn_list calls_functions_of(const struct calls *calls, void *owner, fn_id fn, value_id value)
{
    struct sym_list syms = pointsto_functions(calls->pointsto, owner, fn, value);
    const struct linked *linked = calls->linked;
    struct fn_list list = {NULL, 0};

    for (size_t s = 0; s < syms.n; s++) {
        struct bodies bodies = linked_bodies(linked, syms.v[s], linked->fns.v[fn.i].unit_index);
        for (size_t i = 0; i < bodies.n; i++) {
            vec_push(owner, &list, bodies.v[i]);
        }
    }
    return list;
}

/* A callback gets the registered data as its last parameter: so do pthreads, libevent, GLib, and
 * (as its only one) libuv. */
static void pass_data(struct builder *b, const struct call *call, int callback_arg, int data_arg)
{
    void *scratch = mem_owner(NULL, "callbacks");
    value_id data = call_arg(b->linked, call, data_arg);
    struct fn_list fns =
        calls_functions_of(b->calls, scratch, call->fn, call_arg(b->linked, call, callback_arg));

    for (size_t i = 0; i < fns.n && data.i != ID_NONE; i++) {
        uint32_t n_params = b->linked->fns.v[fns.v[i].i].ir->n_params;
        if (n_params > 0) {
            pointsto_pass(b->calls->pointsto, call->fn, data, fns.v[i], n_params - 1);
        }
    }
    talloc_free(scratch);
}

static void pass_registered(struct builder *b, const struct call *call)
{
    const struct model_fn *model = call->model;

    if (model->thread_entry > 0) {
        pass_data(b, call, model->thread_entry, model->thread_data);
    }
    for (size_t i = 0; i < model->callbacks.n; i++) {
        pass_data(b, call, model->callbacks.v[i].arg, model->callbacks.v[i].data);
    }
}

/* Calls with a known callee, and all arguments. */
static void connect_direct(struct builder *b)
{
    for (size_t i = 0; i < b->calls->v.n; i++) {
        struct call *call = &b->calls->v.v[i];
        const struct prog_fn *fn = &b->linked->fns.v[call->fn.i];
        const struct ir_value *callee = callee_value(fn, call->op);
        if (callee->kind == IR_VALUE_FN) {
            add_direct(b, call, linked_sym(b->linked, fn, callee->u.sym.i));
        } else {
            match_macro(b, call, false);
            call->indirect = !call->by_macro;
        }
        for (size_t c = 0; c < call->callees.n; c++) {
            pass_arguments(b, call, call->callees.v[c]);
        }
        if (!call->indirect && call->callees.n == 0 && !loops_read_call(b->calls->loops, call)) {
            pointsto_return_unknown(b->calls->pointsto, call->fn, call->op);
        }
    }
}

/* Lets arguments and result of a call through a pointer pass the gate. */
static void connect_to_gate(struct builder *b, const struct call *call, uint32_t gate)
{
    const struct ir_op *op = &b->linked->fns.v[call->fn.i].ir->ops.v[call->op.i];

    for (uint32_t i = 0; i < op->u.call.n_args; i++) {
        pointsto_enter(b->calls->pointsto, gate, call->fn, call_arg(b->linked, call, (int)i + 1),
                       i);
    }
    pointsto_leave(b->calls->pointsto, gate, call->fn, call->op);
}

/* The bodies of one function that the pointer can be. Where there is but one, it is the same for
 * all calls through the pointer, and behind the gate. *ret_new gets what the call did not have yet.
 */
static void add_bodies(struct builder *b, const struct call *call, uint32_t gate, uint32_t sym,
                       struct fn_list *ret_new)
{
    uint32_t unit = b->linked->fns.v[call->fn.i].unit_index;
    struct bodies bodies = linked_bodies(b->linked, sym, unit);

    for (size_t i = 0; i < bodies.n; i++) {
        if (has_callee(call, bodies.v[i])) {
            continue;
        }
        vec_push(b->calls, ret_new, bodies.v[i]);
        if (gate != ID_NONE && b->linked->syms.v[sym].bodies.n == 1) {
            pointsto_admit(b->calls->pointsto, gate, bodies.v[i]);
        } else {
            pass_arguments(b, call, bodies.v[i]);
        }
    }
}

/* Looks again at what the pointer of a call can be. False: nothing new. */
static bool connect_pointer(struct builder *b, struct call *call, size_t *n_seen)
{
    struct pointsto *pointsto = b->calls->pointsto;
    value_id pointer = b->linked->fns.v[call->fn.i].ir->ops.v[call->op.i].u.call.callee;
    size_t n = pointsto_count_functions(pointsto, call->fn, pointer);
    struct fn_list found = {NULL, 0};

    if (n == *n_seen) {
        return false;
    }
    uint32_t gate = pointsto_gate(pointsto, call->fn, pointer);
    if (*n_seen == 0 && gate != ID_NONE) {
        connect_to_gate(b, call, gate);
    }
    *n_seen = n;
    struct sym_list syms = pointsto_functions(pointsto, NULL, call->fn, pointer);
    for (size_t i = 0; i < syms.n; i++) {
        add_bodies(b, call, gate, syms.v[i], &found);
    }
    if (found.n > 0) {
        extend(b->calls, call, found.v, found.n);
    }
    talloc_free(syms.v);
    talloc_free(found.v);
    return found.n > 0;
}

/* One round: bodies newly known behind pointers get their arguments. False: nothing new. */
static bool connect_indirect(struct builder *b)
{
    bool changed = false;

    for (size_t i = 0; i < b->calls->v.n; i++) {
        struct call *call = &b->calls->v.v[i];
        if (call->model != NULL) {
            pass_registered(b, call);
        }
        if (call->indirect) {
            changed |= connect_pointer(b, call, &b->n_seen[i]);
        }
    }
    pointsto_solve(b->calls->pointsto);
    return changed;
}

static const char *without_tag(const char *name)
{
    return strncmp(name, "struct ", 7) == 0 ? name + 7 : name;
}

/* Calls through members that no function of the program gets into: what the models say of them.
 * False: nothing. */
static bool find_member_models(struct builder *b)
{
    bool any = false;

    for (size_t i = 0; i < b->calls->v.n; i++) {
        struct call *call = &b->calls->v.v[i];
        const struct prog_fn *fn = &b->linked->fns.v[call->fn.i];
        if (call->indirect && call->model == NULL && call->callees.n == 0) {
            call->model = member_called(b->models, b->linked, fn, &fn->ir->ops.v[call->op.i]);
            call->name = call->model == NULL ? call->name : without_tag(call->model->name);
            any = any || call->model != NULL;
        }
    }
    return any;
}

static void count_unresolved(struct calls *calls)
{
    for (size_t i = 0; i < calls->v.n; i++) {
        calls->n_unresolved += calls->v.v[i].indirect && calls->v.v[i].callees.n == 0 ? 1 : 0;
    }
}

static uint64_t mix(uint64_t digest, uint64_t more)
{
    return (digest ^ more) * 0x9e3779b97f4a7c15u + (digest >> 29);
}

static uint64_t digest_of(const struct call *call)
{
    uint64_t digest = mix(call->op.i, (uintptr_t)call->name);

    digest = mix(digest, (uintptr_t)call->model);
    digest = mix(digest, (call->indirect ? 1u : 0u) | (call->by_macro ? 2u : 0u));
    for (size_t i = 0; i < call->callees.n; i++) {
        digest = mix(digest, call->callees.v[i].i + 1u);
    }
    return digest;
}

uint64_t calls_digest(const struct calls *calls, fn_id fn)
{
    uint64_t digest = 0;

    for (uint32_t c = calls->first[fn.i]; c < calls->first[fn.i + 1]; c++) {
        digest = mix(digest, digest_of(&calls->v.v[c]));
    }
    return digest;
}

static void digest_all(struct calls *calls)
{
    size_t n = calls->linked->fns.n;

    calls->digest = mem_array(calls, uint64_t, n + 1);
    for (uint32_t f = 0; f < n; f++) {
        calls->digest[f] = calls_digest(calls, (fn_id){f});
    }
}

struct calls *calls_build(void *owner, const struct linked *linked, struct paths *paths,
                          const struct models *models, struct calls *before)
{
    struct calls *calls = mem_new(owner, struct calls);
    struct builder builder = {.calls = calls, .linked = linked, .models = models};

    calls->linked = linked;
    calls->pointsto = pointsto_new(calls, linked, paths, before == NULL ? NULL : before->pointsto);
    calls->loops = loops_new(calls, linked, paths, calls->pointsto);
    builder.known = mem_array(NULL, struct known_model, N_KNOWN);
    list_calls(&builder);
    connect_direct(&builder);
    pointsto_solve(calls->pointsto);
    builder.n_seen = mem_array(NULL, size_t, calls->v.n + 1);
    do {
        while (connect_indirect(&builder)) {
            /* until no pointer reaches a new body */
        }
    } while (find_member_models(&builder));
    talloc_free(builder.n_seen);
    talloc_free(builder.known);
    pointsto_finish(calls->pointsto);
    count_unresolved(calls);
    pack_callees(calls);
    digest_all(calls);
    return calls;
}

const struct call *calls_at(const struct calls *calls, fn_id fn, op_id op)
{
    return &calls->v.v[calls->by_op[calls->first_op[fn.i] + op.i]];
}

/* Does a member of what the root points to stand on the way? Then its type says what it is. */
static bool names_member(const struct paths *paths, path_id path)
{
    for (path_id at = path; !path_is_none(at); at = path_get(paths, at)->parent) {
        if (path_get(paths, at)->kind == STEP_FIELD) {
            return true;
        }
    }
    return false;
}

path_id calls_sharpen(const struct calls *calls, struct paths *paths, fn_id fn, path_id path)
{
    if (path_is_none(path)) {
        return path;
    }
    path_id root = path_root_of(paths, path);
    path_id object = pointsto_only_object(calls->pointsto, fn, root);
    if (path_is_none(object)) {
        return path;
    }
    if (!path_is_exact(paths, object) && names_member(paths, path)) {
        return path; /* `a->mu`: "some element" would forget that `b` is another one */
    }
    return path_replace_pointee(paths, path, object);
}

bool calls_uses_result(const struct ir_fn *ir, op_id op)
{
    uint32_t result = 0;

    while (result < ir->values.n &&
           (ir->values.v[result].kind != IR_VALUE_CALL || ir->values.v[result].u.op.i != op.i)) {
        result++;
    }
    bool used = false;
    for (size_t i = result; i < ir->values.n && !used; i++) {
        const struct ir_value *v = &ir->values.v[i];
        used = (v->kind == IR_VALUE_UNARY || v->kind == IR_VALUE_BINARY) &&
               (v->u.of.a.i == result || v->u.of.b.i == result);
    }
    for (size_t i = 0; i < ir->blocks.n && !used; i++) {
        used = ir->blocks.v[i].cond.i == result;
    }
    for (size_t i = op.i + 1u; i < ir->ops.n && !used; i++) {
        used = ir->ops.v[i].kind != IR_CALL && ir->ops.v[i].u.access.value.i == result;
    }
    for (size_t i = 0; i < ir->args.n && !used; i++) {
        used = ir->args.v[i].i == result;
    }
    return used && result < ir->values.n;
}

/* ---- bottom-up order ------------------------------------------------------------------------- */

struct tarjan {
    const struct linked *linked;
    const struct calls *calls;
    struct bottom_up *out;
    uint32_t *number; /* 0: not visited */
    uint32_t *low;
    bool *on_stack;
    uint32_t *stack;
    uint32_t n_stack;
    uint32_t next_number;
    uint32_t n_components;
};

/* A function that is being visited, and how far. */
struct visit {
    uint32_t fn;
    uint32_t call;
    uint32_t callee;
};

static void close_component(struct tarjan *t, uint32_t fn)
{
    uint32_t member;

    do {
        member = t->stack[--t->n_stack];
        t->on_stack[member] = false;
        t->out->component[t->out->n] = t->n_components;
        t->out->order[t->out->n++] = (fn_id){member};
    } while (member != fn);
    t->n_components++;
}

static void open_visit(struct tarjan *t, struct visit *visit, uint32_t fn)
{
    *visit = (struct visit){fn, t->calls->first[fn], 0};
    t->number[fn] = t->low[fn] = ++t->next_number;
    t->stack[t->n_stack++] = fn;
    t->on_stack[fn] = true;
}

/* The next callee of this visit; false: no more. */
static bool next_callee(struct tarjan *t, struct visit *visit, uint32_t *ret_callee)
{
    while (visit->call < t->calls->first[visit->fn + 1]) {
        const struct call *call = &t->calls->v.v[visit->call];
        if (visit->callee < call->callees.n) {
            *ret_callee = call->callees.v[visit->callee++].i;
            return true;
        }
        visit->call++;
        visit->callee = 0;
    }
    return false;
}

static void walk_from(struct tarjan *t, struct visit *visits, uint32_t start)
{
    uint32_t depth = 0;

    open_visit(t, &visits[depth++], start);
    while (depth > 0) {
        struct visit *visit = &visits[depth - 1];
        uint32_t callee;
        if (next_callee(t, visit, &callee)) {
            if (t->number[callee] == 0) {
                open_visit(t, &visits[depth++], callee);
            } else if (t->on_stack[callee] && t->number[callee] < t->low[visit->fn]) {
                t->low[visit->fn] = t->number[callee];
            }
            continue;
        }
        if (t->low[visit->fn] == t->number[visit->fn]) {
            close_component(t, visit->fn);
        }
        depth--;
        if (depth > 0 && t->low[visit->fn] < t->low[visits[depth - 1].fn]) {
            t->low[visits[depth - 1].fn] = t->low[visit->fn];
        }
    }
}

static void find_order(const struct calls *calls, struct bottom_up *out)
{
    const struct linked *linked = calls->linked;
    size_t n = linked->fns.n + 1;
    void *scratch = mem_owner(NULL, "bottom-up");
    struct tarjan t = {.linked = linked,
                       .calls = calls,
                       .out = out,
                       .number = mem_array(scratch, uint32_t, n),
                       .low = mem_array(scratch, uint32_t, n),
                       .on_stack = mem_array(scratch, bool, n),
                       .stack = mem_array(scratch, uint32_t, n)};
    struct visit *visits = mem_array(scratch, struct visit, n);

    for (uint32_t f = 0; f < linked->fns.n; f++) {
        if (t.number[f] == 0) {
            walk_from(&t, visits, f);
        }
    }
    talloc_free(scratch);
}

const struct bottom_up *calls_bottom_up(struct calls *calls)
{
    size_t n = calls->linked->fns.n + 1;

    if (calls->order == NULL) {
        calls->order = mem_new(calls, struct bottom_up);
        calls->order->order = mem_array(calls->order, fn_id, n);
        calls->order->component = mem_array(calls->order, uint32_t, n);
        find_order(calls, calls->order);
    }
    return calls->order;
}

size_t bottom_up_end(const struct bottom_up *order, size_t i)
{
    size_t end = i;

    while (end < order->n && order->component[end] == order->component[i]) {
        end++;
    }
    return end;
}
