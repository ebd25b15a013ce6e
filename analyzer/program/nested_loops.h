/* nested_loops.h - loops that are run from a callback of a loop: of the same one, or of another. */
#pragma once

#include "program/loop_turns.h"
#include "program/loop_uses.h"

/* A function registered to be called by a loop, and one registration. */
struct loop_callback {
    fn_id fn;
    const struct model_loop *of;
    loop_set loops;         /* those that may call it */
    struct site registered; /* SITE_NONE: in a static table... */
    struct init_site init;  /* ... here */
    const char *by;
};

struct nested_loop {
    const struct loop_use *run; /* the call in the callback's turn that runs a loop */
    struct loop_callback callback;
    struct loop_turn turn;
    bool same;  /* it may be the loop that the callback is of; else it is certainly another one */
    bool known; /* it is that loop: both are known, or the callback was handed it, or the program
                   makes no other one */
};

/* One for each call that runs a loop in a callback's turn: of the nearest callback. In the order of
 * calls. Owned by `owner`. */
struct nested_loops {
    VEC(struct nested_loop) v;
};
struct nested_loops *nested_loops_find(void *owner, const struct loop_uses *uses);
