#include "program/halves.h"

#include "program/resolve.h"

#include <string.h>

enum {
    MAX_NESTED = 12, /* operators in one value */
    MAX_CALLS = 2,   /* f(g(x)) */
};

/* An atomic access to a shared variable. */
struct step {
    op_id op;
    path_id path;
};

/* The search in one function. */
struct search {
    struct halves *out;
    const struct accessmap *map;
    fn_id fn;
    const struct ir_fn *ir;
    const struct cfg *cfg;
    struct depends *depends; /* NULL: not asked for yet */
    VEC(struct step) steps;  /* owned by nobody */
};

static struct depends *depends_of(struct search *s)
{
    if (s->depends == NULL) {
        s->depends = depends_new(NULL, &s->map->contexts->flows->linked->fns.v[s->fn.i]);
    }
    return s->depends;
}

static bool has_op(const struct op_list *ops, op_id op)
{
    for (size_t i = 0; i < ops->n; i++) {
        if (ops->v[i].i == op.i) {
            return true;
        }
    }
    return false;
}

static bool is_decided(const struct ir_block *block)
{
    return block->term == IR_BRANCH || block->term == IR_SWITCH;
}

static void add(struct search *s, enum half_kind kind, op_id first, op_id second, path_id path)
{
    struct decision decision = {
        .fn = s->fn, .read = first, .branch = ID_NONE, .act = second, .path = path};

    vec_push(s->out, &s->out->v, (struct half){kind, decision});
}

/* ---- values ---------------------------------------------------------------------------------- */

/* Is what `op` read an operand of the value, without a local in between? */
static bool contains(const struct ir_fn *ir, value_id value, op_id op, unsigned nested)
{
    if (value.i == ID_NONE || nested > MAX_NESTED) {
        return false;
    }
    const struct ir_value *v = &ir->values.v[value.i];
    switch (v->kind) {
    case IR_VALUE_READ:
        return v->u.op.i == op.i;
    case IR_VALUE_UNARY:
        return contains(ir, v->u.of.a, op, nested + 1);
    case IR_VALUE_BINARY:
        return contains(ir, v->u.of.a, op, nested + 1) || contains(ir, v->u.of.b, op, nested + 1);
    case IR_VALUE_UNKNOWN:
    case IR_VALUE_INT:
    case IR_VALUE_STRING:
    case IR_VALUE_FN:
    case IR_VALUE_ADDR:
    case IR_VALUE_CALL:
        return false;
    }
    return false;
}

/* Do the two reads meet in one value? Whether they are equal may be asked: that is how a change is
 * noticed. */
static bool meet_in_value(const struct ir_fn *ir, op_id a, op_id b)
{
    for (size_t i = 0; i < ir->values.n; i++) {
        const struct ir_value *v = &ir->values.v[i];
        if (v->kind == IR_VALUE_BINARY && v->opcode != IR_OP_EQ && v->opcode != IR_OP_NE &&
            ((contains(ir, v->u.of.a, a, 0) && contains(ir, v->u.of.b, b, 0)) ||
             (contains(ir, v->u.of.a, b, 0) && contains(ir, v->u.of.b, a, 0)))) {
            return true;
        }
    }
    return false;
}

/* Are both at one place? Elements of unknown index are if they are written alike. */
static bool is_one_place(const struct search *s, const struct step *a, const struct step *b)
{
    const struct paths *paths = s->map->contexts->flows->paths;
    bool any_index = false;

    for (path_id at = a->path; !path_is_none(at); at = path_get(paths, at)->parent) {
        const struct path_node *node = path_get(paths, at);
        any_index = any_index || (node->kind == STEP_INDEX && node->a == PATH_INDEX_ANY);
    }
    return path_eq(a->path, b->path) && (!any_index || s->ir->ops.v[a->op.i].u.access.place.i ==
                                                           s->ir->ops.v[b->op.i].u.access.place.i);
}

/* ---- two reads ------------------------------------------------------------------------------- */

