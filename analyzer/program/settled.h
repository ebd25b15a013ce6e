/* settled.h - what settings decide: two pieces of code that ask the same unchanging variable for
 * different answers never run in one run of the program.
 *
 * A variable is settled when nobody writes it while another thread can see it: options that main
 * reads before it starts threads. Conditions on such variables are collected along the branches
 * that lead to an op, and over all ways into its function.
 */
#pragma once

#include "program/accessmap.h"

struct settled;

/* Owned by `owner`. `map` is the program's access map. */
struct settled *settled_build(void *owner, const struct accessmap *map);

/* Do settings keep the two moments out of one run? */
bool settled_exclude(const struct settled *settled, struct moment a, struct moment b);
