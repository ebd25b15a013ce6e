/* held_waits.h - who waits for something else while he holds a lock: each critical section, with
 * the nearest waits of each kind in it and in what it calls.
 *
 * A section is seen from the function that takes the lock (and has it at some of its calls), so the
 * lock is known by the name it is taken by, and the calls from there to the wait are one way that
 * is really gone with it: no callee on the way gives it back.
 */
#pragma once

#include "program/blocking_sites.h"

/* One wait under one lock. */
struct held_wait {
    const struct blocking_site *site;
    fn_id fn;                     /* takes the lock */
    struct token token;           /* ... as it has it; `taken` is where */
    path_id lock;                 /* the same in absolute terms */
    VEC(const struct call *) way; /* from `fn` down; the last one is the wait itself */
    bool always;                  /* `fn` holds it on every way to the first of those calls */
    bool by_pointer;              /* one of them goes through a pointer of several meanings */
};

/* A place where a function takes a lock, and all that it does until it gives it back. */
struct section {
    fn_id fn;
    path_id lock;   /* in absolute terms */
    uint32_t kinds; /* of waits in it: bit (1 << enum blocks_what) */
    uint32_t first; /* held_waits.v */
    uint32_t n;
};

struct held_waits {
    VEC(struct held_wait) v;      /* by section, nearest first */
    VEC(struct section) sections; /* sorted by function; also those without any wait */
};

/* All of the program. Owned by `owner`. */
struct held_waits *held_waits_find(void *owner, const struct blocking_sites *sites);