/* Is what `op` read a divisor, or an index? */
static bool divides_or_indexes(const struct ir_fn *ir, op_id op)
{
    for (size_t i = 0; i < ir->values.n; i++) {
        const struct ir_value *v = &ir->values.v[i];
        if (v->kind == IR_VALUE_BINARY && (v->opcode == IR_OP_DIV || v->opcode == IR_OP_REM) &&
            contains(ir, v->u.of.b, op, 0)) {
            return true;
        }
    }
    for (size_t i = 0; i < ir->steps.n; i++) {
        if (ir->steps.v[i].kind == IR_STEP_INDEX &&
            contains(ir, (value_id){ir->steps.v[i].arg}, op, 0)) {
            return true;
        }
    }
    return false;
}

/* Does the place lie behind the pointer at place `pointer`, which is read on the way? */
static bool is_behind(const struct ir_fn *ir, place_id place, place_id pointer)
{
    const struct ir_place *p = &ir->places.v[place.i];
    const struct ir_place *to = &ir->places.v[pointer.i];
    bool behind = p->base_kind == to->base_kind && p->base == to->base &&
                  p->n_steps > to->n_steps &&
                  ir->steps.v[p->first_step + to->n_steps].kind == IR_STEP_DEREF;

    for (uint32_t i = 0; i < to->n_steps && behind; i++) {
        const struct ir_step *a = &ir->steps.v[p->first_step + i];
        const struct ir_step *b = &ir->steps.v[to->first_step + i];
        behind = a->kind == b->kind && a->arg == b->arg;
    }
    return behind;
}

/* Is it what one side of `a < b ? a : b` yields? */
static bool is_chosen(const struct ir_fn *ir, op_id op)
{
    uint32_t local;

    for (size_t i = op.i + 1; i < ir->ops.n; i++) {
        const struct ir_op *o = &ir->ops.v[i];
        if (o->kind == IR_WRITE && place_is_local(ir, o->u.access.place, &local) &&
            (ir->locals.v[local].flags & IR_LOCAL_TEMP) != 0 &&
            contains(ir, o->u.access.value, op, 0)) {
            return true;
        }
    }
    return false;
}

/* Does any condition ask what `op` read? Then it is a test of its own. */
static bool is_tested(struct search *s, op_id op)
{
    for (uint32_t b = 0; b < s->ir->blocks.n; b++) {
        if (is_decided(&s->ir->blocks.v[b]) && has_op(depends_of_block(depends_of(s), b), op)) {
            return true;
        }
    }
    return false;
}

/* `first` decides a branch, and on one side of it, at op `act`, it is relied upon another read. */
static void add_reliance(struct search *s, const struct step *first, op_id act)
{
    const struct ir_fn *ir = s->ir;

    for (uint32_t b = 0; b < ir->blocks.n; b++) {
        uint32_t side = is_decided(&ir->blocks.v[b])
                            ? cfg_side_of(s->cfg, b, cfg_block_of(s->cfg, act))
                            : ID_NONE;
        if (side != ID_NONE && contains(ir, ir->blocks.v[b].cond, first->op, 0)) {
            add(s, HALF_RELIES, first->op, act, first->path);
            s->out->v.v[s->out->v.n - 1].decision.branch = b;
            s->out->v.v[s->out->v.n - 1].decision.side = side;
            return;
        }
    }
}

static void search_reliance(struct search *s, const struct step *first, const struct step *second)
{
    if (divides_or_indexes(s->ir, second->op) ||
        (is_chosen(s->ir, second->op) && !is_tested(s, second->op))) {
        add_reliance(s, first, second->op);
    }
}

/* `if (p != NULL) p->n = 1;`: the pointer is read to be tested, and again to be followed. */
static void search_followed(struct search *s, const struct step *first)
{
    const struct ir_op *read = &s->ir->ops.v[first->op.i];

    for (uint32_t i = first->op.i + 1; i < s->ir->ops.n && read->kind == IR_READ; i++) {
        const struct ir_op *op = &s->ir->ops.v[i];
        if (op->kind != IR_CALL && is_behind(s->ir, op->u.access.place, read->u.access.place)) {
            add_reliance(s, first, (op_id){i});
            return; /* the first one */
        }
    }
}

static void search_two_reads(struct search *s)
{
    for (size_t j = 1; j < s->steps.n; j++) {
        const struct step *second = &s->steps.v[j];
        for (size_t i = 0; i < j; i++) {
            const struct step *first = &s->steps.v[i];
            if (s->ir->ops.v[first->op.i].kind != IR_READ ||
                s->ir->ops.v[second->op.i].kind != IR_READ || !is_one_place(s, first, second)) {
                continue;
            }
            if (meet_in_value(s->ir, first->op, second->op)) {
                add(s, HALF_TWICE, first->op, second->op, second->path);
                break;
            }
            search_reliance(s, first, second);
        }
    }
}

