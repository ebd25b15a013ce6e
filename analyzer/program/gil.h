/* gil.h - who runs with an interpreter's lock (the GIL of CPython) in hand, and who surely without.
 *
 * The lock is a token like any other: what is held is for flow.h and contexts.h. That it is surely
 * not held is more than not being known to be held, and is only said of a way on which the lock was
 * given back, or that starts in a thread of the program's own, which has it not.
 */
#pragma once

#include "program/contexts.h"

enum gil_state {
    GIL_UNKNOWN,
    GIL_HELD,
    GIL_FREE, /* not held by this thread */
};

/* How a context gets to a function in one of the two states, shortest first. */
struct gil_way {
    bool yes;
    bool sure;    /* not through a pointer that may mean several functions */
    fn_id caller; /* FN_NONE: the context starts here */
    op_id call;
    enum gil_state before; /* the state in which the caller was entered */
    unsigned depth;
};

/* What one context runs, with the lock and without. */
struct gil_walk {
    context_id context;
    path_id lock;
    struct gil_way *held; /* by fn */
    struct gil_way *free; /* by fn */
};

/* The lock's path, worked out once for contexts.gil. PATH_NONE: the program has to do with no
 * interpreter, or is one: then the lock is code like any other, and who holds it is not told by the
 * models. */
path_id gil_find(const struct flows *flows);
path_id gil_lock(const struct contexts *contexts);

/* Owned by `owner`. */
struct gil_walk *gil_walk(void *owner, const struct contexts *contexts, context_id context,
                          path_id lock);

/* The way by which the walk got to `fn` in this state; NULL: it did not. */
const struct gil_way *gil_way(const struct gil_walk *walk, fn_id fn, enum gil_state state);

/* The state before `op` if the function was entered in `entry`. */
enum gil_state gil_at(const struct contexts *contexts, path_id lock, fn_id fn, op_id op,
                      enum gil_state entry);

/* What calls of the interpreter's own functions want. */
struct gil_api; /* opaque */
struct gil_api *gil_api_new(void *owner, const struct contexts *contexts);

/* Must the caller hold the lock? It must for the functions of the models that are declared beside
 * the library's header, and for those of its inline functions that change something or call one. */
bool gil_api_needs(struct gil_api *api, const struct call *call);
/* Is it one of the library's inline functions? What it does inside is its caller's to answer for.
 */
bool gil_api_owns(const struct gil_api *api, fn_id fn);
/* What the user wrote: the macro if it is one of the interpreter's, else the function. */
const char *gil_api_name(const struct gil_api *api, const struct call *call);
