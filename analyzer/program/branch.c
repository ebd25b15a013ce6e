#include "program/branch.h"

bool branch_subject(const struct branch *branch, value_id value, enum fact_about *ret_about,
                    uint32_t *ret_id)
{
    const struct ir_value *v = &branch->ir->values.v[value.i];
    uint32_t local;

    if (v->kind == IR_VALUE_CALL) {
        *ret_about = FACT_CALL;
        *ret_id = v->u.op.i;
        return true;
    }
    if (v->kind != IR_VALUE_READ || branch->ir->ops.v[v->u.op.i].kind != IR_READ) {
        return false; /* x++ yields what x was, not what it is */
    }
    place_id place = branch->ir->ops.v[v->u.op.i].u.access.place;
    if (place_is_local(branch->ir, place, &local)) {
        *ret_about = FACT_LOCAL;
        *ret_id = local;
        return true;
    }
    path_id path = resolve_place(branch->resolver, place);
    *ret_about = FACT_PATH;
    *ret_id = path.i;
    return !path_is_none(path);
}

/* "a == number" or "a != number" read off a comparison; anything else is "value != 0". */
static bool comparison(const struct branch *branch, value_id *value, bool *equal, int64_t *number)
{
    const struct ir_fn *ir = branch->ir;
    const struct ir_value *v = &ir->values.v[value->i];

    if (v->kind == IR_VALUE_UNARY && v->opcode == IR_OP_NOT) {
        *value = v->u.of.a;
        *equal = !*equal;
        return true;
    }
    if (v->kind != IR_VALUE_BINARY || (v->opcode != IR_OP_EQ && v->opcode != IR_OP_NE)) {
        return false;
    }
    bool swapped = ir->values.v[v->u.of.a.i].kind == IR_VALUE_INT; /* 0 == x */
    const struct ir_value *right = &ir->values.v[swapped ? v->u.of.a.i : v->u.of.b.i];
    if (right->kind != IR_VALUE_INT) {
        return false;
    }
    /* `equal` speaks of the comparison's own value against 0 so far */
    bool comparison_holds = (*number == 0) != *equal;
    *value = swapped ? v->u.of.b : v->u.of.a;
    *equal = (v->opcode == IR_OP_EQ) == comparison_holds;
    *number = right->u.number;
    return true;
}

/* Does the place lie around another one? The address of what a NULL pointer is a member of may be
 * NULL itself: `hlist_entry_safe()`. */
static bool is_container(const struct ir_fn *ir, const struct ir_place *place)
{
    for (uint32_t i = 0; i < place->n_steps; i++) {
        if (ir->steps.v[place->first_step + i].kind == IR_STEP_CONTAINER) {
            return true;
        }
    }
    return false;
}

/* Is it the address of something, so never NULL? */
static bool is_address(const struct branch *branch, value_id value)
{
    value = resolve_value(branch->resolver, value);
    if (value.i == ID_NONE) {
        return false;
    }
    const struct ir_value *v = &branch->ir->values.v[value.i];
    if (v->kind == IR_VALUE_ADDR) {
        return !is_container(branch->ir, &branch->ir->places.v[v->u.place.i]);
    }
    return v->kind == IR_VALUE_FN || v->kind == IR_VALUE_STRING;
}

static bool is_order(const struct ir_value *v)
{
    return v->kind == IR_VALUE_BINARY && v->opcode >= IR_OP_LT && v->opcode <= IR_OP_GE;
}

static bool order_holds(int64_t a, enum ir_opcode opcode, int64_t b)
{
    bool less = opcode == IR_OP_LT || opcode == IR_OP_LE;
    bool or_equal = opcode == IR_OP_LE || opcode == IR_OP_GE;

    return a == b ? or_equal : (a < b) == less;
}

/* "x < 3" and its like is `holds`. A number that is known decides it; else x is not 0 where 0 would
 * have gone the other way. */
static bool learn_order(const struct branch *branch, struct state *state,
                        const struct ir_value *order, bool holds)
{
    const struct ir_value *right = &branch->ir->values.v[order->u.of.b.i];
    int64_t number;

    if (right->kind != IR_VALUE_INT) {
        return true;
    }
    if (branch_constant(branch, state, order->u.of.a, &number)) {
        return order_holds(number, order->opcode, right->u.number) == holds;
    }
    if (order_holds(0, order->opcode, right->u.number) == holds) {
        return true;
    }
    return branch_learn(branch, state, order->u.of.a, true);
}

/* `x & 4` is about bits of x: peels to x. */
static int64_t peel_mask(const struct branch *branch, value_id *value)
{
    const struct ir_value *v = &branch->ir->values.v[value->i];

    if (v->kind != IR_VALUE_BINARY || v->opcode != IR_OP_AND) {
        return 0;
    }
    bool swapped = branch->ir->values.v[v->u.of.a.i].kind == IR_VALUE_INT; /* 4 & x */
    const struct ir_value *bits = &branch->ir->values.v[swapped ? v->u.of.a.i : v->u.of.b.i];
    if (bits->kind != IR_VALUE_INT || bits->u.number == 0) {
        return 0;
    }
    *value = swapped ? v->u.of.b : v->u.of.a;
    return bits->u.number;
}

