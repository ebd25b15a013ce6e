#include "program/lockgraph.h"

#include <string.h>

/* Shortest way from `edge->to` back to `edge->from` (breadth first), as edges behind `edge`. */
static bool close_cycle(const struct lockgraph *graph, uint32_t edge, void *owner,
                        struct lock_cycle *ret)
{
    size_t n = graph->locks.n;
    uint32_t *by = mem_array(NULL, uint32_t, n); /* edge by which a lock was found, + 1 */
    uint32_t *queue = mem_array(NULL, uint32_t, n);
    uint32_t start = graph->edges.v[edge].to;
    uint32_t goal = graph->edges.v[edge].from;
    size_t next = 0;
    size_t end = 0;

    queue[end++] = start;
    while (next < end && by[goal] == 0 && start != goal) {
        const struct lock_node *node = &graph->locks.v[queue[next++]];
        for (size_t i = 0; i < node->out.n; i++) {
            uint32_t to = graph->edges.v[node->out.v[i]].to;
            if (by[to] == 0 && to != start) {
                by[to] = node->out.v[i] + 1;
                queue[end++] = to;
            }
        }
    }
    bool found = start == goal || by[goal] != 0;
    if (found) {
        VEC(uint32_t) back = {NULL, 0};
        for (uint32_t at = goal; at != start; at = graph->edges.v[by[at] - 1].from) {
            vec_push(NULL, &back, by[at] - 1);
        }
        vec_push(owner, &ret->edges, edge);
        while (back.n > 0) {
            vec_push(owner, &ret->edges, back.v[--back.n]);
        }
        talloc_free(back.v);
    }
    talloc_free(by);
    talloc_free(queue);
    return found;
}

/* The edges turned so that the one that starts at the smallest lock is first. */
static void normalise(const struct lockgraph *graph, struct lock_cycle *cycle)
{
    size_t n = cycle->edges.n;
    size_t first = 0;
    uint32_t *turned = mem_array(NULL, uint32_t, n);

    for (size_t i = 1; i < n; i++) {
        if (graph->edges.v[cycle->edges.v[i]].from < graph->edges.v[cycle->edges.v[first]].from) {
            first = i;
        }
    }
    for (size_t i = 0; i < n; i++) {
        turned[i] = cycle->edges.v[(first + i) % n];
    }
    memcpy(cycle->edges.v, turned, n * sizeof *turned);
    talloc_free(turned);
}

static bool cycle_is_known(const struct lock_cycles *cycles, const struct lock_cycle *cycle)
{
    for (size_t i = 0; i < cycles->n; i++) {
        if (cycles->v[i].edges.n == cycle->edges.n &&
            memcmp(cycles->v[i].edges.v, cycle->edges.v, cycle->edges.n * sizeof *cycle->edges.v) ==
                0) {
            return true;
        }
    }
    return false;
}

struct lock_cycles lockgraph_cycles(void *owner, const struct lockgraph *graph)
{
    struct lock_cycles cycles = {NULL, 0};

    for (uint32_t e = 0; e < graph->edges.n; e++) {
        struct lock_cycle cycle = {{NULL, 0}};
        if (!close_cycle(graph, e, owner, &cycle)) {
            continue;
        }
        normalise(graph, &cycle);
        if (!cycle_is_known(&cycles, &cycle)) {
            vec_push(owner, &cycles, cycle);
        }
    }
    return cycles;
}
