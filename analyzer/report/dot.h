/* dot.h - the lock-acquisition graph, drawn: DOT text for Graphviz. */
#pragma once

#include "program/prog.h"

#include <stdio.h>

/* Writes the graph of `prog`: a node a lock (a box for one certain object, an ellipse for a class,
 * which stands for a lock in every object of its type), an edge from A to B where B was waited for
 * while A was held, labelled with the number of places. Edges that lie on a cycle are red. Locks
 * that are never held together with another are left out unless `all`.
 *
 * The same bytes for the same program. False when `out` did not take it. */
bool dot_write(const struct prog *prog, bool all, FILE *out);
