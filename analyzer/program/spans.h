/* spans.h - for how many descriptors does a wait (poll, select, epoll_wait) wait?
 *
 * An event loop waits for many: a set of the kernel's (epoll, kqueue), an array or an fd_set that
 * is filled in a loop or elsewhere. Who waits for one is after the answer of one peer, or sleeps
 * with a wake-up. In between are those that wait for a few, named one by one: a connection's two
 * sockets, a socket and the pipe that wakes the thread.
 */
#pragma once

#include "program/contexts.h"

enum span_kind {
    SPAN_ONE,
    SPAN_FEW,
    SPAN_MANY,
    SPAN_PARAM, /* parameter `param` of the function counts them */
};

struct span {
    enum span_kind kind;
    uint32_t param;
};

/* Is the call one that waits for descriptors (and does not only look at them, with a timeout of 0)?
 */
bool span_is_wait(const struct contexts *contexts, const struct call *call);

/* For how many `call`, a wait, waits. */
struct span span_of(const struct contexts *contexts, const struct call *call);

/* The same for the caller of a function whose own span is SPAN_PARAM. */
struct span span_at_caller(const struct contexts *contexts, const struct call *caller,
                           struct span inner);

/* Does what a wait for one or a few waits for lie in a struct of type `record`: is the descriptor
 * read from a member of it, or its timeout computed from one (`timers->due - now`)? */
bool span_is_about(const struct contexts *contexts, const struct call *wait, uint32_t record);
