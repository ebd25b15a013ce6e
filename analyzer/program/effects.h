/* effects.h - what a call does to shared variables, for its caller: which ones its result tells of,
 * and which ones it changes. So that `if (!map_has(m, k)) map_put(m, k, v);` is seen to be a test
 * and an act, though each call locks by itself.
 */
#pragma once

#include "program/accessmap.h"

enum { MAX_EFFECTS = 8, MAX_EFFECT_DEPTH = 2 };

/* A shared variable in terms of the function, and how many calls below it is used. */
struct effect {
    path_id path;
    uint32_t depth; /* 0: in the function itself */
    bool counts;    /* all that is done is to add to it atomically, or take away */
};

struct fn_effects {
    uint32_t n_told; /* reads that the returned value depends on */
    struct effect told[MAX_EFFECTS];
    uint32_t n_changed; /* writes that do not first test what they change */
    struct effect changed[MAX_EFFECTS];
};

struct effects;

struct effects *effects_build(void *owner, const struct accessmap *map);

/* The effects of a call on the caller's side: `told` and `changed` in terms of the caller. False:
 * none is known. */
bool effects_of_call(const struct effects *effects, const struct call *call,
                     struct fn_effects *ret);
