/* shared_ops.h - what one function does to shared variables, itself and by the calls it makes: the
 * ops that read them and the ops that write them.
 */
#pragma once

#include "program/effects.h"

/* An op and one shared variable that it reads or writes. */
struct shared_op {
    op_id op;
    path_id path;            /* in terms of the function */
    bool by_call;            /* the function that is called does it */
    enum effect_doubt doubt; /* ... a write: why it says little of what was decided before */
    int shift;               /* a write: it adds a constant (1), takes one away (-1); 0: neither */
    uint32_t slot;           /* a read: what the call answers by; SLOT_RESULT (see depends.h) */
    uint32_t field; /* ... a copied struct's member, program's; ID_NONE: no struct is copied */
    uint32_t depth; /* calls between the function and the access; 0: its own */
    bool perhaps;   /* only some of the functions do it that a pointer on the way can be */
};

/* By op. An IR_RMW is in both lists; a call is for each variable that its result tells of, and for
 * each that it changes. */
struct shared_ops {
    VEC(struct shared_op) reads;
    VEC(struct shared_op) writes;
};

/* Owned by `owner`. */
struct shared_ops *shared_ops_of(void *owner, const struct accessmap *map, struct effects *effects,
                                 fn_id fn);

/* Is what the op read among the parts of `fn` that something depends on? */
bool shared_op_is_part(const struct linked *linked, fn_id fn, const struct shared_op *read,
                       const struct op_list *ops);

/* One function, as those look at it who search it for what it relies on. */
struct fn_view {
    const struct flows *flows;
    fn_id fn;
    const struct ir_fn *ir;
    const struct cfg *cfg;
    const struct shared_ops *ops;
    struct depends *depends;
};

/* NULL: the function reads nothing that is shared, so it relies on nothing. Owned by `owner`. */
struct fn_view *fn_view_new(void *owner, const struct accessmap *map, struct effects *effects,
                            fn_id fn);
