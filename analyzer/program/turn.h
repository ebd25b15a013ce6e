/* turn.h - where a way that keeps a lock parts from those that give it back. */
#pragma once

#include "program/flow.h"

/* A branch of a function, and the side of it that keeps the lock. */
struct turn {
    uint32_t block;  /* ID_NONE: there is none to name */
    uint32_t side;   /* number of its successor */
    bool guards_one; /* the other side gives it back at once: `if (x) unlock();` */
};

/* The last branch on the way from the op `taken`, which takes the lock, to the end of block `end`
 * behind which one side keeps it to there, and another cannot. `gives` are the ops that give it
 * back. */
struct turn turn_find(const struct flows *flows, fn_id fn, op_id taken, uint32_t end,
                      const op_id *gives, size_t n_gives);

/* Can a way from the op `from` (ID_NONE: from the start) come to a return without passing `op`? */
bool turn_can_miss(const struct flows *flows, fn_id fn, op_id from, op_id op);
