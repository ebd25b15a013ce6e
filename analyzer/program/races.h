/* races.h - pairs of accesses to one place that nothing keeps apart: data races (C11 5.1.2.4). */
#pragma once

#include "program/accessmap.h"
#include "program/focus.h"

/* Two accesses that can be at one place at the same time, at least one of them a write, not both
 * atomic, with no lock in common that keeps them apart. */
struct race {
    const struct variable *variable; /* that `a` accesses */
    const struct variable *beside;   /* that `b` accesses: the same, or a bit-field of its unit */
    const struct access *a;          /* the one to look at: it lacks the guard, or it writes */
    const struct access *b;
    VEC(const struct access *) others; /* more accesses of such pairs, one a place of the source */
    bool one_object;                   /* both are at one certain object */
    unsigned n_places;                 /* accesses in the source, over all contexts */
    unsigned n_guarded;                /* those that hold the variable's guard in every context */
};

struct races {
    VEC(struct race) v; /* one a variable at most; in the order of the access map */
};

/* Those of variables that are used in `focus`. Owned by `owner`. */
struct races *races_find(void *owner, const struct accessmap *map, const struct focus *focus);
