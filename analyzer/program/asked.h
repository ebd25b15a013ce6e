/* asked.h - what a branch that asks a variable says of the code behind it: "variable == value". */
#pragma once

#include "program/flow.h"

/* "variable == value" or "variable != value". */
struct condition {
    path_id variable; /* in terms of the function with the branch */
    bool equal;
    int64_t value;
};

/* Can the two not hold at once of one variable? */
bool condition_contradict(const struct condition *a, const struct condition *b);

/* Is it a variable that the caller wants to hear of? */
typedef bool asked_counts_fn(const void *user, path_id path);

/* What the branch or switch at the end of block `up` says of block `b`, which it dominates. False:
 * nothing, or of no variable that counts. */
bool asked_by(const struct flows *flows, fn_id fn, uint32_t up, uint32_t b, asked_counts_fn *counts,
              const void *user, struct condition *ret);
