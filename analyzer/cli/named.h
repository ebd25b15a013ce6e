/* named.h - what words on a command line mean in the program. */
#pragma once

#include "run/run.h"

/* The function called `word`: its name, or FILE:NAME where several have it. False and `*err`: there
 * is none (with the nearest name), or several. */
bool named_fn(const struct run *run, const char *word, fn_id *ret, struct err *err);

/* Is `file` the end of `path`, from a folder's name on? */
bool named_is_file(const char *path, const char *file);

/* Takes the first `n` words out of the options: they are no files. False and `*err`: there are
 * fewer, or others though no flags are given. `what` says what is needed. */
bool named_take_words(struct common_options *common, size_t n, const char **ret, const char *what,
                      struct err *err);
