#include "program/reaching.h"

#include <stdlib.h>
#include <string.h>

enum {
    MANY_BLOCKS = 32, /* a function with so many... */
    OFTEN = 4,        /* ... and a local that is asked for so often are worth a solution */
};

/* The writers of a local that reach the beginning of each block. */
struct solution {
    uint32_t asked; /* so often, before it was worked out */
    uint32_t field; /* the member that it is about; ID_NONE: all */
    uint32_t n_words;
    uint64_t *in; /* by block, n_words each: bit i is the local's i-th writer; NULL: not known */
};

struct reaching {
    const struct prog_fn *fn;
    void *defs_owner;        /* of what is found at the moment */
    uint32_t *first_writer;  /* by key: in `writers`; one more entry at the end */
    uint32_t *writers;       /* ops that can write it, by key, in their order */
    struct solution *solved; /* by key */
    bool *seen;              /* scratch, by block */
    uint32_t *stack;         /* scratch, of blocks */
};

/* What is wanted goes by a key: locals by their number, places behind them by theirs. */
static uint32_t key_of_place(const struct ir_fn *ir, place_id place)
{
    return (uint32_t)ir->locals.n + place.i;
}

static uint32_t key_of(const struct reaching *r, struct wanted wanted)
{
    return wanted.place.i == ID_NONE ? wanted.local : key_of_place(r->fn->ir, wanted.place);
}

/* Keys of what an op can write, each given to `note`. */
typedef void note_fn(struct reaching *r, uint32_t key, uint32_t op);

static void note_keys(struct reaching *r, uint32_t op, note_fn *note)
{
    const struct ir_fn *ir = r->fn->ir;
    const struct ir_op *o = &ir->ops.v[op];
    uint32_t n_args = o->kind == IR_CALL ? o->u.call.n_args : 0;
    uint32_t local;
    uint32_t field;

    for (uint32_t i = 0; i < n_args; i++) {
        if (call_fills_local(ir, o, i, &local, &field)) {
            note(r, local, op);
        }
    }
    if (o->kind == IR_WRITE || o->kind == IR_RMW) {
        note(r, key_of_place(ir, o->u.access.place), op);
        if (place_in_local(ir, o->u.access.place, &local, &field)) {
            note(r, local, op);
        }
    }
}

static void count_writer(struct reaching *r, uint32_t key, uint32_t op)
{
    (void)op;
    r->first_writer[key + 1]++;
}

/* Until all are there, first_writer[key + 1] is where the next one goes. */
static void add_writer(struct reaching *r, uint32_t key, uint32_t op)
{
    r->writers[r->first_writer[key + 1]++] = op;
}

/* What is written at all, and where. */
static void find_writers(struct reaching *r)
{
    const struct ir_fn *ir = r->fn->ir;
    size_t n_keys = ir->locals.n + ir->places.n;
    uint32_t n = 0;

    r->first_writer = mem_array(r, uint32_t, n_keys + 2);
    for (uint32_t i = 0; i < ir->ops.n; i++) {
        note_keys(r, i, count_writer);
    }
    for (size_t key = 0; key < n_keys; key++) {
        uint32_t mine = r->first_writer[key + 1];
        r->first_writer[key + 1] = n;
        n += mine;
    }
    r->writers = mem_array(r, uint32_t, n + 1);
    for (uint32_t i = 0; i < ir->ops.n; i++) {
        note_keys(r, i, add_writer);
    }
}

struct reaching *reaching_new(void *owner, const struct prog_fn *fn)
{
    struct reaching *r = mem_new(owner, struct reaching);

    r->fn = fn;
    r->solved = mem_array(r, struct solution, fn->ir->locals.n + fn->ir->places.n + 1);
    find_writers(r);
    r->seen = mem_array(r, bool, fn->cfg->n + 1);
    r->stack = mem_array(r, uint32_t, fn->cfg->n + 1);
    return r;
}

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

static bool add_def(struct reaching *r, uint32_t op, struct wanted wanted, struct defs *defs)
{
    enum hit hit = hit_by(r->fn->ir, &r->fn->ir->ops.v[op], wanted);

    if (hit != MISSES) {
        vec_push(r->defs_owner, defs, (op_id){op});
    }
    return hit == WRITES;
}

