#include "program/order.h"

#include "program/resolve.h"

#include <string.h>

/* ---- what is compared ------------------------------------------------------------------------ */

/* Does a value name (a pointer to, or a member of) an object of the record that holds the lock? */
static bool names_instance(const struct flows *flows, fn_id fn, value_id value, uint32_t record)
{
    const struct linked *linked = flows->linked;
    const struct ir_fn *ir = linked->fns.v[fn.i].ir;
    const struct ir_value *v = value.i == ID_NONE ? NULL : &ir->values.v[value.i];
    uint32_t local;

    if (v == NULL || v->kind != IR_VALUE_READ) {
        return false;
    }
    place_id place = ir->ops.v[v->u.op.i].u.access.place;
    if (place_is_local(ir, place, &local)) {
        const char *name = linked->records.v[record].name;
        const char *type = ir->locals.v[local].type;
        return type != NULL && strstr(type, name) != NULL;
    }
    for (path_id at = flow_place(flows, fn, place); !path_is_none(at);
         at = path_get(flows->paths, at)->parent) {
        const struct path_node *node = path_get(flows->paths, at);
        if (node->kind == STEP_FIELD && linked->fields.v[node->a].record == record) {
            return true;
        }
    }
    return false;
}

/* The local that an integer or pointer is read from, casts looked through. */
static bool local_read(const struct ir_fn *ir, value_id value, uint32_t *ret_local)
{
    const struct ir_value *v = value.i == ID_NONE ? NULL : &ir->values.v[value.i];

    return v != NULL && v->kind == IR_VALUE_READ &&
           place_is_local(ir, ir->ops.v[v->u.op.i].u.access.place, ret_local);
}

/* Does a value name a variable that the function uses as an index? */
static bool names_index(const struct ir_fn *ir, value_id value)
{
    uint32_t local;
    uint32_t other;

    if (!local_read(ir, value, &local)) {
        return false;
    }
    for (size_t i = 0; i < ir->steps.n; i++) {
        const struct ir_step *step = &ir->steps.v[i];
        if (step->kind == IR_STEP_INDEX && local_read(ir, (value_id){step->arg}, &other) &&
            other == local) {
            return true;
        }
    }
    return false;
}

/* Does a value name a variable that holds a pointer to the lock itself? */
static bool names_lock(const struct ir_fn *ir, value_id value)
{
    uint32_t local;
    uint32_t other;

    if (!local_read(ir, value, &local)) {
        return false;
    }
    const char *type = ir->locals.v[local].type;
    for (size_t i = 0; i < ir->ops.n; i++) {
        const struct ir_op *op = &ir->ops.v[i];
        for (uint32_t a = 0; op->kind == IR_CALL && a < op->u.call.n_args; a++) {
            if (local_read(ir, ir->args.v[op->u.call.first_arg + a], &other) && other == local) {
                return type != NULL && strchr(type, '*') != NULL;
            }
        }
    }
    return false;
}

static bool compares_instances(const struct flows *flows, fn_id fn, path_id class,
                               const struct ir_value *v)
{
    const struct ir_fn *ir = flows->linked->fns.v[fn.i].ir;
    const struct path_node *root = path_get(flows->paths, path_root_of(flows->paths, class));

    if (v->kind != IR_VALUE_BINARY || v->opcode < IR_OP_LT || v->opcode > IR_OP_GE) {
        return false;
    }
    return (root->kind == ROOT_OBJECT && names_instance(flows, fn, v->u.of.a, root->a) &&
            names_instance(flows, fn, v->u.of.b, root->a)) ||
           (names_index(ir, v->u.of.a) && names_index(ir, v->u.of.b)) ||
           (names_lock(ir, v->u.of.a) && names_lock(ir, v->u.of.b));
}

/* ---- what the comparison decides ------------------------------------------------------------- */

/* Is `part` what `whole` is computed from? */
static bool is_part_of(const struct ir_fn *ir, uint32_t part, value_id whole)
{
    if (whole.i == ID_NONE || whole.i < part) {
        return false; /* a value depends on earlier ones only */
    }
    const struct ir_value *v = &ir->values.v[whole.i];
    bool inner = v->kind == IR_VALUE_UNARY || v->kind == IR_VALUE_BINARY;
    return whole.i == part ||
           (inner && (is_part_of(ir, part, v->u.of.a) || is_part_of(ir, part, v->u.of.b)));
}

/* Blocks that only one outcome of the branch that ends block `b` comes to. */
static bool *one_sided(const struct cfg *cfg, uint32_t b)
{
    const struct ir_fn *ir = cfg->fn;
    const struct ir_block *block = &ir->blocks.v[b];
    bool *side[2];

    for (uint32_t e = 0; e < 2; e++) {
        uint32_t to = ir->succs.v[block->first_succ + e].block.i;
        side[e] = mem_array(NULL, bool, cfg->n + 1);
        cfg_reach(cfg, to, b, side[e]);
        side[e][to] = true;
    }
    for (uint32_t i = 0; i < cfg->n; i++) {
        side[0][i] = side[0][i] != side[1][i];
    }
    talloc_free(side[1]);
    return side[0];
}

/* Does one outcome of the branch decide the way to `op`, or which object a local is? */
static bool branch_decides(const struct cfg *cfg, uint32_t b, op_id op)
{
    const struct ir_fn *ir = cfg->fn;
    bool *sided = one_sided(cfg, b);
    bool decides = sided[cfg_block_of(cfg, op)];
    uint32_t local;

    for (uint32_t i = 0; i < ir->ops.n && !decides; i++) {
        const struct ir_op *o = &ir->ops.v[i];
        decides = o->kind == IR_WRITE && sided[cfg_block_of(cfg, (op_id){i})] &&
                  place_is_local(ir, o->u.access.place, &local);
    }
    talloc_free(sided);
    return decides;
}

/* Is the value written somewhere, or handed on, for others to decide by? */
static bool is_kept(const struct ir_fn *ir, uint32_t value)
{
    for (size_t i = 0; i < ir->ops.n; i++) {
        const struct ir_op *op = &ir->ops.v[i];
        if (op->kind == IR_WRITE && is_part_of(ir, value, op->u.access.value)) {
            return true;
        }
        for (uint32_t a = 0; op->kind == IR_CALL && a < op->u.call.n_args; a++) {
            if (is_part_of(ir, value, ir->args.v[op->u.call.first_arg + a])) {
                return true;
            }
        }
    }
    return false;
}

bool order_decides(const struct flows *flows, fn_id fn, path_id class, op_id op)
{
    const struct ir_fn *ir = flows->linked->fns.v[fn.i].ir;
    const struct cfg *cfg = flows->linked->fns.v[fn.i].cfg;

    for (uint32_t i = 0; i < ir->values.n; i++) {
        if (!compares_instances(flows, fn, class, &ir->values.v[i])) {
            continue;
        }
        for (uint32_t o = 0; o < cfg->n_order; o++) {
            uint32_t b = cfg->order[o];
            const struct ir_block *block = &ir->blocks.v[b];
            if (block->term == IR_BRANCH && is_part_of(ir, i, block->cond) &&
                branch_decides(cfg, b, op)) {
                return true;
            }
        }
        if (is_kept(ir, i)) {
            return true;
        }
    }
    return false;
}
