/* source.h - lines of the files that findings point into, each file read once. */
#pragma once

#include "base/err.h"

#include <stddef.h>

struct sources; /* owns the bytes it hands out */

/* No file read yet; owned by `owner`. Never NULL. */
struct sources *sources_new(void *owner);

/* The whole file: `*ret_n` bytes, not NUL-terminated, valid as long as `sources`. NULL when it
 * can't be read or is no regular file. */
const char *sources_text(struct sources *sources, const char *path, size_t *ret_n);

/* Line `where.line` without its line end: `*ret_n` bytes, not NUL-terminated, valid as long as
 * `sources`. NULL when there is no such line, or the file can't be read or is no regular file. */
const char *sources_line(struct sources *sources, struct loc where, size_t *ret_n);

/* This text counts for `path`, whatever lies on disk. Before the first look at the file. */
void sources_put(struct sources *sources, const char *path, const char *text, size_t n);
