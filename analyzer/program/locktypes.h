/* locktypes.h - which objects have a lock in them, by their types. */
#pragma once

#include "program/flow.h"

struct locktypes; /* remembers what it was asked; opaque */

struct locktypes *locktypes_new(void *owner, const struct flows *flows);

/* Is a lock in the object at this place of `fn`, or is it one? */
bool locktypes_in_place(struct locktypes *types, const struct prog_fn *fn, place_id place);

/* Is a lock in what argument `arg` of the call points to? */
bool locktypes_behind(struct locktypes *types, const struct call *call, int arg);
