/* handshakes.h - locks that any thread may give back (semaphores, PyThread's locks): what a call
 * that takes one is for.
 */
#pragma once

#include "program/flow.h"

/* Does the call wait for another thread's signal, and not for a lock? It does where its function
 * does not give the lock back, or takes it twice in a row: only another thread can give it back in
 * between. */
bool handshake_is(const struct flows *flows, const struct call *take);

/* Has the function just made the lock, so that nobody can have taken it before? */
bool handshake_is_new(const struct flows *flows, const struct call *take);
