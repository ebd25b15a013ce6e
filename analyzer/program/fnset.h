/* fnset.h - sets of functions, as points-to analysis has them: many cells, few different sets.
 *
 * A set is immutable and there once: equal sets are the same pointer (as in lockset.h). NULL is the
 * empty one.
 */
#pragma once

#include "base/mem.h"

struct fnset {
    uint32_t n;       /* members */
    uint32_t n_words; /* of `bits`; the last one is not 0 */
    uint32_t hash;
    uint64_t bits[]; /* bit i of them: function number i, in its owner's counting */
};

struct fnset_pool; /* owns every set it hands out */

struct fnset_pool *fnset_pool_new(void *owner);

/* `set` with function `number`. */
const struct fnset *fnset_with(struct fnset_pool *pool, const struct fnset *set, uint32_t number);

/* All that are in one of the two. */
const struct fnset *fnset_join(struct fnset_pool *pool, const struct fnset *a,
                               const struct fnset *b);
