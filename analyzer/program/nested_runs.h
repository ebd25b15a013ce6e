/* nested_runs.h - what is tested before a call that runs the event loop, and acted upon behind it:
 * the callbacks that ran in between can have changed it.
 */
#pragma once

#include "program/class_ops.h"
#include "program/demand.h"
#include "program/requests.h"

struct nested_run {
    fn_id fn;
    path_id path; /* the variable, in terms of `fn` */
    op_id read;
    uint32_t branch;
    op_id run;   /* the call that runs the loop, or leads there */
    op_id act;   /* the change that relies on the test */
    fn_id rival; /* a callback that the loop can run */
    fn_id rival_fn;
    op_id rival_op; /* its change, which makes an end of what was tested */
};

/* All of them, one for each act, in the order of functions. Owned by `owner`. */
struct nested_runs {
    VEC(struct nested_run) v;
};
struct nested_runs *nested_runs_find(void *owner, struct class_ops *ops,
                                     const struct requests *requests);
