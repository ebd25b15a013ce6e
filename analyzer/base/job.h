/* job.h - work in a process of its own, with a line to and fro.
 *
 * A forked child sees all that its parent had at that moment, can be ended at any time, and takes
 * its memory and its crashes with it. Messages on the line are framed (frame.h).
 */
#pragma once

#include "base/frame.h"

#include <sys/types.h>

struct job {
    pid_t pid;
    int fd; /* the parent's end of the line; non-blocking to read */
    struct frame_reader *reader;
};

/* In the child: talks by `fd`, gives the exit status. */
typedef int job_fn(void *user, int fd);

/* Starts one, owned by `owner`; freeing it ends it, and does not wait until it has ended. NULL: no
 * process is to be had (errno). */
struct job *job_start(void *owner, job_fn *fn, void *user);

/* Takes leave of those that have ended by now: for who lives long, now and then. */
void jobs_reap(void);

enum job_state {
    JOB_WAITS, /* nothing more is there to be read */
    JOB_ENDED, /* by itself, a crash, or a kill: no more will come */
};

/* Reads what has come into the reader. */
enum job_state job_read(struct job *job);

/* Waits for its next message, which the reader keeps until more is read. False: it has ended
 * without another one. */
bool job_wait(struct job *job, const char **ret_body, size_t *ret_n);

/* Sends it a message. False: it is gone. */
bool job_send(struct job *job, const char *body, size_t n);
