/* models.h - what calls do to locks, threads, callbacks and time: data read from YAML.
 *
 * The words are those of analyzer/models/README.md. This header holds the ones the engine
 * understands; the reader checks all of them (unknown keys are errors) and drops the rest.
 * A set owns its strings and entries. A later file overrides single names of an earlier one.
 */
#pragma once

#include "base/err.h"
#include "base/intern.h"
#include "base/mem.h"

#include <stdint.h>

struct models; /* opaque */

/* Argument numbers: 1 is the first argument. */
enum {
    ARG_NONE = -2,     /* the function does not do this */
    ARG_RETURNED = -1, /* the returned value */
    ARG_SINGLETON = 0, /* a lock without an argument: the one named by `lock` */
};

enum lock_kind {
    LOCK_KIND_NONE,
    LOCK_MUTEX,
    LOCK_RWLOCK,
    LOCK_SPIN,
    LOCK_SEM,
    LOCK_FILE,
    LOCK_GIL,
    LOCK_OTHER, /* rcu, irq, bit, seq, ...: kinds no rule tells apart yet */
};

/* When the result of a try or timed call says that the lock is held. */
enum ok_when {
    OK_ALWAYS, /* the call cannot fail */
    OK_ZERO,
    OK_NONZERO, /* also "nonnull", and named constants other than 0 */
};

/* Where a registered callback runs. */
enum runs_where {
    RUNS_LOOP,
    RUNS_WORKER,
    RUNS_THREAD,
    RUNS_SIGNAL,
    RUNS_CALLER,     /* before the registering call returns, or whenever its thread calls it */
    RUNS_EXIT,       /* exit, thread-exit */
    RUNS_ANY_THREAD, /* any thread calls it, whenever it likes (slots.h) */
    RUNS_OTHER,      /* any, irq, fork handlers, fibers, ...: no context is made of these yet */
};

struct model_callback {
    int arg; /* the function pointer */
    enum runs_where runs;
    int data;   /* what the callback gets as its data; ARG_NONE: unknown */
    int loop;   /* the loop that calls it; ARG_SINGLETON: the library's default loop; ARG_NONE */
    int handle; /* the handle it is registered for, whose loop another call chooses (see
                   model_fn.binds_handle); ARG_NONE */
    bool in_handle; /* of `field`: the struct is the handle it is registered for */
    bool pool;      /* it runs for many jobs at once, however often it is registered */
    int again; /* the loop runs it more than once: as long as this argument is not 0; AGAIN_ALWAYS;
                  ARG_RETURNED: as long as it returns something else than 0; ARG_NONE: once */
    int again_bit;     /* of that argument; 0: all of it */
    const char *holds; /* the lock without an address that the caller holds; NULL. RUNS_LOOP: ...
                          where the library runs the loop, in a thread of its own */
    int fd;    /* argument whose descriptor it gets; FD_NONBLOCKING: one that the library has made
                  and that does not block; ARG_NONE: none */
    int fd_at; /* as which of its own parameters; 0: as the first */
    bool at_start; /* ... while the module is loaded, before anybody uses it */
};
#define AGAIN_ALWAYS 0
#define FD_NONBLOCKING (-3)
#define MANY_FD_SETS (-3)

/* A callback of which nothing is said. */
#define MODEL_CALLBACK_NONE                                                                        \
    (struct model_callback)                                                                        \
    {                                                                                              \
        .arg = ARG_NONE, .data = ARG_NONE, .loop = ARG_NONE, .handle = ARG_NONE,                   \
        .again = ARG_NONE, .fd = ARG_NONE                                                          \
    }

/* What a descriptor, or a stream, leads to. */
enum fd_kind {
    FD_UNKNOWN,
    FD_SOCKET,
    FD_DATAGRAM, /* a socket whose writes hardly ever wait */
    FD_PIPE,
    FD_EVENT, /* eventfd, timerfd, inotify, ...: reading waits for something to happen */
    FD_FILE,
    FD_MEMORY,   /* nothing that could wait: /dev/null, a stream in memory */
    FD_STANDARD, /* the process's own input and outputs */
    FD_PROCESS,  /* a pipe to a process that has just been started */
};

