/* Places and values while a function is made; integer constants are folded. */
#include "frontend/builder.h"

/* A longer access path says nothing that an analysis could use, and each place has a copy of all
 * its steps: past this it starts anew from an unknown value. */
enum { STEPS_MAX = 48 };

place_id place_of_local(struct builder *b, local_id local)
{
    return ir_place_add(b->fn, IR_BASE_LOCAL, local.i, NULL, 0);
}

place_id place_of_value(struct builder *b, value_id value)
{
    return ir_place_add(b->fn, IR_BASE_VALUE, value.i, NULL, 0);
}

place_id place_extend(struct builder *b, place_id base, enum ir_step_kind kind, uint32_t arg)
{
    struct ir_place place = b->fn->places.v[base.i];
    struct ir_step steps[STEPS_MAX + 1];

    if (place.n_steps >= STEPS_MAX) {
        place = b->fn->places.v[place_of_value(b, value_unknown(b)).i];
    }
    for (uint32_t i = 0; i < place.n_steps; i++) {
        steps[i] = b->fn->steps.v[place.first_step + i];
    }
    steps[place.n_steps] = (struct ir_step){kind, arg};
    return ir_place_add(b->fn, place.base_kind, place.base, steps, place.n_steps + 1);
}

bool place_is_plain_local(const struct builder *b, place_id place)
{
    const struct ir_place *at = &b->fn->places.v[place.i];

    return at->base_kind == IR_BASE_LOCAL && at->n_steps == 0 &&
           (b->fn->locals.v[at->base].flags &
            (IR_LOCAL_ADDRESS_TAKEN | IR_LOCAL_CLEANUP | IR_LOCAL_VOLATILE)) == 0;
}

value_id value_unknown(struct builder *b)
{
    return ir_value_add(b->fn, (struct ir_value){.kind = IR_VALUE_UNKNOWN});
}

value_id value_int(struct builder *b, int64_t number)
{
    return ir_value_add(b->fn, (struct ir_value){.kind = IR_VALUE_INT, .u.number = number});
}

value_id value_fn(struct builder *b, sym_id sym)
{
    return ir_value_add(b->fn, (struct ir_value){.kind = IR_VALUE_FN, .u.sym = sym});
}

/* The address of a local itself, or of a part of it, is out from here on. */
static void mark_taken(struct builder *b, const struct ir_place *place)
{
    if (place->base_kind != IR_BASE_LOCAL) {
        return;
    }
    for (uint32_t i = 0; i < place->n_steps; i++) {
        if (b->fn->steps.v[place->first_step + i].kind == IR_STEP_DEREF) {
            return;
        }
    }
    b->fn->locals.v[place->base].flags |= IR_LOCAL_ADDRESS_TAKEN;
}

value_id value_addr(struct builder *b, place_id place)
{
    mark_taken(b, &b->fn->places.v[place.i]);
    return ir_value_add(b->fn, (struct ir_value){.kind = IR_VALUE_ADDR, .u.place = place});
}

const struct ir_value *value_get(const struct builder *b, value_id value)
{
    return &b->fn->values.v[value.i];
}

bool value_is_int(const struct builder *b, value_id value, int64_t *ret_number)
{
    if (value.i == ID_NONE || value_get(b, value)->kind != IR_VALUE_INT) {
        return false;
    }
    *ret_number = value_get(b, value)->u.number;
    return true;
}

/* ---- folding --------------------------------------------------------------------------------- */

value_id value_unary(struct builder *b, enum ir_opcode opcode, value_id a)
{
    struct ir_value value = {.kind = IR_VALUE_UNARY, .opcode = opcode};
    int64_t n = 0;

    if (value_is_int(b, a, &n)) {
        if (opcode == IR_OP_NEG) {
            return value_int(b, (int64_t)(0 - (uint64_t)n));
        }
        if (opcode == IR_OP_BITNOT) {
            return value_int(b, ~n);
        }
        if (opcode == IR_OP_NOT) {
            return value_int(b, n == 0);
        }
    }
    value.u.of.a = a;
    value.u.of.b.i = ID_NONE;
    return ir_value_add(b->fn, value);
}

/* Two's complement without overflow; false where C leaves the result open or IR has no need. */
static bool fold(enum ir_opcode opcode, int64_t x, int64_t y, int64_t *ret_number)
{
    uint64_t a = (uint64_t)x;
    uint64_t c = (uint64_t)y;

    switch (opcode) {
    case IR_OP_ADD:
        *ret_number = (int64_t)(a + c);
        return true;
    case IR_OP_SUB:
        *ret_number = (int64_t)(a - c);
        return true;
    case IR_OP_MUL:
        *ret_number = (int64_t)(a * c);
        return true;
    case IR_OP_SHL:
        *ret_number = c < 64 ? (int64_t)(a << c) : 0;
        return c < 64;
    case IR_OP_AND:
        *ret_number = x & y;
        return true;
    case IR_OP_OR:
        *ret_number = x | y;
        return true;
    case IR_OP_XOR:
        *ret_number = x ^ y;
        return true;
    case IR_OP_EQ:
        *ret_number = x == y;
        return true;
    case IR_OP_NE:
        *ret_number = x != y;
        return true;
    case IR_OP_NONE:
    case IR_OP_NEG:
    case IR_OP_NOT:
    case IR_OP_BITNOT:
    case IR_OP_DIV:
    case IR_OP_REM:
    case IR_OP_SHR:
    case IR_OP_LT: /* these depend on signedness, which values don't carry */
    case IR_OP_LE:
    case IR_OP_GT:
    case IR_OP_GE:
    case IR_OP_EXCHANGE:
    case IR_OP_CAS:
        return false;
    }
    return false;
}

value_id value_binary(struct builder *b, enum ir_opcode opcode, value_id a, value_id b_value)
{
    struct ir_value value = {.kind = IR_VALUE_BINARY, .opcode = opcode};
    int64_t x = 0;
    int64_t y = 0;

    if (value_is_int(b, a, &x) && value_is_int(b, b_value, &y) && fold(opcode, x, y, &x)) {
        return value_int(b, x);
    }
    value.u.of.a = a;
    value.u.of.b = b_value;
    return ir_value_add(b->fn, value);
}
