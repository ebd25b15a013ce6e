/* claims_lock.h - from the text of a claim to the lock it names. Private to claims.c. */
#pragma once

#include "program/link.h"
#include "program/path.h"

/* A list of lock expressions as it is read: `q->mu, &table.locks[i], *m`. */
struct lock_reader {
    const struct linked *linked;
    struct paths *paths;
    const struct prog_fn *fn; /* whose parameters can be named; NULL: none */
    uint32_t record;          /* whose members can be named; ID_NONE: none */
    const char *at;           /* what is still to be read; "" at the end */
    path_id path;             /* out: the lock read last */
    const char *type;         /* type name of what `path` is; NULL: not known */
};

/* Reads one lock of the list and what separates it from the next. False: not understood. */
bool lock_reader_next(struct lock_reader *r);
