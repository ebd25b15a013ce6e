/* io_locks.h - locks whose only purpose is to serialise the I/O that is done under them.
 *
 * Who wants a log's mutex wants to write to the log: he would have to wait for that anyway.
 * Evidence is that every section of the lock does I/O of that kind, or that the lock guards no
 * variable but the stream, descriptor or handle that the I/O is done with (and does guard that).
 */
#pragma once

#include "program/accessmap.h"
#include "program/held_waits.h"

struct io_locks;

/* Owned by `owner`. Both must stay. */
struct io_locks *io_locks_new(void *owner, const struct held_waits *held,
                              const struct accessmap *map);

/* Is that all the lock of this wait is for? */
bool io_locks_serialise(const struct io_locks *locks, const struct held_wait *wait);
