/* progress.h - one line on the terminal that says how far the parsing is. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* The files under way are at most as many as there are workers. Owned by who made it. */
struct progress;

/* For `n` files. `on`: is anything to be shown? */
struct progress *progress_new(void *owner, size_t n, bool on);

/* A worker has begun with this file, or is done with it; `name` stays valid in between. */
void progress_begun(struct progress *progress, const char *name);
void progress_done(struct progress *progress, const char *name);

/* Says what the run does now ("joining 141 files"), until progress_end(). */
void progress_stage(struct progress *progress, const char *text);

/* Takes the line away. */
void progress_end(struct progress *progress);
