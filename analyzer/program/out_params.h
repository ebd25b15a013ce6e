/* out_params.h - parameters that point to a local of some caller, so that what is stored there is
 * an answer: `get(&n)`, `stats_get(&st)`. Handed on by a callee's callee, too.
 */
#pragma once

#include "program/calls.h"
#include "program/flow.h"

struct out_params;

struct out_params *out_params_build(void *owner, const struct flows *flows);

/* Has the function any? */
bool out_params_any(const struct out_params *out, fn_id fn);

/* All of them: bit i is parameter i. */
uint32_t out_params_all(const struct out_params *out, fn_id fn);

/* Is parameter `param` of `fn` such a one? */
bool out_params_has(const struct out_params *out, fn_id fn, uint32_t param);

/* Is the place what parameter *ret_param points to, or a member of that? *ret_field is the unit's
 * number of the last member on the way; ID_NONE: there is none. */
bool out_params_place(const struct flows *flows, fn_id fn, place_id place, uint32_t *ret_param,
                      uint32_t *ret_field);

/* Does the call hand on, as argument `i`, such a parameter of its own, or a member of it? */
bool out_params_handed_on(const struct flows *flows, const struct call *call, uint32_t i,
                          uint32_t *ret_param, uint32_t *ret_field);
