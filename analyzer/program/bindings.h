/* bindings.h - which event loops a callback is bound to, and so which threads run it. */
#pragma once

#include "program/contexts.h"

struct bindings;

/* The calls of the program that choose a handle's loop (event_base_set, uv_timer_init). */
struct bindings *bindings_build(void *owner, const struct contexts *contexts);

/* The loops that may run the function that `call` registers as `callback` says; LOOPS_ANY when it
 * can't be told. */
loop_set bindings_of(const struct bindings *bindings, const struct call *call,
                     const struct model_callback *callback);
