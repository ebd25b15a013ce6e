/* rounds.h - barriers: what comes before a barrier in one thread is over when another one is past
 * it.
 */
#pragma once

#include "program/contexts.h"

struct rounds;

/* Which rounds of which barriers each context's code is in. */
struct rounds *rounds_build(void *owner, const struct contexts *contexts);

/* Are the two moments in different rounds of a barrier at which both contexts wait? */
bool rounds_apart(const struct rounds *rounds, struct moment a, struct moment b);
