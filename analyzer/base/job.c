#include "base/job.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int end_job(struct job *job)
{
    (void)close(job->fd);
    (void)kill(job->pid, SIGKILL);
    while (waitpid(job->pid, NULL, 0) < 0 && errno == EINTR) {
    }
    return 0;
}

/* The child must not outlive the server, nor read or write what is the client's. */
static void become_child(void)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
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
        _exit(getppid() == parent ? fn(user, ends[1]) : 1);
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

void job_wait(struct job *job)
{
    while (job_read(job) == JOB_WAITS) {
        struct pollfd line = {.fd = job->fd, .events = POLLIN};
        (void)poll(&line, 1, -1);
    }
}

bool job_send(struct job *job, const char *body, size_t n)
{
    return frame_write(job->fd, body, n);
}
