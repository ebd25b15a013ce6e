/* borders.h - locks that are held across the border of a function: do those on the other side know?
 *
 * A function can be meant to return with a lock, or to give its caller's back. Nothing but its
 * callers says so: they give the lock back, they hold it.
 */
#pragma once

#include "program/contexts.h"

struct borders;

struct borders *borders_build(void *owner, const struct contexts *contexts);

/* What callers, near or far, do with a lock that they get. */
enum receivers {
    RECEIVERS_NONE,    /* nobody is known to call the function */
    RECEIVERS_UNAWARE, /* no caller gives it back */
    RECEIVERS_AWARE,   /* some does, or could: it has too many states to tell */
};

enum receivers borders_receivers(const struct borders *borders, fn_id fn, path_id lock);

/* Who holds a lock that a function gives back as its caller's. */
struct holders {
    bool some_hold; /* some way there has it */
    bool some_lack; /* some way there, from where a thread starts, has it nowhere */
    bool open;      /* some way comes from a function that nobody is known to call, or a library,
                       and lacks it from there on */
    bool unknown;   /* some way could not be followed */
};

/* Over all calls of `fn`, whose giving `giving` (GIVES_CALLERS) is... */
struct holders borders_holders(const struct borders *borders, fn_id fn,
                               const struct giving *giving);
/* ... over the ways through one call. */
struct holders borders_holders_through(const struct borders *borders, const struct call *call,
                                       const struct giving *giving);
/* The giving of the calling function that this giving of its callee is, GIVES_CALLERS; NULL: none.
 */
const struct giving *borders_giving_at(const struct borders *borders, const struct call *call,
                                       const struct giving *giving);

/* All calls of `fn`; their number. */
size_t borders_calls_of(const struct borders *borders, fn_id fn, const struct call *const **ret);
