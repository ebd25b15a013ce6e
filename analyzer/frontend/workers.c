#include "frontend/workers.h"

#include "base/log.h"
#include "base/mem.h"
#include "frontend/worker.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    DEFAULT_TIMEOUT_S = 120,
    FIRST_ROOM = 64 << 10, /* bytes for a result; grows as they arrive, for a size can be a lie */
};

/* A worker as its parent sees it. */
struct seat {
    pid_t pid; /* 0: nobody sits here */
    int fd;
    bool busy;
    size_t job;       /* its index, when busy */
    int64_t deadline; /* of the job, in ms as now_ms() counts */
    struct worker_answer answer;
    size_t got;  /* bytes of the answer's header, then of it and the result */
    char *bytes; /* of the result so far; owned by the pool */
    size_t room;
};

struct pool {
    const struct workers_plan *plan;
    struct worker_task task;
    int64_t timeout_ms;
    struct seat *seats;
    struct pollfd *polls; /* one for each seat, and one for `stop_fd` */
    size_t n_seats;
    int stop_fd; /* readable while a signal that stops the run is pending; -1: none does */
    bool stopped;
    size_t next; /* into plan->order: the next job to hand out */
    size_t n_finished;
};

static int64_t now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- starting and ending workers ------------------------------------------------------------- */

static bool start_worker(struct pool *pool, struct seat *seat)
{
    *seat = (struct seat){.fd = -1};
    pid_t pid = worker_start(&pool->task, &seat->fd);

    if (pid < 0) {
        log_debug("can't start a worker: %s", strerror(errno));
        return false;
    }
    seat->pid = pid;
    return true;
}

/* Waits for the worker's end; its wait status, or -1 when somebody else has taken it. */
static int end_worker(struct seat *seat)
{
    int status = 0;
    pid_t ended;

    (void)close(seat->fd);
    do {
        ended = waitpid(seat->pid, &status, 0);
    } while (ended < 0 && errno == EINTR);
    talloc_free(seat->bytes);
    *seat = (struct seat){.fd = -1};
    return ended < 0 ? -1 : status;
}

static void kill_worker(struct seat *seat)
{
    (void)kill(seat->pid, SIGKILL);
    (void)end_worker(seat);
}

/* Why a worker that was not killed ended, in one sentence. */
static char *why_it_ended(void *owner, const struct pool *pool, int status)
{
    if (status >= 0 && WIFEXITED(status) && WEXITSTATUS(status) == WORKER_EXIT_MEMORY) {
        return pool->task.memory_mb == 0
                   ? mem_strdup(owner, "libclang ran out of memory")
                   : mem_printf(owner, "libclang needed more than the memory limit of %u MB",
                                pool->task.memory_mb);
    }
    if (status >= 0 && WIFEXITED(status)) {
        return mem_printf(owner, "libclang ended the worker (exit status %d)", WEXITSTATUS(status));
    }
    if (status >= 0 && WIFSIGNALED(status)) {
        const char *name = sigabbrev_np(WTERMSIG(status));
        const char *verb = WTERMSIG(status) == SIGKILL ? "was killed" : "crashed";
        return mem_printf(owner, "libclang %s (SIG%s)", verb, name == NULL ? "?" : name);
    }
    return mem_strdup(owner, "libclang crashed");
}

/* ---- jobs ------------------------------------------------------------------------------------ */

static void finish_job(struct pool *pool, size_t job, const void *bytes, size_t size,
                       const char *why)
{
    pool->n_finished++;
    pool->plan->done(pool->plan->done_user, job, bytes, size, why);
}

/* Hands the next job to an idle worker. A worker that can't take it is gone, which its line will
 * tell: the job counts as begun. */
static void hand_out(struct pool *pool, struct seat *seat)
{
    if (pool->next == pool->plan->n) {
        return;
    }
    seat->job = pool->plan->order[pool->next++];
    seat->busy = true;
    seat->got = 0;
    seat->deadline = now_ms() + pool->timeout_ms;
    uint64_t index = seat->job;
    (void)send(seat->fd, &index, sizeof index, MSG_NOSIGNAL);
    if (pool->plan->begun != NULL) {
        pool->plan->begun(pool->plan->done_user, seat->job);
    }
}

