/* deeds.h - what has surely been done before a point: locks taken (given back or not), routines run
 * once.
 *
 * For waits that somebody else ends: a thread that has to take a lock on every way to its
 * sem_post() cannot post while another one holds that lock.
 */
#pragma once

#include "program/contexts.h"

struct deeds;

struct deeds *deeds_build(void *owner, const struct contexts *contexts);

/* Locks that a run of `context` has taken on every way to `op` of `fn`, since the last barrier it
 * came by; in absolute terms, each with the call that took it. NULL: it does not get there. */
const struct lockset *deeds_before(struct deeds *deeds, context_id context, fn_id fn, op_id op);
