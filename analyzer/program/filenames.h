/* filenames.h - names of files as a function hands them to calls: when two of them are one name,
 * when a text is changed in between, and who can put files where it leads.
 *
 * A name is a value of the function, a text or, behind a wrapper, the path of the text. Two are the
 * same when they are computed in the same way from things that nobody has changed in between: one
 * variable, one literal, a call with the same arguments, a buffer filled twice with the same parts.
 */
#pragma once

#include "program/flow.h"

enum { MAX_PARTS = 3 };

/* What a name is made of. */
struct name_part {
    value_id value; /* ID_NONE: not one of the function's; then `path` tells */
    path_id path;   /* what it points to */
};

/* A name as it is handed over by a call, in terms of the calling function. */
struct file_name {
    value_id value;   /* ID_NONE: a wrapper's; then the two below tell */
    const char *text; /* a literal; NULL */
    uint32_t local;   /* the local that it was read from; ID_NONE: none */
    path_id path;     /* of the text; PATH_NONE: not known */
    const char *form; /* "snprintf(\"%s/lock\", $)": how a wrapper makes it of the parts, which
                         stand for the $; NULL: it does not */
    uint32_t n_parts;
    struct name_part parts[MAX_PARTS];
    value_id dir; /* the directory that it is relative to; ID_NONE: the current one */
};

/* The names of one function. */
struct filenames {
    const struct flows *flows;
    fn_id fn;
    const struct ir_fn *ir;
    const struct cfg *cfg;
    struct resolver *resolver;
    signed char **writes; /* by function, by parameter: see filenames_new() */
};

/* What is known of all functions, and is asked for again and again: one for each run. */
struct filenames *filenames_new(void *owner, const struct flows *flows);
/* Turns to another function. */
void filenames_turn_to(struct filenames *names, fn_id fn);

/* Argument `arg` of a call, relative to the directory in argument `dir` (ARG_NONE: none). */
struct file_name filenames_arg(const struct filenames *names, const struct call *call, int arg,
                               int dir);

/* Is `b`, at op `to`, the name that `a` was at op `from`? */
bool filenames_same(struct filenames *names, const struct file_name *a, op_id from,
                    const struct file_name *b, op_id to);

/* The value `id`; NULL: there is none. */
const struct ir_value *filenames_value(const struct filenames *names, value_id id);

/* Can anything change the text, or variable, at this path between the two ops (filetexts.c)? */
bool filetexts_changed(struct filenames *names, path_id text, op_id from, op_id to);

/* The call that has filled the buffer as it is at op `at`; NULL: none that is known. */
const struct call *filenames_builder(struct filenames *names, path_id buffer, op_id at);

/* Fills in how the name, a value of the function, is made by calls at op `at` (fileparts.c). False:
 * it is not, or of too many parts. */
bool filenames_take_apart(struct filenames *names, struct file_name *name, op_id at);

/* The literal it is; NULL: none. */
const char *filenames_text(const struct filenames *names, const struct file_name *name);

/* Who can put files where the name, at op `at`, leads to (fileplaces.c)? */
enum file_place fileplaces_of(struct filenames *names, const struct file_name *name, op_id at);

/* Is it in a directory that was made for this process alone (mkdtemp)? */
bool fileplaces_is_private(struct filenames *names, const struct file_name *name, op_id at);
