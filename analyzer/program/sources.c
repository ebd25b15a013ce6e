#include "program/sources_index.h"

#include "program/resolve.h"

enum { MAX_CELLS = 400, MAX_SOURCES = 24 };

/* One question. */
struct walk {
    struct sources *s;
    const struct linked *linked;
    void *owner;
    struct source_list *out;
    uint32_t n; /* cells come to; those before `next` are done */
    uint32_t next;
    struct cell cells[MAX_CELLS];
};

static bool items_meet(uint32_t a, uint32_t b)
{
    return a == b || a == ID_NONE || b == ID_NONE;
}

static bool is_cell(const struct cell *a, const struct cell *b)
{
    return a->kind == b->kind && a->a == b->a && a->b == b->b && items_meet(a->item, b->item);
}

/* ---- what is found --------------------------------------------------------------------------- */

bool source_eq(const struct source *a, const struct source *b)
{
    return a->kind == b->kind && a->fn.i == b->fn.i && a->at == b->at && a->arg == b->arg &&
           a->item == b->item && a->number == b->number;
}

static void found(struct walk *w, struct source source)
{
    for (size_t i = 0; i < w->out->v.n; i++) {
        if (source_eq(&w->out->v.v[i], &source)) {
            return;
        }
    }
    if (w->out->v.n >= MAX_SOURCES) {
        w->out->complete = false;
        return;
    }
    vec_push(w->owner, &w->out->v, source);
}

static void come_to(struct walk *w, struct cell cell)
{
    for (uint32_t i = 0; i < w->n; i++) {
        const struct cell *known = &w->cells[i];
        if (known->kind == cell.kind && known->a == cell.a && known->b == cell.b &&
            (known->item == cell.item || known->item == ID_NONE)) {
            return;
        }
    }
    if (w->n >= MAX_CELLS) {
        w->out->complete = false;
        return;
    }
    w->cells[w->n++] = cell;
}

/* ---- values ---------------------------------------------------------------------------------- */

static void see_value(struct walk *w, const struct prog_fn *fn, uint32_t fn_index, value_id value,
                      op_id by);

static void see_call(struct walk *w, fn_id fn, op_id op)
{
    const struct call *call = calls_at(w->s->flows->calls, fn, op);
    const struct model_fn *model = call->model;

    if (model != NULL && model->descriptor.at == ARG_RETURNED && model->descriptor.of > 0) {
        see_value(w, &w->linked->fns.v[fn.i], fn.i, call_arg(w->linked, call, model->descriptor.of),
                  op);
        return;
    }
    for (size_t i = 0; i < call->callees.n && model == NULL; i++) {
        come_to(w, (struct cell){CELL_RESULT, call->callees.v[i].i, 0, ID_NONE});
    }
    if (call->callees.n == 0 || model != NULL) {
        found(w, (struct source){SOURCE_CALL, fn, op.i, 0, ID_NONE, 0, {ID_NONE}});
    }
}

/* `by`: the op that stores it; ID_NONE: none. */
static void see_value(struct walk *w, const struct prog_fn *fn, uint32_t fn_index, value_id value,
                      op_id by)
{
    struct cell cell;

    if (value.i == ID_NONE) {
        w->out->complete = false;
        return;
    }
    const struct ir_value *v = &fn->ir->values.v[value.i];
    switch (v->kind) {
    case IR_VALUE_INT:
        found(w, (struct source){SOURCE_NUMBER, {fn_index}, 0, 0, ID_NONE, v->u.number, value});
        return;
    case IR_VALUE_CALL:
        see_call(w, (fn_id){fn_index}, v->u.op);
        return;
    case IR_VALUE_READ:
        if (sources_cell_of_place(w->s, fn, fn_index, fn->ir->ops.v[v->u.op.i].u.access.place,
                                  &cell)) {
            come_to(w, cell);
        } else {
            w->out->complete = false;
        }
        return;
    case IR_VALUE_UNARY:
    case IR_VALUE_BINARY:
        if (fn_index == UINT32_MAX) {
            w->out->complete = false; /* a static initialiser's */
            return;
        }
        found(w, (struct source){SOURCE_COMPUTED, {fn_index}, by.i, value.i, ID_NONE, 0, value});
        return;
    case IR_VALUE_UNKNOWN:
    case IR_VALUE_STRING:
    case IR_VALUE_FN:
    case IR_VALUE_ADDR:
        w->out->complete = false;
        return;
    }
}

