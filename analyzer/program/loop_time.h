/* loop_time.h - what a callback does while its loop waits for it, and what it does besides: in a
 * child that it has forked, and after it has told the loop to stop.
 */
#pragma once

#include "program/sources.h"

struct loop_time;

struct loop_time *loop_time_build(void *owner, const struct flows *flows, struct sources *sources);

/* Does the loop wait for what is done at `op`, when its callback comes there? */
bool loop_time_at(const struct loop_time *time, fn_id fn, op_id op);
