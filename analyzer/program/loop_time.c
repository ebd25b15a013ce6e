#include "program/loop_time.h"

#include "program/resolve.h"

enum { MAX_WRAPPERS = 3 }; /* around fork() */

/* A side of a branch, or a call, behind which the loop does not wait any more. */
struct border {
    uint32_t block; /* of the branch that tells the child from its parent; ID_NONE: a call */
    uint32_t at;    /* the successor where the child goes on; of a call, its op */
};

/* Those of one function. */
struct borders_of_fn {
    VEC(struct border) v;
    bool known; /* the function was asked for */
};

struct loop_time {
    const struct flows *flows;
    struct sources *sources;
    uint8_t *forks;            /* by fn: 1: calls fork(); 2: calls such a function; 3: ... */
    struct borders_of_fn *fns; /* by fn */
};

/* ---- the child ------------------------------------------------------------------------------- */

/* Is it what fork() has returned, or a function that forks, in a local or at once? */
static bool is_fork_result(const struct loop_time *time, fn_id fn, value_id value)
{
    const struct ir_fn *ir = time->flows->linked->fns.v[fn.i].ir;
    const struct ir_value *v = value.i == ID_NONE ? NULL : &ir->values.v[value.i];
    uint32_t local;
    bool found = false;

    if (v == NULL || (v->kind != IR_VALUE_CALL &&
                      (v->kind != IR_VALUE_READ ||
                       !place_is_local(ir, ir->ops.v[v->u.op.i].u.access.place, &local)))) {
        return false;
    }
    struct source_list list = sources_of(time->sources, NULL, fn, value);
    for (size_t i = 0; i < list.v.n && !found; i++) {
        const struct source *source = &list.v.v[i];
        if (source->kind == SOURCE_CALL) {
            const struct call *call = calls_at(time->flows->calls, source->fn, (op_id){source->at});
            found = call->model != NULL && call->model->forks;
        }
    }
    talloc_free(list.v.v);
    return found;
}

static bool is_zero(const struct ir_fn *ir, value_id value)
{
    return value.i != ID_NONE && ir->values.v[value.i].kind == IR_VALUE_INT &&
           ir->values.v[value.i].u.number == 0;
}

/* The process id that the condition asks, and the successor behind which it is 0. Where it is not
 * above 0 it may also be -1: then there is no child, and the parent seldom goes on. */
static value_id asked_by(const struct ir_fn *ir, value_id cond, uint32_t *ret_side)
{
    bool when_true = false; /* the child goes on where the condition holds */

    for (;;) {
        const struct ir_value *v = cond.i == ID_NONE ? NULL : &ir->values.v[cond.i];
        if (v == NULL) {
            return cond;
        }
        if (v->kind == IR_VALUE_UNARY && v->opcode == IR_OP_NOT) {
            when_true = !when_true;
            cond = v->u.of.a;
            continue;
        }
        bool compares = v->kind == IR_VALUE_BINARY && is_zero(ir, v->u.of.b);
        if (compares && v->opcode == IR_OP_EQ) {
            when_true = !when_true;
        }
        if (compares && (v->opcode == IR_OP_EQ || v->opcode == IR_OP_NE || v->opcode == IR_OP_GT)) {
            cond = v->u.of.a;
        }
        *ret_side = when_true ? 0 : 1;
        return cond;
    }
}

static void add(const struct loop_time *time, fn_id fn, uint32_t block, uint32_t at)
{
    vec_push(time->fns, &time->fns[fn.i].v, (struct border){block, at});
}

static void read_branch(const struct loop_time *time, fn_id fn, uint32_t b)
{
    const struct ir_fn *ir = time->flows->linked->fns.v[fn.i].ir;
    const struct ir_block *block = &ir->blocks.v[b];
    uint32_t side = 0;

    if (block->term == IR_BRANCH) {
        value_id pid = asked_by(ir, block->cond, &side);
        if (is_fork_result(time, fn, pid)) {
            add(time, fn, b, side);
        }
        return;
    }
    for (uint32_t e = 0; block->term == IR_SWITCH && e < block->n_succs; e++) {
        const struct ir_succ *succ = &ir->succs.v[block->first_succ + e];
        if (!succ->is_default && succ->low == 0 && succ->high == 0 &&
            is_fork_result(time, fn, block->cond)) {
            add(time, fn, b, e);
        }
    }
}

/* Marks who calls a function with mark `depth`. */
static void mark_callers(struct loop_time *time, uint8_t depth)
{
    const struct calls *calls = time->flows->calls;

    for (size_t i = 0; i < calls->v.n; i++) {
        const struct call *call = &calls->v.v[i];
        bool forks = depth == 0 && call->model != NULL && call->model->forks;
        for (size_t c = 0; c < call->callees.n && call->model == NULL && depth > 0; c++) {
            forks = forks || time->forks[call->callees.v[c].i] == depth;
        }
        if (forks && time->forks[call->fn.i] == 0) {
            time->forks[call->fn.i] = (uint8_t)(depth + 1);
        }
    }
}

/* ---- all of it ------------------------------------------------------------------------------- */

static void read_fn(const struct loop_time *time, fn_id fn)
{
    const struct prog_fn *body = &time->flows->linked->fns.v[fn.i];
    const struct calls *calls = time->flows->calls;

    for (uint32_t i = calls->first[fn.i]; i < calls->first[fn.i + 1]; i++) {
        const struct call *call = &calls->v.v[i];
        if (call->model != NULL && call->model->stops_loop != ARG_NONE) {
            add(time, fn, ID_NONE, call->op.i);
        }
    }
    for (uint32_t b = 0; b < body->cfg->n; b++) {
        if (body->cfg->position[b] != ID_NONE && time->forks[fn.i] != 0) {
            read_branch(time, fn, b);
        }
    }
}

struct loop_time *loop_time_build(void *owner, const struct flows *flows, struct sources *sources)
{
    struct loop_time *time = mem_new(owner, struct loop_time);
    uint32_t n = (uint32_t)flows->linked->fns.n;

    time->flows = flows;
    time->sources = sources;
    time->forks = mem_array(time, uint8_t, n + 1);
    for (uint8_t depth = 0; depth < MAX_WRAPPERS; depth++) {
        mark_callers(time, depth);
    }
    time->fns = mem_array(time, struct borders_of_fn, n + 1);
    return time;
}

/* Few functions are ever asked for: those that callbacks come to. */
static const struct borders_of_fn *borders_of(const struct loop_time *time, fn_id fn)
{
    struct borders_of_fn *of = &time->fns[fn.i];

    if (!of->known) {
        of->known = true;
        read_fn(time, fn);
    }
    return of;
}

bool loop_time_at(const struct loop_time *time, fn_id fn, op_id op)
{
    const struct cfg *cfg = time->flows->linked->fns.v[fn.i].cfg;
    const struct borders_of_fn *of = borders_of(time, fn);

    for (size_t i = 0; i < of->v.n; i++) {
        const struct border *border = &of->v.v[i];
        bool behind = border->block == ID_NONE
                          ? border->at != op.i &&
                                (cfg_op_before(cfg, (op_id){border->at}, op) ||
                                 (op.i < border->at &&
                                  cfg_block_of(cfg, op) == cfg_block_of(cfg, (op_id){border->at})))
                          : cfg_side_of(cfg, border->block, cfg_block_of(cfg, op)) == border->at;
        if (behind) {
            return false;
        }
    }
    return true;
}
