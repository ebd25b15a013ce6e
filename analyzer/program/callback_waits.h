/* callback_waits.h - calls that can wait, reached from event-loop callbacks: of each callback the
 * nearest ones first. Looked for when somebody asks for a callback, once.
 *
 * Ways that end the process are left out, and so are other loops that a callback runs, what a
 * forked child does, what follows when the loop is told to stop, and functions whose attributes say
 * whether they wait.
 */
#pragma once

#include "program/contexts.h"
#include "program/focus.h"

/* A function on the way from a callback to a call that can wait, and how the callback gets there.
 */
struct callback_step {
    fn_id fn;
    fn_id caller; /* nearest first way; FN_NONE: the callback itself */
    op_id call;
    uint32_t depth; /* calls below the callback */
};

struct blocking_call {
    const struct call *call;
    enum blocks_what what;
    bool sure;      /* false: depends on a flag or descriptor that could not be told */
    uint32_t depth; /* calls below the callback */
};

/* What one callback can wait for. */
struct callback_blocking {
    VEC(struct blocking_call) calls; /* nearest first, then by function and op */
    VEC(struct callback_step) steps; /* of the ways to them, sorted by fn */
};

struct callback_waits;

/* Nothing is looked for yet. Owned by `owner`. */
struct callback_waits *callback_waits_new(void *owner, const struct contexts *contexts);

/* From here on only calls in functions of `focus` are looked for (blocking_what() tells what they
 * wait for), by the same ways. Nobody has asked yet. */
void callback_waits_look_for(struct callback_waits *waits, const struct focus *focus);

/* Of number `callback` of contexts->callbacks. Belongs to `waits`. */
const struct callback_blocking *callback_waits_of(struct callback_waits *waits, size_t callback);

/* The step of a function that one of the calls is in, or that is on the way there. */
const struct callback_step *callback_waits_step(const struct callback_blocking *blocking, fn_id fn);
