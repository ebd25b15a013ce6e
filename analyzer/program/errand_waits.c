#include "program/errand_flags.h"

#include "program/depends.h"
#include "program/resolve.h"

static const struct prog_fn *body_of(const struct flows *flows, fn_id fn)
{
    return &flows->linked->fns.v[fn.i];
}

/* ---- branches on the flag -------------------------------------------------------------------- */

/* The side of a branch where the value it asks is 0, and that value; ID_NONE: it asks something
 * else. */
static uint32_t zero_side(const struct flows *flows, fn_id fn, uint32_t b, value_id *ret)
{
    const struct ir_fn *ir = body_of(flows, fn)->ir;
    value_id value = ir->blocks.v[b].cond;
    uint32_t side = 1;

    if (ir->blocks.v[b].term != IR_BRANCH) {
        return ID_NONE;
    }
    for (;;) {
        value = resolve_value(flows->v[fn.i].resolver, value);
        if (value.i == ID_NONE) {
            return ID_NONE;
        }
        const struct ir_value *v = &ir->values.v[value.i];
        bool compares = v->kind == IR_VALUE_BINARY && errand_is_zero(ir, v->u.of.b) &&
                        (v->opcode == IR_OP_EQ || v->opcode == IR_OP_NE || v->opcode == IR_OP_GT);
        if (compares || (v->kind == IR_VALUE_UNARY && v->opcode == IR_OP_NOT)) {
            side = v->opcode == IR_OP_EQ || v->opcode == IR_OP_NOT ? 1 - side : side;
            value = v->u.of.a;
            continue;
        }
        *ret = value;
        return side;
    }
}

/* The side of block `b` on which the flag that was looked at is set; ID_NONE. */
static uint32_t set_side(const struct flows *flows, const struct errand_flag *flag, fn_id fn,
                         uint32_t b)
{
    const struct ir_fn *ir = body_of(flows, fn)->ir;
    value_id value;
    uint32_t zero = zero_side(flows, fn, b, &value);

    if (zero == ID_NONE || (ir->values.v[value.i].kind != IR_VALUE_READ &&
                            ir->values.v[value.i].kind != IR_VALUE_CALL)) {
        return ID_NONE;
    }
    return errand_is_look(flag, fn, ir->values.v[value.i].u.op) ? 1 - zero : ID_NONE;
}

static uint32_t succ_of(const struct ir_fn *ir, uint32_t b, uint32_t side)
{
    return ir->succs.v[ir->blocks.v[b].first_succ + side].block.i;
}

/* Is it one flag, not one of many? */
static bool is_one(const struct paths *paths, path_id path)
{
    enum path_kind root = path_get(paths, path_get(paths, path)->root)->kind;

    if (path_is_exact(paths, path)) {
        return true;
    }
    for (path_id at = path; !path_is_none(at); at = path_get(paths, at)->parent) {
        const struct path_node *node = path_get(paths, at);
        if (node->kind == STEP_INDEX && node->a == PATH_INDEX_ANY) {
            return false;
        }
    }
    return root == ROOT_PARAM;
}

/* The loop that has seen `given` reset once it is left, where its block `b` leaves a loop only when
 * `look` is 0: the loop around `b` for one flag; for many a loop around the looks at each. ID_NONE.
 */
static uint32_t waiting_loop(const struct flows *flows, const struct touch *given,
                             const struct touch *look, uint32_t b)
{
    const struct cfg *cfg = body_of(flows, given->fn)->cfg;
    uint32_t loop = cfg->loop_head[b];
    uint32_t looks = cfg->loop_head[cfg_block_of(cfg, look->op)];

    if (loop == ID_NONE || path_is_none(given->path) || path_is_none(look->path)) {
        return ID_NONE;
    }
    if (is_one(flows->paths, look->path)) {
        return path_eq(given->path, look->path) ? loop : ID_NONE;
    }
    if (!cfg_op_repeats(cfg, given->op)) {
        return ID_NONE;
    }
    return looks != ID_NONE && looks != loop && cfg_in_loop(cfg, looks, loop) ? loop
                                                                              : cfg->loop_up[loop];
}

/* Does block `b` end the wait for all that the function gives? The loop that is left then. */
static uint32_t ended_wait(const struct flows *flows, const struct errand_flag *flag, fn_id fn,
                           struct depends *depends, uint32_t b)
{
    const struct prog_fn *body = body_of(flows, fn);
    value_id value;
    uint32_t side = zero_side(flows, fn, b, &value);
    uint32_t loop = ID_NONE;

    if (side == ID_NONE || body->cfg->loop_head[b] == ID_NONE ||
        cfg_in_loop(body->cfg, succ_of(body->ir, b, side), body->cfg->loop_head[b]) ||
        !errand_tells_only(flag, fn, depends, b)) {
        return ID_NONE;
    }
    const struct touch *look = errand_flag_touch(flag, fn, depends_of_block(depends, b)->v[0]);
    for (size_t i = 0; i < flag->touches.n; i++) {
        const struct touch *touch = &flag->touches.v[i];
        if (touch->fn.i != fn.i || touch->kind != TOUCH_GIVE) {
            continue;
        }
        uint32_t left = waiting_loop(flows, touch, look, b);
        if (left == ID_NONE || cfg_in_loop(body->cfg, cfg_block_of(body->cfg, touch->op), left)) {
            return ID_NONE;
        }
        loop = left;
    }
    return loop;
}

