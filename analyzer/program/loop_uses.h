/* loop_uses.h - the calls that run an event loop, and those that touch what belongs to one: the
 * loop itself, its handles and watchers. What a library's own source does is left out.
 */
#pragma once

#include "program/contexts.h"

struct loop_use {
    const struct call *call;
    const struct model_fn
        *model;                  /* of the function called; NULL: only its type tells of the loop */
    const struct model_loop *of; /* what the library says of its loops */
    int arg;                     /* that points to the loop or handle; ARG_NONE: not known */
    loop_set loops;              /* those that it may be about */
    bool runs;                   /* it runs the loop; else it touches it */
};

struct loop_uses {
    const struct contexts *contexts;
    VEC(struct loop_use) v; /* in the order of calls */
};

/* Owned by `owner`. NULL: the program runs no loop that is known. */
struct loop_uses *loop_uses_find(void *owner, const struct contexts *contexts);
