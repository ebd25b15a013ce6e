/* frontend.h - C source to IR, through libclang. The only folder that knows libclang. */
#pragma once

#include "base/err.h"
#include "ir/ir.h"

#include <signal.h>

/* One entry of a compile database, made ready for libclang. Owned with its struct compdb. */
struct compile_unit {
    const char *path;      /* absolute, normalised */
    const char *directory; /* where the compiler ran; relative flags are relative to it */
    const char **args;     /* for libclang: no compiler, no input, no output; NULL at the end */
    size_t n_args;
};

/* The C units of a compile database, sorted by path. */
struct compdb {
    VEC(struct compile_unit) units;
    const char *dir;      /* folder that held compile_commands.json; NULL for `-- CFLAGS` */
    size_t n_skipped_cxx; /* entries in C++, Objective-C, other languages */
    size_t n_skipped_asm;
    size_t n_duplicates;       /* further entries for a file that was there already */
    VEC(const char *) missing; /* sources that the database names and that do not exist */
};

/* Finds compile_commands.json in `build_dir`, or, when that is NULL, in `from`, `from`/build*, and
 * the folders above (their build* too, up to the project's top: .git, .hg, .svn, .snarl.yml).
 * NULL and `*err` (ERR_INPUT: what was looked for, and what to do next) without one, or with one
 * that is not a JSON compile database. */
struct compdb *compdb_find(void *owner, const char *from, const char *build_dir, struct err *err);

/* A database of `files`, all compiled with `cflags`, in the current directory. */
struct compdb *compdb_of_files(void *owner, const char *const *files, size_t n_files,
                               const char *const *cflags, size_t n_cflags);

/* Keeps only the units whose file is among `files` (as the user typed them; relative to the current
 * directory). False and `*err` when one of them is not in the database. */
bool compdb_keep_only(struct compdb *compdb, const char *const *files, size_t n_files,
                      struct err *err);

/* Texts that count instead of the files of these paths: what an editor has not saved yet. */
struct frontend_unsaved {
    const char *path; /* absolute */
    const char *text;
    size_t size; /* bytes */
};
struct frontend_overlay {
    VEC(struct frontend_unsaved) files;
};

/* Lowers one unit in this process. Never NULL: a file that libclang refuses gives a unit with a
 * problem and no functions. */
struct ir_unit *frontend_lower(void *owner, struct intern *names, const struct compile_unit *unit);
struct ir_unit *frontend_lower_over(void *owner, struct intern *names,
                                    const struct compile_unit *unit,
                                    const struct frontend_overlay *overlay);

/* Lowers source text instead of a file (tests): `args` may be NULL. */
struct ir_unit *frontend_lower_text(void *owner, struct intern *names, const char *path,
                                    const char *text, const char *const *args, size_t n_args);

/* What libclang is told about every file besides its own args, by a compiler that ran in
 * `directory`; NULL at the end. Owned by `owner`. */
const char *const *frontend_own_args(void *owner, const char *directory);

/* How the workers are run. */
struct frontend_limits {
    unsigned jobs;      /* worker processes, at least 1 */
    unsigned timeout_s; /* for one unit; 0: 120 */
    unsigned memory_mb; /* address space of a worker; 0: no limit */
    /* Signals that the caller has blocked: the run ends early when one of them is pending, which it
     * then still is. NULL: none. */
    const sigset_t *stop_on;
    /* Told that a worker begins with unit `index`; has the `user` of frontend_done_fn. NULL: nobody
     * wants to know. */
    void (*begun)(void *user, size_t index);
    const struct frontend_overlay *overlay; /* NULL: all files are as they are on disk */
};

/* Called in the parent, in any order, once for each unit: `blob` holds facts_encode()d bytes of
 * its IR, or is NULL when the worker died or timed out; then `why` says so in one sentence. */
typedef void frontend_done_fn(void *user, size_t index, const void *blob, size_t size,
                              const char *why);

/* How a worker turns a unit into bytes: facts_encode(), handed in so that the front end need not
 * know the facts folder. */
typedef void *frontend_encode_fn(void *owner, const struct ir_unit *unit, size_t *ret_size);

/* Lowers `units[0..n)` in worker processes. A worker that crashes or runs over a limit costs its
 * unit only. False and `*err` when no worker can be started at all, or when a signal of
 * `limits->stop_on` came: `done` was not called for the rest then. */
bool frontend_refresh(const struct compile_unit *const *units, size_t n,
                      const struct frontend_limits *limits, frontend_encode_fn *encode,
                      frontend_done_fn *done, void *user, struct err *err);

/* "19.1.7": the version of libclang in use. Owned by `owner`. */
char *frontend_libclang_version(void *owner);

/* What decides the facts of a unit, besides the unit: a hash of the front end's own sources, and
 * libclang's version. Owned by `owner`. */
char *frontend_version(void *owner);
