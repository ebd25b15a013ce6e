/* waiting_calls.h - of each function the calls that wait, or lead on to one that does, for the
 * walks of callback_waits.c: many callbacks come to the same functions.
 */
#pragma once

#include "program/contexts.h"
#include "program/focus.h"

struct waiting_call {
    const struct call *call;
    const struct need *need; /* flow_need_of() */
    enum blocks_what what;
    bool sure;       /* of that */
    bool leads_on;   /* its callees are looked at, too */
    bool asks;       /* a switch over a member decides about it: see told_by_member() */
    size_t first, n; /* of its callees that lead there, in waiting_calls_in.callees */
};

/* Those of a function. */
struct waiting_calls_in {
    bool known;
    VEC(struct waiting_call) v;
    VEC(fn_id) callees;
};

struct waiting_calls;

/* Owned by `owner`. */
struct waiting_calls *waiting_calls_new(void *owner, const struct contexts *contexts);

/* From here on only calls in functions of `focus` count, and what leads to these. Nobody has asked
 * yet. */
void waiting_calls_look_for(struct waiting_calls *calls, const struct focus *focus);

/* Those of `fn`; they belong to `calls`. */
const struct waiting_calls_in *waiting_calls_of(struct waiting_calls *calls, fn_id fn);

/* Has the function any call that counts, or can it come to one? True where all count. */
bool waiting_calls_behind(const struct waiting_calls *calls, fn_id fn);
