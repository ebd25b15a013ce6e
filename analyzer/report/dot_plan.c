#include "report/dot_plan.h"

#include <stdlib.h>
#include <string.h>

static int compare_nodes(const void *a, const void *b)
{
    const struct dot_node *x = a;
    const struct dot_node *y = b;
    int order = strcmp(x->name, y->name);

    return order != 0 ? order : (x->lock > y->lock) - (x->lock < y->lock);
}

/* Cycles come last, so that they are drawn over the others. */
static int compare_lines(const void *a, const void *b)
{
    const struct dot_line *x = a;
    const struct dot_line *y = b;

    if (x->on_cycle != y->on_cycle) {
        return x->on_cycle ? 1 : -1;
    }
    if (x->from != y->from) {
        return x->from < y->from ? -1 : 1;
    }
    return (x->to > y->to) - (x->to < y->to);
}

static void gather_nodes(struct dot_plan *plan, void *owner, const struct prog *prog)
{
    const struct lockgraph *graph = plan->graph;
    size_t n = graph->locks.n;

    plan->nodes = mem_array(owner, struct dot_node, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        plan->nodes[i].name = prog_path_name(owner, prog, FN_NONE, graph->locks.v[i].path);
        plan->nodes[i].lock = i;
    }
    for (size_t i = 0; i < graph->edges.n; i++) {
        plan->nodes[graph->edges.v[i].from].has_edges = true;
        plan->nodes[graph->edges.v[i].to].has_edges = true;
    }
    for (size_t i = 0; i < n; i++) {
        plan->n_alone += plan->nodes[i].has_edges ? 0 : 1;
    }
    qsort(plan->nodes, n, sizeof *plan->nodes, compare_nodes);
}

/* Needs the nodes in their order. */
static void gather_lines(struct dot_plan *plan, void *owner)
{
    const struct lockgraph *graph = plan->graph;
    struct lock_cycles cycles = lockgraph_cycles(owner, graph);
    uint32_t *position = mem_array(owner, uint32_t, graph->locks.n + 1);

    plan->lines = mem_array(owner, struct dot_line, graph->edges.n + 1);
    for (uint32_t i = 0; i < graph->locks.n; i++) {
        position[plan->nodes[i].lock] = i;
    }
    for (uint32_t i = 0; i < graph->edges.n; i++) {
        plan->lines[i] = (struct dot_line){.from = position[graph->edges.v[i].from],
                                           .to = position[graph->edges.v[i].to],
                                           .edge = i};
    }
    /* Each edge of a cycle is on the shortest one through it, and all of those are here. */
    for (size_t c = 0; c < cycles.n; c++) {
        for (size_t i = 0; i < cycles.v[c].edges.n; i++) {
            plan->lines[cycles.v[c].edges.v[i]].on_cycle = true;
        }
    }
    for (size_t i = 0; i < graph->edges.n; i++) {
        if (plan->lines[i].on_cycle) {
            plan->n_on_cycle++;
            plan->nodes[plan->lines[i].from].on_cycle = true; /* the target is a source, too */
        }
    }
    qsort(plan->lines, graph->edges.n, sizeof *plan->lines, compare_lines);
}

struct dot_plan dot_plan_of(void *owner, const struct prog *prog)
{
    struct dot_plan plan = {.graph = prog->lockgraph};

    gather_nodes(&plan, owner, prog);
    gather_lines(&plan, owner);
    return plan;
}
