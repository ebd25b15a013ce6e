/* params.h - parameters that only ever get a few constants: `lru_pull_tail(id, COLD_LRU, ...)`.
 *
 * All calls of a function are known when it is never called through a pointer, and is static or
 * part of a program whose main is in the database. A `switch` on such a parameter then has no "none
 * of these" when each constant has its case.
 */
#pragma once

#include "program/calls.h"
#include "program/state.h"

enum { MAX_PARAM_VALUES = 8 };

/* What a parameter can be. */
struct param_values {
    bool known;
    uint32_t n;
    int64_t v[MAX_PARAM_VALUES];
};

struct params;

/* Owned by `owner`. */
struct params *params_build(void *owner, const struct linked *linked, const struct calls *calls);

/* Do both say the same of the function, which has as many parameters in both? */
bool params_same(const struct params *a, const struct params *b, fn_id fn);

/* Parameter number `param` (from 0) of the function. */
const struct param_values *params_of(const struct params *params, fn_id fn, uint32_t param);

/* Is there a value that it can be in this state? */
bool params_leave_one(const struct params *params, fn_id fn, const struct state *state,
                      uint32_t param);
