/* worker.h - one worker process: the child's side of the pool in workers.h. */
#pragma once

#include "frontend/workers.h"

#include <stdint.h>
#include <sys/types.h>

/* Exit statuses of a worker that the parent tells apart. */
enum {
    WORKER_EXIT_DONE = 0,
    WORKER_EXIT_MEMORY = 4, /* as mem_checked() does */
};

/* Whether a memory limit can work in this build: sanitizers reserve terabytes of addresses. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define WORKER_LIMITS_MEMORY 0
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define WORKER_LIMITS_MEMORY 0
#endif
#ifndef WORKER_LIMITS_MEMORY
#define WORKER_LIMITS_MEMORY 1
#endif

/* What a worker is asked, one at a time: a uint64_t index. What it answers: */
struct worker_answer {
    uint64_t index;
    uint64_t size; /* of the bytes that follow; WORKER_NO_RESULT: the job gave NULL */
};
#define WORKER_NO_RESULT UINT64_MAX

/* What a worker does, for all of its life. */
struct worker_task {
    workers_job_fn *job;
    void *user;
    unsigned memory_mb; /* 0: no limit */
};

/* Starts a worker. Its process id, or -1 (errno); `*ret_fd` is the parent's end of the line to it,
 * closed on exec. */
pid_t worker_start(const struct worker_task *task, int *ret_fd);
