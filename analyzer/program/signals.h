/* signals.h - a signal handler runs in the middle of a thread: what that thread holds then, the
 * handler must not wait for.
 */
#pragma once

#include "program/contexts.h"
#include "program/focus.h"

/* A handler that waits for a lock which the thread that it interrupts can hold. */
struct signal_wait {
    phase_id handler;
    fn_id wait_fn; /* where the handler waits */
    const struct acquisition *wait;
    phase_id thread;
    fn_id hold_fn; /* where the thread takes the lock, with signals coming in */
    const struct acquisition *hold;
    path_id lock; /* in absolute terms */
};

struct signal_waits {
    VEC(struct signal_wait) v; /* one a lock and handler */
};

/* Those of handlers that wait in a function of `focus`. Owned by `owner`. */
struct signal_waits *signals_find(void *owner, const struct contexts *contexts,
                                  const struct focus *focus);