static bool learn_fact(const struct branch *branch, struct state *state, value_id value, bool equal,
                       int64_t number)
{
    struct fact fact = {.equal = equal, .value = number, .assumes = PATH_NONE};

    fact.mask = peel_mask(branch, &value);
    if (number != 0 && number == fact.mask && (number & (number - 1)) == 0) {
        fact.equal = !equal; /* one bit is set: it is not unset */
        fact.value = 0;
    }
    if (!branch_subject(branch, value, &fact.about, &fact.id)) {
        return true;
    }
    return state_learn(state, branch->pool, fact) &&
           (fact.about != FACT_LOCAL || !resolve_is_argument(branch->resolver, fact.id) ||
            params_leave_one(branch->params, branch->fn, state, fact.id));
}

bool branch_learn(const struct branch *branch, struct state *state, value_id value, bool nonzero)
{
    bool equal = !nonzero;
    int64_t number = 0;

    if (value.i == ID_NONE) {
        return true;
    }
    while (number == 0 && comparison(branch, &value, &equal, &number)) {
        /* peel !, == 0, != 0 */
    }
    const struct ir_value *v = &branch->ir->values.v[value.i];
    if (v->kind == IR_VALUE_INT) {
        return (v->u.number == number) == equal;
    }
    if (number == 0 && is_address(branch, value)) {
        return !equal;
    }
    if (number == 0 && is_order(v)) {
        return learn_order(branch, state, v, !equal);
    }
    return learn_fact(branch, state, value, equal, number);
}

bool branch_learn_case(const struct branch *branch, struct state *state, value_id value,
                       int64_t number, bool equal)
{
    return value.i == ID_NONE || learn_fact(branch, state, value, equal, number);
}

bool branch_constant(const struct branch *branch, const struct state *state, value_id value,
                     int64_t *ret_number)
{
    enum fact_about about;
    uint32_t id;

    if (value.i == ID_NONE) {
        return false;
    }
    const struct ir_value *v = &branch->ir->values.v[value.i];
    if (v->kind == IR_VALUE_INT) {
        *ret_number = v->u.number;
        return true;
    }
    if (!branch_subject(branch, value, &about, &id)) {
        return false;
    }
    for (uint32_t i = 0; i < state->n_facts; i++) {
        const struct fact *fact = &state->facts[i];
        if (fact->about == about && fact->id == id && fact->equal && fact->mask == 0 &&
            path_is_none(fact->assumes)) {
            *ret_number = fact->value;
            return true;
        }
    }
    return false;
}

/* `got = trylock(&m) == 0`: is it known if the right side is 0? */
static void assign_truth(const struct branch *branch, struct state *state, uint32_t local,
                         value_id value)
{
    struct fact fact = {.about = FACT_LOCAL, .id = local, .equal = true, .assumes = PATH_NONE};

    for (unsigned nonzero = 0; nonzero < 2; nonzero++) {
        struct state other;
        state_copy(&other, state); /* as if the value were the opposite */
        bool possible = branch_learn(branch, &other, value, nonzero == 0);
        if (possible && other.held == state->held) {
            continue;
        }
        const struct lockset *lost = lockset_minus(branch->pool, state->held, other.held);
        fact.equal = nonzero == 0;
        fact.assumes = possible && lost->n > 0 ? lost->v[0].lock : PATH_NONE;
        (void)state_learn(state, branch->pool, fact);
        return;
    }
}

void branch_assign(const struct branch *branch, struct state *state, uint32_t local, value_id value)
{
    enum fact_about about;
    uint32_t id;
    struct state before;

    if (value.i == ID_NONE) {
        state_forget(state, FACT_LOCAL, local);
        return;
    }
    state_copy(&before, state);
    state_forget(state, FACT_LOCAL, local);
    const struct ir_value *v = &branch->ir->values.v[value.i];
    if (v->kind == IR_VALUE_INT) {
        (void)state_learn(state, branch->pool,
                          (struct fact){.about = FACT_LOCAL,
                                        .id = local,
                                        .equal = true,
                                        .value = v->u.number,
                                        .assumes = PATH_NONE});
    } else if (branch_subject(branch, value, &about, &id)) {
        state_copy(state, &before); /* x = x keeps what is known */
        if (about != FACT_LOCAL || id != local) {
            state_forget(state, FACT_LOCAL, local);
            state_copy_facts(state, about, id, FACT_LOCAL, local);
        }
    } else {
        assign_truth(branch, state, local, value);
    }
}
