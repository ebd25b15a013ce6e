/* meant_waits.h - who waits for a lock because he wants to wait for its holder. Whatever the holder
 * does meanwhile, that is no hazard.
 */
#pragma once

#include "program/contexts.h"

/* Is the lock given back as soon as it is had, with nothing done in between? It is taken to see the
 * holder out. */
bool meant_to_wait(const struct contexts *contexts, fn_id fn, const struct acquisition *a);

/* Does the function of the moment join a thread of that context after it? Then it waits for all
 * that the thread still does, and for the lock's holder among it (`lock; stop = true; unlock; join`
 * of a shut-down). */
bool meant_to_join(const struct contexts *contexts, struct moment wanter, context_id holder);
