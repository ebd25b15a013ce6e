/* compdb_search.h - which folder's compile_commands.json is meant, and is it fit to read. */
#pragma once

#include "base/err.h"

#define COMPDB_NAME "compile_commands.json"

/* The absolute path of the folder that holds it (see compdb_find); the file is known to be a JSON
 * array. Owned by `owner`; NULL and `*err` when there is none, or it can't be read, or isn't
 * JSON. */
char *compdb_locate(void *owner, const char *from, const char *build_dir, struct err *err);
