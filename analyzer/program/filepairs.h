/* filepairs.h - where a function asks what a name stands for, decides on the answer, and acts on
 * the same name: the raw material of toctou-file.
 */
#pragma once

#include "program/fileuses.h"

/* Which answer leads to the act. */
enum file_side {
    SIDE_UNKNOWN,
    SIDE_THERE,
    SIDE_MISSING,
};

/* check -> branch -> act, in one function. */
struct file_pair {
    fn_id fn;
    struct file_use check;
    struct file_use act;
    uint32_t branch; /* block whose condition depends on the check; the act only runs on one side */
    bool by_kind; /* it asks what kind of file it is, whose, how big, and not only if it is there */
    uint32_t taken; /* which successor of the branch leads to the act */
    enum file_side side;
    enum file_place place; /* where the name leads */
};

struct filepairs {
    VEC(struct file_pair) v; /* by function, act, check */
};

/* All of the program. Left out: acts that nobody can get in the way of (O_EXCL), or that fail then
 * and are asked why; files that are looked at again through their descriptor; names in a directory
 * that only this process knows; acts that are the same on both sides. Owned by `owner`. */
struct filepairs *filepairs_find(void *owner, const struct flows *flows);
