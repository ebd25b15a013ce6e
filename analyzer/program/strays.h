/* strays.h - calls that touch what belongs to an event loop while another thread runs that loop, by
 * a function that the library does not make safe for that.
 */
#pragma once

#include "program/loop_uses.h"

struct stray {
    const struct loop_use *touch;
    struct moment here;
    const struct loop_use *run; /* the other thread is in this call */
    struct moment there;
    bool one_runner; /* all loops of the library in the program are run by that thread */
    bool one_loop;   /* both are about one loop, which is known */
    bool sure;       /* the thread that touches surely comes there */
    bool far; /* many calls below its start, in code that the loop's own thread runs, too: what
                 it finds there may be the loop's own thread's alone */
};

/* One for each call and context that makes it, in the order of calls. Owned by `owner`. */
struct strays {
    VEC(struct stray) v;
};
struct strays *strays_find(void *owner, const struct loop_uses *uses);
