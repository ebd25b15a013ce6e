/* completion.h - a job that says how far it has got is over when it says that it has got all the
 * way: `job->done` is set to `job->size` behind everything else that the job does, and who then
 * finds them equal has the job for himself. (What order a plain flag makes is for handover.h.)
 */
#pragma once

#include "program/accessmap.h"

/* Is `rival` certainly over at `act`, because a field of the job has told so on every way there?
 * The job is begun again by nobody but the context of `act`. */
bool completion_tells(const struct accessmap *map, struct moment act, const struct access *rival);
