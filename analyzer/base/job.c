#include "base/job.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Children that have been ended, but are still at it: a large memory takes milliseconds to go back.
 * 0: none. */
static pid_t ending[16];

static void wait_for(pid_t pid)
{
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
    }
}

void jobs_reap(void)
{
    for (size_t i = 0; i < sizeof ending / sizeof ending[0]; i++) {
        if (ending[i] != 0 && waitpid(ending[i], NULL, WNOHANG) != 0) {
            ending[i] = 0;
        }
    }
}

/* Leaves the child to itself; it is waited for when it has ended, or when there are too many. */
static void let_end(pid_t pid)
{
    const size_t n = sizeof ending / sizeof ending[0];
    pid_t oldest = ending[n - 1];

    for (size_t i = n - 1; i > 0; i--) {
        ending[i] = ending[i - 1];
    }
    ending[0] = pid;
    if (oldest != 0) {
        wait_for(oldest);
    }
    jobs_reap();
}

static int end_job(struct job *job)
{
    (void)close(job->fd);
    (void)kill(job->pid, SIGKILL);
    let_end(job->pid);
    return 0;
}

/* The child must not outlive the server, nor read or write what is the client's. */
static void become_child(void)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    memset(ending, 0, sizeof ending); /* they are the parent's */
    if (null >= 0) {
        (void)dup2(null, STDIN_FILENO);
        (void)dup2(null, STDOUT_FILENO);
    }
}

struct job *job_start(void *owner, job_fn *fn, void *user)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        return NULL;
    }
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        (void)close(ends[0]);
        become_child();
        int status = getppid() == parent ? fn(user, ends[1]) : 1;
        (void)shutdown(ends[1], SHUT_RDWR); /* nobody has to wait until its memory has gone back */
        _exit(status);
    }
    (void)close(ends[1]);
    if (pid < 0) {
        (void)close(ends[0]);
        return NULL;
    }
    (void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
    struct job *job = mem_new(owner, struct job);
    job->pid = pid;
    job->fd = ends[0];
    job->reader = frame_reader_new(job);
    talloc_set_destructor(job, end_job);
    return job;
}

enum job_state job_read(struct job *job)
{
    char bytes[65536];

    for (;;) {
        ssize_t n = read(job->fd, bytes, sizeof bytes);
        if (n > 0) {
            frame_feed(job->reader, bytes, (size_t)n);
        } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
            return JOB_ENDED;
        } else if (errno == EAGAIN) {
            return JOB_WAITS;
        }
    }
}

bool job_wait(struct job *job, const char **ret_body, size_t *ret_n)
{
    bool lives = true;
    enum frame_state state;

    do {
        state = frame_next(job->reader, ret_body, ret_n);
        if (state == FRAME_MORE && lives) {
            struct pollfd line = {.fd = job->fd, .events = POLLIN};
            (void)poll(&line, 1, -1);
            lives = job_read(job) == JOB_WAITS;
            state = FRAME_SKIP;
        }
    } while (state == FRAME_SKIP);
    return state == FRAME_BODY;
}

bool job_send(struct job *job, const char *body, size_t n)
{
    return frame_write(job->fd, body, n);
}
