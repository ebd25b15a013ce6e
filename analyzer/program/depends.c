#include "program/depends.h"

#include "program/resolve.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_CHAIN = 6 }; /* locals between a read and what depends on it */

#define NO_WRITER UINT32_MAX
#define MANY_WRITERS (UINT32_MAX - 1) /* or some through a pointer, or in another function */

struct defs {
    op_id *v;
    size_t n;
};

/* A read of a local: the writes that reach it, and how it was met in this walk. */
struct local_read {
    bool known;
    bool busy;        /* they are being followed */
    uint32_t field;   /* the member that it is known for; ID_NONE: all */
    struct defs defs; /* in the order of their ops */
    uint32_t walk;    /* the last walk that came by; 0: none */
    unsigned chain;   /* the shortest way it was met on then */
};

struct depends {
    const struct prog_fn *fn;
    struct local_read *reads; /* by op */
    struct op_list *of_block; /* by block */
    bool *block_known;        /* by block */
    bool *stored;             /* by place: something is stored there */
    uint32_t *writer;         /* by local: the op that stores in it, NO_WRITER or MANY_WRITERS */
    bool *seen;               /* scratch, by block */
    uint32_t *stack;          /* scratch, of blocks */
    uint32_t walk;            /* number of the current one */
    struct op_list *found;    /* by it */
    struct op_list of_value;  /* the last answer about one */
};

/* What is written at all, and where. */
static void find_writers(struct depends *d)
{
    const struct ir_fn *ir = d->fn->ir;
    uint32_t local;
    uint32_t field;

    for (size_t i = 0; i < ir->locals.n; i++) {
        bool shown = (ir->locals.v[i].flags & IR_LOCAL_ADDRESS_TAKEN) != 0;
        d->writer[i] = shown ? MANY_WRITERS : NO_WRITER;
    }
    for (uint32_t i = 0; i < ir->ops.n; i++) {
        const struct ir_op *op = &ir->ops.v[i];
        if (op->kind != IR_WRITE && op->kind != IR_RMW) {
            continue;
        }
        d->stored[op->u.access.place.i] = true;
        if (place_in_local(ir, op->u.access.place, &local, &field)) {
            d->writer[local] = d->writer[local] == NO_WRITER ? i : MANY_WRITERS;
        }
    }
}

struct depends *depends_new(void *owner, const struct prog_fn *fn)
{
    struct depends *d = mem_new(owner, struct depends);

    d->fn = fn;
    d->reads = mem_array(d, struct local_read, fn->ir->ops.n + 1);
    d->of_block = mem_array(d, struct op_list, fn->ir->blocks.n + 1);
    d->block_known = mem_array(d, bool, fn->ir->blocks.n + 1);
    d->stored = mem_array(d, bool, fn->ir->places.n + 1);
    d->writer = mem_array(d, uint32_t, fn->ir->locals.n + 1);
    find_writers(d);
    d->seen = mem_array(d, bool, fn->cfg->n + 1);
    d->stack = mem_array(d, uint32_t, fn->cfg->n + 1);
    return d;
}

/* ---- writes that reach a read ---------------------------------------------------------------- */

bool place_in_local(const struct ir_fn *ir, place_id place, uint32_t *ret_local,
                    uint32_t *ret_field)
{
    const struct ir_place *p = &ir->places.v[place.i];
    bool inside = p->base_kind == IR_BASE_LOCAL;

    *ret_local = p->base;
    *ret_field = ID_NONE;
    for (uint32_t i = 0; i < p->n_steps && inside; i++) {
        const struct ir_step *step = &ir->steps.v[p->first_step + i];
        inside = step->kind == IR_STEP_FIELD || step->kind == IR_STEP_INDEX;
        *ret_field = step->kind == IR_STEP_FIELD ? step->arg : *ret_field;
    }
    return inside;
}

