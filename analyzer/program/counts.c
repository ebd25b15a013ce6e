#include "program/counts.h"

#include "program/depends.h"
#include "program/resolve.h"

enum { MOST_LEFT = 2 }; /* a count that is compared with more is no count of references */

struct search {
    struct count_tests *out;
    const struct accessmap *map;
    const struct flows *flows;
    struct effects *effects;
    fn_id fn;
    const struct prog_fn *body;
    struct shared_ops *ops;  /* of `fn` */
    struct depends *depends; /* ... */
};

/* ---- numbers that go up and down ------------------------------------------------------------- */

static bool number_of(const struct ir_fn *ir, value_id value, int64_t *ret)
{
    if (value.i == ID_NONE || ir->values.v[value.i].kind != IR_VALUE_INT) {
        return false;
    }
    *ret = ir->values.v[value.i].u.number;
    return *ret > INT32_MIN && *ret < INT32_MAX;
}

/* The change that `place = old + n` makes, where `old` was read from the same place. */
static int64_t shift_of_sum(const struct flows *flows, fn_id fn, const struct ir_op *write)
{
    const struct ir_fn *ir = flows->linked->fns.v[fn.i].ir;
    value_id sum = resolve_value(flows->v[fn.i].resolver, write->u.access.value);
    int64_t number;

    if (sum.i == ID_NONE || ir->values.v[sum.i].kind != IR_VALUE_BINARY) {
        return 0;
    }
    const struct ir_value *v = &ir->values.v[sum.i];
    value_id old = resolve_value(flows->v[fn.i].resolver, v->u.of.a);
    if ((v->opcode != IR_OP_ADD && v->opcode != IR_OP_SUB) || !number_of(ir, v->u.of.b, &number) ||
        old.i == ID_NONE || ir->values.v[old.i].kind != IR_VALUE_READ) {
        return 0;
    }
    place_id from = ir->ops.v[ir->values.v[old.i].u.op.i].u.access.place;
    path_id read = flow_place(flows, fn, from);
    bool same = !path_is_none(read) && path_eq(read, flow_place(flows, fn, write->u.access.place));
    return !same ? 0 : v->opcode == IR_OP_ADD ? number : -number;
}

int64_t counts_shift(const struct flows *flows, fn_id fn, op_id op)
{
    const struct ir_fn *ir = flows->linked->fns.v[fn.i].ir;
    const struct ir_op *o = &ir->ops.v[op.i];
    int64_t number;

    if (o->kind == IR_WRITE) {
        return shift_of_sum(flows, fn, o);
    }
    if (o->kind != IR_RMW || !number_of(ir, o->u.access.value, &number)) {
        return 0;
    }
    return o->u.access.opcode == IR_OP_ADD ? number : o->u.access.opcode == IR_OP_SUB ? -number : 0;
}

/* ---- the test -------------------------------------------------------------------------------- */

/* Does `path` lie in the object, with no pointer on the way? */
static bool lies_in(const struct paths *paths, path_id path, path_id object)
{
    for (path_id at = path; !path_is_none(at); at = path_get(paths, at)->parent) {
        if (path_eq(at, object)) {
            return !path_eq(path, object);
        }
        if (path_get(paths, at)->kind == STEP_DEREF) {
            return false;
        }
    }
    return false;
}

/* Does the condition compare with 0, or some small number? */
static bool compares_with_few(const struct ir_fn *ir, value_id cond)
{
    int64_t number;

    if (cond.i == ID_NONE) {
        return false;
    }
    const struct ir_value *v = &ir->values.v[cond.i];
    if (v->kind == IR_VALUE_UNARY) {
        return v->opcode == IR_OP_NOT;
    }
    if (v->kind != IR_VALUE_BINARY) {
        return true; /* `if (refs)` */
    }
    return v->opcode >= IR_OP_EQ && v->opcode <= IR_OP_GE &&
           (number_of(ir, v->u.of.b, &number) || number_of(ir, v->u.of.a, &number)) &&
           number >= 0 && number <= MOST_LEFT;
}

/* Does a callee lower a number of that class? */
static bool lowers_by_call(const struct search *s, op_id op, path_id path)
{
    const struct call *call = calls_at(s->flows->calls, s->fn, op);
    path_id class = path_class(s->flows->paths, path);

    for (size_t c = 0; c < call->callees.n; c++) {
        fn_id callee = call->callees.v[c];
        const struct ir_fn *ir = s->flows->linked->fns.v[callee.i].ir;
        for (uint32_t i = 0; i < ir->ops.n; i++) {
            if (ir->ops.v[i].kind == IR_CALL || counts_shift(s->flows, callee, (op_id){i}) >= 0) {
                continue;
            }
            path_id theirs = flow_place(s->flows, callee, ir->ops.v[i].u.access.place);
            if (!path_is_none(theirs) && path_eq(path_class(s->flows->paths, theirs), class)) {
                return true;
            }
        }
    }
    return false;
}

