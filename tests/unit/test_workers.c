/* Worker processes: every job is answered once, whatever becomes of the process that did it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "frontend/worker.h"
#include "frontend/workers.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    BIG = 5 << 20, /* more than a socket's buffer holds */
    DEEP = 20000,  /* frames of 4 KiB: 80 MB */
};

struct outcomes {
    void *owner;
    char *by_index[64]; /* what done() was told */
    unsigned calls[64];
    char *order; /* indices in the order of the calls, each with a space */
};

/* ---- jobs: letters say what each does -------------------------------------------------------- */

static unsigned recurse(unsigned depth)
{
    volatile char frame[4096];

    frame[depth % sizeof frame] = 1;
    return depth == 0 ? 0 : recurse(depth - 1) + (unsigned)frame[depth % sizeof frame];
}

/* Never returns: ends as mem_checked() does, or with abort() as LLVM does. */
static void eat_memory(bool checked)
{
    for (;;) {
        void *block = malloc(1 << 20);
        if (block == NULL && !checked) {
            abort();
        }
        memset(mem_checked(block), 1, 1 << 20);
    }
}

/* What the process looks like from inside. */
static char *describe_process(void *owner)
{
    const char *no_threads = getenv("LIBCLANG_NOTHREADS");
    struct sigaction interrupt;
    struct stat null;
    struct stat out;
    int open_files = 0;

    for (int fd = 3; fd < 256; fd++) {
        open_files += fcntl(fd, F_GETFD) != -1;
    }
    (void)sigaction(SIGINT, NULL, &interrupt);
    (void)stat("/dev/null", &null);
    (void)fstat(STDOUT_FILENO, &out);
    return mem_printf(owner, "nothreads=%s files=%d int=%s out=%s",
                      no_threads == NULL ? "" : no_threads, open_files,
                      interrupt.sa_handler == SIG_DFL ? "default" : "other",
                      null.st_rdev == out.st_rdev ? "null" : "other");
}

static void *do_job(void *owner, size_t index, size_t *ret_size, void *user)
{
    const char *letters = user;
    char *text = NULL;

    switch (letters[index]) {
    case 'a':
        abort();
    case 'e':
        exit(1);
    case 'k':
        (void)raise(SIGKILL);
        return NULL;
    case 'h':
        while (pause() != 0) {
        }
        return NULL;
    case 'm':
        eat_memory(false);
        return NULL;
    case 'M':
        eat_memory(true);
        return NULL;
    case 'n':
        return NULL;
    case 'z':
        return mem_strdup(owner, "");
    case 'b':
        text = mem_array(owner, char, BIG);
        memset(text, 'b', BIG);
        *ret_size = BIG;
        return text;
    case 'd':
        text = mem_printf(owner, "depth %u", recurse(DEEP));
        break;
    case 's': /* as a terminal's Ctrl-C: the parent hears of it, and this worker is gone */
        (void)kill(getppid(), SIGUSR1);
        abort();
    case 'p':
        text = describe_process(owner);
        break;
    default:
        text = mem_printf(owner, "job %zu", index);
        break;
    }
    *ret_size = strlen(text);
    return text;
}

/* ---- running them ---------------------------------------------------------------------------- */

static char *outcome_text(void *owner, const char *blob, size_t size, const char *why)
{
    if (blob == NULL) {
        return mem_printf(owner, "lost: %s", why);
    }
    if (size <= 200) {
        return mem_strndup(owner, blob, size);
    }
    bool all_same = memcmp(blob, blob + 1, size - 1) == 0;
    return mem_printf(owner, "%zu bytes of '%c'%s", size, blob[0], all_same ? "" : " and more");
}

static void record(void *user, size_t index, const void *blob, size_t size, const char *why)
{
    struct outcomes *out = user;

    assert_in_range(index, 0, 63);
    assert_true((blob == NULL) == (why != NULL));
    out->calls[index]++;
    out->by_index[index] = outcome_text(out->owner, blob, size, why);
    mem_append(out->owner, &out->order, "%zu ", index);
}

static bool run(struct outcomes *out, const char *letters, struct frontend_limits limits,
                struct err *err)
{
    size_t order[64];
    size_t n = strlen(letters);
    char *copy = mem_strdup(out->owner, letters);

