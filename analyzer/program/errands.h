/* errands.h - fan out, fan in: one thread gives others work by a flag or counter each, and goes on
 * only when all have set theirs back to 0 (errand_flags.h). What a helper does in between is
 * concurrent with what the giver does in that time, and with other helpers; with nothing else that
 * the giver does.
 *
 * A *mode* tells all of them what the errand is about: a variable that the giver sets before and
 * that nobody writes while helpers are away. It rules out code that wants another value of it:
 * `if (mode != IDLE) return;` before what no helper may do.
 */
#pragma once

#include "program/accessmap.h"

struct errands;

/* Owned by `owner`. */
struct errands *errands_build(void *owner, const struct accessmap *map);

/* Is one of the two part of an errand, and the other what the giver does at another time? Or is one
 * of them what no helper does on its errands, though it reaches the function? */
bool errands_apart(const struct errands *errands, struct moment a, struct moment b);
