/* workers.h - a pool of processes that each do one job after another. Inside the front end only.
 *
 * Processes and not threads: a compiler crashes or never ends on some input, and that must cost no
 * more than this input. Workers are forked, so a job sees all that the parent had at that moment;
 * start the pool before threads: only the thread that forks goes on in a child. When that thread
 * ends in the parent, the workers are killed (PR_SET_PDEATHSIG, prctl(2)).
 */
#pragma once

#include "frontend/frontend.h"

#include <stddef.h>

/* Runs in a worker: the result of job `index`, `*ret_size` bytes owned by `owner`, which is freed
 * once they are sent. NULL: no result. */
typedef void *workers_job_fn(void *owner, size_t index, size_t *ret_size, void *user);

struct workers_plan {
    const size_t *order; /* the job indices, in the order in which they are handed out */
    size_t n;
    workers_job_fn *job;
    void *job_user;
    frontend_done_fn *done;                  /* called in the parent, once for each index */
    void (*begun)(void *user, size_t index); /* called when it is handed out; NULL: not */
    void *done_user;                         /* of both */
};

/* Runs all jobs of `plan` and returns when `done` has had each. False and `*err` (ERR_IO) when no
 * worker could be started at all; `done` was not called then. False and `*err` (ERR_INPUT) when a
 * signal of `limits->stop_on` came: all workers have ended, `done` was called for some jobs. */
bool workers_run(const struct workers_plan *plan, const struct frontend_limits *limits,
                 struct err *err);
