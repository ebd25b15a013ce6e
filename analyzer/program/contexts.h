/* contexts.h - where the program starts running code on its own, and what runs there.
 *
 * A context is a thread of control: main, a thread's start routine, a pool's job, a signal handler.
 * Callbacks of an event loop are no contexts of their own: they run inside the call that runs the
 * loop (uv_run, event_base_dispatch), on its thread, one after the other - so "two callbacks of one
 * loop cannot race" needs no rule, and what the thread holds while it runs the loop holds in all
 * of them. A loop that nobody is seen to run gets a context.
 */
#pragma once

#include "program/alive.h"
#include "program/descriptors.h"
#include "program/doom.h"
#include "program/flow.h"
#include "program/loop_time.h"
#include "program/loops.h"
#include "program/own_loops.h"
#include "program/ownership.h"
#include "program/said.h"
#include "program/spawners.h"

enum context_kind {
    CONTEXT_MAIN,
    CONTEXT_THREAD,
    CONTEXT_WORKER, /* a job of a thread pool */
    CONTEXT_LOOP,   /* callbacks of a loop that no call in the program runs */
    CONTEXT_SIGNAL,
    CONTEXT_EXIT,
    CONTEXT_EXPORT, /* a function of a library that any thread may call (exports.h) */
};

typedef struct {
    uint32_t i; /* contexts.v */
} context_id;

typedef struct {
    uint32_t i; /* contexts.phases */
} phase_id;

/* How a phase gets to a function. */
struct reach {
    bool yes;
    bool sure;                  /* not only through pointers that may mean many functions */
    bool queued;                /* while exploring */
    uint64_t programs;          /* bit i: there is a way in the i-th main's program */
    const struct lockset *held; /* tokens held on entry on every way, in absolute terms */
    const struct lockset *may;  /* the same on some way that needs no pointer of many meanings */
    fn_id caller;               /* on a shortest way; FN_NONE: the context's entry */
    op_id call;
    phase_id caller_phase;
    uint32_t depth;
};

/* What a context runs while certain threads are running beside it. main has one for each set of
 * threads that it has started by then, others have one: so what main does before it starts a thread
 * is not mixed up with what the same functions do later. */
struct phase {
    context_id context;
    const struct lockset *running; /* threads (see alive.h) on entry to its functions; main only */
    struct reach *reach;           /* by fn */
};

struct context {
    enum context_kind kind;
    const char *name;       /* of the entry function, or of what a trampoline gets to */
    const struct call *hop; /* a trampoline's call (spawners.h); NULL: it is none */
    fn_id hop_to;           /* whom that calls in this context */
    VEC(fn_id) entries;
    VEC(struct site) created; /* calls that start or register it; none: a static table does */
    VEC(struct site)
    started;                  /* the same, but for a spawner the calls of it that hand over this
                                 entry: spawn(&t, work) */
    const char *holds;        /* a lock without an address that whoever enters holds; NULL */
    bool at_start;            /* a library calls it while it loads the module, before all others */
    bool many;                /* several can run at once */
    enum said_word many_said; /* what the settings say of that, who know better */
    bool many_found;          /* what would be found without them */
    struct loc claimed;    /* where the settings say that it is there; .file is NULL: they don't */
    struct site many_site; /* the call that shows it; SITE_NONE */
    uint64_t programs;     /* bit i: belongs to the i-th main of the database */
    VEC(phase_id) phases;
};

/* A function registered to be called by an event loop. */
struct callback {
    fn_id fn;
    const char *library;    /* whose loop it is; "": the program's own */
    loop_set loops;         /* those of the library that may run it */
    struct site registered; /* the first time; SITE_NONE: in a static initialiser... */
    struct init_site init;  /* ... this one; INIT_SITE_NONE: in neither */
    struct loc claimed;     /* ... but where the settings say so */
    const char *by;         /* the registering function, or the member it is stored in; NULL: not
                               known */
    const char *holds;      /* a lock that is held where the library runs the loop itself; NULL */
    uint32_t own;           /* own_loops->v: the loop is in the program's source (`library`: it is
                               that library's); ID_NONE */
    struct site called;     /* of an own loop: the call that calls it, the nearest one */
    bool by_name;           /* an own loop calls it by name at `registered`: no handler */
};

/* A call that runs a routine once (pthread_once), and the token of the routine: who calls while it
 * runs waits for its end. */
struct once {
    const struct call *call;
    path_id lock;
};