/* The index behind the last writer before op `end`. */
static uint32_t writers_before(const struct reaching *r, uint32_t key, uint32_t end)
{
    uint32_t low = r->first_writer[key];
    uint32_t high = r->first_writer[key + 1];

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (r->writers[middle] < end) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Adds the writes among the ops from `first` up to before `end`, the last one first. True: what was
 * there before does not get to the end. */
static bool add_defs(struct reaching *r, uint32_t first, uint32_t end, struct wanted wanted,
                     struct defs *defs)
{
    uint32_t begin = r->first_writer[key_of(r, wanted)];
    for (uint32_t w = writers_before(r, key_of(r, wanted), end);
         w-- > begin && r->writers[w] >= first;) {
        if (add_def(r, r->writers[w], wanted, defs)) {
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

/* ---- all blocks at once ----------------------------------------------------------------------
 */

static void set_bit(uint64_t *bits, uint32_t i)
{
    bits[i / 64] |= UINT64_C(1) << (i % 64);
}

/* What reaches the end of the block: what reaches its beginning, if nothing in it writes all of it,
 * and what is written since. */
static void pass_block(const struct reaching *r, const struct solution *s, struct wanted wanted,
                       uint32_t b, uint64_t *out)
{
    const struct ir_block *block = &r->fn->ir->blocks.v[b];
    uint32_t begin = r->first_writer[key_of(r, wanted)];
    uint32_t w = writers_before(r, key_of(r, wanted), block->first_op);
    uint32_t end = writers_before(r, key_of(r, wanted), block->first_op + block->n_ops);

    memcpy(out, &s->in[(size_t)b * s->n_words], s->n_words * sizeof *out);
    for (; w < end; w++) {
        enum hit hit = hit_by(r->fn->ir, &r->fn->ir->ops.v[r->writers[w]], wanted);
        if (hit == WRITES) {
            memset(out, 0, s->n_words * sizeof *out);
        }
        if (hit != MISSES) {
            set_bit(out, w - begin);
        }
    }
}

/* Adds what leaves block `b` to what its successors begin with. True: that was news to one. */
static bool hand_on(const struct reaching *r, struct solution *s, uint32_t b, const uint64_t *out)
{
    const struct ir_fn *ir = r->fn->ir;
    bool news = false;

    for (uint32_t e = 0; e < ir->blocks.v[b].n_succs; e++) {
        uint32_t to = ir->succs.v[ir->blocks.v[b].first_succ + e].block.i;
        for (uint32_t i = 0; i < s->n_words; i++) {
            uint64_t *in = &s->in[(size_t)to * s->n_words + i];
            news = news || (out[i] & ~*in) != 0;
            *in |= out[i];
        }
    }
    return news;
}

static void solve(struct reaching *r, struct wanted wanted)
{
    struct solution *s = &r->solved[key_of(r, wanted)];
    uint32_t n = r->first_writer[key_of(r, wanted) + 1] - r->first_writer[key_of(r, wanted)];

    talloc_free(s->in);
    s->field = wanted.field;
    s->n_words = n / 64 + 1;
    s->in = mem_array(r, uint64_t, (size_t)r->fn->cfg->n * s->n_words + 1);
    uint64_t *out = mem_array(r, uint64_t, s->n_words);
    for (bool news = true; news;) {
        news = false;
        for (uint32_t b = 0; b < r->fn->cfg->n; b++) {
            pass_block(r, s, wanted, b, out);
            news = hand_on(r, s, b, out) || news;
        }
    }
    talloc_free(out);
}

/* The solution for what is wanted, if it is worth one; NULL. */
static const struct solution *solution_of(struct reaching *r, struct wanted wanted)
{
    struct solution *s = &r->solved[key_of(r, wanted)];

    if (r->fn->cfg->n < MANY_BLOCKS || ++s->asked < OFTEN) {
        return NULL;
    }
    if (s->in == NULL || s->field != wanted.field) {
        solve(r, wanted);
    }
    return s;
}

/* The writes in the block of `use` before it, and, if none of them writes all of it, what reaches
 * the block. */
static void read_solution(struct reaching *r, const struct solution *s, uint32_t use,
                          struct wanted wanted, struct defs *defs)
{
    uint32_t b = cfg_block_of(r->fn->cfg, (op_id){use});
    uint32_t begin = r->first_writer[key_of(r, wanted)];
    uint32_t first = writers_before(r, key_of(r, wanted), r->fn->ir->blocks.v[b].first_op);
    uint64_t *bits = mem_array(NULL, uint64_t, s->n_words);
    bool whole = false;

    for (uint32_t w = writers_before(r, key_of(r, wanted), use); w-- > first && !whole;) {
        enum hit hit = hit_by(r->fn->ir, &r->fn->ir->ops.v[r->writers[w]], wanted);
        whole = hit == WRITES;
        if (hit != MISSES) {
            set_bit(bits, w - begin);
        }
    }
    for (uint32_t i = 0; i < s->n_words && !whole; i++) {
        bits[i] |= s->in[(size_t)b * s->n_words + i];
    }
    for (uint32_t w = begin; w < r->first_writer[key_of(r, wanted) + 1]; w++) {
        bool reaches = (bits[(w - begin) / 64] >> ((w - begin) % 64) & 1) != 0;
        if (reaches && (defs->n == 0 || defs->v[defs->n - 1].i != r->writers[w])) {
            vec_push(r->defs_owner, defs, (op_id){r->writers[w]});
        }
    }
    talloc_free(bits);
}

/* ---- one read at a time ---------------------------------------------------------------------- */

/* Once each: the block of the read is gone through twice where a loop comes back to it. */
static void sort_defs(struct defs *defs)
{
    size_t n = 0;

    if (defs->n > 1) {
        qsort(defs->v, defs->n, sizeof *defs->v, by_number);
    }
    for (size_t i = 0; i < defs->n; i++) {
        if (i == 0 || defs->v[i].i != defs->v[n - 1].i) {
            defs->v[n++] = defs->v[i];
        }
    }
    defs->n = n;
}

/* Is there one write only, which all ways to `use` come by? Then no search is needed. */
static bool has_one_def(struct reaching *r, uint32_t use, struct wanted wanted, struct defs *defs)
{
    uint32_t first = r->first_writer[key_of(r, wanted)];
    bool one = r->first_writer[key_of(r, wanted) + 1] - first == 1;

    if (!one || !cfg_op_before(r->fn->cfg, (op_id){r->writers[first]}, (op_id){use}) ||
        hit_by(r->fn->ir, &r->fn->ir->ops.v[r->writers[first]], wanted) != WRITES) {
        return false;
    }
    vec_push(r->defs_owner, defs, (op_id){r->writers[first]});
    return true;
}

/* Goes back from op `use` on all ways, each until it comes to a write of what is wanted. A block
 * that a loop comes back to is gone through again, from its end. */
static void find_defs(struct reaching *r, uint32_t use, struct wanted wanted, struct defs *defs)
{
    const struct ir_fn *ir = r->fn->ir;
    const struct cfg *cfg = r->fn->cfg;
    uint32_t b = cfg_block_of(cfg, (op_id){use});
    uint32_t end = use;
    uint32_t depth = 0;

    memset(r->seen, 0, cfg->n * sizeof *r->seen);
    for (;;) {
        bool found = add_defs(r, ir->blocks.v[b].first_op, end, wanted, defs);
        for (uint32_t p = cfg->first_pred[b]; p < cfg->first_pred[b + 1] && !found; p++) {
            if (!r->seen[cfg->preds[p]]) {
                r->seen[cfg->preds[p]] = true;
                r->stack[depth++] = cfg->preds[p];
            }
        }
        if (depth == 0) {
            break;
        }
        b = r->stack[--depth];
        end = ir->blocks.v[b].first_op + ir->blocks.v[b].n_ops;
    }
    sort_defs(defs);
}

bool reaching_any(const struct reaching *r, struct wanted wanted)
{
    uint32_t key = key_of(r, wanted);

    return r->first_writer[key] != r->first_writer[key + 1];
}

void reaching_defs(struct reaching *r, void *owner, uint32_t use, struct wanted wanted,
                   struct defs *defs)
{
    r->defs_owner = owner;
    if (has_one_def(r, use, wanted, defs)) {
        return;
    }
    const struct solution *solution = solution_of(r, wanted);
    if (solution != NULL) {
        read_solution(r, solution, use, wanted, defs);
    } else {
        find_defs(r, use, wanted, defs);
    }
}