    for (size_t i = 0; i < n; i++) {
        order[i] = n - 1 - i;
    }
    struct workers_plan plan = {
        .order = order,
        .n = n,
        .job = do_job,
        .job_user = copy,
        .done = record,
        .done_user = out,
    };
    return workers_run(&plan, &limits, err);
}

/* Runs the jobs; `want` has a line for each, by index. */
static void check(const char *letters, struct frontend_limits limits, const char *want)
{
    struct outcomes out = {.owner = talloc_new(NULL)};
    struct err err = {0};
    char *got = mem_strdup(out.owner, "");

    assert_true(run(&out, letters, limits, &err));
    for (size_t i = 0; i < strlen(letters); i++) {
        assert_int_equal(out.calls[i], 1);
        mem_append(out.owner, &got, "%s\n", out.by_index[i]);
    }
    assert_string_equal(got, want);
    talloc_free(out.owner);
}

static struct frontend_limits jobs(unsigned n)
{
    return (struct frontend_limits){.jobs = n};
}

static void every_job_is_answered(void **state)
{
    (void)state;
    check("....", jobs(1), "job 0\njob 1\njob 2\njob 3\n");
    check("....", jobs(3), "job 0\njob 1\njob 2\njob 3\n");
    check(".", jobs(8), "job 0\n");
    check("", jobs(2), "");
    check("..", jobs(0), "job 0\njob 1\n");
}

static void jobs_are_handed_out_in_the_given_order(void **state)
{
    struct outcomes out = {.owner = talloc_new(NULL)};
    struct err err = {0};

    (void)state;
    assert_true(run(&out, ".....", jobs(1), &err));
    assert_string_equal(out.order, "4 3 2 1 0 ");
    talloc_free(out.owner);
}

static void a_crash_costs_its_job_only(void **state)
{
    (void)state;
    check(".a.e.k.", jobs(1),
          "job 0\n"
          "lost: libclang crashed (SIGABRT)\n"
          "job 2\n"
          "lost: libclang ended the worker (exit status 1)\n"
          "job 4\n"
          "lost: libclang was killed (SIGKILL)\n"
          "job 6\n");
    check("aaaaaaaa.", jobs(3),
          "lost: libclang crashed (SIGABRT)\nlost: libclang crashed (SIGABRT)\n"
          "lost: libclang crashed (SIGABRT)\nlost: libclang crashed (SIGABRT)\n"
          "lost: libclang crashed (SIGABRT)\nlost: libclang crashed (SIGABRT)\n"
          "lost: libclang crashed (SIGABRT)\nlost: libclang crashed (SIGABRT)\n"
          "job 8\n");
}

static void a_job_that_hangs_is_stopped(void **state)
{
    (void)state;
    check(".h.h.", (struct frontend_limits){.jobs = 2, .timeout_s = 1},
          "job 0\n"
          "lost: libclang ran for more than 1 s\n"
          "job 2\n"
          "lost: libclang ran for more than 1 s\n"
          "job 4\n");
}

static void results_may_be_empty_absent_or_big(void **state)
{
    (void)state;
    check("znb.bb", jobs(2),
          "\n"
          "lost: libclang gave no result\n"
          "5242880 bytes of 'b'\n"
          "job 3\n"
          "5242880 bytes of 'b'\n"
          "5242880 bytes of 'b'\n");
}

static void too_much_memory_is_named(void **state)
{
    (void)state;
    if (!WORKER_LIMITS_MEMORY) {
        skip();
    }
    check(".m.Mb", (struct frontend_limits){.jobs = 1, .memory_mb = 200},
          "job 0\n"
          "lost: libclang needed more than the memory limit of 200 MB\n"
          "job 2\n"
          "lost: libclang needed more than the memory limit of 200 MB\n"
          "5242880 bytes of 'b'\n");
    check("a", (struct frontend_limits){.jobs = 1, .memory_mb = 200},
          "lost: libclang crashed (SIGABRT)\n");
}

static void the_stack_is_deep(void **state)
{
    (void)state;
    check("d", jobs(1), "depth 20000\n");
}