/* Another worker on `seat`, if there is work left for it. */
static void refill(struct pool *pool, struct seat *seat)
{
    if (pool->next < pool->plan->n && start_worker(pool, seat)) {
        hand_out(pool, seat);
    }
}

/* The worker is gone, and its job with it. */
static void lose_worker(struct pool *pool, struct seat *seat, const char *why)
{
    size_t job = seat->job;
    bool busy = seat->busy;
    char *text = NULL;

    if (why == NULL) {
        text = why_it_ended(pool, pool, end_worker(seat));
        why = text;
    } else {
        kill_worker(seat);
    }
    log_debug("worker lost: %s", why);
    refill(pool, seat);
    if (busy) {
        finish_job(pool, job, NULL, 0, why);
    }
    talloc_free(text);
}

/* ---- results --------------------------------------------------------------------------------- */

enum progress {
    PROGRESS_WAIT,   /* no more bytes now */
    PROGRESS_MORE,   /* some came */
    PROGRESS_HANGUP, /* the worker has ended, or sends nonsense */
};

/* Room for more of the result. */
static void make_room(struct pool *pool, struct seat *seat, size_t have)
{
    if (have == seat->room) {
        size_t room = seat->room == 0 ? FIRST_ROOM : seat->room * 2;
        seat->room = room < seat->answer.size ? room : (size_t)seat->answer.size;
        seat->bytes = mem_grow(pool, seat->bytes, 1, seat->room);
    }
}

static bool is_complete(const struct seat *seat)
{
    size_t header = sizeof seat->answer;

    return seat->got >= header &&
           (seat->answer.size == WORKER_NO_RESULT || seat->got - header == seat->answer.size);
}

/* Takes what the worker has sent, up to the end of one answer. */
static enum progress take_bytes(struct pool *pool, struct seat *seat)
{
    size_t header = sizeof seat->answer;
    char *into = (char *)&seat->answer + seat->got;
    size_t want = header - seat->got;

    if (seat->got >= header) {
        size_t have = seat->got - header;
        make_room(pool, seat, have);
        into = seat->bytes + have;
        want = seat->room - have;
    }
    ssize_t n = recv(seat->fd, into, want, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) {
        return PROGRESS_WAIT;
    }
    if (n <= 0) {
        return PROGRESS_HANGUP;
    }
    seat->got += (size_t)n;
    if (seat->got == header && (!seat->busy || seat->answer.index != seat->job)) {
        return PROGRESS_HANGUP;
    }
    return PROGRESS_MORE;
}

/* An answer is complete: the worker gets its next job before anyone looks at this one. */
static void deliver(struct pool *pool, struct seat *seat)
{
    size_t job = seat->job;
    bool no_result = seat->answer.size == WORKER_NO_RESULT;
    size_t size = no_result ? 0 : (size_t)seat->answer.size;
    char *bytes = seat->bytes;

    seat->busy = false;
    seat->bytes = NULL;
    seat->room = 0;
    seat->got = 0;
    hand_out(pool, seat);
    if (no_result) {
        finish_job(pool, job, NULL, 0, "libclang gave no result");
    } else {
        finish_job(pool, job, bytes == NULL ? "" : bytes, size, NULL);
    }
    talloc_free(bytes);
}

static void listen_to(struct pool *pool, struct seat *seat)
{
    enum progress progress;

    do {
        progress = take_bytes(pool, seat);
    } while (progress == PROGRESS_MORE && !is_complete(seat));

    switch (progress) {
    case PROGRESS_WAIT:
        return;
    case PROGRESS_MORE:
        deliver(pool, seat);
        return;
    case PROGRESS_HANGUP:
        lose_worker(pool, seat, NULL);
        return;
    }
}

/* ---- the loop -------------------------------------------------------------------------------- */

/* Milliseconds until the next deadline, for poll(). */
static int time_to_wait(const struct pool *pool)
{
    int64_t nearest = INT_MAX;
    int64_t now = now_ms();

    for (size_t i = 0; i < pool->n_seats; i++) {
        const struct seat *seat = &pool->seats[i];
        if (seat->busy && seat->deadline - now < nearest) {
            nearest = seat->deadline - now;
        }
    }
    return nearest < 0 ? 0 : (int)nearest;
}