/* ---- load, modify, store --------------------------------------------------------------------- */

/* Is the store decided by a read of the same variable? Then it is a decision (decisions.h). */
static bool is_act_of_decision(struct search *s, const struct step *store)
{
    for (uint32_t b = s->cfg->idom[cfg_block_of(s->cfg, store->op)]; b != ID_NONE;
         b = s->cfg->idom[b]) {
        for (size_t i = 0; i < s->steps.n && is_decided(&s->ir->blocks.v[b]); i++) {
            if (path_eq(s->steps.v[i].path, store->path) &&
                has_op(depends_of_block(depends_of(s), b), s->steps.v[i].op)) {
                return true;
            }
        }
        if (s->cfg->idom[b] == b) {
            break;
        }
    }
    return false;
}

static bool is_made(const struct search *s, value_id value, unsigned chain);

/* Is anything computed that the local ever holds? */
static bool local_is_made(const struct search *s, uint32_t local, unsigned chain)
{
    bool made = false;

    for (uint32_t i = 0; i < s->ir->ops.n && !made; i++) {
        const struct ir_op *op = &s->ir->ops.v[i];
        uint32_t written;
        made = op->kind != IR_CALL && op->kind != IR_READ &&
               place_is_local(s->ir, op->u.access.place, &written) && written == local &&
               (op->kind == IR_RMW || is_made(s, op->u.access.value, chain + 1));
    }
    return made;
}

/* Is the value computed? Who only puts back what he has saved does not count on it. */
static bool is_made(const struct search *s, value_id value, unsigned chain)
{
    enum { LONG_CHAIN = 4 };
    uint32_t local;

    if (value.i == ID_NONE || chain > LONG_CHAIN) {
        return false;
    }
    const struct ir_value *v = &s->ir->values.v[value.i];
    if (v->kind == IR_VALUE_READ) {
        place_id place = s->ir->ops.v[v->u.op.i].u.access.place;
        return place_is_local(s->ir, place, &local) && local_is_made(s, local, chain);
    }
    return v->kind == IR_VALUE_UNARY || v->kind == IR_VALUE_BINARY || v->kind == IR_VALUE_CALL;
}

/* Is `load` among the ops, or among what calls among them were given? */
static bool comes_of(struct search *s, value_id value, op_id load, unsigned nested)
{
    const struct op_list *ops = depends_of_value(depends_of(s), value);
    struct op_list made_from = {.n = ops->n}; /* the list is good until the next question */
    bool found = has_op(ops, load);

    made_from.v = mem_array(NULL, op_id, ops->n + 1);
    memcpy(made_from.v, ops->v, ops->n * sizeof *ops->v);
    for (size_t i = 0; i < made_from.n && !found && nested < MAX_CALLS; i++) {
        const struct ir_op *op = &s->ir->ops.v[made_from.v[i].i];
        uint32_t n_args = op->kind == IR_CALL ? op->u.call.n_args : 0;
        for (uint32_t a = 0; a < n_args && !found; a++) {
            value_id arg = s->ir->args.v[op->u.call.first_arg + a];
            found = arg.i != ID_NONE && comes_of(s, arg, load, nested + 1);
        }
    }
    talloc_free(made_from.v);
    return found;
}

static void search_update(struct search *s, const struct step *store)
{
    const struct ir_op *op = &s->ir->ops.v[store->op.i];

    if (op->kind != IR_WRITE || (op->flags & IR_OPF_INIT) != 0 ||
        !is_made(s, op->u.access.value, 0)) {
        return;
    }
    for (size_t i = 0; i < s->steps.n; i++) {
        const struct step *load = &s->steps.v[i];
        if (s->ir->ops.v[load->op.i].kind == IR_READ && is_one_place(s, load, store) &&
            comes_of(s, op->u.access.value, load->op, 0)) {
            if (!is_act_of_decision(s, store)) {
                add(s, HALF_UPDATE, load->op, store->op, store->path);
            }
            return;
        }
    }
}

/* ---- compare and exchange -------------------------------------------------------------------- */

