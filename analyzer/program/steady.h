/* steady.h - variables that are stored to and never change: every store puts the function that they
 * start with. A reader gets the same, whatever the order.
 */
#pragma once

#include "program/contexts.h"

/* Does every store to the variable, of what the program runs, put the function into it that its
 * initialiser does? `path` is one certain object. */
bool steady_is(const struct contexts *contexts, path_id path);