bool call_fills_local(const struct ir_fn *ir, const struct ir_op *call, uint32_t i,
                      uint32_t *ret_local, uint32_t *ret_field)
{
    value_id arg = ir->args.v[call->u.call.first_arg + i];

    return arg.i != ID_NONE && ir->values.v[arg.i].kind == IR_VALUE_ADDR &&
           place_in_local(ir, ir->values.v[arg.i].u.place, ret_local, ret_field);
}

/* What is looked for: a local, a member of a local struct, or a place behind a local pointer. */
struct wanted {
    place_id place; /* ID_NONE: it is a local */
    uint32_t local;
    uint32_t field; /* ID_NONE: the local itself */
};

enum hit {
    MISSES,
    MAY_WRITE, /* or adds to it: what was there before counts, too */
    WRITES,
};

static enum hit hit_by_call(const struct ir_fn *ir, const struct ir_op *op, struct wanted wanted)
{
    uint32_t local;
    uint32_t field;

    if ((ir->locals.v[wanted.local].flags & IR_LOCAL_ADDRESS_TAKEN) == 0) {
        return MISSES;
    }
    for (uint32_t i = 0; i < op->u.call.n_args; i++) {
        if (call_fills_local(ir, op, i, &local, &field) && local == wanted.local &&
            (field == ID_NONE || field == wanted.field)) {
            return MAY_WRITE;
        }
    }
    return MISSES;
}

static enum hit hit_by(const struct ir_fn *ir, const struct ir_op *op, struct wanted wanted)
{
    uint32_t local;
    uint32_t field;

    if (op->kind == IR_READ) {
        return MISSES;
    }
    if (op->kind == IR_CALL) {
        return wanted.place.i == ID_NONE ? hit_by_call(ir, op, wanted) : MISSES;
    }
    if (wanted.place.i != ID_NONE) {
        return op->u.access.place.i != wanted.place.i ? MISSES
               : op->kind == IR_WRITE                 ? WRITES
                                                      : MAY_WRITE;
    }
    if (!place_in_local(ir, op->u.access.place, &local, &field) || local != wanted.local) {
        return MISSES;
    }
    uint32_t n_steps = ir->places.v[op->u.access.place.i].n_steps;
    if (n_steps > 0 && (field == ID_NONE || field != wanted.field)) {
        return MISSES;
    }
    return op->kind == IR_WRITE && n_steps <= 1 ? WRITES : MAY_WRITE;
}

/* Adds the writes among the ops from `first` up to before `end`, the last one first. True: what was
 * there before does not get to the end. */
static bool add_defs(struct depends *d, uint32_t first, uint32_t end, struct wanted wanted,
                     struct defs *defs)
{
    const struct ir_fn *ir = d->fn->ir;

    for (uint32_t i = end; i-- > first;) {
        enum hit hit = hit_by(ir, &ir->ops.v[i], wanted);
        if (hit != MISSES) {
            vec_push(d, defs, (op_id){i});
        }
        if (hit == WRITES) {
            return true;
        }
    }
    return false;
}

static int by_number(const void *a, const void *b)
{
    const op_id *x = a;
    const op_id *y = b;

    return x->i < y->i ? -1 : x->i > y->i;
}

/* Is there one write only, which all ways to `use` come by? Then no search is needed. */
static bool has_one_def(struct depends *d, uint32_t use, struct wanted wanted, struct defs *defs)
{
    uint32_t writer = wanted.place.i == ID_NONE ? d->writer[wanted.local] : MANY_WRITERS;

    if (writer == MANY_WRITERS || !cfg_op_before(d->fn->cfg, (op_id){writer}, (op_id){use}) ||
        hit_by(d->fn->ir, &d->fn->ir->ops.v[writer], wanted) != WRITES) {
        return false;
    }
    vec_push(d, defs, (op_id){writer});
    return true;
}

/* Goes back from op `use` on all ways, each until it comes to a write of what is wanted. A block
 * that a loop comes back to is gone through again, from its end. */
