/* lockset.h - which tokens are held at a point of the program.
 *
 * Locksets are immutable and shared: equal sets are the same pointer, so == compares them.
 * Term from Savage et al., "Eraser", ACM TOCS 15(4), 1997.
 */
#pragma once

#include "program/path.h"

/* A call of a function: the place where something was done. */
struct site {
    uint32_t fn; /* index of the function in the program; UINT32_MAX: no one place */
    uint32_t op; /* its op */
};
#define SITE_NONE ((struct site){UINT32_MAX, UINT32_MAX})

enum token_mode {
    TOKEN_SHARED,
    TOKEN_EXCLUSIVE,
};

/* One token that is held. */
struct token {
    path_id lock;
    enum token_mode mode;
    uint32_t depth;    /* how often it was taken without being given back, at least 1 */
    struct site taken; /* where; SITE_NONE when paths with different places have met */
};

/* Sorted by lock; a lock occurs once. */
struct lockset {
    uint32_t n;
    struct token v[];
};

struct lockset_pool; /* owns every set it hands out */

struct lockset_pool *lockset_pool_new(void *owner);
const struct lockset *lockset_empty(const struct lockset_pool *pool);

/* NULL: not held. */
const struct token *lockset_find(const struct lockset *set, path_id lock);

/* With `token` added; a lock that is there already gets one deeper and keeps its place. */
const struct lockset *lockset_add(struct lockset_pool *pool, const struct lockset *set,
                                  struct token token);
/* With the lock one less deep, gone at depth 0; the set itself when it was not held. */
const struct lockset *lockset_remove(struct lockset_pool *pool, const struct lockset *set,
                                     path_id lock);
/* Without the lock, however deep. */
const struct lockset *lockset_drop(struct lockset_pool *pool, const struct lockset *set,
                                   path_id lock);

/* Locks in both sets, in the weaker mode: what a join point can rely on. */
const struct lockset *lockset_meet(struct lockset_pool *pool, const struct lockset *a,
                                   const struct lockset *b);
/* Locks in either set, in the stronger mode: what may be held. */
const struct lockset *lockset_join(struct lockset_pool *pool, const struct lockset *a,
                                   const struct lockset *b);
/* Locks of `a` that are not in `b`. */
const struct lockset *lockset_minus(struct lockset_pool *pool, const struct lockset *a,
                                    const struct lockset *b);
bool site_eq(struct site a, struct site b);
