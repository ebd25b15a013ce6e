/* absolute.h - the paths of a function in terms of the whole program. */
#pragma once

#include "program/flow.h"

struct absolutes; /* what has been asked so far; opaque */

struct absolutes *absolutes_new(void *owner, const struct flows *flows);

/* See contexts_absolute(). The same is asked for each context, phase and rule: each answer is found
 * once. */
path_id absolutes_find(struct absolutes *absolutes, fn_id fn, path_id path);
