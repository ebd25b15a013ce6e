/* joins.h - does a call that joins threads of an array join all that another call starts there? */
#pragma once

#include "program/flow.h"

/* Is it plain that `join` leaves some of the threads of `start` alone: another constant index, a
 * loop that begins later or ends earlier? The handles' paths are of one class. */
bool joins_only_some(const struct flows *flows, const struct call *start, path_id started,
                     const struct call *join, path_id joined);
