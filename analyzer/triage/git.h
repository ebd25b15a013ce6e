/* git.h - what git says of the work tree; git is run as a program, without a shell. */
#pragma once

#include "base/err.h"
#include "base/mem.h"

/* A file that differs from what it was. */
struct git_change {
    const char *path; /* absolute: where it is now, or was */
    const char *text; /* what it was; NULL: it was not there */
    size_t size;
};

struct git_changes {
    VEC(struct git_change) v; /* of a renamed file: its old text under both names */
};

/* What the files of the current directory's work tree were at `rev`, as far as they differ; files
 * that git ignores count as unchanged. False and `*err` (ERR_USAGE): no git, no repository, no such
 * revision. */
bool git_changes_since(void *owner, const char *rev, struct git_changes *ret, struct err *err);
