/* locktypes.h - which objects have a lock in them, by their types. */
#pragma once

#include "program/flow.h"

/* Is a lock in the object at this place of `fn`, or is it one? */
bool locktypes_in_place(const struct flows *flows, const struct prog_fn *fn, place_id place);

/* Is a lock in what argument `arg` of the call points to? */
bool locktypes_behind(const struct flows *flows, const struct call *call, int arg);
