/* stalls.h - a thread waits for something with a lock in hand, and another one needs that lock
 * meanwhile.
 *
 * For blocking-under-lock and lock-in-loop. Made once, when a rule asks first.
 */
#pragma once

#include "program/accessmap.h"
#include "program/focus.h"
#include "program/held_waits.h"
#include "program/loop_reach.h"

/* Who needs the lock. */
struct wanter {
    struct moment at;
    const struct acquisition *acquisition; /* of at.fn */
    uint32_t callback;                     /* contexts.callbacks: runs in it; ID_NONE */
    bool sure;                             /* its context surely comes there */
    uint32_t meanings;                     /* in a loop: see loop_reach.h */
};

struct stall {
    const struct held_wait *wait;
    struct moment holder; /* the call in wait->fn that leads to the wait */
    bool holder_sure;
    bool holder_in_loop;  /* it is a callback itself: the loop waits, whoever needs the lock */
    struct wanter wanter; /* the clearest case; none of a loop's if there is another one as clear */
    bool has_loop;
    struct wanter in_loop; /* the clearest case of a loop's callback, if has_loop */
    unsigned n_contexts;   /* that need it meanwhile; several of one count as two */
};

struct stalls {
    const struct accessmap *map;
    struct blocking_sites *sites;
    bool found; /* has anybody asked? */
    struct held_waits *held;
    struct loop_reach *loops;
    VEC(struct stall) v; /* in the order of held->v */
};

/* An empty list, filled by stalls_all(). */
struct stalls *stalls_new(void *owner, const struct accessmap *map, struct blocking_sites *sites);

/* One for each wait under a lock that another context needs at that moment; locks that are there to
 * serialise the I/O that is waited for are left out. */
const struct stalls *stalls_all(struct stalls *stalls);

/* The same, but an empty list where no wait, and nobody who needs its lock, is in `focus`. */
const struct stalls *stalls_in(struct stalls *stalls, const struct focus *focus);
