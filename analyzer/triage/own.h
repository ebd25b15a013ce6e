/* own.h - which files are the project's own: findings in others are counted, not shown. */
#pragma once

#include "base/mem.h"
#include "config/config.h"

/* Patterns and the folders that they are about. */
struct own_files;

/* What the settings' `paths` say, or leave at its default: the project is what lies below the
 * settings' folder and below the folder that all `sources` have in common. `cwd` is absolute. Owned
 * by `owner`. */
struct own_files *own_files_new(void *owner, const struct config *config, const char *cwd,
                                const char *const *sources, size_t n_sources);

/* Is this file, by its absolute path, one of them? Of a pattern that takes it in and one that
 * leaves it out the longer match counts, of two as long the one that takes it in. */
bool own_files_has(const struct own_files *own, const char *file);

/* Does the path match? '?' and '*' stand for what has no slash, '**' for anything. */
bool own_glob(const char *pattern, const char *path);
