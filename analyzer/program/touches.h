/* touches.h - what a function does with the objects that its parameters point to: uses them, takes
 * a reference to them.
 */
#pragma once

#include "program/frees.h"

struct touches; /* keeps what it has found out */

struct touches *touches_new(void *owner, const struct flows *flows);

/* Does the function, or what it hands its parameter to, look at or change the object behind it? */
bool touches_uses(struct touches *touches, fn_id fn, uint32_t param);

/* Does it make the object its caller's to keep: by a count in it that goes up, or a mark? */
bool touches_keeps(struct touches *touches, fn_id fn, uint32_t param);

/* Does this op of `fn` do so by itself, to the object that the local or parameter points to? */
bool touches_keeps_here(const struct flows *flows, fn_id fn, op_id op, uint32_t local);

/* Does a call that the models tell of look at what its argument number `arg` (from 1) points to? */
bool touches_model_uses(const struct model_fn *model, int arg);
