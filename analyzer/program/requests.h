/* requests.h - who asks an event loop to call a function later: starts a request, arms a timer,
 * watches a descriptor. And what runs in one turn of a loop: a callback and all that it calls.
 */
#pragma once

#include "program/loop_turns.h"

/* A call after which a loop will run `callback`. */
struct request {
    const struct call *call; /* chooses the callback: a wrapper's call counts for the wrapper */
    fn_id callback;
    const char *by; /* the library's function */
    bool again;     /* the loop may run it more than once: a watcher, a repeating timer */
};

struct requests {
    const struct contexts *contexts;
    VEC(struct request)
    v;                           /* sorted by the call's function, then op; no call twice for one
                                    callback */
    VEC(struct loop_turn) turns; /* one for each function that is some request's callback */
    uint32_t *turn_of;           /* by fn: index in turns; ID_NONE */
};

/* All requests of the program; NULL: it has none. Owned by `owner`. */
struct requests *requests_find(void *owner, const struct contexts *contexts);

/* Does some turn get to the function? */
bool requests_in_turn(const struct requests *requests, fn_id fn);

/* Can a turn of `between` come after one that starts the request and before the one that answers
 * it, or is all of that one chain, in which each starts the next? `starter` is the callback whose
 * turn starts it. */
bool requests_can_mix(const struct requests *requests, fn_id starter, fn_id answer, fn_id between);
