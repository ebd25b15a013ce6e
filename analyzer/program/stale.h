/* stale.h - pointers that are looked up under a lock and used after it was let go: what another
 * context may free in between.
 *
 *     lock(&mu); c = table[i]; unlock(&mu); ... c->x = 1;      c = conn_find(id); c->x = 1;
 *
 * Not stale is what the function has made its own before it let the lock go: by a reference (a
 * count in the object that goes up), a mark in it, or by taking it out of where it was found.
 */
#pragma once

#include "program/focus.h"
#include "program/frees.h"
#include "program/trail.h"

/* A pointer used after the lock under which it was found is given back. */
struct stale_use {
    fn_id fn;
    op_id found;  /* IR_READ of the pointer, or the call that returned it */
    op_id let_go; /* the call that gave the lock back; ID_NONE: `found` did by itself */
    op_id use;
    const char *type; /* "struct conn *" */
    const char *name; /* the local that holds it; NULL: none */
    struct containers from;
    uint32_t n_locks; /* held when it was found, let go by the use; in absolute terms */
    path_id locks[MAX_GUARDS];
};

/* Callees before callers; one a use at most. */
struct stale_uses {
    VEC(struct stale_use) v;
};

/* Those of functions in `focus`, perhaps more. Owned by `owner`. */
struct stale_uses *stale_find(void *owner, const struct accessmap *map, const struct frees *frees,
                              const struct focus *focus);
