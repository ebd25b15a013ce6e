/* html_layout.h - where the nodes of a small directed graph are drawn: in layers from left to right
 * (Sugiyama et al., IEEE SMC 11(2), 1981, without its dummy nodes), so that no drawing program has
 * to be there.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct layout_node {
    size_t width;   /* given; all numbers are pixels */
    uint32_t layer; /* the rest is the result */
    uint32_t row;   /* in its layer */
    size_t x, y;    /* the upper left corner */
};

struct layout_edge {
    uint32_t from, to; /* nodes */
};

struct layout {
    struct layout_node *nodes;
    size_t n_nodes;
    const struct layout_edge *edges;
    size_t n_edges;
    size_t width, height; /* result: of the whole */
};

enum { LAYOUT_NODE_HEIGHT = 30, LAYOUT_MARGIN = 24 };

/* Fills the results; the same for the same graph. */
void layout_compute(struct layout *layout);
