/* lockgraph_build.h - the lock graph while it grows, for the files that add to it. */
#pragma once

#include "program/lockgraph.h"

struct lockgraph_build {
    struct lockgraph *out;
    const struct contexts *contexts;
    const struct flows *flows;
    uint32_t *node_of; /* by path id; ID_NONE */
    size_t n_node_of;
};

/* The node of a lock in absolute terms; adds it when it is new. */
uint32_t lockgraph_node(struct lockgraph_build *b, path_id path);

/* The edge between two nodes; adds it when it is new. Valid until the next one is added. */
struct lock_edge *lockgraph_edge(struct lockgraph_build *b, uint32_t from, uint32_t to);

/* Adds a place to an edge, unless it has it already or has enough. */
void lockgraph_witness(struct lockgraph_build *b, struct lock_edge *edge,
                       struct lock_witness witness);

/* lockgraph_waits.c: edges from what is held at a call that waits to `wanted`, which ends the wait;
 * `given_up` (PATH_NONE: nothing) is not held while it waits. Of one context, or CONTEXT_ANY. True:
 * there is one. */
#define CONTEXT_ANY ((context_id){UINT32_MAX})
bool lockgraph_wait(struct lockgraph_build *b, const struct call *wait, path_id wanted,
                    context_id context, path_id given_up);

/* lockgraph_waits.c: a wait for a semaphore, a condition, a barrier or a routine that runs once is
 * waiting for all that those who end it still have to take. */
void lockgraph_add_waits(struct lockgraph_build *b);

/* lockgraph_joins.c: joining a thread is waiting for all it still has to take. */
void lockgraph_add_joins(struct lockgraph_build *b);
