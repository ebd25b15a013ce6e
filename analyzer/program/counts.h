/* counts.h - objects that are freed when a count in them says so, and the count is read for that by
 * a step of its own:
 *
 *     atomic_fetch_sub(&o->refs, 1); if (atomic_load(&o->refs) == 0) free(o);
 *     if (atomic_load(&o->refs) == 1) free(o);
 *
 * What the change itself yields (`if (--o->refs == 0)`) is no such test.
 */
#pragma once

#include "program/focus.h"
#include "program/frees.h"
#include "program/shared_ops.h"

struct count_test {
    fn_id fn;
    op_id drop;   /* has lowered the count before the test; ID_NONE: nothing in this function has */
    op_id test;   /* reads it, or calls who does */
    op_id end;    /* frees the object, only on one side of what the test decides */
    path_id path; /* the count, in terms of `fn` */
    const struct free_event *event; /* what `end` is */
};

/* By event. */
struct count_tests {
    VEC(struct count_test) v;
};

/* Those of functions in `focus`. Owned by `owner`; points into `frees`. */
struct count_tests *counts_find(void *owner, const struct accessmap *map, struct effects *effects,
                                const struct frees *frees, const struct focus *focus);

/* By how much the op changes a number that it names by a constant: `n++`, `n = n - 1`, atomics. 0:
 * it does not, or not by a constant. */
int64_t counts_shift(const struct flows *flows, fn_id fn, op_id op);