/* A descriptor, or stream, that a call hands out. */
struct model_descriptor {
    int at; /* ARG_RETURNED, or the argument where it is stored; ARG_NONE: it hands out none */
    enum fd_kind kind;
    int flags;        /* argument with O_NONBLOCK or its like among its bits; ARG_NONE */
    int type;         /* argument with SOCK_DGRAM or its like; ARG_NONE */
    int of;           /* it is but another name for this argument's (dup, fdopen); ARG_NONE */
    bool nonblocking; /* it never blocks, whatever the flags */
};

/* A call that makes a descriptor a non-blocking one, or a blocking one. */
struct model_nonblock {
    int fd;           /* ARG_NONE: the function does not do this */
    int arg;          /* only if this argument is `is`; ARG_NONE: always */
    const char *is;   /* as written: "F_SETFL" */
    int flags;        /* by O_NONBLOCK among the bits of this argument; ARG_NONE */
    int on;           /* by this argument, or what it points to, being something else than 0 */
    int off;          /* by this argument being 0; ARG_NONE */
    bool to_blocking; /* the function makes it a blocking one */
};

/* What a call does to the file that a name stands for. */
enum file_deed {
    FILE_ACCESS, /* checks: may the process, by its real user, do this? */
    FILE_STAT,   /* ... what is there? */
    FILE_LSTAT,  /* ... and what if it is a symbolic link? */
    FILE_FSTAT,  /* asks a descriptor (`arg`), no name */
    FILE_OPEN,   /* acts: `flags` tells how; without it, for reading */
    FILE_FOPEN,  /* ... `flags` is the mode of fopen() */
    FILE_CREATE, /* makes or empties it, as creat() does */
    FILE_LIST,
    FILE_CHDIR,
    FILE_EXEC,
    FILE_LOAD,
    FILE_REMOVE,
    FILE_RMDIR,
    FILE_RENAME,  /* gives it another name */
    FILE_REPLACE, /* gives another file this name */
    FILE_LINK,    /* makes a new name, or a special file, which must not be there yet */
    FILE_MKDIR,
    FILE_CHMOD,
    FILE_CHOWN,
    FILE_TRUNCATE,
    FILE_UTIME,
};

/* One name that a function is handed. */
struct model_path {
    int arg; /* the name */
    enum file_deed does;
    int dir;   /* the directory's descriptor that it is relative to; ARG_NONE */
    int flags; /* how it is opened; of FILE_ACCESS, which rights are asked for; ARG_NONE */
    int into;  /* of a check: where it stores what it found; ARG_NONE */
};

#define MODEL_PATH_NONE                                                                            \
    (struct model_path)                                                                            \
    {                                                                                              \
        .arg = ARG_NONE, .dir = ARG_NONE, .flags = ARG_NONE, .into = ARG_NONE                      \
    }

/* Who can put files into a directory (the `places` table). */
enum file_place {
    PLACE_UNKNOWN,
    PLACE_SHARED, /* everybody: /tmp */
    PLACE_SYSTEM, /* the administrator: /proc, /usr */
};

/* What is waited for; the order is that of blocks_name(). */
enum blocks_what {
    BLOCKS_NOTHING,
    BLOCKS_SLEEP,
    BLOCKS_LOCK,
    BLOCKS_COND,
    BLOCKS_JOIN,
    BLOCKS_NET,
    BLOCKS_DNS,
    BLOCKS_NSS,
    BLOCKS_FILE, /* a stream or file that can be anything */
    BLOCKS_OPEN, /* opening or making a local file */
    BLOCKS_SYNC,
    BLOCKS_META,
    BLOCKS_CLOSE,
    BLOCKS_FD,
    BLOCKS_POLL,
    BLOCKS_PROC,
    BLOCKS_TTY,
    BLOCKS_IPC,
    BLOCKS_DB,
    BLOCKS_TLS,
    BLOCKS_LOG,
    BLOCKS_LOAD,
    BLOCKS_RANDOM,
    BLOCKS_SIGNAL,
    BLOCKS_LOOP,
    BLOCKS_ANY,   /* its attribute says so, but not for what */
    BLOCKS_OTHER, /* alloc, fault, cpu */
};

/* blocks_if: the call waits only where this holds of an argument. */
enum arg_test {
    TEST_NONE, /* always */
    TEST_IS,
    TEST_IS_NOT,
    TEST_HAS,   /* flag is set */
    TEST_LACKS, /* flag is not set */
    TEST_ABOVE, /* more than this number; true of a number that is not known */
};

