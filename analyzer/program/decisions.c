#include "program/decisions.h"

#include "program/resolve.h"

#include <stdlib.h>

enum { MAX_CHAIN = 6 }; /* locals between a read and the branch that depends on it */

struct shared_op {
    op_id op;
    path_id path;
};

/* The search in one function. */
struct search {
    struct decisions *out;
    const struct accessmap *map;
    const struct flows *flows;
    fn_id fn;
    const struct ir_fn *ir;
    const struct cfg *cfg;
    VEC(struct shared_op) reads;
    VEC(struct shared_op) writes;
    VEC(op_id) found; /* shared reads that a condition depends on */
};

/* ---- what a condition depends on
 * ----------------------------------------------------------------- */

static bool writes_local(const struct ir_fn *ir, const struct ir_op *op, uint32_t local)
{
    uint32_t written;

    return (op->kind == IR_WRITE || op->kind == IR_RMW) &&
           place_is_local(ir, op->u.access.place, &written) && written == local;
}

/* Does op `def`, a write of `local`, reach op `use` without another write in between? */
static bool def_reaches(const struct search *s, uint32_t def, uint32_t use, uint32_t local)
{
    uint32_t from = cfg_block_of(s->cfg, (op_id){def});
    uint32_t to = cfg_block_of(s->cfg, (op_id){use});
    bool *seen = mem_array(NULL, bool, s->cfg->n + 1);
    uint32_t *stack = mem_array(NULL, uint32_t, s->cfg->n + 1);
    uint32_t depth = 0;
    bool reaches = false;
    uint32_t at = def + 1;
    uint32_t b = from;

    for (;;) {
        const struct ir_block *block = &s->ir->blocks.v[b];
        uint32_t end = block->first_op + block->n_ops;
        bool killed = false;
        for (uint32_t i = at; i < end && !killed && !reaches; i++) {
            reaches = b == to && i == use;
            killed = writes_local(s->ir, &s->ir->ops.v[i], local);
        }
        for (uint32_t i = 0; i < block->n_succs && !killed && !reaches; i++) {
            uint32_t next = s->ir->succs.v[block->first_succ + i].block.i;
            if (!seen[next]) {
                seen[next] = true;
                stack[depth++] = next;
            }
        }
        if (reaches || depth == 0) {
            break;
        }
        b = stack[--depth];
        at = s->ir->blocks.v[b].first_op;
    }
    talloc_free(seen);
    talloc_free(stack);
    return reaches;
}

static void note_read(struct search *s, op_id op)
{
    for (size_t i = 0; i < s->found.n; i++) {
        if (s->found.v[i].i == op.i) {
            return;
        }
    }
    vec_push(s->out, &s->found, op);
}

static void collect(struct search *s, value_id value, unsigned chain);

static void collect_read(struct search *s, op_id op, unsigned chain)
{
    uint32_t local;

    if (!place_is_local(s->ir, s->ir->ops.v[op.i].u.access.place, &local)) {
        note_read(s, op);
        return;
    }
    for (uint32_t i = 0; i < s->ir->ops.n && chain < MAX_CHAIN; i++) {
        const struct ir_op *def = &s->ir->ops.v[i];
        if (writes_local(s->ir, def, local) && def->u.access.value.i != ID_NONE &&
            def_reaches(s, i, op.i, local)) {
            collect(s, def->u.access.value, chain + 1);
        }
    }
}

static void collect(struct search *s, value_id value, unsigned chain)
{
    if (value.i == ID_NONE) {
        return;
    }
    const struct ir_value *v = &s->ir->values.v[value.i];
    switch (v->kind) {
    case IR_VALUE_READ:
        collect_read(s, v->u.op, chain);
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
    case IR_VALUE_CALL:
        return;
    }
}

/* ---- what a branch decides
 * ------------------------------------------------------------------------- */

/* Is `head` entered from `branch` only (loops back to it aside)? */
static bool entered_only_from(const struct cfg *cfg, uint32_t head, uint32_t branch)
{
    for (uint32_t p = cfg->first_pred[head]; p < cfg->first_pred[head + 1]; p++) {
        uint32_t pred = cfg->preds[p];
        if (pred != branch && !cfg_dominates(cfg, head, pred)) {
            return false;
        }
    }
    return true;
}

/* The successor of `branch` behind which alone block `b` runs; ID_NONE: it runs on several sides.
 */
static uint32_t side_of(const struct cfg *cfg, uint32_t branch, uint32_t b)
{
    const struct ir_block *block = &cfg->fn->blocks.v[branch];

    for (uint32_t i = 0; i < block->n_succs; i++) {
        uint32_t head = cfg->fn->succs.v[block->first_succ + i].block.i;
        if (head != branch && cfg_dominates(cfg, head, b) && entered_only_from(cfg, head, branch)) {
            return head;
        }
    }
    return ID_NONE;
}