/* Sets closes[succ] for the edges on which all helpers are seen to be back. */
static void find_closing(const struct flows *flows, const struct errand_flag *flag, fn_id fn,
                         bool *closes)
{
    const struct prog_fn *body = body_of(flows, fn);
    struct depends *depends = depends_new(NULL, body);

    for (uint32_t b = 0; b < body->cfg->n; b++) {
        uint32_t loop = ended_wait(flows, flag, fn, depends, b);
        value_id value;
        if (loop == ID_NONE) {
            continue;
        }
        if (loop == body->cfg->loop_head[b]) {
            uint32_t side = zero_side(flows, fn, b, &value);
            closes[body->ir->blocks.v[b].first_succ + side] = true;
            continue;
        }
        const struct ir_block *head = &body->ir->blocks.v[loop];
        for (uint32_t e = 0; e < head->n_succs; e++) { /* for (each) while (flag[i]) ; */
            closes[head->first_succ + e] |=
                !cfg_in_loop(body->cfg, succ_of(body->ir, loop, e), loop);
        }
    }
    talloc_free(depends);
}

/* ---- through a function ---------------------------------------------------------------------- */

/* `away` behind the ops of block `b` before `end`. */
static bool away_after(const struct flows *flows, const struct errand_flag *flag, fn_id fn,
                       uint32_t b, uint32_t end, bool away)
{
    const struct ir_fn *ir = body_of(flows, fn)->ir;

    for (uint32_t i = ir->blocks.v[b].first_op; i < end && away; i++) {
        const struct touch *touch = errand_flag_touch(flag, fn, (op_id){i});
        away = (touch == NULL || touch->kind == TOUCH_LOOK) &&
               (ir->ops.v[i].kind != IR_CALL ||
                !errand_call_resets(flag, calls_at(flows->calls, fn, (op_id){i})));
    }
    return away;
}

static bool open_after(const struct flows *flows, const struct errand_flag *flag, fn_id fn,
                       uint32_t b, uint32_t end, bool open)
{
    const struct ir_fn *ir = body_of(flows, fn)->ir;

    for (uint32_t i = ir->blocks.v[b].first_op; i < end && !open; i++) {
        const struct touch *touch = errand_flag_touch(flag, fn, (op_id){i});
        open = touch != NULL && touch->kind == TOUCH_GIVE;
    }
    return open;
}

static uint32_t end_of(const struct ir_fn *ir, uint32_t b)
{
    return ir->blocks.v[b].first_op + ir->blocks.v[b].n_ops;
}

/* Hands the state behind block `b` to those that follow. True: something changed. */
static bool flow_block(const struct flows *flows, const struct errand_flag *flag, fn_id fn,
                       struct errand_fn *info, const bool *closes, uint32_t b)
{
    const struct ir_fn *ir = body_of(flows, fn)->ir;
    bool away = away_after(flows, flag, fn, b, end_of(ir, b), info->away[b]);
    bool open = open_after(flows, flag, fn, b, end_of(ir, b), info->open[b]);
    uint32_t set = set_side(flows, flag, fn, b);
    bool changed = false;

    for (uint32_t e = 0; e < ir->blocks.v[b].n_succs; e++) {
        uint32_t to = succ_of(ir, b, e);
        bool away_there = set == ID_NONE ? away : e == set;
        bool open_there = open && !closes[ir->blocks.v[b].first_succ + e];
        changed |= (info->away[to] && !away_there) || (!info->open[to] && open_there);
        info->away[to] = info->away[to] && away_there;
        info->open[to] = info->open[to] || open_there;
    }
    return changed;
}

struct errand_fn *errand_fn_new(void *owner, const struct flows *flows,
                                const struct errand_flag *flag, fn_id fn)
{
    const struct prog_fn *body = body_of(flows, fn);
    struct errand_fn *info = mem_new(owner, struct errand_fn);
    bool *closes = mem_array(info, bool, body->ir->succs.n + 1);

    info->open = mem_array(info, bool, body->cfg->n + 1);
    info->away = mem_array(info, bool, body->cfg->n + 1);
    info->waits = true;
    for (uint32_t b = 1; b < body->cfg->n; b++) {
        info->away[b] = true;
    }
    find_closing(flows, flag, fn, closes);
    for (bool changed = true; changed;) { /* ends: `away` only gets less, `open` more */
        changed = false;
        for (uint32_t o = 0; o < body->cfg->n_order; o++) {
            changed |= flow_block(flows, flag, fn, info, closes, body->cfg->order[o]);
        }
    }
    for (uint32_t b = 0; b < body->cfg->n; b++) {
        info->waits =
            info->waits && (body->ir->blocks.v[b].term != IR_RETURN ||
                            !open_after(flows, flag, fn, b, end_of(body->ir, b), info->open[b]));
    }
    return info;
}

bool errand_flag_away(const struct errand_flags *flags, const struct errand_flag *flag, fn_id fn,
                      op_id op)
{
    const struct flows *flows = flags->map->contexts->flows;
    const struct errand_fn *info = flag->fns[fn.i];
    uint32_t b = cfg_block_of(body_of(flows, fn)->cfg, op);

    return info != NULL && away_after(flows, flag, fn, b, op.i, info->away[b]);
}

bool errand_flag_open(const struct errand_flags *flags, const struct errand_flag *flag, fn_id fn,
                      op_id op)
{
    const struct flows *flows = flags->map->contexts->flows;
    const struct errand_fn *info = flag->fns[fn.i];
    uint32_t b = cfg_block_of(body_of(flows, fn)->cfg, op);

    return info != NULL && open_after(flows, flag, fn, b, op.i + 1, info->open[b]);
}
