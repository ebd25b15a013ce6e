/* spawners.h - functions that start a thread for their caller, who says what it runs.
 *
 * spawn(&t, work) hands the routine on to pthread_create(), or puts it in a box that a routine of
 * its own, a trampoline, opens: box->run = work; pthread_create(&t, NULL, open, box);
 */
#pragma once

#include "program/flow.h"

struct spawners;

/* Owned by `owner`. */
struct spawners *spawners_build(void *owner, const struct flows *flows);

/* The value that says what the thread (or the job of a pool) runs that the call starts, itself or
 * in a spawner; ID_NONE: it starts none. */
value_id spawners_entry(const struct spawners *spawners, const struct call *call);

/* Which parameter (from 0) of the function says what the threads run that it starts for its caller;
 * ID_NONE: it is no spawner. */
uint32_t spawners_param(const struct spawners *spawners, fn_id fn);

/* Is what the call starts up to the caller of its function? */
bool spawners_is_handed_on(const struct spawners *spawners, const struct call *call);

/* The call by which the routine that `start` starts gets to what the spawner was handed; NULL: the
 * routine is no trampoline. */
const struct call *spawners_hop(const struct spawners *spawners, const struct call *start);
