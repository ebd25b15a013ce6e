#include "frontend/worker.h"

#include "base/mem.h"

#include <clang-c/Index.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    LAST_MB = 32, /* less than this left: what fails now fails for want of memory */
    SIGNAL_STACK = 64 << 10,
};

struct worker {
    const struct worker_task *task;
    int fd;
};

/* ---- sending and receiving ------------------------------------------------------------------- */

static bool receive(int fd, void *into, size_t n)
{
    char *to = into;

    while (n > 0) {
        ssize_t got = read(fd, to, n);
        if (got == 0 || (got < 0 && errno != EINTR)) {
            return false;
        }
        if (got > 0) {
            to += got;
            n -= (size_t)got;
        }
    }
    return true;
}

static bool transmit(int fd, const void *bytes, size_t n)
{
    const char *from = bytes;

    while (n > 0) {
        ssize_t put = send(fd, from, n, MSG_NOSIGNAL);
        if (put < 0 && errno != EINTR) {
            return false;
        }
        if (put > 0) {
            from += put;
            n -= (size_t)put;
        }
    }
    return true;
}

/* ---- memory limit ---------------------------------------------------------------------------- */

/* An allocation that fails deep inside libclang ends in abort() or in a bad address. Whether that
 * was for want of memory is found out by asking for some. Only system calls here: this runs in a
 * signal handler. */
static void exit_if_out_of_memory(int signal_number)
{
    size_t n = (size_t)LAST_MB << 20;
    void *probe = mmap(NULL, n, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (probe == MAP_FAILED) {
        _exit(WORKER_EXIT_MEMORY);
    }
    (void)munmap(probe, n);
    (void)raise(signal_number); /* SA_RESETHAND: this time with the default action */
}

static void watch_for_out_of_memory(void *owner)
{
    struct sigaction action = {.sa_handler = exit_if_out_of_memory};
    stack_t stack = {.ss_sp = mem_array(owner, char, SIGNAL_STACK), .ss_size = SIGNAL_STACK};

    action.sa_flags = (int)(SA_ONSTACK | SA_RESETHAND | SA_NODEFER);
    (void)sigemptyset(&action.sa_mask);
    (void)sigaltstack(&stack, NULL);
    (void)sigaction(SIGABRT, &action, NULL);
    (void)sigaction(SIGSEGV, &action, NULL);
    (void)sigaction(SIGBUS, &action, NULL);
}

/* Bytes of address space in use; 0: unknown. */
static size_t address_space(void)
{
    char text[64] = {0};
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC); /* proc(5): in pages, size first */

    if (fd < 0) {
        return 0;
    }
    ssize_t n = read(fd, text, sizeof text - 1);
    (void)close(fd);
    return n <= 0 ? 0 : strtoul(text, NULL, 10) * (size_t)sysconf(_SC_PAGESIZE);
}

/* The limit counts from what is there now: libclang's own mappings and the big stack, of which
 * most is never touched, would take half of it. */
static void limit_memory(void *owner, unsigned memory_mb)
{
    size_t bytes = address_space() + ((size_t)memory_mb << 20);
    struct rlimit limit = {.rlim_cur = bytes, .rlim_max = bytes};

    if (WORKER_LIMITS_MEMORY && memory_mb > 0) {
        watch_for_out_of_memory(owner);
        (void)setrlimit(RLIMIT_AS, &limit);
    }
}

/* ---- the worker's life ----------------------------------------------------------------------- */

/* Does jobs until the parent hangs up. */
static void *work(void *user)
{
    const struct worker *worker = user;
    const struct worker_task *task = worker->task;
    void *all = mem_owner(NULL, "worker");
    uint64_t index = 0;

    limit_memory(all, task->memory_mb);
    while (receive(worker->fd, &index, sizeof index)) {
        void *owner = mem_owner(all, "job");
        size_t size = 0;
        const void *bytes = task->job(owner, (size_t)index, &size, task->user);
        struct worker_answer answer = {index, bytes == NULL ? WORKER_NO_RESULT : size};

        if (!transmit(worker->fd, &answer, sizeof answer) ||
            (bytes != NULL && !transmit(worker->fd, bytes, size))) {
            break;
        }
        talloc_free(owner);
    }
    _exit(WORKER_EXIT_DONE);
}

/* libclang's recursion is as deep as the source is nested, and 8 MB are not enough for generated
 * code: the jobs run on a stack of their own. */
static void work_on_big_stack(struct worker *worker)
{
    pthread_attr_t attributes;
    pthread_t thread;

    for (size_t megabytes = 256; megabytes >= 16; megabytes /= 4) {
        (void)pthread_attr_init(&attributes);
        if (pthread_attr_setstacksize(&attributes, megabytes << 20) == 0 &&
            pthread_create(&thread, &attributes, work, worker) == 0) {
            (void)pthread_join(thread, NULL); /* work() ends the process */
        }
    }
    (void)work(worker);
}

/* Signals as in a fresh process: the parent may catch or block some (an editor's server does). */
static void reset_signals(void)
{
    static const int numbers[] = {SIGINT,  SIGTERM, SIGHUP,  SIGQUIT, SIGPIPE,
                                  SIGCHLD, SIGALRM, SIGUSR1, SIGUSR2};
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigset_t none;

    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        (void)sigaction(numbers[i], &action, NULL);
    }
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* stdout is for findings or a protocol; what libclang prints as it crashes is for developers. */
static void redirect_streams(void)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    if (null < 0) {
        return;
    }
    (void)dup2(null, STDIN_FILENO);
    (void)dup2(null, STDOUT_FILENO);
    if (getenv("SNARL_DEBUG") == NULL) {
        (void)dup2(null, STDERR_FILENO);
    }
    if (null > STDERR_FILENO) {
        (void)close(null);
    }
}

/* Closes all but the standard streams and `fd`, which becomes the lowest number after them. Comes
 * before redirect_streams(): where the parent has no stdin, `fd` may be 0. */
static int close_other_files(int fd)
{
    if (fd != STDERR_FILENO + 1) {
        (void)dup2(fd, STDERR_FILENO + 1);
    }
    (void)close_range(STDERR_FILENO + 2, ~0U, 0);
    return STDERR_FILENO + 1;
}

static void set_up_process(pid_t parent)
{
    struct rlimit no_core = {0};

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
        _exit(WORKER_EXIT_DONE); /* it died before the line above */
    }
    reset_signals();
    (void)setrlimit(RLIMIT_CORE, &no_core); /* a crash is expected, and a core is big */
    (void)mallopt(M_ARENA_MAX, 1); /* one thread works: a second heap would only cost memory */

    /* libclang stays on our stack, and a crash in it is one: it would else come back from a signal
     * handler and go on in whatever state it is. */
    (void)setenv("LIBCLANG_NOTHREADS", "1", 1);
    (void)setenv("LIBCLANG_DISABLE_CRASH_RECOVERY", "1", 1); /* for clang_createIndex() */
    clang_toggleCrashRecovery(0);                            /* for an index that was made */
}

pid_t worker_start(const struct worker_task *task, int *ret_fd)
{
    pid_t parent = getpid();
    int fds[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) {
        return -1;
    }
    pid_t pid = fork();
    if (pid == 0) {
        set_up_process(parent);
        struct worker worker = {.task = task, .fd = close_other_files(fds[1])};
        redirect_streams();
        work_on_big_stack(&worker);
        _exit(WORKER_EXIT_DONE);
    }
    (void)close(fds[1]);
    if (pid < 0) {
        (void)close(fds[0]);
    } else {
        *ret_fd = fds[0];
    }
    return pid;
}
