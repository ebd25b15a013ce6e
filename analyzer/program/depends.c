#include "program/depends.h"

#include "program/resolve.h"

enum { MAX_CHAIN = 6 }; /* locals between a read and what depends on it */

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
    struct reaching *reaching;
    uint32_t walk;           /* number of the current one */
    struct op_list *found;   /* by it */
    struct op_list of_value; /* the last answer about one */
};

struct depends *depends_new(void *owner, const struct prog_fn *fn)
{
    struct depends *d = mem_new(owner, struct depends);

    d->fn = fn;
    d->facts = mem_array(d, struct op_facts, fn->ir->ops.n + 1);
    d->of_block = mem_array(d, struct op_list, fn->ir->blocks.n + 1);
    d->block_known = mem_array(d, bool, fn->ir->blocks.n + 1);
    d->reaching = reaching_new(d, fn);
    return d;
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
        reaching_defs(d->reaching, d, op.i, wanted, &read->defs);
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
    bool known = local || ir->places.v[ir->ops.v[op.i].u.access.place.i].base_kind == IR_BASE_LOCAL;
    if (known && !local) {
        wanted.place = ir->ops.v[op.i].u.access.place;
        wanted.field = field;
    }
    if (known && reaching_any(d->reaching, wanted) && !read->busy) {
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
