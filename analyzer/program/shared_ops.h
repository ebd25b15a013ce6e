/* shared_ops.h - what one function does to shared variables, itself and by the calls it makes: the
 * ops that read them and the ops that write them.
 */
#pragma once

#include "program/effects.h"

/* An op and one shared variable that it reads or writes. */
struct shared_op {
    op_id op;
    path_id path;      /* in terms of the function */
    bool by_call;      /* the function that is called does it */
    bool counts_below; /* ... two calls down, and only adds to an atomic counter */
};

/* By op. An IR_RMW is in both lists; a call is for each variable that its result tells of, and for
 * each that it changes. */
struct shared_ops {
    VEC(struct shared_op) reads;
    VEC(struct shared_op) writes;
};

/* Owned by `owner`. */
struct shared_ops *shared_ops_of(void *owner, const struct accessmap *map,
                                 const struct effects *effects, fn_id fn);
