#include "program/reliances.h"

#include "program/depends.h"
#include "program/resolve.h"

#include <stdlib.h>
#include <string.h>

/* The search in one function. */
struct search {
    struct reliances *out;
    const struct flows *flows;
    fn_id fn;
    const struct ir_fn *ir;
    const struct cfg *cfg;
    const struct shared_ops *ops;
    struct depends *depends;
};

/* Is some lock held at the act that was taken since the read: at the read it was not held, or it
 * has been let go in between? `again`: it must have been held at the read, too. (Locks of the
 * function's callers are held at both.) */
static bool is_taken_since(const struct search *s, op_id read, op_id act, bool again)
{
    const struct held *before = flow_held_at(s->flows, s->fn, read);
    const struct held *then = flow_held_at(s->flows, s->fn, act);

    for (uint32_t i = 0; before != NULL && then != NULL && i < then->must->n; i++) {
        const struct token *token = lockset_find(before->must, then->must->v[i].lock);
        if (token == NULL ? !again : !site_eq(token->taken, then->must->v[i].taken)) {
            return true;
        }
    }
    return false;
}

/* Does the function hold a lock there that it took itself? */
static bool holds_own(const struct search *s, op_id op)
{
    const struct held *held = flow_held_at(s->flows, s->fn, op);

    return held != NULL && held->must->n > 0;
}

static void add(struct search *s, struct reliance r)
{
    r.fn = s->fn;
    vec_push(s->out, &s->out->v, r);
}

/* The usual ones: all but a value written back, which a callee may do, too. */
static bool can_be_stale(const struct search *s, const struct shared_op *read, op_id act)
{
    return is_taken_since(s, read->op, act, !read->by_call);
}

/* A read that changes the variable in the same step claims what it has seen (`i = next++`). */
static bool is_claim(const struct search *s, const struct shared_op *read)
{
    return !read->by_call && s->ir->ops.v[read->op.i].kind == IR_RMW;
}

static bool is_part(const struct search *s, const struct shared_op *read, const struct op_list *ops)
{
    return !read->perhaps && shared_op_is_part(s->flows->linked, s->fn, read, ops);
}

/* ---- written back ---------------------------------------------------------------------------- */

static void add_written_back(struct search *s, const struct shared_op *write,
                             const struct op_list *from)
{
    for (size_t i = 0; i < s->ops->reads.n; i++) {
        const struct shared_op *read = &s->ops->reads.v[i];
        if (path_eq(read->path, write->path) && read->op.i != write->op.i &&
            is_part(s, read, from) && !is_claim(s, read) &&
            (write->by_call || is_taken_since(s, read->op, write->op, false) ||
             gil_gap_between(s->out->gaps, s->fn, read->op, write->op).i != ID_NONE)) {
            add(s, (struct reliance){.kind = RELIES_TO_WRITE_BACK,
                                     .read = read->op,
                                     .by_call = read->by_call,
                                     .path = read->path,
                                     .act = write->op,
                                     .acted = write->path,
                                     .branch = ID_NONE,
                                     .fresh = {ID_NONE}});
        }
    }
}

static bool is_made(const struct search *s, value_id value, unsigned chain);

/* Is anything computed that the local ever holds? */
static bool local_is_made(const struct search *s, uint32_t local, unsigned chain)
{
    for (uint32_t i = 0; i < s->ir->ops.n; i++) {
        const struct ir_op *op = &s->ir->ops.v[i];
        uint32_t written;
        if (op->kind != IR_CALL && op->kind != IR_READ &&
            place_is_local(s->ir, op->u.access.place, &written) && written == local &&
            (op->kind == IR_RMW || is_made(s, op->u.access.value, chain + 1))) {
            return true;
        }
    }
    return false;
}

/* Is the value computed, not just handed on? Who puts back what he has saved does not count on it.
 */
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
    return v->kind == IR_VALUE_UNARY || v->kind == IR_VALUE_BINARY;
}

/* Does another op of the function read what is written? */
static bool is_read_too(const struct search *s, const struct shared_op *write)
{
    bool read = false;

    for (size_t i = 0; i < s->ops->reads.n && !read; i++) {
        read =
            s->ops->reads.v[i].op.i != write->op.i && path_eq(s->ops->reads.v[i].path, write->path);
    }
    return read;
}

