/* flow.h - which tokens are held where in each function, and what a call of it does to them.
 *
 * One pass over each function, callees first. The sets are relative to the function: what it took
 * itself, and which of its caller's it gave back (relative locksets: Voung, Jhala, Lerner, "RELAY",
 * FSE 2007). contexts.h adds what the callers hold.
 */
#pragma once

#include "program/calls.h"
#include "program/lockset.h"
#include "program/params.h"
#include "program/state.h"

enum { MAX_WHEN = 6 };

/* What must hold of a function's arguments for it to come to some place. */
struct need {
    uint32_t n_when;
    struct fact when[MAX_WHEN]; /* about FACT_LOCAL, parameters */
};

/* What holds before an op when the arguments are such. */
struct held_case {
    struct need need;
    const struct lockset *held;
    const struct lockset *gone;
};

/* What holds before an op. */
struct held {
    const struct lockset *must; /* on every path */
    const struct lockset *may;  /* on some path */
    const struct lockset *gone; /* the caller's locks that were given back on some path */
    const struct lockset *free; /* locks without an address that the thread surely does not hold:
                                   given back, `taken` there, on every path */
    uint32_t n_cases;           /* 0: no argument makes a difference */
    const struct held_case *cases;
};

/* A lock taken, here or in a callee that was handed the lock. */
struct acquisition {
    op_id op; /* the lock call, or the call that leads to it */
    path_id lock;
    enum token_mode mode;
    bool waits;                      /* until it is free; false: try, or gives up after a time */
    bool recursive;                  /* a lock that its holder may take again */
    const struct lockset *held;      /* before it, relative to this function */
    const struct lockset *gone;      /* the caller's that were given back before it */
    const struct acquisition *inner; /* the same acquisition as the callee sees it; NULL: here */
    fn_id inner_fn;                  /* whose `inner` is; FN_NONE */
    bool lifted;                     /* some caller sees it as its own acquisition */
    bool kept; /* some caller does not: it cannot say which lock it is, or not tell it from one
                  that is held */
};

/* What a caller makes of a callee's acquisition. */
struct lift {
    struct acquisition *inner;
    bool lifted; /* it is one of its own, too; else it keeps it to the callee */
};

enum result {
    RESULT_ANY,
    RESULT_ZERO, /* 0, false, NULL */
    RESULT_NONZERO,
};

/* One way a function can end. */
struct outcome {
    enum result result;
    const struct lockset *held; /* tokens its caller gets */
    const struct lockset *gone; /* tokens its caller loses */
    bool constant;              /* it returns this number */
    int64_t value;
    const struct lockset *freed;  /* see struct state */
    const struct lockset *missed; /* ... */
    uint32_t n_when;              /* only when these hold of its parameters' values on entry */
    struct fact when[MAX_WHEN];
};

/* A lock that a function waits for although its caller may hold it: it has not given it back by
 * then. */
struct want {
    op_id op; /* the lock call, or the call that leads to it */
    path_id lock;
    enum token_mode mode;
    bool sure;      /* every way through the function, and through those below, comes here */
    bool by_choice; /* a condition in the function with the lock call says if it is taken */
    const struct want *inner; /* as the callee sees it; NULL: here */
    fn_id inner_fn;           /* whose `inner` is; FN_NONE */
    uint32_t n_when;          /* only when these hold of its parameters' values on entry */
    struct fact when[MAX_WHEN];
    uint32_t n_tests; /* only when memory said this on the way: FACT_PATH, by class */
    struct fact tests[MAX_WHEN];
};

/* A wait for a lock that this function, or one it called before, has taken already. */
struct relock {
    struct want want;
    struct token token; /* as it is held */
    uint32_t n_with;    /* states at the op that hold it */
    uint32_t n_states;  /* states there */
    bool merged;        /* too many states */
};

/* Whose a lock is that is given back. */
enum giving_how {
    GIVES_OWN,     /* this function's */
    GIVES_CALLERS, /* none that it took: it must be its caller's */
    GIVES_FREED,   /* nobody's: it has been given back before */
    GIVES_MISSED,  /* nobody's: it was tried for in vain */
};

/* A lock given back, by a call or in what is called: one for each lock, way of having it, place. */
struct giving {
    op_id op;
    path_id lock;
    enum giving_how how;
    struct site before; /* GIVES_OWN: where it was taken; GIVES_FREED, GIVES_MISSED: where it
                           was given back, or tried for; SITE_NONE: no one place */
    const struct giving *inner; /* as the callee sees it; NULL: here */
    fn_id inner_fn;             /* whose `inner` is; FN_NONE */
    bool standby; /* by a handler that stands by for the thread's end: it runs only then */
    bool partly;  /* in other states there the lock is another's: not all ways are as this one */
    bool merged;  /* too many states to be sure what is held */
};

/* A way out of a function with locks that it took, and that its caller gets, or without some that
 * its caller had. */
