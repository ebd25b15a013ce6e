/* reliances.h - where a function relies on what it has read of a shared variable before, in another
 * way than by deciding whether to change that variable (for which see decisions.h): it writes a
 * value back that it made of the old one, uses the old one as an index, changes something else
 * because of it, or fills memory that it got for the old number.
 *
 * Variables that belong together are those of Lu et al., "MUVI", SOSP 2007; that each section is
 * right by itself, and only the pair is not, is a "high-level data race" (Artho, Havelund, Biere,
 * 2003).
 */
#pragma once

#include "program/gil_gaps.h"
#include "program/shared_ops.h"

enum reliance_kind {
    RELIES_TO_WRITE_BACK, /* `n = count; ... count = n + 1`: the variable itself is set */
    RELIES_FOR_INDEX,     /* `i = used; ... slots[i] = x` */
    RELIES_TO_DECIDE,     /* `if (open) ... queue = x`, on one side of the branch */
    RELIES_FOR_SIZE,      /* `p = malloc(count); ... memcpy(p, items, count)` */
};

/* read -> act, in one function. */
struct reliance {
    enum reliance_kind kind;
    fn_id fn;
    op_id read;   /* the shared variable is read here, or a call's result tells of it */
    bool by_call; /* ... a call's result */
    path_id path; /* the variable, in terms of `fn` */
    op_id act;
    path_id acted;   /* what is used or changed then; RELIES_FOR_SIZE: PATH_NONE */
    uint32_t branch; /* RELIES_TO_DECIDE: the block that decides; else ID_NONE */
    op_id fresh;     /* RELIES_FOR_SIZE: the read by which the memory is filled; else ID_NONE */
};

/* Sorted by function, act, read, kind. */
struct reliances {
    const struct gil_gaps *gaps; /* calls that let go what is held before and behind; NULL */
    VEC(struct reliance) v;
};

/* Adds those of one function. Functions are to come in the order of their ids. */
void reliances_find(struct reliances *reliances, struct fn_view *view);
