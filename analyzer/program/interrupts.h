/* interrupts.h - variables that a signal handler changes in the middle of a thread which reads
 * them.
 *
 * C11 5.1.2.3p5: only lock-free atomics and `volatile sig_atomic_t` have a value then. Volatile
 * variables of other types are left out: in practice they do.
 */
#pragma once

#include "program/accessmap.h"
#include "program/focus.h"

/* A handler's plain write and a plain read (or change) by a thread that it can interrupt there. */
struct interrupt {
    path_id path; /* one certain object */
    struct moment write;
    struct moment read;
};

struct interrupts {
    VEC(struct interrupt) v; /* one a variable */
};

/* Those of variables that are used in `focus`. Owned by `owner`. */
struct interrupts *interrupts_find(void *owner, const struct accessmap *map,
                                   const struct focus *focus);