static void a_worker_is_clean(void **state)
{
    int extra = open("/dev/null", O_RDONLY);

    (void)state;
    (void)signal(SIGINT, SIG_IGN);
    check("ppp", jobs(3),
          "nothreads=1 files=1 int=default out=null\n"
          "nothreads=1 files=1 int=default out=null\n"
          "nothreads=1 files=1 int=default out=null\n");
    (void)signal(SIGINT, SIG_DFL);
    (void)close(extra);
}

/* Whether a SIGUSR1 that was blocked is pending; takes it away. */
static bool take_signal(const sigset_t *signals)
{
    static const struct timespec at_once;

    return sigtimedwait(signals, NULL, &at_once) == SIGUSR1;
}

static void a_pending_signal_stops_the_run(void **state)
{
    struct outcomes out = {.owner = talloc_new(NULL)};
    struct frontend_limits limits = {.jobs = 2};
    sigset_t signals;
    sigset_t before;
    struct err err = {0};

    (void)state;
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGUSR1);
    (void)sigprocmask(SIG_BLOCK, &signals, &before);
    limits.stop_on = &signals;
    assert_true(run(&out, "..", limits, &err)); /* none comes: nothing is different */
    assert_false(take_signal(&signals));

    assert_false(run(&out, "..hs", limits, &err));
    assert_true(take_signal(&signals)); /* it is still there, for its usual effect */
    assert_int_equal(err.kind, ERR_INPUT);
    assert_int_equal(out.calls[2], 0);                /* was under way */
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no worker is left behind */
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    talloc_free(out.owner);
}

static void no_worker_at_all_is_an_error(void **state)
{
    struct outcomes out = {.owner = talloc_new(NULL)};
    struct rlimit files;
    struct err err = {0};

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &files), 0);
    struct rlimit none = {.rlim_cur = 0, .rlim_max = files.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    bool good = run(&out, "..", jobs(2), &err);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &files), 0);

    assert_false(good);
    assert_int_equal(err.kind, ERR_IO);
    assert_non_null(strstr(err.text, "can't start a worker process (Too many open files)"));
    assert_null(out.order);
    talloc_free(out.owner);
}

/* ---- the parent dies ------------------------------------------------------------------------- */

static void *tell_pid_and_hang(void *owner, size_t index, size_t *ret_size, void *user)
{
    volatile pid_t *pid = user;

    (void)owner;
    (void)index;
    (void)ret_size;
    *pid = getpid();
    while (pause() != 0) {
    }
    return NULL;
}

/* Runs a pool whose only job never ends. */
static void run_hanging_pool(pid_t *shared_pid)
{
    size_t order = 0;
    struct err err = {0};
    struct outcomes out = {.owner = talloc_new(NULL)};
    struct frontend_limits limits = jobs(1);
    struct workers_plan plan = {&order, 1, tell_pid_and_hang, shared_pid, record, NULL, &out};

    (void)workers_run(&plan, &limits, &err);
    _exit(0);
}

static void workers_die_with_their_parent(void **state)
{
    pid_t *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    volatile pid_t *worker = shared;
    int status = 0;

    (void)state;
    assert_ptr_not_equal(shared, MAP_FAILED);
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0); /* the orphan becomes ours to wait for */
    pid_t parent = fork();
    if (parent == 0) {
        run_hanging_pool(shared);
    }
    for (unsigned tries = 0; *worker == 0 && tries < 1000; tries++) {
        (void)usleep(10000);
    }
    assert_int_not_equal(*worker, 0);
    assert_int_equal(kill(parent, SIGKILL), 0);
    assert_int_equal(waitpid(parent, &status, 0), parent);
    assert_int_equal(waitpid(*worker, &status, 0), *worker);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    (void)munmap(shared, sizeof *shared);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_job_is_answered),
        cmocka_unit_test(jobs_are_handed_out_in_the_given_order),
        cmocka_unit_test(a_crash_costs_its_job_only),
        cmocka_unit_test(a_job_that_hangs_is_stopped),
        cmocka_unit_test(results_may_be_empty_absent_or_big),
        cmocka_unit_test(too_much_memory_is_named),
        cmocka_unit_test(the_stack_is_deep),
        cmocka_unit_test(a_worker_is_clean),
        cmocka_unit_test(a_pending_signal_stops_the_run),
        cmocka_unit_test(no_worker_at_all_is_an_error),
        cmocka_unit_test(workers_die_with_their_parent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
