/* trail.h - one pointer followed through a function: which locals hold it, whether the lock under
 * which it was found has been let go, and whether a reference was taken before that.
 */
#pragma once

#include "program/containers.h"
#include "program/touches.h"

/* The locals that the pointer is followed through; one bit more is for the value itself. */
enum { MAX_HOLDERS = 30, ITSELF = 31, MAX_GUARDS = 4 };

/* What holds at a point. A bit for each local that holds the pointer. */
struct mark {
    bool reached;
    uint32_t open; /* it may go any time the lock is free */
    uint32_t safe; /* the function has made it its own */
    uint32_t free; /* a bit for each guard: has been given back since */
};

/* A lock that was held at the lookup. */
struct guard {
    path_id lock;     /* in terms of the function; PATH_NONE: the callee's */
    path_id absolute; /* ... of the program */
};

struct trail {
    const struct contexts *contexts;
    const struct flows *flows;
    struct touches *touches;
    fn_id fn;
    const struct prog_fn *body;
    op_id seed;             /* the read or call that yields the pointer */
    bool taken;             /* that has taken the object out of where it was (`v[--n]`) */
    struct containers from; /* where it was read from */
    uint32_t n_guards;
    struct guard guards[MAX_GUARDS];
    uint32_t n_holders;
    uint32_t holders[MAX_HOLDERS]; /* locals */
    struct mark *in;               /* by block; room for all of them */
};

/* Adds a lock that was held at the lookup. Those without an address (the GIL) don't count: no call
 * names them. */
void trail_add_guard(struct trail *t, path_id lock, path_id absolute);

/* Works out t->in and t->holders. */
void trail_follow(struct trail *t);

/* The state behind an op. */
void trail_step(struct trail *t, op_id op, struct mark *mark);

/* The state at the end of a block. */
struct mark trail_run_block(struct trail *t, uint32_t b);

/* Notes the guards that are not held before the op. */
void trail_note_free(const struct trail *t, op_id op, struct mark *mark);

/* Holders that a value is read from, or that it points into the object of. */
uint32_t trail_bits_of(const struct trail *t, value_id value);

/* Holders whose object the op uses. */
uint32_t trail_bits_used(struct trail *t, op_id op);

/* Is the guard held, perhaps, before the op that `held` is of? */
bool trail_is_held(const struct trail *t, const struct guard *guard, const struct held *held);
