#include "program/double_inits.h"
#include "program/resolve.h"

#include <stdlib.h>

static bool is_weak_load(enum ir_order order)
{
    return order == IR_ORDER_NONE || order == IR_ORDER_RELAXED || order == IR_ORDER_RELEASE;
}

static bool is_weak_store(enum ir_order order)
{
    return order < IR_ORDER_RELEASE;
}

/* Does a fence always run before the op, and after `test` if that is one of the function's? */
static bool is_fenced(const struct double_pass *pass, fn_id fn, op_id test, op_id at)
{
    const struct prog_fn *body = &pass->flows->linked->fns.v[fn.i];

    for (uint32_t i = 0; i < body->ir->ops.n; i++) {
        op_id op = {i};
        if (double_is_fence(pass, fn, op) && cfg_op_before(body->cfg, op, at) &&
            (test.i == ID_NONE || cfg_op_before(body->cfg, test, op))) {
            return true;
        }
    }
    return false;
}

static bool has_fence(const struct double_pass *pass, const struct locked_init *init)
{
    return is_fenced(pass, init->fn, init->test, init->act) ||
           (init->store_fn.i != init->fn.i &&
            is_fenced(pass, init->store_fn, (op_id){ID_NONE}, init->store));
}

/* ---- whether the two tests ask the same ------------------------------------------------------ */

/* A condition without its negations: `!x`, `x == 0` and `x` ask the same. */
struct question {
    const struct double_pass *pass;
    fn_id fn;
    value_id value; /* ID_NONE: can't be said */
    bool yes;       /* what the side asks for */
};

static bool is_zero(const struct ir_fn *ir, value_id id)
{
    return ir->values.v[id.i].kind == IR_VALUE_INT && ir->values.v[id.i].u.number == 0;
}

static struct question question_of(const struct double_pass *pass, fn_id fn, uint32_t branch,
                                   uint32_t side)
{
    const struct ir_fn *ir = pass->flows->linked->fns.v[fn.i].ir;
    struct question q = {pass, fn, ir->blocks.v[branch].cond, side == 0};

    while (q.value.i != ID_NONE) {
        q.value = resolve_value(pass->flows->v[fn.i].resolver, q.value);
        const struct ir_value *v = &ir->values.v[q.value.i];
        bool compares = v->kind == IR_VALUE_BINARY &&
                        (v->opcode == IR_OP_EQ || v->opcode == IR_OP_NE) && is_zero(ir, v->u.of.b);
        if (v->kind == IR_VALUE_UNARY && v->opcode == IR_OP_NOT) {
            q.yes = !q.yes;
        } else if (compares) {
            q.yes = v->opcode == IR_OP_EQ ? !q.yes : q.yes;
        } else {
            break;
        }
        q.value = v->u.of.a;
    }
    return q;
}

/* Are both the same computation? All that is read stands for the variable. */
static bool is_same_value(const struct question *a, value_id x, const struct question *b,
                          value_id y)
{
    if (x.i == ID_NONE || y.i == ID_NONE) {
        return x.i == y.i;
    }
    x = resolve_value(a->pass->flows->v[a->fn.i].resolver, x);
    y = resolve_value(b->pass->flows->v[b->fn.i].resolver, y);
    const struct ir_value *v = &a->pass->flows->linked->fns.v[a->fn.i].ir->values.v[x.i];
    const struct ir_value *w = &b->pass->flows->linked->fns.v[b->fn.i].ir->values.v[y.i];
    if (v->kind != w->kind || v->opcode != w->opcode) {
        return false;
    }
    switch (v->kind) {
    case IR_VALUE_INT:
        return v->u.number == w->u.number;
    case IR_VALUE_READ:
        return true;
    case IR_VALUE_UNARY:
    case IR_VALUE_BINARY:
        return is_same_value(a, v->u.of.a, b, w->u.of.a) &&
               is_same_value(a, v->u.of.b, b, w->u.of.b);
    case IR_VALUE_UNKNOWN:
    case IR_VALUE_STRING:
    case IR_VALUE_FN:
    case IR_VALUE_ADDR:
    case IR_VALUE_CALL:
        return false;
    }
    return false;
}