static void find_written_back(struct search *s, const struct shared_op *write)
{
    const struct ir_op *op = &s->ir->ops.v[write->op.i];

    if (write->doubt != DOUBT_NONE || !is_read_too(s, write)) {
        return;
    }
    if (op->kind == IR_WRITE && is_made(s, op->u.access.value, 0)) {
        add_written_back(s, write, depends_of_value(s->depends, op->u.access.value));
    }
    for (uint32_t i = 0; op->kind == IR_CALL && i < op->u.call.n_args; i++) {
        value_id arg = s->ir->args.v[op->u.call.first_arg + i];
        if (is_made(s, arg, 0)) {
            add_written_back(s, write, depends_of_value(s->depends, arg));
        }
    }
}

/* ---- used as an index ------------------------------------------------------------------------ */

static void add_indexed(struct search *s, const struct shared_op *use, const struct op_list *from)
{
    for (size_t i = 0; i < s->ops->reads.n; i++) {
        const struct shared_op *read = &s->ops->reads.v[i];
        if (is_part(s, read, from) && !is_claim(s, read) && !path_eq(read->path, use->path) &&
            can_be_stale(s, read, use->op)) {
            add(s, (struct reliance){.kind = RELIES_FOR_INDEX,
                                     .read = read->op,
                                     .by_call = read->by_call,
                                     .path = read->path,
                                     .act = use->op,
                                     .acted = use->path,
                                     .branch = ID_NONE,
                                     .fresh = {ID_NONE}});
        }
    }
}

static void find_indexed(struct search *s, const struct shared_op *use)
{
    if (use->by_call || !holds_own(s, use->op)) {
        return;
    }
    const struct ir_place *place = &s->ir->places.v[s->ir->ops.v[use->op.i].u.access.place.i];
    for (uint32_t i = 0; i < place->n_steps; i++) {
        const struct ir_step *step = &s->ir->steps.v[place->first_step + i];
        if (step->kind == IR_STEP_INDEX) {
            add_indexed(s, use, depends_of_value(s->depends, (value_id){step->arg}));
        }
    }
}

/* ---- something else is changed --------------------------------------------------------------- */

static void add_decided(struct search *s, uint32_t branch, const struct shared_op *read)
{
    for (size_t i = 0; i < s->ops->writes.n; i++) {
        const struct shared_op *write = &s->ops->writes.v[i];
        if (!write->by_call && !path_eq(write->path, read->path) && write->op.i != read->op.i &&
            can_be_stale(s, read, write->op) &&
            cfg_side_of(s->cfg, branch, cfg_block_of(s->cfg, write->op)) != ID_NONE) {
            add(s, (struct reliance){.kind = RELIES_TO_DECIDE,
                                     .read = read->op,
                                     .by_call = read->by_call,
                                     .path = read->path,
                                     .act = write->op,
                                     .acted = write->path,
                                     .branch = branch,
                                     .fresh = {ID_NONE}});
        }
    }
}

static void find_decided(struct search *s, uint32_t b)
{
    enum ir_term term = s->ir->blocks.v[b].term;

    if (term != IR_BRANCH && term != IR_SWITCH) {
        return;
    }
    const struct op_list *ops = depends_of_block(s->depends, b);
    for (size_t i = 0; i < s->ops->reads.n; i++) {
        const struct shared_op *read = &s->ops->reads.v[i];
        if (is_part(s, read, ops) && !is_claim(s, read)) {
            add_decided(s, b, read);
        }
    }
}

/* ---- memory of the old size ------------------------------------------------------------------ */

/* The local pointer that holds what the call returned: it has no other value. ID_NONE. */
static uint32_t local_of_result(const struct search *s, op_id call)
{
    const struct resolver *resolver = s->flows->v[s->fn.i].resolver;

    for (uint32_t l = 0; l < s->ir->locals.n; l++) {
        value_id value = resolve_single_def(resolver, l);
        if (value.i != ID_NONE && s->ir->values.v[value.i].kind == IR_VALUE_CALL &&
            s->ir->values.v[value.i].u.op.i == call.i) {
            return l;
        }
    }
    return ID_NONE;
}

