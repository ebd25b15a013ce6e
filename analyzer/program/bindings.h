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

/* The loops that the handle may be bound to which argument `arg` of `call` points to; `library` is
 * the one that both are of. */
loop_set bindings_of_handle(const struct bindings *bindings, const struct call *call, int arg,
                            const char *library);

/* The same for a handle that is known by its path in terms of `fn`. */
loop_set bindings_of_object(const struct bindings *bindings, fn_id fn, path_id handle,
                            const char *library);

/* The loops that calls bind this very handle to, beside `call` or anywhere; 0: no call is seen to.
 */
loop_set bindings_seen(const struct bindings *bindings, const struct call *call, int arg,
                       const char *library);
