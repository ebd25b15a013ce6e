/* refresh.c - frontend_refresh(): the lowering as a job for the workers. */
#include "base/mem.h"
#include "frontend/frontend.h"
#include "frontend/workers.h"

#include <stdlib.h>
#include <sys/stat.h>

struct refresh {
    const struct compile_unit *const *units;
    frontend_encode_fn *encode;
    const struct frontend_overlay *overlay;
};

struct sized {
    size_t index;
    off_t size;
};

static void *lower_and_encode(void *owner, size_t index, size_t *ret_size, void *user)
{
    const struct refresh *refresh = user;
    struct intern *names = intern_new(owner);
    const struct ir_unit *unit =
        frontend_lower_over(owner, names, refresh->units[index], refresh->overlay);

    return refresh->encode(owner, unit, ret_size);
}

static int biggest_first(const void *a, const void *b)
{
    const struct sized *left = a;
    const struct sized *right = b;

    if (left->size != right->size) {
        return left->size > right->size ? -1 : 1;
    }
    return (left->index > right->index) - (left->index < right->index);
}

/* The longest jobs first, so that none is left for the end when the other workers are idle
 * (Graham, "Bounds on Multiprocessing Timing Anomalies", 1969); size stands in for time. */
static size_t *order_of(void *owner, const struct compile_unit *const *units, size_t n)
{
    struct sized *sized = mem_array(owner, struct sized, n + 1);
    size_t *order = mem_array(owner, size_t, n + 1);

    for (size_t i = 0; i < n; i++) {
        struct stat status;
        sized[i].index = i;
        sized[i].size = stat(units[i]->path, &status) == 0 ? status.st_size : 0;
    }
    qsort(sized, n, sizeof *sized, biggest_first);
    for (size_t i = 0; i < n; i++) {
        order[i] = sized[i].index;
    }
    return order;
}

bool frontend_refresh(const struct compile_unit *const *units, size_t n,
                      const struct frontend_limits *limits, frontend_encode_fn *encode,
                      frontend_done_fn *done, void *user, struct err *err)
{
    void *owner = mem_owner(NULL, "refresh");
    struct refresh refresh = {.units = units, .encode = encode, .overlay = limits->overlay};
    struct workers_plan plan = {
        .order = order_of(owner, units, n),
        .n = n,
        .job = lower_and_encode,
        .job_user = &refresh,
        .done = done,
        .begun = limits->begun,
        .done_user = user,
    };
    bool good = workers_run(&plan, limits, err);

    talloc_free(owner);
    return good;
}
