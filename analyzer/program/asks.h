/* asks.h - which variables a function decides by, or gives its caller to decide by, itself or in
 * what it calls: `while (!is_ready(q))` asks what is_ready() returns.
 */
#pragma once

#include "program/calls.h"
#include "program/flow.h"

struct asks; /* keeps what it has found out */

struct asks *asks_new(void *owner, const struct flows *flows);

/* Classes of variables (see path.h). */
struct asked_list {
    path_id *v;
    size_t n;
};

/* What the conditions and returned values of `fn` depend on, up to three calls deep. */
struct asked_list asks_of(struct asks *asks, fn_id fn);

/* The class of what op (IR_READ, IR_RMW, IR_WRITE) of `fn` is about. */
path_id asks_class(const struct asks *asks, fn_id fn, op_id op);