/* Names; one that ends in '*' stands for all that begin so. */
struct name_list {
    const char **v;
    size_t n;
};

/* What comes of running a loop from one of its own callbacks. */
enum loop_nesting {
    NESTING_UNDEFINED, /* the library is not made for it */
    NESTING_REFUSED,   /* the call returns at once, and nothing has run */
    NESTING_ALLOWED,   /* it works, and runs other callbacks in the middle of this one */
};

/* What a library says of its event loops (the `loop` table). */
struct model_loop {
    const char *library;
    struct name_list calls;        /* the functions that this table is about: "uv_*" */
    struct name_list objects;      /* types of what belongs to one loop: the loop, its handles */
    struct name_list bound;        /* types of what belongs to a loop once a call that `binds` has
                                      made it one of its handles, and to nobody else */
    struct name_list any_thread;   /* calls that any thread may make */
    struct name_list thread_on;    /* calls that make the library lock its loops */
    struct name_list with_threads; /* what any thread may call once one of those was called */
    struct name_list signal_ok;    /* what a signal handler may call */
    const char *wake;              /* how another thread hands work to the loop; NULL: not said */
    const char *offload;           /* how a callback moves slow work away; NULL */
    enum loop_nesting nesting;
};

/* What one function (or function-like macro) does. */
struct model_fn {
    const char *name;
    const char *library; /* e.g. "libuv", "POSIX", or the user's own */
    bool overrides_body; /* from the user's own models: holds even for a function with a body */

    int acquire;         /* lock it takes; ARG_NONE */
    int release;         /* lock it gives back; ARG_NONE */
    int downgrade;       /* lock it turns from exclusive to shared; ARG_NONE */
    const char *lock;    /* name of the lock without an argument (ARG_SINGLETON); else NULL */
    enum lock_kind kind; /* of acquire, init */
    bool shared;         /* mode: shared */
    bool recursive;
    bool is_try;   /* returns at once when the lock is not to be had */
    bool timed;    /* gives up after a time */
    int wait_flag; /* tries only if this argument is 0; ARG_NONE */
    bool scoped;   /* given back at the end of a scope or bracket, by no call naming it */
    enum ok_when ok;
    int init;      /* makes this lock; ARG_NONE */
    int type;      /* constant that says what kind of lock it is (see models_type_recursive()), of
                      `init` or `sets_type`; ARG_NONE */
    int sets_type; /* attribute object that gets the type; ARG_NONE */
    int attr;      /* attribute object that `init` reads; ARG_NONE */
    int destroy;   /* ends it; ARG_NONE */
    int asserts;   /* claims that this lock is held; ARG_NONE */
    int tests;     /* tells whether this lock is held; ARG_NONE */

    int wait_cond;   /* condition wait; ARG_NONE */
    int wait_lock;   /* the lock it gives up and takes again; ARG_NONE */
    int count;       /* of init: how many threads a barrier waits for; ARG_NONE */
    int signal_mask; /* changes the signal mask: the set; how, and where the old one goes, stand
                        before and after it; ARG_NONE */
    int signals;     /* wakes those that wait for this condition; ARG_NONE */
    int barrier;     /* waits at this barrier until enough others do; ARG_NONE */
    bool in_loop;    /* belongs in a loop (condition waits, weak compare-exchange) */

    int thread_handle; /* ARG_NONE, ARG_RETURNED or an argument */
    int thread_entry;  /* starts a thread there; ARG_NONE: starts none */
    int thread_data;
    int join;      /* waits for this thread; ARG_NONE */
    int once_call; /* runs this function once (pthread_once); ARG_NONE */

    VEC(struct model_callback) callbacks;
    int installs; /* a struct with callbacks inside (see models_field_callback); ARG_NONE */

