/* arguments.h - which ways into a function can lead to a place in it, going by the constants that
 * are handed over.
 *
 * `queue(q, OUT)` does not come to what `queue()` does for IN. So what a context does and holds at
 * such a place is told by the other ways only; where there are none, it does not come there.
 */
#pragma once

#include "program/contexts.h"

/* How a phase comes to a moment. */
struct way_in {
    bool possible;
    bool narrowed; /* some way into the function is ruled out; else what follows is that
                      of `reach` */
    const struct lockset *held; /* tokens held on entry to the function on every way that is left */
    struct moment from;         /* the call on a shortest one; .fn FN_NONE: the context's entry */
    struct need need;           /* what must hold of the arguments of the function with that call */
};

struct arguments;

/* Owned by `owner`. The contexts must be explored. */
struct arguments *arguments_build(void *owner, const struct contexts *contexts);

/* The way to the moment. `need` says more of the function's arguments than its own branches do;
 * NULL: nothing. */
struct way_in arguments_way(const struct arguments *arguments, struct moment moment,
                            const struct need *need);

/* Can the call hand over arguments of which `need` holds? Then *up is what must hold of the
 * arguments of its own function for that. */
bool arguments_can_hand_over(const struct flows *flows, const struct call *call,
                             const struct need *need, struct need *up);

/* Does the phase surely come to the moment (surely.h): by calls that are surely run and whose
 * arguments lead there? */
bool arguments_surely_lead_to(const struct arguments *arguments, struct moment moment);

/* `path` of the moment's function as the moment's phase knows it: where it is about a parameter,
 * and all calls of the phase hand over one and the same object, in terms of that; else `path`
 * itself. */
path_id arguments_object(const struct arguments *arguments, struct moment moment, path_id path);