static void find_defs(struct depends *d, uint32_t use, struct wanted wanted, struct defs *defs)
{
    const struct ir_fn *ir = d->fn->ir;
    const struct cfg *cfg = d->fn->cfg;
    uint32_t b = cfg_block_of(cfg, (op_id){use});
    uint32_t end = use;
    uint32_t depth = 0;

    memset(d->seen, 0, cfg->n * sizeof *d->seen);
    for (;;) {
        bool found = add_defs(d, ir->blocks.v[b].first_op, end, wanted, defs);
        for (uint32_t p = cfg->first_pred[b]; p < cfg->first_pred[b + 1] && !found; p++) {
            if (!d->seen[cfg->preds[p]]) {
                d->seen[cfg->preds[p]] = true;
                d->stack[depth++] = cfg->preds[p];
            }
        }
        if (depth == 0) {
            break;
        }
        b = d->stack[--depth];
        end = ir->blocks.v[b].first_op + ir->blocks.v[b].n_ops;
    }
    if (defs->n > 1) {
        qsort(defs->v, defs->n, sizeof *defs->v, by_number);
    }
}

/* ---- following values ------------------------------------------------------------------------ */

static void note_op(struct depends *d, op_id op)
{
    for (size_t i = 0; i < d->found->n; i++) {
        if (d->found->v[i].i == op.i) {
            return;
        }
    }
    vec_push(d, d->found, op);
}

static void note_part(struct depends *d, op_id op, uint32_t slot, uint32_t field)
{
    for (size_t i = 0; i < d->found->parts.n; i++) {
        const struct part *part = &d->found->parts.v[i];
        if (part->op.i == op.i && part->slot == slot && part->field == field) {
            return;
        }
    }
    vec_push(d, &d->found->parts, (struct part){op, slot, field});
}

/* A call that has put something into a local. */
static void note_fill(struct depends *d, op_id op, struct wanted wanted)
{
    const struct ir_fn *ir = d->fn->ir;
    uint32_t local;
    uint32_t field;

    for (uint32_t i = 0; i < ir->ops.v[op.i].u.call.n_args; i++) {
        if (call_fills_local(ir, &ir->ops.v[op.i], i, &local, &field) && local == wanted.local) {
            if (field == ID_NONE) {
                note_part(d, op, i, wanted.field);
            } else if (field == wanted.field) {
                note_part(d, op, i, ID_NONE);
            }
        }
    }
}

static void collect(struct depends *d, value_id value, uint32_t field, unsigned chain);

/* The value of `a && b` is written on several ways: what picks the way picks the value. */
static void collect_deciders(struct depends *d, uint32_t def, unsigned chain)
{
    const struct cfg *cfg = d->fn->cfg;
    uint32_t b = cfg_block_of(cfg, (op_id){def});

    for (uint32_t p = cfg->first_pred[b]; p < cfg->first_pred[b + 1]; p++) {
        const struct ir_block *pred = &d->fn->ir->blocks.v[cfg->preds[p]];
        if (pred->term == IR_BRANCH) {
            collect(d, pred->cond, ID_NONE, chain);
        }
    }
}

/* Was this walk here on a way as short? Then it finds nothing new. */
static bool was_here(const struct depends *d, struct local_read *read, unsigned chain)
{
    if (read->walk == d->walk && read->chain <= chain) {
        return true;
    }
    read->walk = d->walk;
    read->chain = chain;
    return false;
}

static void collect_def(struct depends *d, op_id def, struct wanted wanted, unsigned chain)
{
    const struct ir_fn *ir = d->fn->ir;
    const struct ir_op *op = &ir->ops.v[def.i];

    if (op->kind == IR_CALL) {
        note_fill(d, def, wanted);
        return;
    }
    if (op->u.access.value.i == ID_NONE) {
        return;
    }
    bool all = wanted.place.i != ID_NONE || ir->places.v[op->u.access.place.i].n_steps == 0;
    collect(d, op->u.access.value, all ? wanted.field : ID_NONE, chain + 1);
    if (all && wanted.place.i == ID_NONE &&
        (ir->locals.v[wanted.local].flags & IR_LOCAL_TEMP) != 0) {
        collect_deciders(d, def.i, chain + 1);
    }
}