/* What a pointer points to. */
static void see_behind(struct walk *w, const struct prog_fn *fn, uint32_t fn_index, value_id value)
{
    const struct ir_value *v = value.i == ID_NONE ? NULL : &fn->ir->values.v[value.i];
    struct cell cell;
    uint32_t local;

    if (v != NULL && v->kind == IR_VALUE_ADDR &&
        sources_cell_of_place(w->s, fn, fn_index, v->u.place, &cell)) {
        come_to(w, cell);
    } else if (v != NULL && v->kind == IR_VALUE_READ &&
               place_is_local(fn->ir, fn->ir->ops.v[v->u.op.i].u.access.place, &local) &&
               sources_cell_behind(w->s, fn, fn_index, local, &cell)) {
        come_to(w, cell);
    } else {
        w->out->complete = false;
    }
}

/* ---- cells ----------------------------------------------------------------------------------- */

/* A call gets the cell's address as argument `arg` (from 1). */
static void see_store(struct walk *w, const struct call *call, uint32_t arg, uint32_t item)
{
    const struct model_fn *model = call->model;

    if (model != NULL) {
        if (model->descriptor.at == (int)arg) {
            found(w, (struct source){SOURCE_STORED, call->fn, call->op.i, arg, item, 0, {ID_NONE}});
        }
        return;
    }
    for (size_t i = 0; i < call->callees.n; i++) {
        come_to(w, (struct cell){CELL_WRITTEN, call->callees.v[i].i, arg - 1, item});
    }
    if (call->callees.n == 0) {
        w->out->complete = false;
    }
}

/* Does argument `i` (from 0) of the op point to the cell? */
static bool points_to(const struct walk *w, const struct prog_fn *fn, uint32_t fn_index,
                      const struct ir_op *op, uint32_t i, const struct cell *cell)
{
    value_id arg = fn->ir->args.v[op->u.call.first_arg + i];
    const struct ir_value *v = arg.i == ID_NONE ? NULL : &fn->ir->values.v[arg.i];
    struct cell other;
    uint32_t local;

    if (v == NULL) {
        return false;
    }
    if (v->kind == IR_VALUE_ADDR) {
        return sources_cell_of_place(w->s, fn, fn_index, v->u.place, &other) &&
               is_cell(&other, cell);
    }
    return cell->kind == CELL_BEHIND && v->kind == IR_VALUE_READ &&
           place_is_local(fn->ir, fn->ir->ops.v[v->u.op.i].u.access.place, &local) &&
           local == cell->b;
}

/* What one op does to the cell. */
static void see_op(struct walk *w, const struct prog_fn *fn, uint32_t fn_index, op_id id,
                   const struct cell *cell)
{
    const struct ir_op *op = &fn->ir->ops.v[id.i];
    struct cell other;

    if (op->kind == IR_CALL) {
        for (uint32_t i = 0; i < op->u.call.n_args; i++) {
            if (points_to(w, fn, fn_index, op, i, cell)) {
                see_store(w, calls_at(w->s->flows->calls, (fn_id){fn_index}, id), i + 1,
                          cell->item);
            }
        }
        return;
    }
    if (op->kind == IR_READ ||
        !sources_cell_of_place(w->s, fn, fn_index, op->u.access.place, &other) ||
        !is_cell(&other, cell)) {
        return;
    }
    if (op->kind == IR_WRITE || op->u.access.opcode == IR_OP_EXCHANGE) {
        see_value(w, fn, fn_index, op->u.access.value, id);
    } else {
        found(w, (struct source){SOURCE_COMPUTED,
                                 {fn_index},
                                 id.i,
                                 op->u.access.value.i,
                                 ID_NONE,
                                 0,
                                 op->u.access.value});
    }
}