struct contexts {
    const struct flows *flows;
    const struct spawners *spawners;
    const struct alive *alive;
    const struct doom *doom;
    const struct ownership *ownership;
    struct absolutes *absolutes; /* answers of contexts_absolute() */
    VEC(struct once) once;
    path_id gil; /* the lock of an interpreter; PATH_NONE: there is none, or it is made here */
    struct rounds *rounds; /* of barriers (rounds.h) */
    VEC(struct context) v;
    VEC(struct phase) phases;
    VEC(struct callback) callbacks;    /* unique by fn and library (or own loop) */
    struct own_loops *own_loops;       /* that the program has written itself */
    size_t n_programs;                 /* functions called main */
    const struct arguments *arguments; /* which ways in are possible; NULL until all is explored */
    struct separation *separation; /* what else keeps moments apart (separation.h); NULL until that
                            can be asked */
    struct descriptors *descriptors;   /* which of them block; NULL until that is known */
    const struct loop_time *loop_time; /* what callbacks do besides; NULL until that is known */
    struct said *said;                 /* claims of the settings */
    bool said_threads;                 /* there are threads that only those know of */
};

/* All contexts and what they reach. Extends the callees of calls that run callbacks. */
struct contexts *contexts_build(void *owner, struct flows *flows);

/* The bodies that the call runs in this context: its callees, but for a trampoline's call. */
struct fn_list contexts_callees(const struct contexts *contexts, context_id context,
                                const struct call *call);

/* Can the two run at the same time? */
bool contexts_overlap(const struct contexts *contexts, context_id a, context_id b);

/* An op of a function as it runs in one phase. */
struct moment {
    phase_id phase;
    fn_id fn;
    op_id op;
};

/* Can the two moments be at the same time? No when one is main's and the other's thread has not
 * been started yet, or was joined; nor when a barrier stands between them, nor when settings keep
 * them out of one run (settled.h), nor when one is a helper's errand and the other is outside of
 * the time that the giver leaves for it (errands.h), nor when the settings say so (said.h). */
bool contexts_meet(const struct contexts *contexts, struct moment a, struct moment b);

/* Can both use one object at the same time, whose member (or class of locks) `about` is? Asks for
 * fields of it that have one value while a thread runs, too (kept.h). */
bool contexts_meet_at(const struct contexts *contexts, struct moment a, struct moment b,
                      path_id about);

/* Is no other thread running at that moment? Of a thread that only the settings know of, nobody
 * knows when it starts. */
bool contexts_alone_at(const struct contexts *contexts, struct moment moment);

/* Threads that may be running at that moment of main. */
const struct lockset *contexts_running_at(const struct contexts *contexts, struct moment moment);

/* Does the context get to `fn` in any phase? And not only through pointers of many meanings? */
bool contexts_reaches(const struct contexts *contexts, const struct context *context, fn_id fn);
bool contexts_surely_runs(const struct contexts *contexts, const struct context *context, fn_id fn);

/* Is it a thread of this context that the call joins? */
bool contexts_is_joined_by(const struct contexts *contexts, context_id context,
                           const struct call *join);

/* Tokens held before `op` of `fn` in this phase, on every path, in absolute terms: a certain
 * object's path, else its class. Ways that hand over other arguments than the place needs do not
 * count (arguments.h). NULL: it does not get there. */
const struct lockset *contexts_held_at(const struct contexts *contexts, phase_id phase, fn_id fn,
                                       op_id op);

/* The token of the routine that this call runs once; PATH_NONE: it is no such call. */
path_id contexts_once_lock(const struct contexts *contexts, const struct call *call);

/* A path of `fn` in absolute terms. */
path_id contexts_absolute(const struct contexts *contexts, fn_id fn, path_id path);

/* Does the phase get to the moment, going by the arguments that are handed over? */
bool contexts_comes_to(const struct contexts *contexts, struct moment moment);

/* A set of `fn` in absolute terms, added to `entry`, less `gone`. */
const struct lockset *contexts_from_entry(const struct contexts *contexts, fn_id fn,
                                          const struct lockset *entry, const struct lockset *held,
                                          const struct lockset *gone);

/* `held` and the token of the routine that the call runs once, if it is such a call. */
const struct lockset *contexts_with_once(const struct contexts *contexts,
                                         const struct lockset *held, const struct call *call);

/* A set of `fn` in absolute terms, added to what is held on entry in `phase`, less `gone`. */
const struct lockset *contexts_with_entry(const struct contexts *contexts, phase_id phase, fn_id fn,
                                          const struct lockset *held, const struct lockset *gone);

/* The same for what is held on entry on some way only. */
const struct lockset *contexts_may_with_entry(const struct contexts *contexts, phase_id phase,
                                              fn_id fn, const struct lockset *held,
                                              const struct lockset *gone);
