/* own_named.h - what an event loop of the program's own calls by name in each of its turns: nothing
 * else of the loop runs meanwhile, as with a handler.
 *
 * Functions on the way down to the wait, and those that call its handlers, are the loop itself;
 * what they call beside that counts. Only of a loop that waits for many descriptors: who has one
 * peer may well wait for it in other ways, too.
 */
#pragma once

#include "program/callers.h"
#include "program/contexts.h"

struct own_loop;

/* Adds them to contexts->callbacks, as those of loop `number`. */
void own_named_add(struct contexts *contexts, const struct callers *callers,
                   const struct own_loop *loop, uint32_t number);
