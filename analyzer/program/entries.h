/* entries.h - where the program starts running code: contexts and event-loop callbacks, read off
 * the models of the calls that start and register them.
 */
#pragma once

#include "program/contexts.h"

/* Fills contexts->v (without phases) and contexts->callbacks, and lets calls that run a loop or
 * call back at once have the callbacks among their callees. */
void entries_find(struct contexts *contexts, struct flows *flows);
