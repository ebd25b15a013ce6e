/* ownership.h - objects that no other thread can see: fresh from the allocator and not yet stored
 * anywhere, or locals whose address stays in the family. What is done to them needs no lock
 * (ownership as in RacerD: Blackshear, Gorogiannis, O'Hearn, Sergey, OOPSLA 2018).
 */
#pragma once

#include "program/flow.h"

struct ownership;

struct ownership *ownership_build(void *owner, const struct flows *flows);

/* Is the object at the root of `path` (in terms of `fn`) out of every other thread's sight before
 * `op`? */
bool ownership_is_private(const struct ownership *ownership, fn_id fn, path_id path, op_id op);

/* The variable through which others can find the object at the root of `path` (what a call of `fn`
 * returned): the first one that it has been stored in before `op`. PATH_NONE: there is none. */
path_id ownership_published_in(const struct ownership *ownership, fn_id fn, path_id path, op_id op);
