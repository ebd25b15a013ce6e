/* cost.h - how bad it is to wait for a thing while others wait for the one who waits: an event
 * loop's other callbacks, those who want a lock, those who want the GIL.
 */
#pragma once

#include "rules/rule.h"

struct cost {
    enum level severity;
    bool shown;        /* by default */
    const char *what;  /* "sleeps"; NULL: no rule speaks of it */
    bool if_offered;   /* shown only where the loop's library offers another way: local files are
                          fast */
    const char *quick; /* why it is mostly over soon, "a local file seldom takes long"; NULL: it is
                          not */
};

/* What waiting for this costs. */
struct cost cost_of(enum blocks_what what);