static bool is_read_of(const struct search *s, value_id value, uint32_t local)
{
    uint32_t read;

    return value.i != ID_NONE && s->ir->values.v[value.i].kind == IR_VALUE_READ &&
           place_is_local(s->ir, s->ir->ops.v[s->ir->values.v[value.i].u.op.i].u.access.place,
                          &read) &&
           read == local;
}

/* Is `local` handed to the call? */
static bool hands_over(const struct search *s, const struct ir_op *call, uint32_t local)
{
    for (uint32_t i = 0; i < call->u.call.n_args; i++) {
        if (is_read_of(s, s->ir->args.v[call->u.call.first_arg + i], local)) {
            return true;
        }
    }
    return false;
}

/* Does the op store at an index behind the pointer? */
static bool stores_behind(const struct search *s, const struct ir_op *op, uint32_t local)
{
    const struct ir_place *place = &s->ir->places.v[op->u.access.place.i];

    return op->kind == IR_WRITE && place->base_kind == IR_BASE_LOCAL && place->base == local &&
           place->n_steps >= 2 && s->ir->steps.v[place->first_step + 1].kind == IR_STEP_INDEX;
}

/* Is one of the ops another read of the variable? */
static bool has_other_read(const struct search *s, const struct op_list *ops,
                           const struct shared_op *old)
{
    for (size_t i = 0; i < s->ops->reads.n; i++) {
        const struct shared_op *read = &s->ops->reads.v[i];
        if (read->op.i != old->op.i && path_eq(read->path, old->path) && is_part(s, read, ops)) {
            return true;
        }
    }
    return false;
}

/* Is there a branch on both the old number and a new one? Then the function looks whether what it
 * has got is still enough. */
static bool compares(struct search *s, const struct shared_op *old)
{
    for (uint32_t b = 0; b < s->ir->blocks.n; b++) {
        const struct op_list *ops =
            s->ir->blocks.v[b].term == IR_BRANCH ? depends_of_block(s->depends, b) : NULL;
        if (ops != NULL && is_part(s, old, ops) && has_other_read(s, ops, old)) {
            return true;
        }
    }
    return false;
}

/* Does the number that `fresh` reads say how much the op writes: an argument beside the pointer, or
 * the condition of the loop around it? */
static bool measures(struct search *s, const struct shared_op *fresh, op_id act)
{
    const struct ir_op *op = &s->ir->ops.v[act.i];

    for (uint32_t i = 0; op->kind == IR_CALL && i < op->u.call.n_args; i++) {
        value_id arg = s->ir->args.v[op->u.call.first_arg + i];
        if (is_part(s, fresh, depends_of_value(s->depends, arg))) {
            return true;
        }
    }
    uint32_t head = s->cfg->loop_head[cfg_block_of(s->cfg, act)];
    return op->kind == IR_WRITE && head != ID_NONE &&
           is_part(s, fresh, depends_of_block(s->depends, head));
}

/* `fresh` is another read of the same variable as `read`, whose value the memory behind `local` was
 * got for. */
static void add_filled(struct search *s, const struct shared_op *read,
                       const struct shared_op *fresh, op_id got, uint32_t local)
{
    for (uint32_t i = 0; i < s->ir->ops.n; i++) {
        const struct ir_op *op = &s->ir->ops.v[i];
        bool fills = op->kind == IR_CALL ? hands_over(s, op, local) : stores_behind(s, op, local);
        if (fills && cfg_op_before(s->cfg, got, (op_id){i}) && measures(s, fresh, (op_id){i})) {
            add(s, (struct reliance){.kind = RELIES_FOR_SIZE,
                                     .read = read->op,
                                     .by_call = read->by_call,
                                     .path = read->path,
                                     .act = {i},
                                     .acted = PATH_NONE,
                                     .branch = ID_NONE,
                                     .fresh = fresh->op});
        }
    }
}

