#include "program/depends.h"

#include "program/resolve.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_CHAIN = 6 }; /* locals between a read and what depends on it */

/* A read of a local: the writes that reach it, and how it was met in this walk. */
struct local_read {
    bool known;
    struct op_list defs; /* in the order of their ops */
    uint32_t walk;       /* the last walk that came by; 0: none */
    unsigned chain;      /* the shortest way it was met on then */
};

struct depends {
    const struct prog_fn *fn;
    struct local_read *reads; /* by op */
    struct op_list *of_block; /* by block */
    bool *block_known;        /* by block */
    bool *seen;               /* scratch, by block */
    uint32_t *stack;          /* scratch, of blocks */
    uint32_t walk;            /* number of the current one */
    struct op_list *found;    /* by it */
    struct op_list of_value;  /* the last answer about one */
};

struct depends *depends_new(void *owner, const struct prog_fn *fn)
{
    struct depends *d = mem_new(owner, struct depends);

    d->fn = fn;
    d->reads = mem_array(d, struct local_read, fn->ir->ops.n + 1);
    d->of_block = mem_array(d, struct op_list, fn->ir->blocks.n + 1);
    d->block_known = mem_array(d, bool, fn->ir->blocks.n + 1);
    d->seen = mem_array(d, bool, fn->cfg->n + 1);
    d->stack = mem_array(d, uint32_t, fn->cfg->n + 1);
    return d;
}

/* ---- writes that reach a read ---------------------------------------------------------------- */

static bool writes_local(const struct ir_fn *ir, const struct ir_op *op, uint32_t local)
{
    uint32_t written;

    return (op->kind == IR_WRITE || op->kind == IR_RMW) &&
           place_is_local(ir, op->u.access.place, &written) && written == local;
}

/* The last write of `local` among the ops from `first` up to before `end`; ID_NONE: none. */
static uint32_t last_write(const struct ir_fn *ir, uint32_t first, uint32_t end, uint32_t local)
{
    for (uint32_t i = end; i-- > first;) {
        if (writes_local(ir, &ir->ops.v[i], local)) {
            return i;
        }
    }
    return ID_NONE;
}

static int by_number(const void *a, const void *b)
{
    const op_id *x = a;
    const op_id *y = b;

    return x->i < y->i ? -1 : x->i > y->i;
}

/* Goes back from op `use` on all ways, each until it comes to a write of `local`. */
static void find_defs(struct depends *d, uint32_t use, uint32_t local, struct op_list *defs)
{
    const struct ir_fn *ir = d->fn->ir;
    const struct cfg *cfg = d->fn->cfg;
    uint32_t b = cfg_block_of(cfg, (op_id){use});
    uint32_t end = use;
    uint32_t depth = 0;

    memset(d->seen, 0, cfg->n * sizeof *d->seen);
    for (;;) {
        uint32_t def = last_write(ir, ir->blocks.v[b].first_op, end, local);
        if (def != ID_NONE) {
            vec_push(d, defs, (op_id){def});
        }
        for (uint32_t p = cfg->first_pred[b]; p < cfg->first_pred[b + 1] && def == ID_NONE; p++) {
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

static void collect(struct depends *d, value_id value, unsigned chain);

/* The value of `a && b` is written on several ways: what picks the way picks the value. */
static void collect_deciders(struct depends *d, uint32_t def, unsigned chain)
{
    const struct cfg *cfg = d->fn->cfg;
    uint32_t b = cfg_block_of(cfg, (op_id){def});

    for (uint32_t p = cfg->first_pred[b]; p < cfg->first_pred[b + 1]; p++) {
        const struct ir_block *pred = &d->fn->ir->blocks.v[cfg->preds[p]];
        if (pred->term == IR_BRANCH) {
            collect(d, pred->cond, chain);
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

static void collect_read(struct depends *d, op_id op, unsigned chain)
{
    const struct ir_fn *ir = d->fn->ir;
    struct local_read *read = &d->reads[op.i];
    uint32_t local;

    if (!place_is_local(ir, ir->ops.v[op.i].u.access.place, &local)) {
        note_op(d, op);
        return;
    }
    if (chain >= MAX_CHAIN || was_here(d, read, chain)) {
        return;
    }
    if (!read->known) {
        find_defs(d, op.i, local, &read->defs);
        read->known = true;
    }
    for (size_t i = 0; i < read->defs.n; i++) {
        value_id value = ir->ops.v[read->defs.v[i].i].u.access.value;
        if (value.i != ID_NONE) {
            collect(d, value, chain + 1);
            if ((ir->locals.v[local].flags & IR_LOCAL_TEMP) != 0) {
                collect_deciders(d, read->defs.v[i].i, chain + 1);
            }
        }
    }
}

static void collect(struct depends *d, value_id value, unsigned chain)
{
    if (value.i == ID_NONE) {
        return;
    }
    const struct ir_value *v = &d->fn->ir->values.v[value.i];
    switch (v->kind) {
    case IR_VALUE_READ:
        collect_read(d, v->u.op, chain);
        return;
    case IR_VALUE_CALL:
        note_op(d, v->u.op);
        return;
    case IR_VALUE_UNARY:
        collect(d, v->u.of.a, chain);
        return;
    case IR_VALUE_BINARY:
        collect(d, v->u.of.a, chain);
        collect(d, v->u.of.b, chain);
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
        collect(d, d->fn->ir->blocks.v[block].cond, 0);
    }
    return &d->of_block[block];
}

const struct op_list *depends_of_value(struct depends *d, value_id value)
{
    d->walk++;
    d->of_value.n = 0;
    d->found = &d->of_value;
    collect(d, value, 0);
    return &d->of_value;
}