static void see_ops(struct walk *w, uint32_t fn_index, const struct cell *cell)
{
    const struct prog_fn *fn = &w->linked->fns.v[fn_index];

    for (uint32_t i = 0; i < fn->ir->ops.n; i++) {
        see_op(w, fn, fn_index, (op_id){i}, cell);
    }
}

/* The first of the sorted touches of `what`. */
static size_t first_touch(const struct touch *v, size_t n, uint32_t what)
{
    size_t low = 0;

    while (low < n) {
        size_t middle = low + (n - low) / 2;
        if (v[middle].what < what) {
            low = middle + 1;
        } else {
            n = middle;
        }
    }
    return low;
}

static void see_touches(struct walk *w, const struct touch *v, size_t n, const struct cell *cell)
{
    size_t i = first_touch(v, n, cell->a);
    size_t before = w->out->v.n;
    uint32_t cells = w->n;

    for (; i < n && v[i].what == cell->a; i++) {
        const struct prog_fn *fn =
            v[i].init ? &w->linked->inits.v[v[i].fn] : &w->linked->fns.v[v[i].fn];
        see_op(w, fn, v[i].init ? UINT32_MAX : v[i].fn, (op_id){v[i].op}, cell);
    }
    if (w->out->v.n == before && w->n == cells && cell->kind == CELL_VAR) {
        found(w, (struct source){SOURCE_VARIABLE, FN_NONE, cell->a, 1, ID_NONE, 0, {ID_NONE}});
    }
}

/* What a library hands to a callback as its parameter `param`. */
static void see_registered(struct walk *w, const struct registered *at, uint32_t param)
{
    const struct call *call = &w->s->flows->calls->v.v[at->call];
    const struct model_callback *how = &call->model->callbacks.v[at->callback];
    uint32_t fd_at = how->fd_at == 0 ? 0 : (uint32_t)how->fd_at - 1;

    if (how->fd > 0 && fd_at == param) {
        see_value(w, &w->linked->fns.v[call->fn.i], call->fn.i, call_arg(w->linked, call, how->fd),
                  call->op);
    } else {
        found(w, (struct source){SOURCE_CALLBACK,
                                 call->fn,
                                 call->op.i,
                                 how->fd == FD_NONBLOCKING && fd_at == param,
                                 ID_NONE,
                                 0,
                                 {ID_NONE}});
    }
}

/* Argument `arg` (from 1) of a call, or what it points to. */
static void see_arg(struct walk *w, const struct call *call, int arg, bool behind)
{
    const struct prog_fn *caller = &w->linked->fns.v[call->fn.i];
    value_id value = call_arg(w->linked, call, arg);

    if (behind) {
        see_behind(w, caller, call->fn.i, value);
    } else {
        see_value(w, caller, call->fn.i, value, call->op);
    }
}

/* What a thread's start or a registration hands over. True: somebody does. */
static bool see_handed(struct walk *w, uint32_t fn, uint32_t param, bool behind)
{
    const struct sources *s = w->s;
    bool any = false;

    for (size_t i = 0; i < s->handed.n && param + 1 == w->linked->fns.v[fn].ir->n_params; i++) {
        const struct handed *handed = &s->handed.v[i];
        if (handed->fn == fn) {
            any = true;
            see_arg(w, &s->flows->calls->v.v[handed->call], handed->arg, behind);
        }
    }
    return any;
}

