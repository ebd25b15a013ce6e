#include "program/errand_modes.h"

#include "program/resolve.h"

/* ---- candidates ------------------------------------------------------------------------------ */

/* The variable that an op of `fn` uses; PATH_NONE: it is no certain object. */
static path_id variable_at(const struct flows *flows, fn_id fn, op_id op)
{
    const struct ir_fn *ir = flows->linked->fns.v[fn.i].ir;
    const struct ir_op *o = &ir->ops.v[op.i];
    uint32_t local;

    if (o->kind == IR_CALL || place_is_local(ir, o->u.access.place, &local)) {
        return PATH_NONE;
    }
    path_id path = flow_place(flows, fn, o->u.access.place);
    return !path_is_none(path) && path_is_exact(flows->paths, path) ? path : PATH_NONE;
}

/* Is `variable`, which is one certain object, what an op of `fn` uses? */
static bool uses(const struct flows *flows, fn_id fn, op_id op, path_id variable)
{
    const struct ir_fn *ir = flows->linked->fns.v[fn.i].ir;
    const struct ir_op *o = &ir->ops.v[op.i];
    uint32_t local;

    return o->kind != IR_CALL && !place_is_local(ir, o->u.access.place, &local) &&
           path_eq(flow_place(flows, fn, o->u.access.place), variable);
}

/* The constants that an op of `fn` may store; none: it stores something else, or nothing. */
static struct param_values stored_at(const struct flows *flows, fn_id fn, op_id op)
{
    const struct ir_fn *ir = flows->linked->fns.v[fn.i].ir;
    const struct ir_op *o = &ir->ops.v[op.i];
    struct param_values none = {.known = false};

    if (o->kind != IR_WRITE || o->u.access.value.i == ID_NONE) {
        return none;
    }
    const struct ir_value *v = &ir->values.v[o->u.access.value.i];
    if (v->kind == IR_VALUE_INT) {
        return (struct param_values){.known = true, .n = 1, .v = {v->u.number}};
    }
    uint32_t param = errand_stored_param(flows, fn, o->u.access.value);
    return param == ID_NONE ? none : *params_of(flows->params, fn, param);
}

/* Is the variable written, or any function called, between the two ops? */
static bool may_change_between(const struct flows *flows, fn_id fn, op_id from, op_id to,
                               path_id variable, const struct errand_flag *flag)
{
    const struct prog_fn *body = &flows->linked->fns.v[fn.i];

    for (uint32_t i = 0; i < body->ir->ops.n; i++) {
        const struct ir_op *op = &body->ir->ops.v[i];
        bool is_call = op->kind == IR_CALL && errand_flag_touch(flag, fn, (op_id){i}) == NULL &&
                       calls_at(flows->calls, fn, (op_id){i})->callees.n > 0;
        bool writes =
            (op->kind == IR_WRITE || op->kind == IR_RMW) && uses(flows, fn, (op_id){i}, variable);
        if ((is_call || writes) && i != from.i && cfg_op_between(body->cfg, from, (op_id){i}, to)) {
            return true;
        }
    }
    return false;
}

/* The constants that the variable may have at `give`, as the function sets it before. */
static struct param_values values_at(const struct flows *flows, const struct touch *give,
                                     path_id variable, const struct errand_flag *flag)
{
    const struct prog_fn *body = &flows->linked->fns.v[give->fn.i];
    struct param_values none = {.known = false};

    for (uint32_t i = 0; i < body->ir->ops.n; i++) {
        if (uses(flows, give->fn, (op_id){i}, variable) && body->ir->ops.v[i].kind == IR_WRITE &&
            cfg_op_before(body->cfg, (op_id){i}, give->op) &&
            !may_change_between(flows, give->fn, (op_id){i}, give->op, variable, flag)) {
            return stored_at(flows, give->fn, (op_id){i});
        }
    }
    return none;
}

static bool add_value(struct errand_mode *mode, int64_t value)
{
    for (uint32_t v = 0; v < mode->n; v++) {
        if (mode->values[v] == value) {
            return true;
        }
    }
    if (mode->n < MAX_MODE_VALUES) {
        mode->values[mode->n++] = value;
        return true;
    }
    return false;
}

/* Fills mode->values. False: some giver does not set it to constants, or there are too many. */
static bool find_values(const struct flows *flows, const struct errand_flag *flag,
                        struct errand_mode *mode)
{
    for (size_t i = 0; i < flag->touches.n; i++) {
        if (flag->touches.v[i].kind != TOUCH_GIVE) {
            continue;
        }
        struct param_values values = values_at(flows, &flag->touches.v[i], mode->variable, flag);
        bool known = values.known;
        for (uint32_t v = 0; v < values.n && known; v++) {
            known = add_value(mode, values.v[v]);
        }
        if (!known) {
            return false;
        }
    }
    return mode->n > 0;
}

static void find_uses(void *owner, const struct flows *flows, struct errand_mode *mode)
{
    mode->asks = mem_array(owner, bool, flows->linked->fns.n + 1);
    for (uint32_t f = 0; f < flows->linked->fns.n; f++) {
        const struct ir_fn *ir = flows->linked->fns.v[f].ir;
        size_t before = mode->writes.n;
        for (uint32_t i = 0; i < ir->ops.n; i++) {
            if (!uses(flows, (fn_id){f}, (op_id){i}, mode->variable)) {
                continue;
            }
            if (ir->ops.v[i].kind == IR_READ) {
                mode->asks[f] = true;
            } else {
                vec_push(owner, &mode->writes, (struct site){f, i});
            }
        }
        mode->asks[f] = mode->asks[f] && mode->writes.n == before;
    }
}