/* Memory that is got for what `read` has told. */
static void find_filled(struct search *s, const struct shared_op *read, op_id got)
{
    uint32_t local = local_of_result(s, got);

    for (size_t i = 0; i < s->ops->reads.n && local != ID_NONE; i++) {
        const struct shared_op *fresh = &s->ops->reads.v[i];
        if (fresh->op.i != read->op.i && path_eq(fresh->path, read->path)) {
            add_filled(s, read, fresh, got, local);
        }
    }
}

static void find_sized(struct search *s, op_id got)
{
    const struct ir_op *op = &s->ir->ops.v[got.i];
    const struct model_fn *model =
        op->kind == IR_CALL ? calls_at(s->flows->calls, s->fn, got)->model : NULL;

    if (model == NULL || !model->fresh) {
        return;
    }
    for (size_t r = 0; r < s->ops->reads.n; r++) {
        const struct shared_op *read = &s->ops->reads.v[r];
        bool asked = false;
        for (uint32_t i = 0; i < op->u.call.n_args && !asked; i++) {
            value_id arg = s->ir->args.v[op->u.call.first_arg + i];
            asked = is_part(s, read, depends_of_value(s->depends, arg));
        }
        if (asked && !compares(s, read)) {
            find_filled(s, read, got);
        }
    }
}

/* Does the function itself write something under a lock of its own? */
static bool acts_under_lock(const struct search *s)
{
    bool any = false;

    for (size_t i = 0; i < s->ops->writes.n && !any; i++) {
        any = !s->ops->writes.v[i].by_call && holds_own(s, s->ops->writes.v[i].op);
    }
    return any;
}

/* ---- all of them ----------------------------------------------------------------------------- */

static void search(struct search *s)
{
    bool acts = acts_under_lock(s);

    for (size_t i = 0; i < s->ops->writes.n; i++) {
        find_written_back(s, &s->ops->writes.v[i]);
        find_indexed(s, &s->ops->writes.v[i]);
    }
    for (size_t i = 0; i < s->ops->reads.n; i++) {
        if (!is_claim(s, &s->ops->reads.v[i])) { /* else it is a write, too */
            find_indexed(s, &s->ops->reads.v[i]);
        }
    }
    for (uint32_t b = 0; acts && b < s->ir->blocks.n; b++) {
        find_decided(s, b);
    }
    for (uint32_t i = 0; i < s->ir->ops.n; i++) {
        find_sized(s, (op_id){i});
    }
}

static int by_act(const void *a, const void *b)
{
    const struct reliance *x = a;
    const struct reliance *y = b;
    const uint32_t of_x[] = {x->act.i, x->read.i, x->kind, x->branch, x->fresh.i};
    const uint32_t of_y[] = {y->act.i, y->read.i, y->kind, y->branch, y->fresh.i};

    for (size_t i = 0; i < sizeof of_x / sizeof *of_x; i++) {
        if (of_x[i] != of_y[i]) {
            return of_x[i] < of_y[i] ? -1 : 1;
        }
    }
    return 0;
}

/* Can anything here be stale? Something is done under a lock that the function takes itself, or
 * written by a call, which may lock, or a call lets the interpreter's lock go. */
static bool has_sections(const struct search *s)
{
    bool any = gil_gaps_has(s->out->gaps, s->fn);

    for (size_t i = 0; i < s->ops->writes.n && !any; i++) {
        any = s->ops->writes.v[i].by_call || holds_own(s, s->ops->writes.v[i].op);
    }
    for (size_t i = 0; i < s->ops->reads.n && !any; i++) {
        any = holds_own(s, s->ops->reads.v[i].op);
    }
    return any;
}

void reliances_find(struct reliances *reliances, struct fn_view *view)
{
    struct search s = {.out = reliances, .flows = view->flows, .fn = view->fn, .ir = view->ir};
    size_t before = reliances->v.n;

    s.cfg = view->cfg;
    s.ops = view->ops;
    s.depends = view->depends;
    if (has_sections(&s)) {
        search(&s);
    }
    if (reliances->v.n > before) {
        qsort(reliances->v.v + before, reliances->v.n - before, sizeof *reliances->v.v, by_act);
    }
}
