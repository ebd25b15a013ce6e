#include "program/decisions.h"

#include "program/depends.h"
#include "program/resolve.h"

#include <stdlib.h>

/* The search in one function. */
struct search {
    struct decisions *out;
    const struct flows *flows;
    fn_id fn;
    const struct ir_fn *ir;
    const struct cfg *cfg;
    const struct shared_ops *ops;
    struct depends *depends;
    bool *tested; /* by op: a branch depends on it */
};

/* ---- what a branch decides ------------------------------------------------------------------- */

static bool stores_constant(const struct search *s, op_id op)
{
    const struct ir_op *o = &s->ir->ops.v[op.i];

    return o->kind == IR_WRITE && o->u.access.value.i != ID_NONE &&
           s->ir->values.v[o->u.access.value.i].kind == IR_VALUE_INT;
}

/* Does a call of the op change something, as far as its declaration tells? (`errno` is a call.) */
static bool call_has_effect(const struct search *s, uint32_t op)
{
    const struct ir_unit *unit = s->flows->linked->fns.v[s->fn.i].unit;
    const struct ir_value *callee = &s->ir->values.v[s->ir->ops.v[op].u.call.callee.i];

    return callee->kind != IR_VALUE_FN || (unit->syms.v[callee->u.sym.i].flags & IR_SYM_CONST) == 0;
}

/* Is the act the storing of a constant, and the only thing that side does? */
static bool only_sets(const struct search *s, uint32_t side, op_id act)
{
    if (!stores_constant(s, act)) {
        return false;
    }
    for (uint32_t i = 0; i < s->ir->ops.n; i++) {
        if (i != act.i && s->ir->ops.v[i].kind == IR_CALL && call_has_effect(s, i) &&
            cfg_dominates(s->cfg, side, cfg_block_of(s->cfg, (op_id){i}))) {
            return false;
        }
    }
    for (size_t i = 0; i < s->ops->writes.n; i++) {
        if (s->ops->writes.v[i].op.i != act.i &&
            cfg_dominates(s->cfg, side, cfg_block_of(s->cfg, s->ops->writes.v[i].op))) {
            return false;
        }
    }
    return true;
}

/* A call that changes the variable, tells of it, and whose result is tested, is a second test; so
 * is an atomic step whose old value is (`if (atomic_exchange(&busy, 1) == 0)`). */
static bool tests_again(const struct search *s, const struct shared_op *act)
{
    const struct ir_op *op = &s->ir->ops.v[act->op.i];

    if (!s->tested[act->op.i] || op->kind != IR_CALL) {
        return s->tested[act->op.i] && op->kind == IR_RMW && op->order != IR_ORDER_NONE;
    }
    for (size_t i = 0; i < s->ops->reads.n; i++) {
        if (s->ops->reads.v[i].op.i == act->op.i && path_eq(s->ops->reads.v[i].path, act->path)) {
            return true;
        }
    }
    return false;
}

/* Does the op add a constant to a number, or take one away? What it adds. */
static bool shifts(const struct ir_fn *ir, op_id op, int64_t *ret)
{
    const struct ir_op *o = &ir->ops.v[op.i];
    value_id by = o->kind == IR_RMW ? o->u.access.value : (value_id){ID_NONE};

    if (by.i == ID_NONE || ir->values.v[by.i].kind != IR_VALUE_INT ||
        (o->u.access.opcode != IR_OP_ADD && o->u.access.opcode != IR_OP_SUB)) {
        return false;
    }
    int64_t number = ir->values.v[by.i].u.number;
    *ret = o->u.access.opcode == IR_OP_ADD ? number : -number;
    return number != INT64_MIN;
}

/* Is `own` always the last change of the variable before the act? */
static bool is_last_before(const struct search *s, op_id own, const struct shared_op *act)
{
    bool last = true;

    for (size_t i = 0; i < s->ops->writes.n && last; i++) {
        const struct shared_op *other = &s->ops->writes.v[i];
        last = other->op.i == own.i || !path_eq(other->path, act->path) ||
               !cfg_op_between(s->cfg, own, other->op, act->op);
    }
    return last;
}

/* Does the act take back what this thread itself has added since it decided (`if (busy < MAX)
 * busy++; ... busy--`)? That is good whatever others have added in between. */
static bool takes_back(const struct search *s, uint32_t head, const struct shared_op *act)
{
    int64_t by;
    int64_t added;

    if (!shifts(s->ir, act->op, &by)) {
        return false;
    }
    for (size_t i = 0; i < s->ops->writes.n; i++) {
        const struct shared_op *own = &s->ops->writes.v[i];
        uint32_t a = cfg_block_of(s->cfg, own->op);
        if (cfg_op_before(s->cfg, own->op, act->op) && cfg_dominates(s->cfg, head, a) &&
            path_eq(own->path, act->path) && shifts(s->ir, own->op, &added) && added == -by &&
            is_last_before(s, own->op, act)) {
            return true;
        }
    }
    return false;
}

static void add_acts(struct search *s, uint32_t branch, const struct shared_op *read)
{
    for (size_t i = 0; i < s->ops->writes.n; i++) {
        const struct shared_op *write = &s->ops->writes.v[i];
        uint32_t b = cfg_block_of(s->cfg, write->op);
        if (!path_eq(write->path, read->path)) {
            continue;
        }
        uint32_t side = cfg_side_of(s->cfg, branch, b);
        if (side == ID_NONE || write->op.i == read->op.i || tests_again(s, write)) {
            continue; /* one call that tells and changes is one step */
        }
        uint32_t head = s->ir->succs.v[s->ir->blocks.v[branch].first_succ + side].block.i;
        if (takes_back(s, head, write)) {
            continue;
        }
        vec_push(s->out, &s->out->v,
                 (struct decision){.fn = s->fn,
                                   .read = read->op,
                                   .branch = branch,
                                   .act = write->op,
                                   .path = write->path,
                                   .side = side,
                                   .doubt = read->perhaps ? DOUBT_PERHAPS : write->doubt,
                                   .shift = write->shift,
                                   .depth = read->depth + write->depth,
                                   .only_sets = only_sets(s, head, write->op)});
    }
}

