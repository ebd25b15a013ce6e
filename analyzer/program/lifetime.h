/* lifetime.h - locks used outside their life: before they are made, after they are destroyed, made
 * or destroyed twice, destroyed while held, copied with the struct around them.
 *
 * One forward pass over each function, callees first, over the state of each lock that it names:
 * what is reported holds on every way to the op, so it needs no second thread.
 */
#pragma once

#include "program/flow.h"

enum lifetime_fault_kind {
    LIFETIME_USED_UNMADE, /* locked, unlocked or waited with in memory nobody has made a lock of */
    LIFETIME_USED_ENDED,  /* the same after it was destroyed */
    LIFETIME_ENDED_TWICE, /* destroyed, and destroyed again */
    LIFETIME_MADE_TWICE,  /* initialised, and initialised again */
    LIFETIME_ENDED_HELD,  /* destroyed while this thread holds it */
    LIFETIME_COPIED_HELD, /* copied while this thread holds it */
    LIFETIME_COPIED_USED, /* a copy is used that was never made a lock of its own */
};

struct lifetime_fault {
    enum lifetime_fault_kind kind;
    fn_id fn;
    path_id lock;   /* in terms of `fn` */
    op_id op;       /* where it goes wrong; of COPIED_USED the copy */
    op_id other;    /* where it was made, destroyed, taken before; of COPIED_USED the use;
                       ID_NONE: nowhere in `fn` */
    fn_id inner_fn; /* whose op it really is, below the call `op`; FN_NONE: `op` itself */
    op_id inner_op;
};

/* Where a lock is destroyed or made, for what other threads do with it at that time. */
struct lifetime_event {
    fn_id fn;
    op_id op;
    path_id lock; /* in terms of `fn` */
    bool makes;   /* else destroys */
};

struct lifetimes {
    VEC(struct lifetime_fault) faults;
    VEC(struct lifetime_event) events;
};

/* Everything about all functions. Owned by `owner`. */
struct lifetimes *lifetimes_find(void *owner, const struct flows *flows);