/* Does the init run for the same answer that leads to it? And does what it stores change the
 * answer, as far as that can be told? */
static bool asks_the_same(const struct double_pass *pass, const struct double_check *check,
                          uint32_t branch, uint32_t slow_side)
{
    const struct locked_init *init = check->init;
    const struct prog_fn *body = &pass->flows->linked->fns.v[init->fn.i];
    uint32_t side = cfg_side_of(body->cfg, init->branch, cfg_block_of(body->cfg, init->act));
    struct question first = question_of(pass, check->fn, branch, slow_side);
    struct question again = question_of(pass, init->fn, init->branch, side);

    if (again.value.i == ID_NONE || first.yes != again.yes ||
        !is_same_value(&first, first.value, &again, again.value)) {
        return false;
    }
    const struct ir_value *asked = &body->ir->values.v[again.value.i];
    if (asked->kind == IR_VALUE_BINARY && asked->opcode == IR_OP_AND && again.yes) {
        return false; /* `if (flags & BUSY) flags &= ~BUSY`: a bit that is taken away */
    }
    const struct ir_fn *storing = pass->flows->linked->fns.v[init->store_fn.i].ir;
    value_id stored = storing->ops.v[init->store.i].u.access.value;
    if (asked->kind != IR_VALUE_READ || stored.i == ID_NONE ||
        storing->values.v[stored.i].kind != IR_VALUE_INT) {
        return true;
    }
    return is_zero(storing, stored) == again.yes;
}

/* ---- the pieces together --------------------------------------------------------------------- */

static bool is_at(const struct access *access, fn_id fn, op_id op)
{
    return access->fn.i == fn.i && access->op.i == op.i;
}

/* Can the test run (by the one who uses it, where he is known), without the lock, while another
 * thread is at the store? */
static bool can_meet(const struct double_pass *pass, struct double_check *check, path_id lock)
{
    const struct variable *variable = check->init->variable;
    const struct contexts *contexts = pass->map->contexts;

    for (size_t i = 0; i < variable->accesses.n; i++) {
        const struct access *a = &variable->accesses.v[i];
        if (!is_at(a, check->fn, check->test) || !a->sure ||
            (check->user != NULL && check->user->context.i != a->context.i) ||
            accessmap_holds(pass->flows->paths, a->held, lock)) {
            continue;
        }
        for (size_t k = 0; k < variable->sure_writes.n; k++) {
            const struct access *b = &variable->accesses.v[variable->sure_writes.v[k]];
            if (is_at(b, check->init->store_fn, check->init->store) &&
                contexts_overlap(contexts, a->context, b->context) &&
                contexts_meet_at(contexts, (struct moment){a->phase, a->fn, a->op},
                                 (struct moment){b->phase, b->fn, b->op}, a->path)) {
                check->tester = a;
                check->setter = b;
                return true;
            }
        }
    }
    return false;
}

/* The lock that the init needs, in absolute terms: its own, or one that its caller has taken for
 * the call since the test. PATH_NONE: there is none. */
static path_id lock_of(const struct double_pass *pass, const struct double_check *check)
{
    const struct contexts *contexts = pass->map->contexts;

    if (!path_is_none(check->init->lock)) {
        return contexts_absolute(contexts, check->init->fn, check->init->lock);
    }
    const struct held *slow = flow_held_at(pass->flows, check->fn, check->slow);
    const struct held *test = flow_held_at(pass->flows, check->fn, check->test);
    for (uint32_t i = 0; slow != NULL && test != NULL && i < slow->must->n; i++) {
        path_id lock = slow->must->v[i].lock;
        if (lockset_find(test->must, lock) == NULL) {
            return contexts_absolute(contexts, check->fn, lock);
        }
    }
    return PATH_NONE;
}