static bool is_known(const struct errand_modes *modes, path_id variable)
{
    for (size_t i = 0; i < modes->v.n; i++) {
        if (path_eq(modes->v.v[i].variable, variable)) {
            return true;
        }
    }
    return false;
}

struct errand_modes errand_modes_find(void *owner, const struct errand_flags *flags,
                                      const struct errand_flag *flag)
{
    const struct flows *flows = flags->map->contexts->flows;
    struct errand_modes modes = {.v = {NULL, 0}};
    const struct touch *give = flag->touches.v;

    while (give->kind != TOUCH_GIVE) { /* there is one */
        give++;
    }
    const struct ir_fn *ir = flows->linked->fns.v[give->fn.i].ir;
    for (uint32_t i = 0; i < ir->ops.n; i++) {
        struct errand_mode mode = {.variable = variable_at(flows, give->fn, (op_id){i})};
        if (!path_is_none(mode.variable) && ir->ops.v[i].kind == IR_WRITE &&
            errand_flag_touch(flag, give->fn, (op_id){i}) == NULL &&
            !is_known(&modes, mode.variable) && find_values(flows, flag, &mode)) {
            find_uses(owner, flows, &mode);
            vec_push(owner, &modes.v, mode);
        }
    }
    return modes;
}

/* ---- what they rule out ---------------------------------------------------------------------- */

/* What a branch asks of a mode: is it `low` to `high`? */
struct question {
    op_id read;
    int64_t low;
    int64_t high;
    bool inside; /* the side wants it in there; else outside */
};

static bool is_read_of(const struct flows *flows, fn_id fn, path_id variable, value_id value,
                       op_id *ret)
{
    const struct ir_fn *ir = flows->linked->fns.v[fn.i].ir;

    value = resolve_value(flows->v[fn.i].resolver, value);
    if (value.i == ID_NONE || ir->values.v[value.i].kind != IR_VALUE_READ) {
        return false;
    }
    *ret = ir->values.v[value.i].u.op;
    return uses(flows, fn, *ret, variable);
}

/* What side `side` of block `b` says of the variable. False: nothing. */
static bool question_of(const struct flows *flows, fn_id fn, uint32_t b, uint32_t side,
                        path_id variable, struct question *ret)
{
    const struct ir_fn *ir = flows->linked->fns.v[fn.i].ir;
    const struct ir_block *block = &ir->blocks.v[b];
    value_id value = block->cond;

    if (block->term == IR_SWITCH) {
        const struct ir_succ *succ = &ir->succs.v[block->first_succ + side];
        *ret = (struct question){.low = succ->low, .high = succ->high, .inside = true};
        return !succ->is_default && is_read_of(flows, fn, variable, value, &ret->read);
    }
    *ret = (struct question){.inside = side == 1};
    while (value.i != ID_NONE && ir->values.v[value.i].kind == IR_VALUE_UNARY &&
           ir->values.v[value.i].opcode == IR_OP_NOT) {
        value = ir->values.v[value.i].u.of.a;
        ret->inside = !ret->inside;
    }
    if (block->term != IR_BRANCH || value.i == ID_NONE) {
        return false;
    }
    const struct ir_value *v = &ir->values.v[value.i];
    if (v->kind == IR_VALUE_BINARY && (v->opcode == IR_OP_EQ || v->opcode == IR_OP_NE) &&
        ir->values.v[v->u.of.b.i].kind == IR_VALUE_INT) {
        ret->low = ret->high = ir->values.v[v->u.of.b.i].u.number;
        ret->inside = (v->opcode == IR_OP_EQ) != ret->inside;
        value = v->u.of.a;
    }
    return is_read_of(flows, fn, variable, value, &ret->read);
}

static bool has_answer(const struct errand_mode *mode, const struct question *question)
{
    for (uint32_t i = 0; i < mode->n; i++) {
        bool in = mode->values[i] >= question->low && mode->values[i] <= question->high;
        if (in == question->inside) {
            return true;
        }
    }
    return false;
}

bool errand_modes_exclude(const struct errand_modes *modes, const struct errand_flags *flags,
                          const struct errand_flag *flag, fn_id fn, op_id op, bool inside)
{
    const struct flows *flows = flags->map->contexts->flows;
    const struct cfg *cfg = flows->linked->fns.v[fn.i].cfg;
    uint32_t to = cfg_block_of(cfg, op);

    for (size_t m = 0; m < modes->v.n; m++) {
        const struct errand_mode *mode = &modes->v.v[m];
        for (uint32_t b = to; mode->asks[fn.i] && b != ID_NONE && cfg->idom[b] != b;) {
            struct question question;
            b = cfg->idom[b];
            uint32_t side = b == ID_NONE ? ID_NONE : cfg_side_of(cfg, b, to);
            if (side != ID_NONE && question_of(flows, fn, b, side, mode->variable, &question) &&
                !has_answer(mode, &question) &&
                (inside || errand_flag_away(flags, flag, fn, question.read))) {
                return true;
            }
        }
    }
    return false;
}