/* The last op that has lowered the count before the test; ID_NONE. */
static op_id drop_before(const struct search *s, op_id test, path_id path)
{
    op_id drop = {ID_NONE};

    for (size_t i = 0; i < s->ops->writes.n; i++) {
        const struct shared_op *write = &s->ops->writes.v[i];
        if (!path_eq(write->path, path) || write->op.i == test.i ||
            !cfg_op_before(s->body->cfg, write->op, test)) {
            continue;
        }
        bool lowers = write->by_call ? lowers_by_call(s, write->op, path)
                                     : counts_shift(s->flows, s->fn, write->op) < 0;
        drop = lowers ? write->op : drop;
    }
    return drop;
}

static const struct shared_op *read_of(const struct search *s, op_id op, path_id object)
{
    for (size_t i = 0; i < s->ops->reads.n; i++) {
        const struct shared_op *read = &s->ops->reads.v[i];
        if (read->op.i == op.i && lies_in(s->flows->paths, read->path, object)) {
            return read;
        }
    }
    return NULL;
}

/* Is the op a change of the count whose own result is at hand: the right way to test it? */
static bool is_one_step(const struct search *s, const struct shared_op *read)
{
    if (s->body->ir->ops.v[read->op.i].kind == IR_RMW) {
        return true;
    }
    for (size_t i = 0; i < s->ops->writes.n; i++) { /* a call that drops and tells */
        if (s->ops->writes.v[i].op.i == read->op.i &&
            path_eq(s->ops->writes.v[i].path, read->path)) {
            return true;
        }
    }
    return false;
}

/* What one branch, that decides about the end, asks of counts in the object. False: it asks what a
 * change has yielded, so the end is decided rightly. */
static bool look_at_branch(const struct search *s, uint32_t b, path_id object,
                           const struct free_event *event, struct count_test *test)
{
    const struct op_list *ops = depends_of_block(s->depends, b);

    for (size_t i = 0; i < ops->n; i++) {
        const struct shared_op *read = read_of(s, ops->v[i], object);
        const struct variable *variable =
            read == NULL ? NULL : accessmap_find(s->map, s->fn, read->path);
        if (variable == NULL || !variable->shared) {
            continue;
        }
        if (is_one_step(s, read)) {
            return false;
        }
        bool is_later = test->event == NULL || read->op.i > test->test.i;
        if (is_later && compares_with_few(s->body->ir, s->body->ir->blocks.v[b].cond)) {
            *test = (struct count_test){.fn = s->fn,
                                        .drop = drop_before(s, read->op, read->path),
                                        .test = read->op,
                                        .end = event->op,
                                        .path = read->path,
                                        .event = event};
        }
    }
    return true;
}

static void look_at_event(struct search *s, const struct free_event *event)
{
    path_id object = resolve_pointee(s->flows->v[s->fn.i].resolver, event->value);
    struct count_test test = {.event = NULL};

    for (uint32_t b = 0; b < s->body->ir->blocks.n && !path_is_none(object); b++) {
        if (s->body->ir->blocks.v[b].term == IR_BRANCH &&
            cfg_side_of(s->body->cfg, b, cfg_block_of(s->body->cfg, event->op)) != ID_NONE &&
            !look_at_branch(s, b, object, event, &test)) {
            return;
        }
    }
    if (test.event != NULL) {
        vec_push(s->out, &s->out->v, test);
    }
}

/* Can any branch decide about it? */
static bool is_decided(const struct prog_fn *body)
{
    for (size_t b = 0; b < body->ir->blocks.n; b++) {
        if (body->ir->blocks.v[b].term == IR_BRANCH) {
            return true;
        }
    }
    return false;
}

struct count_tests *counts_find(void *owner, const struct accessmap *map, struct effects *effects,
                                const struct frees *frees, const struct focus *focus)
{
    struct count_tests *out = mem_new(owner, struct count_tests);
    struct search s = {
        .out = out, .map = map, .flows = map->contexts->flows, .effects = effects, .fn = FN_NONE};
    void *scratch = NULL;

    for (size_t i = 0; i < frees->v.n; i++) {
        const struct free_event *event = &frees->v.v[i];
        const struct prog_fn *body = &s.flows->linked->fns.v[event->fn.i];
        if (!focus_has(focus, event->fn) || !is_decided(body)) {
            continue;
        }
        if (event->fn.i != s.fn.i) {
            talloc_free(scratch);
            scratch = mem_owner(NULL, "counts");
            s.fn = event->fn;
            s.body = body;
            s.ops = shared_ops_of(scratch, map, effects, s.fn);
            s.depends = depends_new(scratch, body);
        }
        look_at_event(&s, event);
    }
    talloc_free(scratch);
    return out;
}