static void stop_late_workers(struct pool *pool)
{
    int64_t now = now_ms();

    for (size_t i = 0; i < pool->n_seats; i++) {
        struct seat *seat = &pool->seats[i];
        if (seat->busy && now >= seat->deadline) {
            char *why = mem_printf(pool, "libclang ran for more than %lld s",
                                   (long long)(pool->timeout_ms / 1000));
            lose_worker(pool, seat, why);
            talloc_free(why);
        }
    }
}

/* Waits once and deals with all that happened. False when there is no worker left to wait for, or
 * the run is to stop: Ctrl-C reaches the workers too, and what it does to them is no news then. */
static bool turn(struct pool *pool)
{
    bool any_busy = false;

    for (size_t i = 0; i < pool->n_seats; i++) {
        bool busy = pool->seats[i].busy;
        any_busy = any_busy || busy;
        pool->polls[i] = (struct pollfd){.fd = busy ? pool->seats[i].fd : -1, .events = POLLIN};
    }
    if (!any_busy) {
        return false;
    }
    pool->polls[pool->n_seats] = (struct pollfd){.fd = pool->stop_fd, .events = POLLIN};
    if (poll(pool->polls, pool->n_seats + 1, time_to_wait(pool)) > 0) {
        pool->stopped = pool->polls[pool->n_seats].revents != 0;
        for (size_t i = 0; i < pool->n_seats && !pool->stopped; i++) {
            if (pool->polls[i].revents != 0) {
                listen_to(pool, &pool->seats[i]);
            }
        }
    }
    stop_late_workers(pool);
    return !pool->stopped;
}

static struct pool *pool_new(const struct workers_plan *plan, const struct frontend_limits *limits)
{
    struct pool *pool = mem_new(NULL, struct pool);
    unsigned timeout_s = limits->timeout_s == 0 ? DEFAULT_TIMEOUT_S : limits->timeout_s;
    size_t jobs = limits->jobs == 0 ? 1 : limits->jobs;

    pool->plan = plan;
    pool->task = (struct worker_task){plan->job, plan->job_user, limits->memory_mb};
    pool->timeout_ms = (int64_t)timeout_s * 1000;
    pool->n_seats = jobs < plan->n ? jobs : plan->n;
    pool->seats = mem_array(pool, struct seat, pool->n_seats);
    pool->polls = mem_array(pool, struct pollfd, pool->n_seats + 1);
    pool->stop_fd = limits->stop_on == NULL ? -1 : signalfd(-1, limits->stop_on, SFD_CLOEXEC);
    return pool;
}

/* The number of workers that could be started; errno of the one that could not. */
static size_t fill_seats(struct pool *pool)
{
    size_t n = 0;

    while (n < pool->n_seats && start_worker(pool, &pool->seats[n])) {
        n++;
    }
    pool->n_seats = n;
    for (size_t i = 0; i < n; i++) {
        hand_out(pool, &pool->seats[i]);
    }
    return n;
}

static void pool_free(struct pool *pool)
{
    for (size_t i = 0; i < pool->n_seats; i++) {
        if (pool->seats[i].pid != 0) {
            kill_worker(&pool->seats[i]);
        }
    }
    if (pool->stop_fd >= 0) {
        (void)close(pool->stop_fd);
    }
    talloc_free(pool);
}

bool workers_run(const struct workers_plan *plan, const struct frontend_limits *limits,
                 struct err *err)
{
    struct pool *pool = pool_new(plan, limits);

    if (plan->n > 0 && fill_seats(pool) == 0) {
        err_set(err, ERR_IO, (struct loc){0},
                "can't start a worker process (%s): end some programs, or raise `ulimit -u`",
                strerror(errno));
        pool_free(pool);
        return false;
    }
    while (turn(pool)) {
    }
    bool stopped = pool->stopped;
    while (!stopped && pool->next < plan->n) { /* workers died and no new one could be started */
        finish_job(pool, plan->order[pool->next++], NULL, 0, "no worker process could be started");
    }
    if (stopped) {
        err_set(err, ERR_INPUT, (struct loc){0},
                "stopped by a signal; the next run goes on from "
                "here");
    }
    pool_free(pool);
    return !stopped;
}
