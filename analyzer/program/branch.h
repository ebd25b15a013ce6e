/* branch.h - what conditions, assignments and results tell: from values of the IR to facts of a
 * state.
 */
#pragma once

#include "program/params.h"
#include "program/resolve.h"
#include "program/state.h"

/* Whose values they are. */
struct branch {
    const struct ir_fn *ir;
    struct resolver *resolver;
    struct lockset_pool *pool;
    fn_id fn;
    const struct params *params; /* what its parameters can be */
};

/* The subject that a value is the content of. False: none that facts are kept about. */
bool branch_subject(const struct branch *branch, value_id value, enum fact_about *ret_about,
                    uint32_t *ret_id);

/* Applies "value != 0" (or == 0) to the state. False: impossible. */
bool branch_learn(const struct branch *branch, struct state *state, value_id value, bool nonzero);

/* Applies "value == number" (or !=), a case of a switch. False: impossible. */
bool branch_learn_case(const struct branch *branch, struct state *state, value_id value,
                       int64_t number, bool equal);

/* The number that a value is in this state, if that is known. */
bool branch_constant(const struct branch *branch, const struct state *state, value_id value,
                     int64_t *ret_number);

/* `value` is written to a local: forgets what was known of it, and what is known of the value is
 * known of the local from now on. */
void branch_assign(const struct branch *branch, struct state *state, uint32_t local,
                   value_id value);
