/* kept.h - fields that keep one value while a thread runs: who starts it stores a constant in the
 * object that the thread gets, and changes it when the thread is not running only.
 *
 *     client->threaded = true; pthread_create(&client->id, NULL, run, client);
 *
 * What the starter's context does only if `threaded` is false, it never does beside the thread. The
 * thread's object stands for its type, so this counts for two uses of one object of that type.
 */
#pragma once

#include "program/accessmap.h"

struct kept;

/* Owned by `owner`. */
struct kept *kept_build(void *owner, const struct accessmap *map);

/* Does such a field keep the moments from using one object, whose member (or class) `about` is, at
 * the same time? */
bool kept_exclude(const struct kept *kept, struct moment a, struct moment b, path_id about);
