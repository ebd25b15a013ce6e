/* answer.h - a run in which nothing has changed says what the last one said.
 *
 * The program stage is a function of the units' facts, the settings and snarl itself, and its
 * answer is what is printed. So that is kept with the results, under a hash of all it depends on.
 */
#pragma once

#include "run/run.h"

/* The hash of all that the answer to `question` (the options that change what is printed) depends
 * on. False: a unit has to be parsed, or is not to be relied upon, and the question has to be
 * worked out. */
bool answer_key(const struct run *run, const char *question, struct facts_hash *ret_key);

/* A hash of a file's content as text, owned by `owner`; NULL: it can't be read. */
const char *answer_hash_of_file(void *owner, const char *path);
