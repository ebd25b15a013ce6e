#include "program/lock_wants.h"

#include <stdlib.h>

/* An acquisition that every caller sees as its own is theirs to tell: they know the lock better. */
static bool is_told_by_callers(const struct flows *flows, const struct acquisition *a)
{
    return a->lifted && !a->kept && !path_is_global(flows->paths, a->lock);
}

static int by_number(uint32_t a, uint32_t b)
{
    return a < b ? -1 : a > b;
}

static int by_lock(const void *a, const void *b)
{
    const struct lock_want *x = a;
    const struct lock_want *y = b;
    int order = by_number(x->lock.i, y->lock.i);

    order = order != 0 ? order : by_number(x->fn.i, y->fn.i);
    return order != 0 ? order : by_number(x->acquisition->op.i, y->acquisition->op.i);
}

struct lock_wants *lock_wants_build(void *owner, const struct contexts *contexts)
{
    struct lock_wants *out = mem_new(owner, struct lock_wants);
    const struct flows *flows = contexts->flows;

    for (uint32_t f = 0; f < flows->linked->fns.n; f++) {
        for (size_t i = 0; i < flows->v[f].acquisitions.n; i++) {
            const struct acquisition *a = flows->v[f].acquisitions.v[i];
            path_id lock = contexts_absolute(contexts, (fn_id){f}, a->lock);
            if (a->waits && !path_is_none(lock) && !is_told_by_callers(flows, a)) {
                vec_push(out, &out->v, (struct lock_want){lock, {f}, a});
            }
        }
    }
    if (out->v.n > 0) {
        qsort(out->v.v, out->v.n, sizeof *out->v.v, by_lock);
    }
    return out;
}

size_t lock_wants_of(const struct lock_wants *wants, path_id lock, size_t *ret_first)
{
    size_t low = 0;
    size_t high = wants->v.n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (wants->v.v[middle].lock.i < lock.i) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *ret_first = low;
    while (high < wants->v.n && path_eq(wants->v.v[high].lock, lock)) {
        high++;
    }
    return high - low;
}
