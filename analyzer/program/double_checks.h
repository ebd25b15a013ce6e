/* double_checks.h - a variable tested without its lock, tested again and set with it, and what it
 * stands for used without the lock by who finds it set: double-checked locking (Schmidt, Harrison,
 * "Double-Checked Locking", PLoP 1996). Without release at the store and acquire at the first test
 * it is broken: Bacon et al., "The 'Double-Checked Locking is Broken' Declaration", 2000;
 * C11 5.1.2.4.
 */
#pragma once

#include "program/accessmap.h"

/* Sets a variable, if it is not set yet, with a lock held over test and store. */
struct locked_init {
    fn_id fn;
    op_id test;
    uint32_t branch; /* that depends on it */
    op_id act;       /* the store, or a call that leads to it */
    fn_id store_fn;  /* whose the store is: `fn`, or one that it calls */
    op_id store;
    path_id path; /* in terms of `fn` */
    const struct variable *variable;
    path_id lock; /* in terms of the function; PATH_NONE: its caller's */
};

struct double_check {
    const struct locked_init *init;
    fn_id fn; /* which tests without the lock, and then comes to the init */
    op_id test;
    path_id path;                /* the variable in its terms */
    op_id slow;                  /* the second test, or the call that leads to it */
    path_id lock;                /* in absolute terms */
    const struct access *tester; /* the test, while another context... */
    const struct access *setter; /* ... is at the store */
    fn_id use_fn;                /* what it stands for is used here... */
    op_id use;                   /* ...; ID_NONE: returned to a caller */
    uint32_t use_block;          /* by the end of this block */
    const struct variable *used; /* the variable that is used; NULL: what the pointer points to */
    const struct access *filled; /* its write by the init; NULL */
    const struct access *user;   /* its use; NULL */
    bool weak_test;              /* no acquire */
    bool weak_store;             /* no release */
};

/* Those that lack one of the two, in the order of functions and ops. Owned by `owner`. */
struct double_checks {
    VEC(struct double_check) v;
    VEC(struct locked_init *) inits;
};
struct double_checks *double_checks_find(void *owner, const struct accessmap *map);
