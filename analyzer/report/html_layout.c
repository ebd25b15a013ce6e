#include "report/html_layout.h"

#include "base/mem.h"

#include <stdlib.h>

enum {
    LAYER_GAP = 110, /* room for edges and their numbers */
    ROW_GAP = 26,
    SWEEPS = 8,
};

struct work {
    struct layout *layout;
    bool *is_back; /* by edge: it closes a circle, so it says nothing of layers */
    char *state;   /* by node: 0 not seen, 1 on the way, 2 done */
};

static void find_back_edges(struct work *work, uint32_t node)
{
    const struct layout *layout = work->layout;

    work->state[node] = 1;
    for (size_t i = 0; i < layout->n_edges; i++) {
        uint32_t to = layout->edges[i].to;
        if (layout->edges[i].from != node) {
            continue;
        }
        if (work->state[to] == 1) {
            work->is_back[i] = true;
        } else if (work->state[to] == 0) {
            find_back_edges(work, to);
        }
    }
    work->state[node] = 2;
}

/* A node stands right of all that lead to it. */
static void find_layers(struct work *work)
{
    const struct layout *layout = work->layout;
    bool changed = true;

    for (uint32_t i = 0; i < layout->n_nodes; i++) {
        layout->nodes[i].layer = 0;
        if (work->state[i] == 0) {
            find_back_edges(work, i);
        }
    }
    while (changed) {
        changed = false;
        for (size_t i = 0; i < layout->n_edges; i++) {
            struct layout_node *to = &layout->nodes[layout->edges[i].to];
            uint32_t least = layout->nodes[layout->edges[i].from].layer + 1;
            if (!work->is_back[i] && to->layer < least) {
                to->layer = least;
                changed = true;
            }
        }
    }
}

struct ranked {
    double weight; /* mean row of the neighbours */
    uint32_t node;
    uint32_t layer;
};

static int compare_ranked(const void *left, const void *right)
{
    const struct ranked *a = left;
    const struct ranked *b = right;

    if (a->layer != b->layer) {
        return a->layer < b->layer ? -1 : 1;
    }
    if (a->weight != b->weight) {
        return a->weight < b->weight ? -1 : 1;
    }
    return a->node < b->node ? -1 : 1;
}

/* The mean row of the neighbours on one side; the own one where there are none. */
static double mean_row(const struct layout *layout, uint32_t node, bool of_sources)
{
    double sum = 0;
    size_t n = 0;

    for (size_t i = 0; i < layout->n_edges; i++) {
        uint32_t here = of_sources ? layout->edges[i].to : layout->edges[i].from;
        uint32_t there = of_sources ? layout->edges[i].from : layout->edges[i].to;
        if (here == node && there != node) {
            sum += layout->nodes[there].row;
            n++;
        }
    }
    return n == 0 ? layout->nodes[node].row : sum / (double)n;
}

/* Rows by the neighbours' rows: fewer edges cross. */
static void find_rows(struct layout *layout, struct ranked *order, unsigned sweep)
{
    for (uint32_t i = 0; i < layout->n_nodes; i++) {
        double weight = sweep == 0 ? 0 : mean_row(layout, i, sweep % 2 == 1);
        order[i] = (struct ranked){weight, i, layout->nodes[i].layer};
    }
    qsort(order, layout->n_nodes, sizeof *order, compare_ranked);
    for (size_t i = 0, row = 0; i < layout->n_nodes; i++) {
        row = i > 0 && order[i].layer == order[i - 1].layer ? row + 1 : 0;
        layout->nodes[order[i].node].row = (uint32_t)row;
    }
}

/* `order` is by layer and row. */
static void place(struct layout *layout, const struct ranked *order)
{
    size_t x = LAYOUT_MARGIN;
    size_t widest = 0;

    layout->height = 0;
    for (size_t i = 0; i < layout->n_nodes; i++) {
        struct layout_node *node = &layout->nodes[order[i].node];
        if (i > 0 && order[i].layer != order[i - 1].layer) {
            x += widest + LAYER_GAP;
            widest = 0;
        }
        node->x = x;
        /* every other layer is a bit lower, so that long edges pass between the nodes */
        node->y = LAYOUT_MARGIN + node->row * (size_t)(LAYOUT_NODE_HEIGHT + ROW_GAP) +
                  node->layer % 2 * (LAYOUT_NODE_HEIGHT + ROW_GAP) / 2;
        widest = node->width > widest ? node->width : widest;
        if (node->y + LAYOUT_NODE_HEIGHT + LAYOUT_MARGIN > layout->height) {
            layout->height = node->y + LAYOUT_NODE_HEIGHT + LAYOUT_MARGIN;
        }
    }
    layout->width = x + widest + 2 * LAYOUT_MARGIN;
}

void layout_compute(struct layout *layout)
{
    void *owner = mem_owner(NULL, "layout_compute");
    struct work work = {layout, mem_array(owner, bool, layout->n_edges + 1),
                        mem_array(owner, char, layout->n_nodes + 1)};
    struct ranked *order = mem_array(owner, struct ranked, layout->n_nodes + 1);

    find_layers(&work);
    for (unsigned sweep = 0; sweep <= SWEEPS; sweep++) {
        find_rows(layout, order, sweep);
    }
    place(layout, order);
    talloc_free(owner);
}
