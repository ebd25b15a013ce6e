/* loop_turns.h - what runs in one turn of an event loop: a callback and all that it calls before it
 * returns.
 */
#pragma once

#include "program/contexts.h"

/* How a turn gets to a function. */
struct turn_reach {
    bool yes;
    fn_id caller; /* on a shortest way; FN_NONE: the callback itself */
    op_id call;
    uint32_t depth;
};

/* One callback and what it runs before it returns to the loop. */
struct loop_turn {
    fn_id callback;
    const struct callback *known; /* as contexts.h knows it; NULL: not among them */
    struct turn_reach *reach;     /* by fn */
    VEC(fn_id) fns;               /* those reached, nearest first */
};

/* The turn of a callback. Loops that it runs itself are not entered. `owner` has its parts. */
struct loop_turn loop_turn_of(void *owner, const struct contexts *contexts, fn_id callback);

/* Does some way that the turn takes come to the op of `fn`, given the constants that are handed
 * over? `if (drain) uv_run(...)` is not come to where callbacks hand over false. */
bool loop_turn_comes_to(const struct contexts *contexts, const struct loop_turn *turn, fn_id fn,
                        op_id op);
