/* alive.h - where other threads may be running: the token `thread(T)` of DESIGN, from the creator's
 * side. What main does before the first thread starts, and after the last was joined, is not
 * concurrent with anything.
 */
#pragma once

#include "program/spawners.h"

struct alive;

/* Which threads started by each function (or its callees) may be running at each of its ops. */
struct alive *alive_build(void *owner, const struct flows *flows, const struct spawners *spawners);

/* Threads that may be running before `op` when `entry` were running as `fn` was entered: less those
 * it has joined by then, and those it and its callees have started. A token each, whose lock is a
 * ROOT_THREAD path. */
const struct lockset *alive_running_at(const struct alive *alive, fn_id fn, op_id op,
                                       const struct lockset *entry);

/* Threads that `fn` has started, itself or in callees, and that may be running when it returns;
 * NULL: none. */
const struct lockset *alive_left(const struct alive *alive, fn_id fn);

/* The call that started the thread of such a token: where its entry was chosen, so for a spawner a
 * call of it. */
const struct call *alive_starter(const struct alive *alive, path_id thread);

/* Path of the handle that a thread-starting call fills; never none, but perhaps no certain object.
 */
path_id alive_handle(const struct alive *alive, const struct call *call);

/* Path of the handle that a joining call names. */
path_id alive_joined_handle(const struct alive *alive, const struct call *call);

/* Does any call of the program join the thread whose handle this is? */
bool alive_is_joined(const struct alive *alive, path_id handle);

/* All threads that any call starts: the set when nothing better is known. */
const struct lockset *alive_everything(const struct alive *alive);