struct leaving {
    uint32_t block;             /* that ends in the return, or holds `op` */
    op_id op;                   /* the call that ends the thread or jumps out; ID_NONE: a return */
    const struct lockset *held; /* what it has given back before and took again is not among them */
    const struct lockset *must; /* what all ways hold that come to this place */
    const struct lockset *gone; /* its caller's that it gave back and did not take again, each
                                   `taken` where it was given back last; SITE_NONE */
    uint32_t n_when;            /* only when these hold of its parameters' values on entry */
    struct fact when[MAX_WHEN];
    bool merged; /* too many states to be sure what is held */
};

struct fn_flow {
    VEC(struct giving *) givings;
    VEC(struct leaving) leavings;
    VEC(struct want *) wants;
    VEC(struct relock) relocks;
    struct need **needs; /* by block; NULL: nothing is needed, also for all of them */
    VEC(struct held) helds;
    uint32_t *held_at; /* by op: index into helds; ID_NONE: never reached */
    VEC(struct acquisition *) acquisitions;
    VEC(struct lift) lifts; /* of those of its callees */
    VEC(path_id) asked;     /* classes: whether its callees write them has made a difference */
    VEC(struct outcome) outcomes;
    bool returns;         /* false: it never comes back (exits, loops for ever) */
    path_id returned;     /* object its returned pointer points to; PATH_NONE: not one */
    bool fresh;           /* returns memory that nobody else knows, yet or any more */
    bool capped;          /* too many states; some were merged */
    struct answer *first; /* what a cycle's other members went by at first; NULL: it is in none */
    struct resolver *resolver;
    path_id *places; /* answers of flow_place(), by place, when all functions are analysed */
};

struct flows {
    const struct linked *linked;
    struct paths *paths;
    const struct models *models;
    struct calls *calls;
    struct lockset_pool *pool;
    struct written *written;
    struct params *params;
    struct fn_flow *v;             /* by fn */
    const struct bottom_up *order; /* in which they were analysed; of `calls` */
    VEC(const char *) lock_names;  /* of ROOT_NAMED paths */
    size_t n_capped;
    struct state_list *room;   /* while functions are analysed: states in front of blocks */
    size_t n_room;             /* ... so many */
    struct pointees *pointees; /* answers of flow_pointees(); NULL while functions are analysed */
};

/* Everything about all functions. Owned by `owner`. */
struct flows *flows_build(void *owner, const struct linked *linked, struct paths *paths,
                          const struct models *models, struct calls *calls);

/* Brings them up to date when bodies have changed (see relink.h): `calls` are those of the program
 * as it is now, the old ones are still there. Only functions are analysed again of which something
 * is new that goes into it: the body, whom it calls, what its callees do, what pointers point to.
 * `changed`, by fn: the body has; in the end: the function has been analysed again. */
void flows_update(struct flows *flows, struct calls *calls, bool *changed);

/* What holds before `op`, relative to the function; NULL: it is never reached. */
const struct held *flow_held_at(const struct flows *flows, fn_id fn, op_id op);

/* Path of the object argument `arg` (a model's number) of a call points to. */
path_id flow_arg_path(const struct flows *flows, const struct call *call, int arg);
path_id flow_place(const struct flows *flows, fn_id fn, place_id place);

/* Objects that the first MAX_PARAMS arguments of a call point to, for path_substitute(); gives
 * their number. */
enum { MAX_PARAMS = 16 };
size_t flow_pointees(const struct flows *flows, const struct call *call, path_id *ret);
/* The same for the arguments whose bits are set in `mask`; the others are left as they are. */
size_t flow_pointees_of(const struct flows *flows, const struct call *call, uint32_t mask,
                        path_id *ret);

/* Is the path one certain lock as long as nobody changes the pointers on the way (see
 * flow_lock_in_memory())? Not one of a class, nor an item of unknown index. */
bool flow_is_one_lock(const struct paths *paths, path_id lock);

/* Can a caller say which lock it is: is it a variable's, or a parameter's? */
bool flow_is_callers(const struct paths *paths, path_id lock);

/* Does the way to the lock go through a pointer in memory, which other threads could change? */
bool flow_lock_in_memory(const struct paths *paths, path_id lock);

/* A path of a callee in the terms of the function that calls it, where the arguments point to
 * `pointees`: path_substitute(), and a pointer of the caller's that is handed over by its address
 * stands for the one object that it points to. */
path_id flow_substitute(const struct flows *flows, const struct call *call, path_id path,
                        const path_id *pointees, size_t n);

/* A lock without an address, e.g. the GIL. `name` must stay. */
path_id flow_named_lock(struct flows *flows, const char *name);
/* The same; PATH_NONE if no call and no context has to do with it. */
path_id flow_find_named_lock(const struct flows *flows, const char *name);

/* Is it a lock that excludes others, by an argument: no semaphore, no lock of a library's own? */
bool flow_is_lock_call(const struct model_fn *model);

/* Does the call never come back? */
bool flow_call_ends(const struct flows *flows, const struct call *call);

/* What must hold of the arguments of `fn` for it to come to `op`; NULL: nothing is known. */
const struct need *flow_need_of(const struct flows *flows, fn_id fn, op_id op);

/* Can this call hand over arguments of which that holds? */
bool flow_can_meet(const struct flows *flows, const struct call *call, const struct need *need);
