/* What the answers of a function tell of: its result, and what it stores for its caller. */
#include "program/effects_look.h"

#include "program/resolve.h"

#include <string.h>

enum { MAX_MEMBERS = 8 }; /* of a local struct that is returned */

/* Where an answer is given: the result, or a member of it, or behind an argument. */
struct answer {
    uint32_t slot;
    uint32_t field; /* program's */
};

static uint32_t program_field(const struct look *look, uint32_t field)
{
    return field == ID_NONE ? ID_NONE
                            : linked_field(look->effects->flows->linked, look->body, field);
}

/* A member of the struct that the effect tells of. */
static path_id member_of(const struct look *look, path_id path, uint32_t field)
{
    return field == ID_NONE ? path
                            : path_step(look->effects->flows->paths, path, STEP_FIELD, field);
}

static bool is_struct_type(const char *type)
{
    const char *last = strrchr(type, '|');
    size_t n = strlen(type);

    last = last == NULL ? type : last + 1;
    return n > 0 && type[n - 1] != '*' &&
           (strncmp(last, "struct ", 7) == 0 || strncmp(last, "union ", 6) == 0);
}

/* Is it a whole struct? Then its members can be shared though all of it at once is not. */
static bool is_struct(const struct look *look, path_id path)
{
    const struct flows *flows = look->effects->flows;
    const struct path_node *node = path_get(flows->paths, path);

    if (node->kind == STEP_FIELD) {
        return is_struct_type(flows->linked->fields.v[node->a].type);
    }
    return node->kind == STEP_DEREF ||
           (node->kind == ROOT_VAR && is_struct_type(flows->linked->syms.v[node->a].ir->type));
}

static void add_told(struct look *look, struct effect told)
{
    if (look_is_worth_it(look, &told) || is_struct(look, told.path)) {
        effects_add(&look->found.n_told, look->found.told, told);
    }
}

static void add_told_of_call(struct look *look, struct answer answer,
                             const struct fn_effects *of_call, uint32_t slot, uint32_t field)
{
    for (uint32_t i = 0; of_call != NULL && i < of_call->n_told; i++) {
        struct effect told = of_call->told[i];
        uint32_t given = told.field;
        if (told.slot != slot || (given != ID_NONE && field != ID_NONE && given != field)) {
            continue;
        }
        told.path = member_of(look, told.path, given == ID_NONE ? field : ID_NONE);
        told.slot = answer.slot;
        told.field = answer.field == ID_NONE && field == ID_NONE ? given : answer.field;
        add_told(look, told);
    }
}

static void add_told_of_part(struct look *look, struct answer answer, const struct part *part)
{
    const struct deed_of_op *deed = &look->ops[part->op.i];
    uint32_t field = program_field(look, part->field);

    add_told_of_call(look, answer, deed->call, part->slot, field);
    if (!path_is_none(deed->own)) {
        add_told(look, (struct effect){.path = member_of(look, deed->own, field),
                                       .slot = answer.slot,
                                       .field = answer.field,
                                       .atomic = look_is_atomic(look, part->op)});
    }
}

static void add_told_of(struct look *look, struct answer answer, const struct op_list *ops)
{
    for (size_t i = 0; i < ops->parts.n; i++) {
        add_told_of_part(look, answer, &ops->parts.v[i]);
    }
}

static uint32_t add_member(uint32_t *members, uint32_t n, uint32_t field)
{
    for (uint32_t i = 0; i < n; i++) {
        if (members[i] == field) {
            return n;
        }
    }
    members[n] = field;
    return n + 1;
}

/* Members of a local struct that the function stores to one by one. */
static uint32_t members_of(const struct ir_fn *ir, uint32_t local, uint32_t *members)
{
    uint32_t n = 0;
    uint32_t written;
    uint32_t field;

    for (size_t i = 0; i < ir->ops.n && n < MAX_MEMBERS; i++) {
        const struct ir_op *op = &ir->ops.v[i];
        uint32_t n_args = op->kind == IR_CALL ? op->u.call.n_args : 0;
        if ((op->kind == IR_WRITE || op->kind == IR_RMW) &&
            place_in_local(ir, op->u.access.place, &written, &field) && written == local &&
            field != ID_NONE) {
            n = add_member(members, n, field);
        }
        for (uint32_t a = 0; a < n_args && n < MAX_MEMBERS; a++) {
            if (call_fills_local(ir, op, a, &written, &field) && written == local &&
                field != ID_NONE) {
                n = add_member(members, n, field);
            }
        }
    }
    return n;
}

/* All that `value` is made from; a struct also member by member. */
static void add_told_by(struct look *look, struct answer answer, value_id value)
{
    const struct ir_fn *ir = look->body->ir;
    const struct ir_value *v = value.i == ID_NONE ? NULL : &ir->values.v[value.i];
    uint32_t members[MAX_MEMBERS];
    uint32_t local;

    if (v == NULL || v->kind == IR_VALUE_INT) {
        return;
    }
    add_told_of(look, answer, depends_of_value(look_depends(look), value));
    if (v->kind == IR_VALUE_READ && answer.field == ID_NONE &&
        place_is_local(ir, ir->ops.v[v->u.op.i].u.access.place, &local) &&
        is_struct_type(ir->locals.v[local].type)) {
        uint32_t n = members_of(ir, local, members);
        for (uint32_t i = 0; i < n; i++) {
            struct answer member = {answer.slot, program_field(look, members[i])};
            add_told_of(look, member, depends_of_member(look_depends(look), value, members[i]));
        }
    }
}

/* What a callee stores for this function's caller. */
static void add_handed_on(struct look *look, op_id op)
{
    const struct flows *flows = look->effects->flows;
    const struct call *call = calls_at(flows->calls, look->fn, op);
    uint32_t n_args = look->body->ir->ops.v[op.i].u.call.n_args;
    uint32_t param;
    uint32_t field;

    for (uint32_t i = 0; i < n_args && i < MAX_PARAMS; i++) {
        if (out_params_handed_on(flows, call, i, &param, &field) &&
            out_params_has(look->effects->out_params, look->fn, param)) {
            struct answer answer = {param, program_field(look, field)};
            add_told_of_call(look, answer, look->ops[op.i].call, i, ID_NONE);
        }
    }
}

void look_find_told(struct look *look)
{
    const struct ir_fn *ir = look->body->ir;
    const struct out_params *out_params = look->effects->out_params;
    uint32_t param;
    uint32_t field;

    for (uint32_t b = 0; b < ir->blocks.n; b++) {
        if (ir->blocks.v[b].term == IR_RETURN) {
            add_told_by(look, (struct answer){SLOT_RESULT, ID_NONE}, ir->blocks.v[b].cond);
        }
    }
    for (uint32_t i = 0; i < ir->ops.n && out_params_any(out_params, look->fn); i++) {
        const struct ir_op *op = &ir->ops.v[i];
        if (op->kind == IR_CALL) {
            add_handed_on(look, (op_id){i});
        } else if (op->kind == IR_WRITE &&
                   out_params_place(look->effects->flows, look->fn, op->u.access.place, &param,
                                    &field) &&
                   out_params_has(out_params, look->fn, param)) {
            struct answer answer = {param, program_field(look, field)};
            add_told_by(look, answer, op->u.access.value);
        }
    }
}