static bool is_decided(enum ir_term term)
{
    return term == IR_BRANCH || term == IR_SWITCH;
}

/* Marks the ops that a branch depends on. */
static void mark_tested(struct search *s)
{
    for (uint32_t b = 0; b < s->ir->blocks.n; b++) {
        if (is_decided(s->ir->blocks.v[b].term)) {
            const struct op_list *ops = depends_of_block(s->depends, b);
            for (size_t i = 0; i < ops->parts.n; i++) {
                s->tested[ops->parts.v[i].op.i] = true;
            }
        }
    }
}

static void search_branch(struct search *s, uint32_t b, const struct op_list *ops)
{
    for (size_t r = 0; r < s->ops->reads.n && ops->parts.n > 0; r++) {
        const struct shared_op *read = &s->ops->reads.v[r];
        if (s->tested[read->op.i] && shared_op_is_part(s->flows->linked, s->fn, read, ops)) {
            add_acts(s, b, read);
        }
    }
}

static void search_branches(struct search *s)
{
    s->tested = mem_array(NULL, bool, s->ir->ops.n + 1);
    mark_tested(s);
    for (uint32_t b = 0; b < s->ir->blocks.n; b++) {
        if (is_decided(s->ir->blocks.v[b].term)) {
            search_branch(s, b, depends_of_block(s->depends, b));
        }
    }
    talloc_free(s->tested);
}

/* Is a variable both read and written? */
static bool has_pair(const struct shared_ops *ops)
{
    for (size_t w = 0; w < ops->writes.n; w++) {
        for (size_t r = 0; r < ops->reads.n; r++) {
            if (path_eq(ops->writes.v[w].path, ops->reads.v[r].path)) {
                return true;
            }
        }
    }
    return false;
}

static int by_act(const void *a, const void *b)
{
    const struct decision *x = a;
    const struct decision *y = b;

    if (x->act.i != y->act.i) {
        return x->act.i < y->act.i ? -1 : 1;
    }
    if (x->read.i != y->read.i) {
        return x->read.i < y->read.i ? -1 : 1;
    }
    return x->branch < y->branch ? -1 : x->branch > y->branch;
}

void decisions_find(struct decisions *decisions, struct fn_view *view)
{
    struct search s = {.out = decisions, .flows = view->flows, .fn = view->fn, .ir = view->ir};
    size_t before = decisions->v.n;

    s.cfg = view->cfg;
    s.ops = view->ops;
    s.depends = view->depends;
    if (has_pair(s.ops)) {
        search_branches(&s);
    }
    if (decisions->v.n > before) {
        qsort(decisions->v.v + before, decisions->v.n - before, sizeof *decisions->v.v, by_act);
    }
}

/* ---- what another value would decide -----------------------------------------------------------
 */

static bool compare(enum ir_opcode opcode, int64_t a, int64_t b, int64_t *ret)
{
    bool known = opcode >= IR_OP_EQ && opcode <= IR_OP_GE;

    *ret = (opcode == IR_OP_EQ && a == b) || (opcode == IR_OP_NE && a != b) ||
           (opcode == IR_OP_LT && a < b) || (opcode == IR_OP_LE && a <= b) ||
           (opcode == IR_OP_GT && a > b) || (opcode == IR_OP_GE && a >= b);
    return known;
}

/* The number that `id` yields when op `read` reads `value`. False: it depends on more. */
static bool evaluate(const struct flows *flows, const struct decision *d, value_id id,
                     int64_t value, int64_t *ret)
{
    const struct ir_fn *ir = flows->linked->fns.v[d->fn.i].ir;
    int64_t a;
    int64_t b;

    id = resolve_value(flows->v[d->fn.i].resolver, id);
    if (id.i == ID_NONE) {
        return false;
    }
    const struct ir_value *v = &ir->values.v[id.i];
    switch (v->kind) {
    case IR_VALUE_INT:
        *ret = v->u.number;
        return true;
    case IR_VALUE_READ:
        *ret = value;
        return v->u.op.i == d->read.i;
    case IR_VALUE_UNARY:
        *ret = 0;
        if (v->opcode != IR_OP_NOT || !evaluate(flows, d, v->u.of.a, value, &a)) {
            return false;
        }
        *ret = a == 0;
        return true;
    case IR_VALUE_BINARY:
        return evaluate(flows, d, v->u.of.a, value, &a) &&
               evaluate(flows, d, v->u.of.b, value, &b) && compare(v->opcode, a, b, ret);
    case IR_VALUE_UNKNOWN:
    case IR_VALUE_STRING:
    case IR_VALUE_FN:
    case IR_VALUE_ADDR:
    case IR_VALUE_CALL:
        return false;
    }
    return false;
}

bool decision_stands(const struct flows *flows, const struct decision *d, int64_t value)
{
    const struct ir_fn *ir = flows->linked->fns.v[d->fn.i].ir;
    const struct ir_block *block = &ir->blocks.v[d->branch];
    int64_t decided;

    return block->term == IR_BRANCH && evaluate(flows, d, block->cond, value, &decided) &&
           (decided != 0) == (d->side == 0);
}
