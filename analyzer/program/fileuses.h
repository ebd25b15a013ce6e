/* fileuses.h - which calls of a function check what a name stands for, and which act on it: calls
 * of libraries by their models, and the program's own wrappers by what is in them.
 */
#pragma once

#include "program/filenames.h"

/* How a file is opened: flags of open(), as far as they are known. */
struct open_flags {
    uint32_t sure; /* these are set */
    bool known;    /* and no others are */
    int param;     /* they are what the function gets as argument `param` (from 1); ARG_NONE */
};

/* What a check's result is, by what it found. */
struct answers {
    bool known;
    int64_t there;
    int64_t missing;
};

/* One name that one call uses. */
struct file_use {
    op_id op;
    enum file_deed deed;
    struct file_name name;
    path_id into;            /* of a check: where it stores what it found; PATH_NONE */
    bool tells;              /* of a check: its result says what it found */
    bool of_kind;            /* of a check in a wrapper: its result tells what kind of file it is */
    struct answers answers;  /* of a check */
    struct open_flags flags; /* of FILE_OPEN, FILE_FOPEN, FILE_CREATE; rights of FILE_ACCESS */
    bool handled;            /* of an act: it is looked at if it failed because of a rival */
    bool looked_at;          /* of an act: its result is */
    const struct call *inner; /* the library's call */
    uint32_t depth;           /* wrappers around it */
};

struct file_use_list {
    struct file_use *v;
    size_t n;
};

bool file_deed_is_check(enum file_deed deed);
/* Does it open the file, so that a descriptor is left of it? */
bool file_deed_opens(enum file_deed deed);

/* The uses of a function's calls, in the order of its ops. `exported` has, by function, what its
 * callers see of it. Owned by `owner`. */
struct file_use_list fileuses_of(void *owner, struct filenames *names,
                                 const struct file_use_list *exported);

/* The use as callers of the function see it: its name is a literal, a certain object's or about a
 * parameter. False: no caller could say what name it is. */
bool fileuses_export(struct filenames *names, const struct file_use *use, struct file_use *ret);

/* Does the result of a check, as the number that `answer` is, make this value nonzero? False: it
 * can't be told. */
bool fileuses_evaluate(const struct filenames *names, value_id value, op_id check, int64_t answer,
                       int64_t *ret);
