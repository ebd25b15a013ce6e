/* own_loops.h - event loops that the program has written itself.
 *
 * A function that waits for descriptors (poll, epoll_wait, ...) in a loop, itself or some calls
 * down, and then calls handlers (handlers.h), is an event loop. Evidence decides, for a loop around
 * a wait is not enough:
 * - it waits for many descriptors (spans.h); or for one or a few that lie in the same struct as the
 *   handler, or until a time that is computed from there (a list of timers). The handler of one
 *   descriptor must be picked for it, right there: else it is a method of the connection;
 * - it calls handlers. A retry loop around poll() calls none; what it may call, the read and write
 *   methods of its one connection, are not picked from many and not handed in by anybody.
 *
 * The innermost loop that does both is the one, unless it is a step of its caller's: every call of
 * it is in a loop and hands on an object of the caller's own (uv_run's uv__io_poll), and there are
 * more handlers around it. Functions that run the same handlers are one loop (redis's aeMain and
 * its processEventsWhileBlocked).
 *
 * A loop of a library whose source is among the files is one like any other.
 */
#pragma once

#include "base/err.h"
#include "program/calls.h"
#include "program/lockset.h"

struct contexts;

struct own_loop {
    fn_id fn;               /* in whose loop it waits */
    VEC(fn_id) also;        /* others that run the same handlers */
    struct site wait;       /* the call that waits, the nearest one */
    const char *waits_in;   /* its name */
    VEC(struct site) calls; /* the calls of handlers in the loop, sorted */
};

struct own_loops {
    VEC(struct own_loop) v; /* by function */
};

/* Is it one of the calls by which an own loop runs its handlers? Who runs such a loop from within a
 * handler comes to them as well. */
bool own_loops_call_handler(const struct own_loops *loops, const struct call *call);

/* Finds them, and adds their handlers to contexts->callbacks. Owned by `owner`. */
struct own_loops *own_loops_find(void *owner, struct contexts *contexts);
