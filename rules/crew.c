#include "rules/crew.h"

#include "base/job.h"
#include "rules/finding_wire.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

enum { MAX_PROCESSES = 4 }; /* one rule takes a third of the time: more would have nothing to do */

struct crew {
    const struct prog *prog;
    const struct config *config;
    crew_fn *work;
    void *owner;
    const struct crew_plan *plan;
    atomic_size_t *next; /* the first in plan->order that nobody has begun; in memory that all
                            share */
    struct finding_list *lists; /* by rule */
    bool *done;                 /* by rule: its list is there */
};

static void do_rule(const struct crew *crew, size_t rule)
{
    crew->lists[rule] = crew->work(crew->owner, crew->prog, crew->config, rule);
    crew->done[rule] = true;
}

static void do_next_ones(const struct crew *crew)
{
    for (size_t i; (i = atomic_fetch_add(crew->next, 1)) < crew->plan->n_rules;) {
        do_rule(crew, crew->plan->order[i]);
    }
}

/* ---- another process ------------------------------------------------------------------------- */

static int help(void *user, int fd)
{
    const struct crew *crew = user;
    struct wire wire = wire_writer(NULL);
    const struct rule *rules = rules_all(&(size_t){0});

    do_next_ones(crew);
    said_wire_used(&wire, crew->prog->contexts->said);
    for (uint32_t rule = 0; rule < crew->plan->n_rules; rule++) {
        if (crew->done[rule]) {
            wire_u32(&wire, &rule);
            finding_wire(&wire, NULL, &rules[rule], &crew->lists[rule]);
        }
    }
    return frame_write(fd, (const char *)wire.out, wire.size) ? 0 : 1;
}

/* Takes in what another process has found. Bytes that make no sense are not looked at further. */
static void take(const struct crew *crew, struct intern *names, const char *body, size_t n)
{
    void *scratch = mem_owner(NULL, "wire");
    struct wire wire = wire_reader(scratch, names, body, n);
    const struct rule *rules = rules_all(&(size_t){0});

    said_wire_used(&wire, crew->prog->contexts->said);
    while (wire.at < wire.end && !wire.bad) {
        struct finding_list list = {NULL, 0, NULL};
        uint32_t rule = 0;
        wire_below(&wire, &rule, crew->plan->n_rules);
        finding_wire(&wire, crew->owner, &rules[rule], &list);
        if (!wire.bad) {
            crew->lists[rule] = list;
            crew->done[rule] = true;
        }
    }
    talloc_free(scratch);
}

/* What has happened when it ended before its time is no matter: its rules are done here. */
static void hear(const struct crew *crew, struct intern *names, struct job *job)
{
    const char *body;
    size_t n;

    if (job_wait(job, &body, &n)) {
        take(crew, names, body, n);
    }
}

static void work_together(struct crew *crew, unsigned n_processes)
{
    struct job *jobs[MAX_PROCESSES] = {NULL};
    unsigned n_helpers = (n_processes < MAX_PROCESSES ? n_processes : MAX_PROCESSES) - 1;
    struct intern *names = intern_new(crew->owner);

    atomic_init(crew->next, crew->plan->n_own);
    for (unsigned i = 0; i < n_helpers; i++) {
        jobs[i] = job_start(crew->owner, help, crew);
    }
    for (size_t i = 0; i < crew->plan->n_own; i++) {
        do_rule(crew, crew->plan->order[i]);
    }
    do_next_ones(crew);
    for (unsigned i = 0; i < n_helpers; i++) {
        if (jobs[i] != NULL) {
            hear(crew, names, jobs[i]); /* its memory goes back while this one goes on */
        }
    }
}

/* ---- all ------------------------------------------------------------------------------------- */

struct finding_list *crew_run(void *owner, const struct prog *prog, const struct config *config,
                              crew_fn *work, const struct crew_plan *plan, unsigned n_processes)
{
    struct crew crew = {.prog = prog, .config = config, .work = work, .owner = owner, .plan = plan};
    size_t size = sizeof *crew.next;
    void *shared = n_processes < 2 ? MAP_FAILED
                                   : mmap(NULL, size, PROT_READ | PROT_WRITE,
                                          MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    crew.lists = mem_array(owner, struct finding_list, plan->n_rules);
    crew.done = mem_array(owner, bool, plan->n_rules);
    if (shared != MAP_FAILED) {
        crew.next = shared;
        work_together(&crew, n_processes);
        (void)munmap(shared, size);
    }
    for (size_t rule = 0; rule < plan->n_rules; rule++) {
        if (!crew.done[rule]) {
            do_rule(&crew, rule);
        }
    }
    talloc_free(crew.done);
    return crew.lists;
}
