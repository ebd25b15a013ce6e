/* lockgraph.h - the lock-acquisition graph: "held A, then waited for B".
 *
 * Waits that are not for a lock are nodes, too. The end of a thread that is joined with a lock held
 * (ROOT_END): its edges lead to all that the thread takes. A wake-up by a semaphore, a condition or
 * a barrier (ROOT_EVENT): its edges lead to what those who would have to give it take on every way
 * there.
 *
 * Nodes are locks in absolute terms: certain objects (a global, a field of one), else lock classes.
 * Cycles with their gate locks as in GoodLock (Havelund 2000; Agarwal et al., 2010).
 */
#pragma once

#include "program/contexts.h"

enum { MAX_WITNESSES = 32 }; /* of one edge */

/* One place where an edge is made. */
struct lock_witness {
    context_id context;
    phase_id phase; /* of that context */
    fn_id fn;       /* where the held lock and the wanted one meet */
    const struct acquisition *acquisition;
    const struct lockset *held; /* all that is held there, in absolute terms */
    enum token_mode from_mode;
    struct site from_taken; /* where the held one was taken; SITE_NONE: several places */
};

struct lock_edge {
    uint32_t from; /* lockgraph.locks */
    uint32_t to;
    VEC(struct lock_witness) witnesses; /* at most MAX_WITNESSES, all that wait */
};

struct lock_node {
    path_id path;
    unsigned acquisitions; /* calls that take it */
    VEC(uint32_t) out;     /* edges, sorted by target */
};

struct lockgraph {
    const struct contexts *contexts;
    VEC(struct lock_node) locks; /* sorted by first acquisition */
    VEC(struct lock_edge) edges;
};

struct lockgraph *lockgraph_build(void *owner, const struct contexts *contexts);

/* One cycle: edges e[0] .. e[n-1], each from the target of the one before; e[0] starts at the
 * smallest lock. An edge of a class to itself is a cycle of one. */
struct lock_cycle {
    VEC(uint32_t) edges;
};
/* The shortest cycle through each edge, each cycle once. Owned by `owner`. */
struct lock_cycles {
    struct lock_cycle *v;
    size_t n;
};
struct lock_cycles lockgraph_cycles(void *owner, const struct lockgraph *graph);
