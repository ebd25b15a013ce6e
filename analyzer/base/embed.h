/* embed.h - files compiled into the binary (see snarl_embed in cmake/SnarlTargets.cmake). */
#pragma once

#include <stddef.h>

/* A table of these ends with an entry whose name is NULL. */
struct embedded_file {
    const char *name; /* without its folder, e.g. "posix.yml" */
    const char *text; /* `size` bytes, then a NUL */
    size_t size;
};
