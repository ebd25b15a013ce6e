/* blocking.h - calls that can wait, reached from an event-loop callback. */
#pragma once

#include "program/contexts.h"

/* How a callback gets to a function: its callers, nearest first way. */
struct callback_reach {
    bool yes;
    fn_id caller; /* FN_NONE: the callback itself */
    op_id call;
    uint32_t depth;
};

struct blocking_call {
    const struct call *call;
    enum blocks_what what;
    bool sure;      /* false: depends on a flag or descriptor that could not be told */
    uint32_t depth; /* calls below the callback */
};

/* What one callback can reach. */
struct callback_blocking {
    struct callback_reach *reach;    /* by fn */
    VEC(struct blocking_call) calls; /* nearest first, then by function and op */
};

/* Calls that can wait, in `callback` and all it calls. Ways that end the process are left out, and
 * so are other loops it runs, what a forked child does, what follows when the loop is told to stop,
 * and functions whose attributes say whether they wait. Owned by `owner`. */
struct callback_blocking *blocking_of(void *owner, const struct contexts *contexts,
                                      const struct callback *callback);

/* What the call itself waits for, as far as the attributes of the function called, its model, its
 * arguments and where its descriptor comes from tell. */
enum blocks_what blocking_what(const struct contexts *contexts, const struct call *call,
                               bool *ret_sure);
