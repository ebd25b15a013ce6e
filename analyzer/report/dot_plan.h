/* dot_plan.h - what dot.c draws, in the order in which it draws it. */
#pragma once

#include "program/prog.h"

/* A lock. */
struct dot_node {
    const char *name;
    uint32_t lock;  /* lockgraph.locks */
    bool has_edges; /* as a source or a target */
    bool on_cycle;
};

/* An edge between nodes. */
struct dot_line {
    uint32_t from; /* dot_plan.nodes */
    uint32_t to;
    uint32_t edge; /* lockgraph.edges */
    bool on_cycle;
};

/* As many nodes and lines as the graph has locks and edges. */
struct dot_plan {
    const struct lockgraph *graph;
    struct dot_node *nodes; /* by name */
    struct dot_line *lines; /* by source and target; those on a cycle last, over the others */
    size_t n_on_cycle;      /* lines */
    size_t n_alone;         /* nodes without any edge */
};

/* Owned by `owner`. */
struct dot_plan dot_plan_of(void *owner, const struct prog *prog);
