/* demand.h - what a test has found out of a variable, which changes rely on that, and which ones
 * take it away: `if (slots > 0)` is what `slots--` relies on, and what another `slots--` takes
 * away; `slots++` does neither.
 */
#pragma once

#include "program/flow.h"

enum demand_kind {
    DEMAND_NONE, /* nothing that can be told */
    DEMAND_MORE, /* it is above something */
    DEMAND_LESS, /* it is below something */
    DEMAND_SET,  /* it is not 0, or NULL */
    DEMAND_IS,   /* it is `value` */
};

/* What holds of the variable on one side of a branch. */
struct demand {
    enum demand_kind kind;
    int64_t value; /* DEMAND_IS */
};

/* What side `side` of the branch of block `branch` says of what op `read` read. */
struct demand demand_of(const struct flows *flows, fn_id fn, uint32_t branch, uint32_t side,
                        op_id read);

enum change_kind {
    CHANGE_NONE, /* no write, or nothing that can be told */
    CHANGE_UP,
    CHANGE_DOWN,
    CHANGE_TO,  /* to the constant `value` */
    CHANGE_NEW, /* to something else */
};

struct change {
    enum change_kind kind;
    int64_t value; /* CHANGE_TO */
};

/* What the op does to the variable it writes. */
struct change change_of(const struct flows *flows, fn_id fn, op_id op);

/* Is the change right only as long as the demand holds? `pointer`: of a variable that is one. */
bool change_relies_on(struct change change, struct demand demand, bool pointer);

/* Can the change make an end of what the demand says? */
bool change_ends(struct change change, struct demand demand);
