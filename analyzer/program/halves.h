/* halves.h - what is done to an atomic variable in two steps and needs to be one: each step is
 * whole, and another thread comes in between. Raw material of check-then-act. (Two steps on a plain
 * or volatile variable are a data race, or two critical sections.)
 */
#pragma once

#include "program/decisions.h"
#include "program/focus.h"

enum half_kind {
    HALF_UPDATE,    /* v = load(x); store(x, f(v)); also x = x + 1 */
    HALF_TWICE,     /* x * 2 + x: one value made of two reads */
    HALF_RELIES,    /* x != 0 && n / x: tested, and read once more to be relied upon */
    HALF_UNCHECKED, /* a compare-and-exchange of a value made from an older one, and nobody asks if
                       it came about */
    HALF_WEAK,      /* a weak one that is not tried again: it may fail though nothing has changed */
};

struct half {
    enum half_kind kind;
    struct decision
        decision; /* its `fn`, `path`, `read` (the first step), `act` (the second); of
                     HALF_RELIES `branch` and `side` as well, else `branch` is ID_NONE */
};

/* Those of functions in `focus`, by function, then the second step. Owned by `owner`. */
struct halves {
    VEC(struct half) v;
};
struct halves *halves_find(void *owner, const struct accessmap *map, const struct focus *focus);
