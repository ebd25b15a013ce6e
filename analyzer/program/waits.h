/* waits.h - waits for a condition, and whether who is woken tests again what it has waited for.
 *
 * A wait can end for nothing, or when another thread was faster (POSIX, pthread_cond_wait:
 * "spurious wakeups"; "Mesa semantics": Lampson, Redell, CACM 23(2), 1980). So what it waits for,
 * its predicate, belongs into the condition of a loop.
 */
#pragma once

#include "program/accessmap.h"

enum wait_fate {
    WAIT_GOOD,   /* tests again, or nothing relies on what it was woken for */
    WAIT_RELIES, /* goes on as if it held */
    WAIT_LEAVES, /* returns without a test: it is its caller who can test */
};

/* The tests that decide if a wait is come to, under its lock. */
struct wait_test {
    uint32_t block;       /* the one that comes first; ID_NONE: there is none */
    op_id asked;          /* what it asks: a read, or a call */
    path_id about;        /* the variable, in terms of the function; PATH_NONE: what a call tells */
    VEC(path_id) classes; /* of all variables that they ask, also in what they call */
    bool opaque;          /* they also ask a function without a body */
    bool loops;           /* they are a loop's: who does not wait leaves the loop */
};

/* A call that waits for a condition, itself or in a function that waits once for its caller. */
struct wait {
    fn_id fn;
    op_id op;
    const struct wait *inner; /* the wait in the function that is called; NULL: it waits itself */
    path_id lock;             /* that it gives up meanwhile; PATH_NONE: can't be said */
    path_id cond;
    bool lets_go; /* the function that is called takes the lock and gives it back itself */
    bool timed;   /* gives up after a time */
    bool ignored; /* nobody looks at the result: all the same if it was woken */
    struct wait_test test;
    enum wait_fate fate;
    op_id relies;    /* WAIT_RELIES: there, in `relies_fn` */
    fn_id relies_fn; /* `fn`, or a caller of it */
    bool changes;    /* ... by changing what was tested */
};

/* All waits of the program, in the order of functions and ops. Owned by `owner`. */
struct waits {
    VEC(struct wait *) v;
};
struct waits *waits_find(void *owner, const struct accessmap *map);
