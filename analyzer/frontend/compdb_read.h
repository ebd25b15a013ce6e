/* compdb_read.h - the entries of a compile_commands.json, as libclang reads them. */
#pragma once

#include "base/err.h"

#include <stddef.h>

struct compdb_entry {
    const char *directory; /* as written */
    const char *file;      /* as written */
    const char *const *argv;
    size_t n_args;
};

/* Called for each entry, in the order of the file; strings last for the call. */
typedef void compdb_entry_fn(void *user, const struct compdb_entry *entry);

/* Reads the database in folder `dir`. False and `*err` when libclang refuses it. */
bool compdb_read(const char *dir, compdb_entry_fn *each, void *user, struct err *err);
