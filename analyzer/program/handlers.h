/* handlers.h - the calls through which a loop reaches handlers: function pointers that somebody
 * registered, not methods of the one thing that the loop is about.
 *
 * A pointer is taken for a handler's
 * - if it lies in an object that is one of many (picked.h), a few calls below the loop; or
 * - if it is a member that a function stores its parameter in (registered.h): somebody hands the
 *   loop a function to call. That holds at any depth, and in what handlers do: readers of a
 *   connection are called by the handler of its descriptor.
 * A function that computes something of what it is shown (compare, hash: it returns a value and can
 * write through none of its arguments) or returns a pointer that is used (an allocator) is none.
 */
#pragma once

#include "program/registered.h"

struct handler_call {
    const struct call *call;
    slot_id slot;   /* SLOT_NONE: not known */
    bool picked;    /* the object that holds the pointer is one of many */
    uint32_t depth; /* calls below the loop */
};

struct handler_list {
    VEC(struct handler_call) v; /* in the order in which they were met, nearest first */
};

struct handler_search {
    const struct contexts *contexts;
    const struct callers *callers;
    struct registered *registered;
    const bool *waits; /* by fn: it waits for descriptors, in itself or in what it calls by name, a
                          few calls down */
};

/* Does the call wait for descriptors, whatever body it runs? */
bool handlers_call_waits(const struct handler_search *search, const struct call *call);

/* Those in the loop with this head of `fn`. Owned by `owner`. */
struct handler_list *handlers_of_loop(void *owner, const struct handler_search *search, fn_id fn,
                                      uint32_t head);

/* Those in `fn`, a handler itself, and in what it calls: registered ones only. */
struct handler_list *handlers_below(void *owner, const struct handler_search *search, fn_id fn);
