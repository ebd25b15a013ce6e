/* late_acts.h - what is tested in one turn of an event loop and acted upon in a later one: turn 1
 * tests and starts a request, other callbacks run, and the callback that answers the request relies
 * on the test. One thread, and no lock could help.
 */
#pragma once

#include "program/class_ops.h"
#include "program/demand.h"
#include "program/requests.h"

enum { MAX_HOPS = 3 };

struct late_act {
    path_id path;  /* the variable, in terms of `fn` */
    fn_id starter; /* callback in whose turn the test is */
    fn_id fn;      /* the function that tests */
    op_id read;    /* reads the variable */
    uint32_t branch;
    op_id start; /* call in `fn` that starts the request, or leads to it */
    uint32_t n_hops;
    const struct request *hops[MAX_HOPS]; /* each started in the turn that answers the last */
    fn_id act_fn;
    op_id act;   /* the change that relies on the test */
    fn_id rival; /* callback whose turn can come in between */
    fn_id rival_fn;
    op_id rival_op; /* the change that makes an end of what was tested */
    bool again;     /* that is the act itself, for another request that is under way */
};

/* All of them, one for each act, sorted by function and op of the act. Owned by `owner`. */
struct late_acts {
    VEC(struct late_act) v;
};
struct late_acts *late_acts_find(void *owner, struct class_ops *ops,
                                 const struct requests *requests);
