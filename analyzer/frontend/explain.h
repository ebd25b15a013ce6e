/* explain.h - what becomes of one file's compiler command, for people who ask.
 *
 * The runs themselves use compdb_find(), which forgets what it dropped.
 */
#pragma once

#include "base/err.h"
#include "frontend/flags.h"

/* What snarl does with an entry of the compile database. */
enum explained_use {
    EXPLAINED_USED,
    EXPLAINED_DUPLICATE, /* an earlier entry for the file is used */
    EXPLAINED_CXX,       /* in C++ or another language that is not C */
    EXPLAINED_ASM,
    EXPLAINED_MISSING, /* there is no such source file */
};

/* One entry for the file. */
struct explained {
    enum explained_use use;
    const char *directory; /* where the compiler ran: absolute */
    const struct flags *flags;
};

struct explanation {
    const char *path; /* of the file: absolute */
    const char *dir;  /* folder that holds the database; NULL for `-- CFLAGS` */
    VEC(struct explained) entries;
};

/* The entries for `file`, as the user typed it, of the database that compdb_find() would take. NULL
 * and `*err` (ERR_INPUT) when there is no database, or none of its entries is for the file. */
struct explanation *explain_entries(void *owner, const char *build_dir, const char *file,
                                    struct err *err);

/* The same for `file` compiled with `cflags` in the current directory: one entry. */
struct explanation *explain_cflags(void *owner, const char *file, const char *const *cflags,
                                   size_t n_cflags);
