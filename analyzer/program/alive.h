/* alive.h - where other threads may be running: the token `thread(T)` of DESIGN, from the creator's
 * side. What main does before the first thread starts, and after the last was joined, is not
 * concurrent with anything.
 */
#pragma once

#include "program/flow.h"

struct alive;

/* Which threads started by each function (or its callees) may be running at each of its ops. */
struct alive *alive_build(void *owner, const struct flows *flows);

/* When the function was entered with no other thread running: is that still so before `op`? */
bool alive_alone_at(const struct alive *alive, fn_id fn, op_id op);
