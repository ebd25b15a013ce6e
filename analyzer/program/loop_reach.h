/* loop_reach.h - which functions run in a callback of an event loop, and by which calls.
 *
 * One walk from all callbacks at once, so a function is known by the callback that is nearest to
 * it.
 */
#pragma once

#include "program/contexts.h"

struct loop_step {
    uint32_t callback; /* contexts.callbacks; ID_NONE: none gets to the function */
    fn_id caller;      /* FN_NONE: it is the callback itself */
    op_id call;
    uint32_t depth;    /* calls below the callback */
    uint32_t meanings; /* most that a pointer on the way may mean, if that is more than a few
                          (surely.h); 0: the way is sure */
};

struct loop_reach {
    struct loop_step *v; /* by fn */
};

/* Ways that end the process, and other loops that a callback runs, are not followed; pointers that
 * may mean many functions only to what no other way leads to. Owned by `owner`. */
struct loop_reach *loop_reach_build(void *owner, const struct contexts *contexts);
