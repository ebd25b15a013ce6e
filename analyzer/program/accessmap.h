/* accessmap.h - the shared-variable access map: who reads and writes what, holding which tokens.
 *
 * A variable is a global, or a field of all objects of a struct type. What a context does while no
 * other thread runs, and what is done to an object that nobody else has seen yet, is left out: it
 * needs no lock (ownership as in RacerD: Blackshear et al., OOPSLA 2018).
 */
#pragma once

#include "program/contexts.h"
#include "program/ownership.h"

struct access {
    context_id context;
    phase_id phase; /* of that context */
    fn_id fn;
    op_id op;
    path_id path; /* in absolute terms, or its class where it is not one certain object */
    bool writes;  /* IR_WRITE, IR_RMW */
    bool atomic;
    bool sure; /* the context gets there not only through pointers that may mean many functions */
    const struct lockset *held; /* on every path, in absolute terms */
};

struct variable {
    path_id class;
    VEC(struct access) accesses; /* sorted by context, function, op */
    VEC(uint32_t) sure_writes;   /* those of them that surely happen and write */
    unsigned reads;
    unsigned writes;
    bool shared;      /* written, and used by contexts that can run at once */
    path_id guard;    /* the lock that goes with its writes, or its class where it is the object's
                         own; PATH_NONE: none stands out */
    unsigned guarded; /* accesses that hold the guard, of reads + writes */
};

/* An op that reads or writes a variable which other threads could see. */
struct seen_op {
    op_id op;
    path_id path; /* in terms of its function */
};

/* Those of one function, in the order of their ops. */
struct seen_ops {
    VEC(struct seen_op) v;
    bool known; /* they have been looked for */
};

struct accessmap {
    const struct contexts *contexts;
    const struct ownership *ownership;
    VEC(struct variable) v; /* sorted by class */
    struct seen_ops *seen;  /* by fn; ask accessmap_seen_ops() */
    uint8_t *sym_changes;   /* by symbol: can its value change? 0: not asked */
    uint8_t *field_changes; /* the same, by field */
    uint32_t *by_class;     /* path id -> index in v; ID_NONE */
    size_t n_by_class;
    size_t n_locked; /* accesses to shared variables that hold a lock... */
    size_t n_atomic; /* ... that read and change one atomically */
};

struct accessmap *accessmap_build(void *owner, const struct contexts *contexts);

/* The variable that a path of `fn` is part of; NULL: not one that is shared between contexts. */
const struct variable *accessmap_find(const struct accessmap *map, fn_id fn, path_id path);

/* Index into variable->sure_writes of the first that the phase makes in `fn`; they are followed by
 * the others of that function. The number of all, or another function's: it makes none. */
size_t accessmap_first_write(const struct variable *variable, phase_id phase, fn_id fn);

/* Does the program look as if it made its own locks of atomics? Much is changed atomically, and
 * next to nothing is used under a lock that snarl knows. What that protects can't be told then. */
bool accessmap_has_own_locks(const struct accessmap *map);

/* Is the lock in the set, or one of its class where `lock` is a class? */
bool accessmap_holds(struct paths *paths, const struct lockset *held, path_id lock);

/* All that a function does itself to variables that other threads could see. */
const struct seen_ops *accessmap_seen_ops(const struct accessmap *map, fn_id fn);

/* Is op a write (or read) of a variable that other threads could see? *ret_path is which, in the
 * terms of `fn`. */
bool accessmap_is_shared_access(const struct accessmap *map, fn_id fn, op_id op, path_id *ret_path);
