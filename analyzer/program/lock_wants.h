/* lock_wants.h - who waits for which lock: every acquisition that waits, by lock. */
#pragma once

#include "program/contexts.h"

struct lock_want {
    path_id lock; /* in absolute terms */
    fn_id fn;
    const struct acquisition *acquisition; /* of that function */
};

struct lock_wants {
    VEC(struct lock_want) v; /* sorted by lock, function, op */
};

/* Owned by `owner`. */
struct lock_wants *lock_wants_build(void *owner, const struct contexts *contexts);

/* The wants of one lock: from *ret_first, so many. */
size_t lock_wants_of(const struct lock_wants *wants, path_id lock, size_t *ret_first);
