/* What a function changes, and does not test by itself before. */
#include "program/effects_look.h"

#include "program/resolve.h"

static bool has_class(const path_id *classes, size_t n, path_id class)
{
    for (size_t i = 0; i < n; i++) {
        if (path_eq(classes[i], class)) {
            return true;
        }
    }
    return false;
}

static void add_tested(struct look *look, struct tested *tested, path_id path)
{
    path_id class = path_class(look->effects->flows->paths, path);

    if (!has_class(tested->classes.v, tested->classes.n, class)) {
        vec_push(look->depends, &tested->classes, class);
    }
}

static void add_tested_part(struct look *look, struct tested *tested, const struct part *part)
{
    const struct deed_of_op *deed = &look->ops[part->op.i];

    if (!path_is_none(deed->own)) {
        add_tested(look, tested, deed->own);
    }
    for (uint32_t i = 0; deed->call != NULL && i < deed->call->n_told; i++) {
        if (deed->call->told[i].slot == part->slot) {
            add_tested(look, tested, deed->call->told[i].path);
        }
    }
}

/* What the branch of block `b` depends on. */
static const struct tested *tested_by(struct look *look, uint32_t b)
{
    const struct op_list *ops = depends_of_block(look_depends(look), b);
    struct tested *tested = &look->tested[b];

    for (size_t i = 0; i < ops->parts.n && !tested->known; i++) {
        add_tested_part(look, tested, &ops->parts.v[i]);
    }
    tested->known = true;
    return tested;
}

/* Does the branch of block `b` depend on the variable of class `class`? */
static bool tests_class(struct look *look, uint32_t b, path_id class)
{
    const struct ir_block *block = &look->body->ir->blocks.v[b];

    if (block->term != IR_BRANCH && block->term != IR_SWITCH) {
        return false;
    }
    const struct tested *tested = tested_by(look, b);
    return has_class(tested->classes.v, tested->classes.n, class);
}

static void add_looked_for(struct look *look, path_id path)
{
    path_id class = path_class(look->effects->flows->paths, path);

    if (!has_class(look->looked_for.v, look->looked_for.n, class)) {
        vec_push(NULL, &look->looked_for, class);
    }
}

/* Does the function look at a variable of class `class` anywhere? What it does not look at it does
 * not test, and that is told sooner than what its branches depend on. */
static bool looks_for(struct look *look, path_id class)
{
    for (size_t i = 0; i < look->body->ir->ops.n && !look->looked_for_known; i++) {
        const struct deed_of_op *deed = &look->ops[i];
        if (!path_is_none(deed->own) && look->body->ir->ops.v[i].kind != IR_WRITE) {
            add_looked_for(look, deed->own);
        }
        for (uint32_t k = 0; deed->call != NULL && k < deed->call->n_told; k++) {
            add_looked_for(look, deed->call->told[k].path);
        }
    }
    look->looked_for_known = true;
    return has_class(look->looked_for.v, look->looked_for.n, class);
}

/* Does the function test `path` itself before it gets to block `b`? */
static bool tests_before(struct look *look, path_id path, uint32_t b)
{
    const struct cfg *cfg = look->body->cfg;
    path_id class = path_class(look->effects->flows->paths, path);

    if (!looks_for(look, class)) {
        return false;
    }
    while (cfg->idom[b] != ID_NONE && cfg->idom[b] != b) { /* the branches that lead to it */
        b = cfg->idom[b];
        if (tests_class(look, b, class)) {
            return true;
        }
    }
    return false;
}

int op_shift(const struct ir_fn *ir, op_id op)
{
    const struct ir_op *o = &ir->ops.v[op.i];
    value_id by = o->kind == IR_RMW ? o->u.access.value : (value_id){ID_NONE};

    if (by.i == ID_NONE || ir->values.v[by.i].kind != IR_VALUE_INT ||
        (o->u.access.opcode != IR_OP_ADD && o->u.access.opcode != IR_OP_SUB)) {
        return 0;
    }
    bool up = (o->u.access.opcode == IR_OP_ADD) == (ir->values.v[by.i].u.number > 0);
    return up ? 1 : -1;
}

/* Does the op add to a counter, or take away, atomically? */
static bool counts(const struct ir_op *op)
{
    return op->kind == IR_RMW && op->order != IR_ORDER_NONE &&
           (op->u.access.opcode == IR_OP_ADD || op->u.access.opcode == IR_OP_SUB);
}

/* Does every way through the function, from its entry to a return, come through block `b`? */
static bool is_on_all_ways(struct look *look, uint32_t b)
{
    const struct ir_fn *ir = look->body->ir;

    (void)look_depends(look);
    struct tested *at = &look->tested[b];
    if (!at->asked) {
        bool *seen = mem_array(look->depends, bool, look->body->cfg->n + 1);
        at->asked = true;
        at->on_all_ways = true;
        seen[0] = b != 0;
        if (b != 0) {
            cfg_reach(look->body->cfg, 0, b, seen);
        }
        for (uint32_t i = 0; i < ir->blocks.n; i++) {
            at->on_all_ways =
                at->on_all_ways && !(seen[i] && i != b && ir->blocks.v[i].term == IR_RETURN);
        }
        talloc_free(seen);
    }
    return at->on_all_ways;
}

static void add_changed_by_call(struct look *look, const struct fn_effects *of_call, uint32_t b)
{
    for (uint32_t i = 0; i < of_call->n_changed; i++) {
        struct effect changed = of_call->changed[i];
        if (look_is_worth_it(look, &changed) && !tests_before(look, changed.path, b)) {
            changed.at_times = changed.at_times || !is_on_all_ways(look, b);
            effects_add(&look->found.n_changed, look->found.changed, changed);
        }
    }
}

static void add_own_change(struct look *look, op_id op, path_id path)
{
    const struct ir_fn *ir = look->body->ir;
    const struct ir_op *o = &ir->ops.v[op.i];
    struct effect changed = {.path = path, .slot = SLOT_RESULT, .field = ID_NONE};
    const struct ir_value *stored =
        o->u.access.value.i == ID_NONE ? NULL : &ir->values.v[o->u.access.value.i];
    uint32_t local;

    changed.atomic = look_is_atomic(look, op);
    if (!look_is_worth_it(look, &changed)) {
        return;
    }
    changed.counts = counts(o);
    changed.shift = op_shift(ir, op);
    changed.sets = o->kind == IR_WRITE && stored != NULL &&
                   (stored->kind == IR_VALUE_INT ||
                    (stored->kind == IR_VALUE_READ &&
                     place_is_local(ir, ir->ops.v[stored->u.op.i].u.access.place, &local) &&
                     resolve_is_argument(look->effects->flows->v[look->fn.i].resolver, local)));
    effects_add(&look->found.n_changed, look->found.changed, changed);
}

void look_find_changed(struct look *look)
{
    for (uint32_t i = 0; i < look->body->ir->ops.n; i++) {
        const struct deed_of_op *deed = &look->ops[i];
        uint32_t b = cfg_block_of(look->body->cfg, (op_id){i});
        if (deed->call != NULL) {
            add_changed_by_call(look, deed->call, b);
        } else if (!path_is_none(deed->own) && look->body->ir->ops.v[i].kind != IR_READ &&
                   !tests_before(look, deed->own, b)) {
            add_own_change(look, (op_id){i}, deed->own);
        }
    }
}