/* Does anything but the expected value's place get to know how it came out? *ret_returned: only
 * who called does. */
static bool is_outcome_used(struct search *s, op_id cas, bool *ret_returned)
{
    uint32_t local;
    bool used = false;

    *ret_returned = false;
    for (uint32_t b = 0; b < s->ir->blocks.n; b++) {
        const struct ir_block *block = &s->ir->blocks.v[b];
        bool asked = block->cond.i != ID_NONE && has_op(depends_of_block(depends_of(s), b), cas);
        *ret_returned = *ret_returned || (asked && block->term == IR_RETURN);
        used = used || asked;
    }
    for (uint32_t i = cas.i + 1; i < s->ir->ops.n && !used; i++) {
        const struct ir_op *op = &s->ir->ops.v[i];
        if (op->kind == IR_CALL) {
            for (uint32_t a = 0; a < op->u.call.n_args && !used; a++) {
                value_id arg = s->ir->args.v[op->u.call.first_arg + a];
                used = arg.i != ID_NONE && has_op(depends_of_value(depends_of(s), arg), cas);
            }
        } else if (op->kind != IR_READ && op->u.access.value.i != ID_NONE &&
                   !place_is_local(s->ir, op->u.access.place, &local)) {
            used = has_op(depends_of_value(depends_of(s), op->u.access.value), cas);
        }
    }
    return used;
}

/* A read of the same variable that the new value is made from; ID_NONE: there is none. */
static op_id read_for(struct search *s, const struct step *cas)
{
    const struct op_list *ops =
        depends_of_value(depends_of(s), s->ir->ops.v[cas->op.i].u.access.value);

    for (size_t i = 0; i < s->steps.n; i++) {
        if (s->steps.v[i].op.i != cas->op.i && is_one_place(s, &s->steps.v[i], cas) &&
            has_op(ops, s->steps.v[i].op)) {
            return s->steps.v[i].op;
        }
    }
    return (op_id){ID_NONE};
}

static void search_cas(struct search *s, const struct step *cas)
{
    const struct ir_op *op = &s->ir->ops.v[cas->op.i];
    bool returned;

    if (op->kind != IR_RMW || op->u.access.opcode != IR_OP_CAS) {
        return;
    }
    bool used = is_outcome_used(s, cas->op, &returned);
    op_id read = read_for(s, cas);
    bool weak = (op->flags & IR_OPF_WEAK) != 0;
    if (!used && read.i != ID_NONE) {
        add(s, HALF_UNCHECKED, read, cas->op, cas->path);
    } else if (weak && !returned && !cfg_op_repeats(s->cfg, cas->op)) {
        add(s, HALF_WEAK, cas->op, cas->op, cas->path);
    }
}

/* ---- all functions --------------------------------------------------------------------------- */

static void list_steps(struct search *s)
{
    for (uint32_t i = 0; i < s->ir->ops.n; i++) {
        const struct ir_op *op = &s->ir->ops.v[i];
        struct step step = {{i}, PATH_NONE};
        if (op->kind == IR_CALL || op->order == IR_ORDER_NONE ||
            !accessmap_is_shared_access(s->map, s->fn, step.op, &step.path)) {
            continue;
        }
        const struct variable *variable = accessmap_find(s->map, s->fn, step.path);
        if (variable != NULL && variable->shared) {
            vec_push(NULL, &s->steps, step);
        }
    }
}

struct halves *halves_find(void *owner, const struct accessmap *map, const struct focus *focus)
{
    struct halves *out = mem_new(owner, struct halves);
    const struct linked *linked = map->contexts->flows->linked;

    for (uint32_t f = 0; f < linked->fns.n; f++) {
        struct search s = {.out = out,
                           .map = map,
                           .fn = {f},
                           .ir = linked->fns.v[f].ir,
                           .cfg = linked->fns.v[f].cfg};
        if (!focus_has(focus, s.fn)) {
            continue;
        }
        list_steps(&s);
        search_two_reads(&s);
        for (size_t i = 0; i < s.steps.n; i++) {
            search_followed(&s, &s.steps.v[i]);
            search_update(&s, &s.steps.v[i]);
            search_cas(&s, &s.steps.v[i]);
        }
        talloc_free(s.depends);
        talloc_free(s.steps.v);
    }
    return out;
}
