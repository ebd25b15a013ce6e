#include "program/depends.h"

#include "program/resolve.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_CHAIN = 6 }; /* locals between a read and what depends on it */

struct defs {
    op_id *v;
    size_t n;
};

/* What is known of an op. Of a read of a local: the writes that reach it, and how it was met in
 * this walk. */
struct op_facts {
    bool known;
    bool busy;        /* they are being followed */
    uint32_t field;   /* the member that it is known for; ID_NONE: all */
    struct defs defs; /* in the order of their ops */
    uint32_t walk;    /* the last walk that came by; 0: none */
    unsigned chain;   /* the shortest way it was met on then */
    uint32_t noted;   /* the last walk that found the op; 0: none */
    uint32_t parted;  /* the same of a part of what it yields */
};

struct depends {
    const struct prog_fn *fn;
    struct op_facts *facts;   /* by op */
    struct op_list *of_block; /* by block */
    bool *block_known;        /* by block */
    bool *stored;             /* by place: something is stored there */
    bool *shown;              /* by local: its address is taken */
    uint32_t *first_writer;   /* by local: in `writers`; one more entry at the end */
    uint32_t *writers;        /* ops that store in a local, by local, in their order */
    bool *seen;               /* scratch, by block */
    uint32_t *stack;          /* scratch, of blocks */
    uint32_t walk;            /* number of the current one */
    struct op_list *found;    /* by it */
    struct op_list of_value;  /* the last answer about one */
};

/* The local that the op stores in, or in a part of; ID_NONE. */
static uint32_t stored_in(const struct ir_fn *ir, uint32_t op)
{
    const struct ir_op *o = &ir->ops.v[op];
    uint32_t local;
    uint32_t field;
    bool stores = (o->kind == IR_WRITE || o->kind == IR_RMW) &&
                  place_in_local(ir, o->u.access.place, &local, &field);

    return stores ? local : ID_NONE;
}

/* What is written at all, and where. */
static void find_writers(struct depends *d)
{
    const struct ir_fn *ir = d->fn->ir;
    uint32_t *next = mem_array(NULL, uint32_t, ir->locals.n + 2);

    for (size_t i = 0; i < ir->locals.n; i++) {
        d->shown[i] = (ir->locals.v[i].flags & IR_LOCAL_ADDRESS_TAKEN) != 0;
    }
    for (uint32_t i = 0; i < ir->ops.n; i++) {
        const struct ir_op *op = &ir->ops.v[i];
        uint32_t local = stored_in(ir, i);
        if (op->kind == IR_WRITE || op->kind == IR_RMW) {
            d->stored[op->u.access.place.i] = true;
        }
        next[local == ID_NONE ? ir->locals.n + 1 : local + 1]++;
    }
    for (size_t i = 0; i < ir->locals.n; i++) {
        next[i + 1] += next[i];
        d->first_writer[i + 1] = next[i + 1];
    }
    for (uint32_t i = 0; i < ir->ops.n; i++) {
        uint32_t local = stored_in(ir, i);
        if (local != ID_NONE) {
            d->writers[next[local]++] = i;
        }
    }
    talloc_free(next);
}

struct depends *depends_new(void *owner, const struct prog_fn *fn)
{
    struct depends *d = mem_new(owner, struct depends);

    d->fn = fn;
    d->facts = mem_array(d, struct op_facts, fn->ir->ops.n + 1);
    d->of_block = mem_array(d, struct op_list, fn->ir->blocks.n + 1);
    d->block_known = mem_array(d, bool, fn->ir->blocks.n + 1);
    d->stored = mem_array(d, bool, fn->ir->places.n + 1);
    d->shown = mem_array(d, bool, fn->ir->locals.n + 1);
    d->first_writer = mem_array(d, uint32_t, fn->ir->locals.n + 1);
    d->writers = mem_array(d, uint32_t, fn->ir->ops.n + 1);
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

static bool add_def(struct depends *d, uint32_t op, struct wanted wanted, struct defs *defs)
{
    enum hit hit = hit_by(d->fn->ir, &d->fn->ir->ops.v[op], wanted);

    if (hit != MISSES) {
        vec_push(d, defs, (op_id){op});
    }
    return hit == WRITES;
}

/* Can nothing but the ops that store in it by name write what is wanted? */
static bool is_by_name(const struct depends *d, struct wanted wanted)
{
    return wanted.place.i == ID_NONE && !d->shown[wanted.local];
}

/* The index behind the local's last writer before op `end`. */
static uint32_t writers_before(const struct depends *d, uint32_t local, uint32_t end)
{
    uint32_t low = d->first_writer[local];
    uint32_t high = d->first_writer[local + 1];

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (d->writers[middle] < end) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Adds the writes among the ops from `first` up to before `end`, the last one first. True: what was
 * there before does not get to the end. */
static bool add_defs(struct depends *d, uint32_t first, uint32_t end, struct wanted wanted,
                     struct defs *defs)
{
    if (!is_by_name(d, wanted)) {
        for (uint32_t i = end; i-- > first;) {
            if (add_def(d, i, wanted, defs)) {
                return true;
            }
        }
        return false;
    }
    uint32_t begin = d->first_writer[wanted.local];
    for (uint32_t w = writers_before(d, wanted.local, end);
         w-- > begin && d->writers[w] >= first;) {
        if (add_def(d, d->writers[w], wanted, defs)) {
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
    uint32_t first = is_by_name(d, wanted) ? d->first_writer[wanted.local] : 0;
    bool one = is_by_name(d, wanted) && d->first_writer[wanted.local + 1] - first == 1;

    if (!one || !cfg_op_before(d->fn->cfg, (op_id){d->writers[first]}, (op_id){use}) ||
        hit_by(d->fn->ir, &d->fn->ir->ops.v[d->writers[first]], wanted) != WRITES) {
        return false;
    }
    vec_push(d, defs, (op_id){d->writers[first]});
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
    if (d->facts[op.i].noted != d->walk) {
        d->facts[op.i].noted = d->walk;
        vec_push(d, d->found, op);
    }
}

static void note_part(struct depends *d, op_id op, uint32_t slot, uint32_t field)
{
    bool is_first = d->facts[op.i].parted != d->walk;

    d->facts[op.i].parted = d->walk;
    for (size_t i = 0; i < d->found->parts.n && !is_first; i++) {
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
static bool was_here(const struct depends *d, struct op_facts *read, unsigned chain)
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
    struct op_facts *read = &d->facts[op.i];

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
    struct op_facts *read = &d->facts[op.i];
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
    bool written = local && (d->shown[wanted.local] ||
                             d->first_writer[wanted.local] != d->first_writer[wanted.local + 1]);
    bool found = local ? written : wanted.place.i != ID_NONE;
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