/* The argument that becomes a parameter, of all callers; or what that points to. */
static void see_callers(struct walk *w, uint32_t fn, uint32_t param, bool behind)
{
    const struct sources *s = w->s;
    bool handed = see_handed(w, fn, param, behind);
    bool any = handed;

    for (uint32_t i = s->first_caller[fn]; i < s->first_caller[fn + 1]; i++) {
        any = true;
        see_arg(w, &s->flows->calls->v.v[s->callers[i]], (int)param + 1, behind);
    }
    for (size_t i = 0; i < s->registered.n && !handed; i++) {
        if (s->registered.v[i].fn == fn && !behind) {
            any = true;
            see_registered(w, &s->registered.v[i], param);
        }
    }
    if (!any) {
        found(w, (struct source){SOURCE_VARIABLE, {fn}, param, 0, ID_NONE, 0, {ID_NONE}});
    }
}

static void see_returns(struct walk *w, uint32_t fn_index)
{
    const struct prog_fn *fn = &w->linked->fns.v[fn_index];

    for (size_t b = 0; b < fn->ir->blocks.n; b++) {
        if (fn->ir->blocks.v[b].term == IR_RETURN && fn->cfg->position[b] != ID_NONE) {
            see_value(w, fn, fn_index, fn->ir->blocks.v[b].cond, (op_id){ID_NONE});
        }
    }
}

static void see_cell(struct walk *w, struct cell cell)
{
    switch (cell.kind) {
    case CELL_LOCAL:
        if (cell.a == UINT32_MAX) {
            return; /* a static initialiser's */
        }
        see_ops(w, cell.a, &cell);
        if (cell.b < w->linked->fns.v[cell.a].ir->n_params) {
            see_callers(w, cell.a, cell.b, false);
        }
        return;
    case CELL_VAR:
        see_touches(w, w->s->vars.v, w->s->vars.n, &cell);
        return;
    case CELL_FIELD:
        see_touches(w, w->s->fields.v, w->s->fields.n, &cell);
        return;
    case CELL_RESULT:
        see_returns(w, cell.a);
        return;
    case CELL_BEHIND:
        see_ops(w, cell.a, &cell);
        if (cell.b < w->linked->fns.v[cell.a].ir->n_params) {
            see_callers(w, cell.a, cell.b, true);
        }
        return;
    case CELL_WRITTEN:
        cell.kind = CELL_BEHIND; /* as the function's places are called */
        see_ops(w, cell.a, &cell);
        return;
    }
}

static struct walk *start(struct sources *s, void *owner, struct source_list *out)
{
    struct walk *w = mem_new(NULL, struct walk);

    out->complete = true;
    w->s = s;
    w->linked = s->flows->linked;
    w->owner = owner;
    w->out = out;
    return w;
}

static void finish(struct walk *w)
{
    while (w->next < w->n) {
        see_cell(w, w->cells[w->next++]);
    }
    talloc_free(w);
}

static struct source_list ask(struct sources *s, void *owner, fn_id fn, value_id value, bool behind)
{
    struct source_list out = {.complete = true};
    struct walk *w = start(s, owner, &out);
    const struct prog_fn *body = &s->flows->linked->fns.v[fn.i];

    if (behind) {
        see_behind(w, body, fn.i, value);
    } else {
        see_value(w, body, fn.i, value, (op_id){ID_NONE});
    }
    finish(w);
    return out;
}

struct source_list sources_of_field(struct sources *sources, void *owner, uint32_t field)
{
    struct source_list out = {.complete = true};
    struct walk *w = start(sources, owner, &out);

    come_to(w, (struct cell){CELL_FIELD, field, 0, ID_NONE});
    finish(w);
    return out;
}

struct source_list sources_of(struct sources *sources, void *owner, fn_id fn, value_id value)
{
    return ask(sources, owner, fn, value, false);
}

struct source_list sources_behind(struct sources *sources, void *owner, fn_id fn, value_id pointer)
{
    return ask(sources, owner, fn, pointer, true);
}
