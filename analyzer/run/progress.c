#include "run/progress.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { BAR = 20, PLAIN_WIDTH = 80 };

struct progress {
    VEC(const char *) under_way; /* the one that began first is first */
    size_t n;
    size_t n_done;
    struct timespec since;
    bool on;
};

struct progress *progress_new(void *owner, size_t n, bool on)
{
    struct progress *progress = mem_new(owner, struct progress);

    progress->n = n;
    progress->on = on;
    (void)clock_gettime(CLOCK_MONOTONIC, &progress->since);
    return progress;
}

static double files_a_second(const struct progress *progress)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    double seconds = (double)(t.tv_sec - progress->since.tv_sec) +
                     (double)(t.tv_nsec - progress->since.tv_nsec) / 1e9;
    return seconds > 0 ? (double)progress->n_done / seconds : 0;
}

static size_t terminal_width(void)
{
    struct winsize size;

    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col
                                                                           : PLAIN_WIDTH;
}

/* Replaces the line; one that is longer than the terminal is wide would stay there. */
static void put_line(const char *line)
{
    (void)fprintf(stderr, "\r\033[K%.*s", (int)terminal_width() - 1, line);
    (void)fflush(stderr);
}

/* "[37/141] #####--------------- 12/s src/networking.c" */
static void draw(const struct progress *progress)
{
    static const char full[] = "####################";
    static const char rest[] = "--------------------";
    size_t n_full = progress->n == 0 ? BAR : BAR * progress->n_done / progress->n;
    const char *name = progress->under_way.n == 0 ? "" : progress->under_way.v[0];

    if (!progress->on) {
        return;
    }
    char *line =
        mem_printf(NULL, "[%zu/%zu] %.*s%.*s %.1f/s %s", progress->n_done, progress->n, (int)n_full,
                   full, (int)(BAR - n_full), rest, files_a_second(progress), name);
    put_line(line);
    talloc_free(line);
}

void progress_begun(struct progress *progress, const char *name)
{
    vec_push(progress, &progress->under_way, name);
    draw(progress);
}

void progress_done(struct progress *progress, const char *name)
{
    size_t i = 0;

    while (i < progress->under_way.n && strcmp(progress->under_way.v[i], name) != 0) {
        i++;
    }
    if (i < progress->under_way.n) {
        progress->under_way.n--;
        memmove(&progress->under_way.v[i], &progress->under_way.v[i + 1],
                (progress->under_way.n - i) * sizeof progress->under_way.v[0]);
    }
    progress->n_done++;
    draw(progress);
}

void progress_stage(struct progress *progress, const char *text)
{
    if (progress->on) {
        put_line(text);
    }
}

void progress_end(struct progress *progress)
{
    if (progress->on) {
        (void)fputs("\r\033[K", stderr);
        (void)fflush(stderr);
    }
}
