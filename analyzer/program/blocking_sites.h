/* blocking_sites.h - all calls of the program that can wait, and what is held there.
 *
 * For the rules about waiting with something in hand: a lock, the GIL. Waits for a lock are left to
 * the lock graph. The list is made once, when a rule asks for it first.
 */
#pragma once

#include "program/blocking.h"

/* A call that can wait for something else than a lock. */
struct blocking_site {
    const struct call *call;
    enum blocks_what what;
    bool sure; /* false: whether it waits depends on an argument or descriptor that is not known */
};

struct blocking_sites {
    const struct contexts *contexts;
    bool found;                  /* has anybody asked? */
    VEC(struct blocking_site) v; /* sorted by function and op */
    uint32_t *at;                /* by number of the call: index in v; ID_NONE: it does not wait */
};

/* An empty list, filled by blocking_sites_all(). */
struct blocking_sites *blocking_sites_new(void *owner, const struct contexts *contexts);

/* The list. Calls on ways that end the process, and those that no way comes to, are left out. */
const struct blocking_sites *blocking_sites_all(struct blocking_sites *sites);

/* The site that this call is; NULL: it does not wait. */
const struct blocking_site *blocking_site_of(const struct blocking_sites *sites,
                                             const struct call *call);

/* How one phase comes to a site. */
struct blocking_visit {
    phase_id phase;
    const struct lockset *held; /* tokens held there on every way, in absolute terms */
    bool sure;                  /* the phase surely comes there (surely.h) */
};

/* The phases that come to the site, but for those in which no other thread runs. Owned by `owner`.
 */
struct blocking_visits {
    struct blocking_visit *v;
    size_t n;
};
struct blocking_visits blocking_visits_of(void *owner, const struct blocking_sites *sites,
                                          const struct blocking_site *site);
