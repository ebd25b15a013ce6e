/* model_set.h - what is inside a `struct models`: names, and what each file said of them.
 *
 * For this folder only. A name has a list of entries, the newest first; what holds is the newest
 * one whose library is active.
 */
#pragma once

#include "base/map.h"
#include "config/models.h"
#include "config/patterns.h"

/* One file of models. */
struct library {
    const char *name;
    bool active;
    bool is_user;              /* read after the built-in ones: its hints hold for every library */
    struct model_loop loop;    /* no `calls`: it says nothing of loops */
    const char *lock;          /* its lock without an argument; NULL */
    enum lock_kind lock_kind;  /* ... */
    struct patterns entered;   /* functions of the user's that it calls with that lock held */
    struct patterns gil_needs; /* the `gil` table */
    struct patterns gil_free;
    struct patterns gil_runs_python;
};

enum entry_kind {
    ENTRY_FN,          /* a line of `fn` (u.fn) */
    ENTRY_BUILTIN,     /* a compiler builtin (u.fn): active without any header */
    ENTRY_BLOCKS,      /* named in a `blocks` list (u.fn, which says no more) */
    ENTRY_USE,         /* what to call instead (u.text) */
    ENTRY_HINT,        /* what the library offers instead (u.text) */
    ENTRY_FIELD,       /* a callback in a struct member (u.callback) */
    ENTRY_TYPE,        /* kind of a synchronisation object (u.kind) */
    ENTRY_STATIC_INIT, /* macro of an initialiser (u.lock) */
    ENTRY_LOCK_TYPE,   /* constant that makes a kind of lock (u.lock) */
    ENTRY_MEMORY_FILE, /* a file, or a directory of files, that is nothing but memory */
    ENTRY_WATCH_FIELD, /* a descriptor in a struct that somebody waits for */
    ENTRY_PLACE,       /* a directory, or a variable that names one (u.kind) */
};

struct entry {
    enum entry_kind kind;
    bool says_blocks; /* ENTRY_FN: has a `blocks` key, which may be `none` */
    const struct library *library;
    struct entry *older;
    union {
        const struct model_fn *fn;
        const char *text;
        struct model_callback callback;
        int kind; /* enum lock_kind, or TYPE_NOT_SYNC; of ENTRY_PLACE one of words_place */
        struct {
            bool recursive;
            bool checks; /* error-checking */
            bool is_lock;
            bool is_flag; /* ENTRY_LOCK_TYPE: one bit of several */
            int value;    /* ENTRY_LOCK_TYPE; ARG_NONE: not said */
        } lock;
    } u;
};

/* A function, macro, type or member that some file speaks of. */
struct model_name {
    UT_hash_handle hh;
    const char *text;
    struct entry *newest;
    const struct model_fn *fn; /* what the active libraries say of it as a function; NULL */
    struct model_fn *merged;   /* room for `fn` when it comes from several entries; or NULL */
};

/* A header whose inclusion turns on a library. */
struct activator {
    UT_hash_handle hh;
    const char *base; /* last part of the header's name: the key */
    VEC(struct header {
        const char *name;
        struct library *library;
    })
    headers;
};

struct models {
    struct intern *strings;
    struct model_name *names;     /* uthash by text */
    struct activator *activators; /* uthash by base */
    VEC(struct library *) libraries;
    VEC(const char *) texts; /* what was read, in order; see models_text() */
    struct model_claims claims;
    bool builtin_done; /* what is read from now on is the user's */
};

struct models *model_set_new(void *owner, struct intern *strings);

/* A library without headers: active. */
struct library *model_set_library(struct models *models, const char *name);

/* Makes `library` wait for a file that includes `header`. */
void model_set_activator(struct models *models, struct library *library, const char *header);

/* Adds an empty entry for `name` (interned); it is the newest now. */
struct entry *model_set_add(struct models *models, const struct library *library,
                            enum entry_kind kind, const char *name);

/* The newest active entry of this kind; NULL: none. */
const struct entry *model_set_find(const struct models *models, enum entry_kind kind,
                                   const char *name);

/* The name itself; NULL: nobody speaks of it. */
const struct model_name *model_set_name(const struct models *models, const char *name);

/* Works out model_name.fn anew: after entries were added or libraries became active. */
void model_set_resolve(struct models *models);