static void follow(struct depends *d, op_id op, struct wanted wanted, unsigned chain)
{
    struct local_read *read = &d->reads[op.i];

    if (read->field != wanted.field) {
        read->known = false;
        read->walk = 0;
        read->defs.n = 0;
    }
    if (chain >= MAX_CHAIN || was_here(d, read, chain)) {
        return;
    }
    if (!read->known) {
        if (!has_one_def(d, op.i, wanted, &read->defs)) {
            find_defs(d, op.i, wanted, &read->defs);
        }
        read->known = true;
        read->field = wanted.field;
    }
    read->busy = true;
    for (size_t i = 0; i < read->defs.n; i++) {
        collect_def(d, read->defs.v[i], wanted, chain);
    }
    read->busy = false;
}

/* `field`: the member of what was read that counts; ID_NONE: all of it. */
static void collect_read(struct depends *d, op_id op, uint32_t field, unsigned chain)
{
    const struct ir_fn *ir = d->fn->ir;
    struct local_read *read = &d->reads[op.i];
    struct wanted wanted = {.place = {ID_NONE}};

    bool local = place_in_local(ir, ir->ops.v[op.i].u.access.place, &wanted.local, &wanted.field);
    if (!local || ir->places.v[ir->ops.v[op.i].u.access.place.i].n_steps > 0) {
        note_op(d, op); /* a local struct can be shared as well */
        note_part(d, op, SLOT_RESULT, field);
    }
    wanted.field = wanted.field == ID_NONE ? field : wanted.field;
    if (!local && ir->places.v[ir->ops.v[op.i].u.access.place.i].base_kind == IR_BASE_LOCAL &&
        d->stored[ir->ops.v[op.i].u.access.place.i]) {
        wanted.place = ir->ops.v[op.i].u.access.place;
        wanted.field = field;
    }
    bool found = local ? d->writer[wanted.local] != NO_WRITER : wanted.place.i != ID_NONE;
    if (found && !read->busy) {
        follow(d, op, wanted, chain);
    }
}

static void collect(struct depends *d, value_id value, uint32_t field, unsigned chain)
{
    if (value.i == ID_NONE) {
        return;
    }
    const struct ir_value *v = &d->fn->ir->values.v[value.i];
    switch (v->kind) {
    case IR_VALUE_READ:
        collect_read(d, v->u.op, field, chain);
        return;
    case IR_VALUE_CALL:
        note_op(d, v->u.op);
        note_part(d, v->u.op, SLOT_RESULT, field);
        return;
    case IR_VALUE_UNARY:
        collect(d, v->u.of.a, ID_NONE, chain);
        return;
    case IR_VALUE_BINARY:
        collect(d, v->u.of.a, ID_NONE, chain);
        collect(d, v->u.of.b, ID_NONE, chain);
        return;
    case IR_VALUE_UNKNOWN:
    case IR_VALUE_INT:
    case IR_VALUE_STRING:
    case IR_VALUE_FN:
    case IR_VALUE_ADDR:
        return;
    }
}

const struct op_list *depends_of_block(struct depends *d, uint32_t block)
{
    if (!d->block_known[block]) {
        d->block_known[block] = true;
        d->walk++;
        d->found = &d->of_block[block];
        collect(d, d->fn->ir->blocks.v[block].cond, ID_NONE, 0);
    }
    return &d->of_block[block];
}

const struct op_list *depends_of_value(struct depends *d, value_id value)
{
    return depends_of_member(d, value, ID_NONE);
}

const struct op_list *depends_of_member(struct depends *d, value_id value, uint32_t field)
{
    d->walk++;
    d->of_value.n = 0;
    d->of_value.parts.n = 0;
    d->found = &d->of_value;
    collect(d, value, field, 0);
    return &d->of_value;
}
