/* masks.h - where a thread holds signals back (sigprocmask, pthread_sigmask), and where they come
 * in.
 */
#pragma once

#include "program/contexts.h"

struct masks;

/* Owned by `owner`. */
struct masks *masks_new(void *owner, const struct contexts *contexts);

/* From now on the others speak of this context. */
void masks_explore(struct masks *masks, const struct context *context);

/* Does the context get to the function? */
bool masks_reaches(const struct masks *masks, fn_id fn);

/* Are signals held back before this op (or call), on every way there? */
bool masks_blocked_at(struct masks *masks, fn_id fn, op_id op);
bool masks_blocked_before(struct masks *masks, const struct call *call);
