/* focus.h - the files that are asked about, where not the whole program is: an editor waits for the
 * findings of what it has open. All of the program is linked, but what is found out for the sake of
 * findings elsewhere can be left out.
 */
#pragma once

#include "program/calls.h"

/* NULL stands for everything. */
struct focus;

/* On these files (`n` paths, as units name them, which must outlive it). Owned by `owner`. */
struct focus *focus_new(void *owner, const struct linked *linked, const char *const *files,
                        size_t n);

/* Is any of the function's text in one of the files? */
bool focus_has(const struct focus *focus, fn_id fn);

/* Is the file one of them? */
bool focus_has_file(const struct focus *focus, const char *file);

/* By function: it is in focus, or called from there to any depth; NULL: all are. Owned by `owner`.
 */
const bool *focus_below(void *owner, const struct focus *focus, const struct calls *calls);
