#include "program/told_by_member.h"

/* The program's number of the member that a place ends in; ID_NONE: it does not. */
static uint32_t member_of(const struct linked *linked, const struct prog_fn *fn, place_id place)
{
    const struct ir_place *p = &fn->ir->places.v[place.i];
    const struct ir_step *last =
        p->n_steps == 0 ? NULL : &fn->ir->steps.v[p->first_step + p->n_steps - 1];

    return last == NULL || last->kind != IR_STEP_FIELD ? ID_NONE
                                                       : linked_field(linked, fn, last->arg);
}

/* The member that a switch asks; ID_NONE: it asks something else. */
static uint32_t asked_member(const struct linked *linked, const struct prog_fn *fn, uint32_t block)
{
    const struct ir_block *b = &fn->ir->blocks.v[block];
    const struct ir_value *v =
        b->term != IR_SWITCH || b->cond.i == ID_NONE ? NULL : &fn->ir->values.v[b->cond.i];

    return v == NULL || v->kind != IR_VALUE_READ
               ? ID_NONE
               : member_of(linked, fn, fn->ir->ops.v[v->u.op.i].u.access.place);
}

/* Has the function stored numbers in the member before the call, and none of the case's? */
static bool stores_others(const struct linked *linked, const struct call *way, uint32_t member,
                          const struct ir_succ *side)
{
    const struct prog_fn *fn = &linked->fns.v[way->fn.i];
    bool before = false;

    for (uint32_t i = 0; i < fn->ir->ops.n; i++) {
        const struct ir_op *op = &fn->ir->ops.v[i];
        if ((op->kind != IR_WRITE && op->kind != IR_RMW) ||
            member_of(linked, fn, op->u.access.place) != member) {
            continue;
        }
        const struct ir_value *v = op->kind == IR_RMW || op->u.access.value.i == ID_NONE
                                       ? NULL
                                       : &fn->ir->values.v[op->u.access.value.i];
        if (v == NULL || v->kind != IR_VALUE_INT ||
            (v->u.number >= side->low && v->u.number <= side->high)) {
            return false;
        }
        before = before || cfg_op_before(fn->cfg, (op_id){i}, way->op);
    }
    return before;
}

/* The next switch over a member, above block *b, that decides if block `at` is come to: *b becomes
 * it. NULL: there is none. */
static const struct ir_succ *next_above(const struct linked *linked, const struct prog_fn *body,
                                        uint32_t at, uint32_t *b, uint32_t *ret_member)
{
    while (*b != 0 && *b != ID_NONE) {
        *b = body->cfg->idom[*b];
        *ret_member = *b == ID_NONE ? ID_NONE : asked_member(linked, body, *b);
        uint32_t side = *ret_member == ID_NONE ? ID_NONE : cfg_side_of(body->cfg, *b, at);
        const struct ir_succ *succ =
            side == ID_NONE ? NULL : &body->ir->succs.v[body->ir->blocks.v[*b].first_succ + side];
        if (succ != NULL && !succ->is_default) {
            return succ;
        }
    }
    return NULL;
}

bool told_by_any_member(const struct flows *flows, fn_id fn, op_id op)
{
    const struct prog_fn *body = &flows->linked->fns.v[fn.i];
    uint32_t b = cfg_block_of(body->cfg, op);
    uint32_t member;

    return next_above(flows->linked, body, b, &b, &member) != NULL;
}

bool told_by_member(const struct flows *flows, const struct call *way, fn_id fn, op_id op)
{
    const struct prog_fn *body = &flows->linked->fns.v[fn.i];
    uint32_t at = cfg_block_of(body->cfg, op);
    uint32_t b = at;
    uint32_t member;
    const struct ir_succ *succ;

    while ((succ = next_above(flows->linked, body, at, &b, &member)) != NULL) {
        if (stores_others(flows->linked, way, member, succ)) {
            return true;
        }
    }
    return false;
}
