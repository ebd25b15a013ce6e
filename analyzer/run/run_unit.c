/* run_unit.c - what a run lets its workers do, and a single unit for those who want no more. */
#include "run/run.h"

#include <unistd.h>

static unsigned default_jobs(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);

    return n < 1 ? 1 : (unsigned)n;
}

struct frontend_limits run_limits(const struct common_options *options)
{
    return (struct frontend_limits){
        .jobs = options->jobs == 0 ? default_jobs() : options->jobs,
        .timeout_s = options->timeout_s,
        .memory_mb = options->memory_mb == 0 ? DEFAULT_MEMORY_MB : options->memory_mb,
    };
}

/* What comes back from the worker. */
struct lowered {
    void *owner;
    struct ir_unit *ir; /* NULL: `why` says why not */
    char *why;
};

static void take_unit(void *user, size_t index, const void *blob, size_t size, const char *why)
{
    struct lowered *lowered = user;

    (void)index;
    if (blob != NULL) {
        lowered->ir = facts_decode(lowered->owner, intern_new(lowered->owner), blob, size);
    }
    if (lowered->ir == NULL) {
        lowered->why =
            mem_strdup(lowered->owner, why == NULL ? "its facts came back damaged" : why);
    }
}

struct ir_unit *run_one_unit(void *owner, const struct common_options *options,
                             const struct compile_unit *unit, struct err *err)
{
    struct frontend_limits limits = run_limits(options);
    struct lowered lowered = {.owner = owner};

    if (frontend_refresh(&unit, 1, &limits, facts_encode, take_unit, &lowered, err) &&
        lowered.ir == NULL) {
        err_set(err, ERR_INPUT, (struct loc){.file = unit->path}, "%s", lowered.why);
    }
    return lowered.ir;
}

enum exit_status exit_status_of(enum err_kind kind)
{
    switch (kind) {
    case ERR_NONE:
        return EXIT_CLEAN;
    case ERR_USAGE:
    case ERR_CONFIG:
        return EXIT_USAGE;
    case ERR_INPUT:
        return EXIT_INCOMPLETE;
    case ERR_IO:
        return EXIT_FAILED;
    }
    return EXIT_FAILED;
}