    enum blocks_what blocks;
    bool blocks_surely; /* false: `sure: false` */
    int blocks_fd;      /* waits only if this descriptor is a blocking one; ARG_NONE */
    enum arg_test blocks_test;
    int blocks_test_arg;
    const char *blocks_test_value; /* as written: "NULL", "0", "O_NONBLOCK" */
    int waits_many; /* BLOCKS_POLL: the argument that counts the descriptors; ARG_SINGLETON:
                       a set that holds them; MANY_FD_SETS; ARG_NONE: one, or not known */
    int host; /* BLOCKS_DNS: the name to look up; an address of digits asks nobody; ARG_NONE */
    const char *use; /* what to call instead; NULL */
    const char *why; /* the user's reason for `blocks: none`; NULL */
    struct model_descriptor descriptor;
    struct model_nonblock nonblock;
    int stream;  /* waits as long as what this stream leads to makes it wait; ARG_NONE */
    int writes;  /* writes as many bytes as this argument says; 0: some; ARG_NONE: it reads */
    int watches; /* has this descriptor watched: a callback comes when it is ready; ARG_NONE */
    bool forks;  /* returns 0 in the child */

    int stops_loop;      /* ends the running of this loop; ARG_NONE */
    int runs_loop;       /* runs this event loop until it is stopped; ARG_SINGLETON: the library's
                            default loop; ARG_NONE */
    bool runs_callbacks; /* runs the library's callbacks, and is no loop: who makes it waits anyway
                          */
    const char *hosted_by; /* has the library's callbacks run in the loops of that one; NULL */
    bool returns_loop;     /* returns an event loop, a new one */
    bool default_loop;     /* or always the same one */
    int makes_loop;        /* stores a new loop's pointer there; ARG_NONE */
    int inits_loop;        /* makes this object a new loop; ARG_NONE */
    int loop_of;           /* what it returns stands for the loop that this argument is; ARG_NONE */
    int binds_handle;      /* makes this handle one of binds_loop; ARG_NONE */
    int binds_loop;
    bool any_thread;  /* does to a loop what any thread may do */
    bool loop_only;   /* touches a loop's object: only for the loop's thread */
    bool per_thread;  /* of default_loop: each thread has one of its own */
    bool guards_loop; /* makes the loop give up a lock while it waits: who has it may touch it */
    bool noreturn;
    bool exits_process; /* exits: process */
    bool needs_gil;     /* gil: needs */
    const char *opens;  /* a macro that opens a bracket: what closes it; NULL */
    bool starts_interpreter;
    bool fresh;    /* returns memory that nobody else knows yet (malloc) */
    bool zeroed;   /* all bytes of it are 0 (calloc) */
    int frees;     /* gives back the memory that this argument points to; ARG_NONE */
    int copies_to; /* copies the bytes of one object over another (memcpy); ARG_NONE */
    int copies_from;

    VEC(struct model_path) paths; /* names of files among its arguments */
    int builds;                   /* fills this buffer with a text made of its other arguments */
    int makes_private;      /* makes a directory of this name that nobody else may use; ARG_NONE */
    bool changes_user;      /* the process has other rights from here on (seteuid) */
    bool returns_errno;     /* returns where the last error's number is */
    bool reads_environment; /* returns the variable that its first argument names */
    bool returns_shared;    /* returns the name of a directory that everybody may use */

    bool fence;     /* orders memory accesses before it and after it */
    int atomic_obj; /* the atomic object's pointer; ARG_NONE */
    enum { ATOMIC_NONE, ATOMIC_LOAD, ATOMIC_STORE, ATOMIC_RMW, ATOMIC_CAS, ATOMIC_INIT } atomic_op;
};

/* The built-in models (compiled into the binary), owned by `owner`. NULL and `*err` when one of
 * them is damaged, which a unit test rules out. */
struct models *models_builtin(void *owner, struct intern *names, struct err *err);

/* Adds the `fn` table and the other tables of a YAML text to `models`, overriding single names.
 * `path` is for messages. False and `*err` (file:line:column, nearest known key) on bad input. */
bool models_add(struct models *models, const char *path, const char *text, size_t size,
                struct err *err);

/* Turns on the libraries one of whose `active` headers is among `files`: a file is meant when its
 * path ends in "/" and the header's name. Libraries with `active: []` are always on. May be called
 * again with more files. */
void models_activate(struct models *models, const char *const *files, size_t n_files);

/* What the active models say of a function or macro of this name; NULL: nothing. */
const struct model_fn *models_fn(const struct models *models, const char *name);

/* Is a library with this name known and active? */
bool models_library_active(const struct models *models, const char *library);

