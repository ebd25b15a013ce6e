/* picked.h - is the object that a pointer means one of many: an element of an array, one of a list
 * or queue that is walked, what a wait stored (epoll_event.data.ptr), what a search returned?
 *
 * Evidence that functions called through its members are handlers of an event loop: the loop picks
 * the object by what has happened. A transport (`conn->recv`) is no such object where it was handed
 * in as the only one.
 */
#pragma once

#include "program/contexts.h"

/* Where it is asked. */
struct pick_scope {
    const struct contexts *contexts;
    fn_id fn;
    uint64_t params; /* bit i: what parameter i points to is picked */
    fn_id loop;      /* what its parameters point to is the loop's own: a picked object that points
                        back to it (event->base) picks nothing */
};

/* Is `type`, of a pointer, the type of one of the loop's own objects? */
bool picked_is_own_type(const struct pick_scope *scope, const char *type);

/* The object that a pointer value points to. */
bool picked_by_value(const struct pick_scope *scope, value_id value);

/* The object that holds the function pointer at `place`, a member or an element. */
bool picked_holder(const struct pick_scope *scope, place_id place);
