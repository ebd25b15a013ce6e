/* decisions.h - where the program reads a shared variable, decides on what it read, and acts on the
 * same variable: the raw material of check-then-act.
 */
#pragma once

#include "program/shared_ops.h"

/* read -> branch -> act, in one function. */
struct decision {
    fn_id fn;
    op_id read;      /* the shared variable is read here, or a call's result tells of it */
    uint32_t branch; /* block whose condition depends on what was read */
    op_id act;     /* a write of the same variable, or a call that changes it, that only runs on one
                      side of the branch */
    path_id path;  /* the variable, in terms of `fn` */
    uint32_t side; /* which successor of the branch leads to the act */
    enum effect_doubt doubt; /* the act is a call: why it says little of the decision */
    int shift;               /* the act adds a constant (1), takes one away (-1); 0: neither */
    uint32_t depth;          /* calls to the read and to the act, together; 0: both are in `fn` */
    bool only_sets;          /* the act stores a constant and nothing else happens on that side */
};

/* Sorted by function, act, read. */
struct decisions {
    VEC(struct decision) v;
};

/* Adds those of one function. Functions are to come in the order of their ids. */
void decisions_find(struct decisions *decisions, struct fn_view *view);

/* Would the branch certainly go the same way if the variable had been `value`? Then a rival that
 * stores just that does no harm. */
bool decision_stands(const struct flows *flows, const struct decision *decision, int64_t value);
