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
    uint32_t depth; /* calls below the callback */
};

struct loop_reach {
    struct loop_step *v; /* by fn */
};

/* Ways that end the process, other loops that a callback runs, and pointers that may mean many
 * functions are not followed. Owned by `owner`. */
struct loop_reach *loop_reach_build(void *owner, const struct contexts *contexts);