/* Callbacks stored in struct members: "struct sigaction.sa_handler". NULL: not one. */
const struct model_callback *models_field_callback(const struct models *models,
                                                   const char *record_dot_field,
                                                   const char **ret_library);

/* What the active library that a function of this name belongs to says of its loops; NULL: none. */
const struct model_loop *models_loop_of_call(const struct models *models, const char *name);

/* Is the name in the list, or does it begin as one of the list does that ends in '*'? */
bool name_list_has(const struct name_list *list, const char *name);

/* ---- an interpreter's lock (models_gil.c) ---------------------------------------------------- */

/* Its name, as in model_fn.lock; NULL: no library with one is active. */
const char *models_gil(const struct models *models);
/* Is it the header of a library with such a lock (Python.h)? */
bool models_is_gil_header(const struct models *models, const char *file);
/* Must whoever calls a function of this name hold it? By the `gil` table: of a name that may be one
 * of the program's own, too. */
bool models_needs_gil(const struct models *models, const char *name);
/* Is the function there to run code of the interpreter's language, and so lets the lock go at
 * times? */
bool models_runs_python(const struct models *models, const char *name);
/* The library that calls every function of this name with its lock held, when it loads a module
 * (PyInit_*); NULL: none. */
const char *models_enters(const struct models *models, const char *name);

/* What `library` offers instead of the blocking call `callee` (its `hint` table), or `use:` of the
 * callee's own model; NULL: nothing known. */
const char *models_hint(const struct models *models, const char *library, const char *callee);

/* Kind of lock that objects of this type are (the `type` table), by any of the names of an IR type
 * name ("lock_t|pthread_mutex_t"); LOCK_KIND_NONE for condition variables and everything else.
 * models_type_is_sync() is also true for those that are not locks (cond, barrier, once, tls...). */
enum lock_kind models_type_lock(const struct models *models, const char *type);
bool models_type_is_sync(const struct models *models, const char *type);

/* Is a macro a static initialiser of a recursive lock? */
bool models_static_init_recursive(const struct models *models, const char *macro);

/* Does a type constant of this value (the `type` argument of a function of `library`) make a lock
 * recursive? *ret_checks: or one that tells its holder of its mistakes? */
bool models_type_recursive(const struct models *models, const char *library, int64_t value,
                           bool *ret_checks);
/* Is a macro a static initialiser of an error-checking lock? */
bool models_static_init_checks(const struct models *models, const char *macro);
/* Is a macro a static initialiser of a lock of any kind? */
bool models_is_static_init(const struct models *models, const char *macro);

/* Who can put files where `name`, the beginning of a path, leads to. */
enum file_place models_place(const struct models *models, const char *name);
/* Is a file of this name nothing but memory, so that no disk is waited for (/proc)? */
bool models_is_memory_file(const struct models *models, const char *name);
/* Is this member of a struct a descriptor that somebody waits for: "struct pollfd.fd"? */
bool models_is_watch_field(const struct models *models, const char *record_dot_field);
/* Does this variable of the environment name a directory that everybody may use? */
bool models_is_shared_variable(const struct models *models, const char *name);

/* A short word for the thing waited for: "sleep", "dns", ... */
const char *blocks_name(enum blocks_what what);

/* XXH-free fingerprint input: the YAML texts that were read, in order, for cache keys.
 * Valid as long as `models`. */
const char *models_text(const struct models *models, size_t i); /* NULL after the last */

/* ---- claims ---------------------------------------------------------------------------------- */

/* What the settings claim of the program as a whole, and snarl believes. Names are interned. */
enum said_word {
    SAID_NOT,
    SAID_NO,
    SAID_YES,
};

/* The program starts running code at this function. */
struct model_entry {
    const char *function;
    enum runs_where runs; /* RUNS_OTHER: not said */
    enum said_word many;  /* can several run at once? */
    const char *library;  /* whose loop it is, of RUNS_LOOP */
    struct loc where;     /* the function's name */
};

/* What runs in one of these never runs while something runs in the other one. */
struct model_apart {
    const char *functions[2];
    struct loc where[2];
};

struct model_claims {
    VEC(struct model_entry) entries;
    VEC(struct model_apart) apart;
};

const struct model_claims *models_claims(const struct models *models);