/* Is the act the storing of a constant, and the only thing that side does? */
static bool only_sets(const struct search *s, uint32_t side, op_id act)
{
    const struct ir_op *op = &s->ir->ops.v[act.i];

    if (op->kind != IR_WRITE || op->u.access.value.i == ID_NONE ||
        s->ir->values.v[op->u.access.value.i].kind != IR_VALUE_INT) {
        return false;
    }
    for (uint32_t i = 0; i < s->ir->ops.n; i++) {
        if (i != act.i && s->ir->ops.v[i].kind == IR_CALL &&
            cfg_dominates(s->cfg, side, cfg_block_of(s->cfg, (op_id){i}))) {
            return false;
        }
    }
    for (size_t i = 0; i < s->writes.n; i++) {
        if (s->writes.v[i].op.i != act.i &&
            cfg_dominates(s->cfg, side, cfg_block_of(s->cfg, s->writes.v[i].op))) {
            return false;
        }
    }
    return true;
}

static void add_acts(struct search *s, uint32_t branch, const struct shared_op *read)
{
    for (size_t i = 0; i < s->writes.n; i++) {
        const struct shared_op *write = &s->writes.v[i];
        uint32_t b = cfg_block_of(s->cfg, write->op);
        uint32_t side = path_eq(write->path, read->path) ? side_of(s->cfg, branch, b) : ID_NONE;
        if (side == ID_NONE) {
            continue;
        }
        vec_push(s->out, &s->out->v,
                 (struct decision){.fn = s->fn,
                                   .read = read->op,
                                   .branch = branch,
                                   .act = write->op,
                                   .path = write->path,
                                   .only_sets = only_sets(s, side, write->op)});
    }
}

static const struct shared_op *shared_read(const struct search *s, op_id op)
{
    for (size_t i = 0; i < s->reads.n; i++) {
        if (s->reads.v[i].op.i == op.i) {
            return &s->reads.v[i];
        }
    }
    return NULL;
}

static bool is_decided(enum ir_term term)
{
    return term == IR_BRANCH || term == IR_SWITCH;
}

static void search_branches(struct search *s)
{
    for (uint32_t b = 0; b < s->ir->blocks.n; b++) {
        if (!is_decided(s->ir->blocks.v[b].term)) {
            continue;
        }
        s->found.n = 0;
        collect(s, s->ir->blocks.v[b].cond, 0);
        for (size_t i = 0; i < s->found.n; i++) {
            const struct shared_op *read = shared_read(s, s->found.v[i]);
            if (read != NULL) {
                add_acts(s, b, read);
            }
        }
    }
}

static void list_accesses(struct search *s)
{
    for (uint32_t i = 0; i < s->ir->ops.n; i++) {
        struct shared_op op = {{i}, PATH_NONE};
        if (!accessmap_is_shared_access(s->map, s->fn, op.op, &op.path)) {
            continue;
        }
        const struct variable *variable = accessmap_find(s->map, s->fn, op.path);
        if (variable == NULL || !variable->shared) {
            continue;
        }
        if (s->ir->ops.v[i].kind != IR_WRITE) { /* an RMW reads too: if (count++ == 0) */
            vec_push(s->out, &s->reads, op);
        }
        if (s->ir->ops.v[i].kind != IR_READ) {
            vec_push(s->out, &s->writes, op);
        }
    }
}

static int by_act(const void *a, const void *b)
{
    const struct decision *x = a;
    const struct decision *y = b;

    if (x->fn.i != y->fn.i) {
        return x->fn.i < y->fn.i ? -1 : 1;
    }
    if (x->act.i != y->act.i) {
        return x->act.i < y->act.i ? -1 : 1;
    }
    if (x->read.i != y->read.i) {
        return x->read.i < y->read.i ? -1 : 1;
    }
    return x->branch < y->branch ? -1 : x->branch > y->branch;
}

struct decisions *decisions_find(void *owner, const struct accessmap *map)
{
    struct decisions *out = mem_new(owner, struct decisions);
    const struct flows *flows = map->contexts->flows;

    for (uint32_t f = 0; f < flows->linked->fns.n; f++) {
        struct search s = {.out = out, .map = map, .flows = flows, .fn = {f}};
        s.ir = flows->linked->fns.v[f].ir;
        s.cfg = flows->linked->fns.v[f].cfg;
        list_accesses(&s);
        if (s.reads.n > 0 && s.writes.n > 0) {
            search_branches(&s);
        }
        talloc_free(s.reads.v);
        talloc_free(s.writes.v);
        talloc_free(s.found.v);
    }
    if (out->v.n > 0) {
        qsort(out->v.v, out->v.n, sizeof *out->v.v, by_act);
    }
    return out;
}
