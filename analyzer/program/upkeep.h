/* upkeep.h - code that makes or ends an object, told by its locks: who initialises or destroys a
 * lock in an object has the object for himself, before others may use it or after the last one did.
 */
#pragma once

#include "program/contexts.h"

struct upkeep;

struct upkeep *upkeep_build(void *owner, const struct contexts *contexts);

/* Does the phase get to `fn` by way of a function (that one or up to three callers above) that
 * makes or ends objects of the record that `class` begins with? */
bool upkeep_is_at_work(const struct upkeep *upkeep, phase_id phase, fn_id fn, path_id class);
