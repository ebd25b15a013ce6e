/* lock_kinds.h - what happens when a lock's holder takes it again: read off how locks are made.
 *
 * From static initialisers and from the calls that make locks, with the type that their attribute
 * object was given, in the same function or in helpers.
 */
#pragma once

#include "program/flow.h"

enum lock_again {
    LOCK_AGAIN_UNKNOWN, /* never seen how it is made */
    LOCK_AGAIN_WAITS,   /* for ever */
    LOCK_AGAIN_FAILS,   /* an error-checking lock: the call returns an error */
    LOCK_AGAIN_NESTS,   /* a recursive lock, or one whose type cannot be told */
};

struct lock_kinds;

struct lock_kinds *lock_kinds_build(void *owner, const struct flows *flows);

/* Of the lock at `path`: a certain object's own making, else what its class is made like; the most
 * lenient where they are made in several ways. */
enum lock_again lock_kinds_of(const struct lock_kinds *kinds, path_id path);
