/* effects.h - what a call does to shared variables, for its caller: which ones its result, or what
 * it stores for the caller, tells of, and which ones it changes. So that
 * `if (!map_has(m, k)) map_put(m, k, v);` is seen to be a test and an act, though each call locks
 * by itself; to any depth of calls.
 */
#pragma once

#include "program/accessmap.h"
#include "program/depends.h"

enum {
    MAX_EFFECTS = 8, /* of a function: the nearest ones */
    NEAR_EFFECT = 0, /* calls down; farther away only what has a lock, or is atomic, is kept:
                        without either it is a data race first of all */
    FEW_BODIES = 4,  /* a pointer that can be so many functions is followed to each */
};

/* A shared variable in terms of the function, and how many calls below it is used. */
struct effect {
    path_id path;
    uint32_t depth; /* 0: in the function itself */
    uint32_t slot;  /* what tells of it: SLOT_RESULT, or the argument that points to the answer */
    uint32_t field; /* ... program's field: a member of that only; ID_NONE: all */
    bool atomic;    /* it is read, or written, atomically */
    bool counts;    /* all that is done is to add to it atomically, or take away */
    bool sets;      /* all that is done is to store a constant, or an argument */
    int shift;      /* all that is done adds a constant (1), or takes one away (-1); 0: neither */
    bool perhaps;   /* only some of the functions do it that a pointer on the way can be */
    bool at_times;  /* above the function that does it not every way comes to the call */
};

struct fn_effects {
    uint32_t n_told; /* reads that an answer depends on */
    struct effect told[MAX_EFFECTS];
    uint32_t n_changed; /* writes that do not first test what they change */
    struct effect changed[MAX_EFFECTS];
};

/* Why a change says little of what its caller had decided before. */
enum effect_doubt {
    DOUBT_NONE,
    DOUBT_COUNTS,   /* two calls down, and only adds to an atomic counter */
    DOUBT_SETS,     /* two calls down, and only stores a constant */
    DOUBT_AT_TIMES, /* two calls down, and only on some ways */
    DOUBT_PERHAPS,  /* only some of the functions that a pointer can be do it */
};
enum effect_doubt effect_doubt(const struct effect *changed);

/* Found out function by function, when somebody asks. */
struct effects;

/* Does the op add a constant to a number (1), or take one away (-1)? 0: neither. */
int op_shift(const struct ir_fn *ir, op_id op);

struct effects *effects_new(void *owner, const struct accessmap *map);

/* The program is another one: `map` is of it, flows_update() has told which functions are
 * `touched`. What is asked for is found out anew where something else goes in; that of others stays
 * as it was. */
void effects_update(struct effects *effects, const struct accessmap *map, const bool *touched);

/* The effects of a call on the caller's side: `told` and `changed` in terms of the caller. What all
 * bodies do that it can run, and if they are few, what one of them does. False: none is known. */
bool effects_of_call(struct effects *effects, const struct call *call, struct fn_effects *ret);
