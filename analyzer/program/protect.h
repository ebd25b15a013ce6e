/* protect.h - does a lock that two accesses hold keep them apart?
 *
 * A lock that is one certain object does. A lock in a struct stands for its class, so the two may
 * hold locks of two objects: what counts is how the lock relates to the object that is accessed,
 * in the function's own terms (`p->mu` for `p->n`: correlation of locks and locations as in
 * Locksmith, TOPLAS 2011).
 */
#pragma once

#include "program/accessmap.h"

enum bond {
    BOND_NONE,    /* not held */
    BOND_OTHER,   /* another object's of the same type: `a->mu` while `b->n` is touched */
    BOND_UNKNOWN, /* can't be told */
    BOND_SELF,    /* it lies in the object that is accessed, or its index is the object's */
    BOND_EXACT,   /* one certain lock */
};

/* How `lock` (in absolute terms; a class stands for all its locks) goes with the object of the
 * access. */
enum bond protect_bond(const struct contexts *contexts, const struct access *access, path_id lock);

/* Is there a lock that keeps the two apart? Where that can't be told there is. */
bool protect_apart(const struct contexts *contexts, const struct access *a, const struct access *b);
