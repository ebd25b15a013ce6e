/* path.h - access paths over the whole program: which object an lvalue or a pointer is about.
 *
 * A path is a root and steps, interned as a trie: a path is its parent and one step, so equal paths
 * have equal ids. Paths of a function are relative to it (ROOT_PARAM); a caller substitutes its
 * arguments (relative paths as in RELAY: Voung, Jhala, Lerner, FSE 2007).
 *
 * The *class* of a path forgets which object of a type is meant: `from->mu` and `to->mu` are both
 * `struct account.mu` (lock classes as in the Linux kernel's lockdep).
 */
#pragma once

#include "base/mem.h"

typedef struct {
    uint32_t i; /* index in struct paths; PATH_NONE.i for "no path known" */
} path_id;

#define PATH_NONE ((path_id){UINT32_MAX})
#define PATH_INDEX_ANY UINT32_MAX /* an index that is not a constant */

enum path_kind {
    ROOT_VAR,    /* a: program symbol, a variable with static storage */
    ROOT_PARAM,  /* a: number of the parameter, of the function whose path it is */
    ROOT_LOCAL,  /* a: function, b: local */
    ROOT_CALL,   /* a: function, b: op; what that call returned */
    ROOT_OBJECT, /* a: record; some object of that type (classes only) */
    ROOT_NAMED,  /* a: number of the name; a lock without an address (the GIL) */
    ROOT_THREAD, /* a: path of a thread's handle, b: the call that starts it; no memory, but a token
                    (see alive.h) */
    ROOT_END,    /* a: context; the end of its thread, which a join waits for */
    ROOT_EVENT,  /* a: path of a semaphore, condition or barrier, b: a context; what ends the
                    context's wait for it */
    STEP_DEREF,  /* what the parent, a pointer, points to */
    STEP_FIELD,  /* a: program field */
    STEP_INDEX,  /* a: the index or PATH_INDEX_ANY */
    STEP_CONTAINER, /* a: program field; the object whose member the parent is */
};

struct path_node {
    enum path_kind kind;
    path_id parent; /* PATH_NONE for a root */
    uint32_t a;
    uint32_t b;
    uint32_t depth; /* steps above it; 0 for a root */
    path_id root;   /* where it begins; a root's own id */
};

struct paths;

/* Tells the record a field belongs to; `user` is the one given to paths_new(). */
typedef uint32_t paths_record_of_fn(void *user, uint32_t field);

struct paths *paths_new(void *owner, paths_record_of_fn *record_of, void *user);

/* Tells whether a field is the first member of a struct that the program also uses as a pointer to
 * the struct around it. Such a field is left out before another one: `d->base.mu` and
 * `((struct base *)d)->mu` are one path, and of one class. */
typedef bool paths_is_base_fn(void *user, uint32_t field);
void paths_leave_out(struct paths *paths, paths_is_base_fn *is_base);

const struct path_node *path_get(const struct paths *paths, path_id path);
bool path_eq(path_id a, path_id b);
bool path_is_none(path_id path);

path_id path_root(struct paths *paths, enum path_kind kind, uint32_t a, uint32_t b);
/* `parent` with one more step. The member of a container, and the container of a member, are where
 * the way began: container_of(&x->m, T, m) is *x. A path that gets deeper than 12 steps is cut to
 * its class, so that recursive structures end. PATH_NONE gives PATH_NONE. */
path_id path_step(struct paths *paths, path_id parent, enum path_kind kind, uint32_t a);

/* The root node's id. */
path_id path_root_of(const struct paths *paths, path_id path);

/* The class: the fields after the last pointer (or container) of the path, from "some object of the
 * first one's type" on, with every index unknown; for a variable that is no struct, the variable.
 * What a field points to is of a class of its own (`*entry.lock`). Any other path without a field
 * behind its last pointer is its own class. */
path_id path_class(struct paths *paths, path_id path);

/* Is it one certain object of the whole program: a variable, no pointer, container or unknown index
 * on the way (or a named lock)? */
bool path_is_exact(const struct paths *paths, path_id path);

/* Can it be named outside its function: is its root neither parameter, local nor call result? */
bool path_is_global(const struct paths *paths, path_id path);

/* Does a pointer stand on the way (any STEP_DEREF or STEP_CONTAINER)? */
bool path_has_deref(const struct paths *paths, path_id path);

/* Can the two name one object? Paths of different certain objects cannot; of one class they can. */
bool path_may_alias(struct paths *paths, path_id a, path_id b);

/* `path` of a callee in the caller's terms: ROOT_PARAM k followed by DEREF becomes pointees[k]
 * (PATH_NONE: not known). Paths that are not about parameters stay. PATH_NONE where it can't be
 * said. */
path_id path_substitute(struct paths *paths, path_id path, const path_id *pointees, size_t n);

/* `path` with its root and the DEREF right below it replaced by `object`; `path` itself when it
 * does not begin so. */
path_id path_replace_pointee(struct paths *paths, path_id path, path_id object);

/* Number of paths; ids are below it. */
size_t paths_count(const struct paths *paths);