static void examine(struct double_pass *pass, struct double_check check, uint32_t branch,
                    uint32_t slow_side)
{
    const struct linked *linked = pass->flows->linked;
    const struct ir_op *test = &linked->fns.v[check.fn.i].ir->ops.v[check.test.i];
    const struct ir_op *store =
        &linked->fns.v[check.init->store_fn.i].ir->ops.v[check.init->store.i];
    path_id lock = lock_of(pass, &check);

    check.lock = lock;
    check.weak_test = is_weak_load(test->order);
    check.weak_store = is_weak_store(store->order) && !has_fence(pass, check.init);
    if (path_is_none(lock) || (!check.weak_test && !check.weak_store) ||
        !asks_the_same(pass, &check, branch, slow_side) || !can_meet(pass, &check, lock) ||
        !double_find_use(pass, &check, branch, slow_side, lock)) {
        return;
    }
    (void)can_meet(pass, &check, lock); /* now by who uses it */
    for (size_t i = 0; i < pass->out->v.n; i++) {
        const struct double_check *other = &pass->out->v.v[i];
        if (other->fn.i == check.fn.i && other->test.i == check.test.i) {
            return;
        }
    }
    vec_push(pass->out, &pass->out->v, check);
}

/* The first tests in the function that calls, or is, the init. */
static void search(struct double_pass *pass, const struct double_check *slow)
{
    const struct prog_fn *body = &pass->flows->linked->fns.v[slow->fn.i];
    uint32_t at = cfg_block_of(body->cfg, slow->slow);

    for (uint32_t b = 0; b < body->ir->blocks.n; b++) {
        uint32_t side = body->ir->blocks.v[b].term != IR_BRANCH || !cfg_dominates(body->cfg, b, at)
                            ? ID_NONE
                            : cfg_side_of(body->cfg, b, at);
        if (side == ID_NONE) {
            continue;
        }
        const struct op_list *ops = double_deciding(pass, slow->fn, b);
        for (size_t i = 0; i < ops->n; i++) {
            const struct ir_op *op = &body->ir->ops.v[ops->v[i].i];
            struct double_check check = *slow;
            check.test = ops->v[i];
            if (op->kind == IR_READ && ops->v[i].i != slow->slow.i &&
                path_eq(flow_place(pass->flows, slow->fn, op->u.access.place), slow->path)) {
                examine(pass, check, b, side);
            }
        }
    }
}

/* The callers of the init: with the test before the call. */
static void search_callers(struct double_pass *pass, const struct locked_init *init)
{
    const struct double_calls *callers = double_callers(pass, init->fn);
    path_id pointees[MAX_PARAMS];

    for (size_t c = 0; c < callers->n; c++) {
        const struct call *call = callers->v[c];
        size_t n = flow_pointees(pass->flows, call, pointees);
        path_id path = path_substitute(pass->flows->paths, init->path, pointees, n);
        if (!path_is_none(path)) {
            search(pass, &(struct double_check){
                             .init = init, .fn = call->fn, .path = path, .slow = call->op});
        }
    }
}

static int by_place(const void *a, const void *b)
{
    const struct double_check *x = a;
    const struct double_check *y = b;

    if (x->fn.i != y->fn.i) {
        return x->fn.i < y->fn.i ? -1 : 1;
    }
    return x->test.i < y->test.i ? -1 : x->test.i > y->test.i;
}

struct double_checks *double_checks_find(void *owner, const struct accessmap *map)
{
    struct double_checks *out = mem_new(owner, struct double_checks);
    const struct flows *flows = map->contexts->flows;
    void *scratch = mem_owner(NULL, "double checks");
    struct double_pass pass = {.owner = scratch,
                               .map = map,
                               .flows = flows,
                               .depends =
                                   mem_array(scratch, struct depends *, flows->linked->fns.n + 1),
                               .out = out};

    double_inits_find(&pass);
    for (size_t i = 0; i < out->inits.n; i++) {
        const struct locked_init *init = out->inits.v[i];
        if (!path_is_none(init->lock)) {
            search(&pass,
                   &(struct double_check){
                       .init = init, .fn = init->fn, .path = init->path, .slow = init->test});
        }
        search_callers(&pass, init);
    }
    if (out->v.n > 0) {
        qsort(out->v.v, out->v.n, sizeof *out->v.v, by_place);
    }
    talloc_free(scratch);
    return out;
}
