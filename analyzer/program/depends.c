#include "program/depends.h"

#include "program/resolve.h"

enum { MAX_CHAIN = 6 }; /* locals between a read and what depends on it */

struct walk {
    void *owner;
    const struct prog_fn *fn;
    struct op_list *found;
};

static bool writes_local(const struct ir_fn *ir, const struct ir_op *op, uint32_t local)
{
    uint32_t written;

    return (op->kind == IR_WRITE || op->kind == IR_RMW) &&
           place_is_local(ir, op->u.access.place, &written) && written == local;
}

/* Does op `def`, a write of `local`, reach op `use` without another write in between? */
static bool def_reaches(const struct walk *s, uint32_t def, uint32_t use, uint32_t local)
{
    uint32_t from = cfg_block_of(s->fn->cfg, (op_id){def});
    uint32_t to = cfg_block_of(s->fn->cfg, (op_id){use});
    bool *seen = mem_array(NULL, bool, s->fn->cfg->n + 1);
    uint32_t *stack = mem_array(NULL, uint32_t, s->fn->cfg->n + 1);
    uint32_t depth = 0;
    bool reaches = false;
    uint32_t at = def + 1;
    uint32_t b = from;

    for (;;) {
        const struct ir_block *block = &s->fn->ir->blocks.v[b];
        uint32_t end = block->first_op + block->n_ops;
        bool killed = false;
        for (uint32_t i = at; i < end && !killed && !reaches; i++) {
            reaches = b == to && i == use;
            killed = writes_local(s->fn->ir, &s->fn->ir->ops.v[i], local);
        }
        for (uint32_t i = 0; i < block->n_succs && !killed && !reaches; i++) {
            uint32_t next = s->fn->ir->succs.v[block->first_succ + i].block.i;
            if (!seen[next]) {
                seen[next] = true;
                stack[depth++] = next;
            }
        }
        if (reaches || depth == 0) {
            break;
        }
        b = stack[--depth];
        at = s->fn->ir->blocks.v[b].first_op;
    }
    talloc_free(seen);
    talloc_free(stack);
    return reaches;
}

static void note_op(struct walk *s, op_id op)
{
    for (size_t i = 0; i < s->found->n; i++) {
        if (s->found->v[i].i == op.i) {
            return;
        }
    }
    vec_push(s->owner, s->found, op);
}

static void collect(struct walk *s, value_id value, unsigned chain);

/* The value of `a && b` is written on several ways: what picks the way picks the value. */
static void collect_deciders(struct walk *s, uint32_t def, unsigned chain)
{
    const struct cfg *cfg = s->fn->cfg;
    uint32_t b = cfg_block_of(cfg, (op_id){def});

    for (uint32_t p = cfg->first_pred[b]; p < cfg->first_pred[b + 1]; p++) {
        const struct ir_block *pred = &s->fn->ir->blocks.v[cfg->preds[p]];
        if (pred->term == IR_BRANCH) {
            collect(s, pred->cond, chain);
        }
    }
}

static void collect_read(struct walk *s, op_id op, unsigned chain)
{
    uint32_t local;

    if (!place_is_local(s->fn->ir, s->fn->ir->ops.v[op.i].u.access.place, &local)) {
        note_op(s, op);
        return;
    }
    for (uint32_t i = 0; i < s->fn->ir->ops.n && chain < MAX_CHAIN; i++) {
        const struct ir_op *def = &s->fn->ir->ops.v[i];
        if (writes_local(s->fn->ir, def, local) && def->u.access.value.i != ID_NONE &&
            def_reaches(s, i, op.i, local)) {
            collect(s, def->u.access.value, chain + 1);
            if ((s->fn->ir->locals.v[local].flags & IR_LOCAL_TEMP) != 0) {
                collect_deciders(s, i, chain + 1);
            }
        }
    }
}

static void collect(struct walk *s, value_id value, unsigned chain)
{
    if (value.i == ID_NONE) {
        return;
    }
    const struct ir_value *v = &s->fn->ir->values.v[value.i];
    switch (v->kind) {
    case IR_VALUE_READ:
        collect_read(s, v->u.op, chain);
        return;
    case IR_VALUE_CALL:
        note_op(s, v->u.op);
        return;
    case IR_VALUE_UNARY:
        collect(s, v->u.of.a, chain);
        return;
    case IR_VALUE_BINARY:
        collect(s, v->u.of.a, chain);
        collect(s, v->u.of.b, chain);
        return;
    case IR_VALUE_UNKNOWN:
    case IR_VALUE_INT:
    case IR_VALUE_STRING:
    case IR_VALUE_FN:
    case IR_VALUE_ADDR:
        return;
    }
}

void depends_on(void *owner, const struct prog_fn *fn, value_id value, struct op_list *ret)
{
    struct walk walk = {owner, fn, ret};

    collect(&walk, value, 0);
}
