/* gil_gaps.h - the calls that run Python code: another thread can get the interpreter's lock in
 * one, though it is held before and behind it.
 */
#pragma once

#include "program/contexts.h"

struct gil_gaps; /* opaque */

/* Those of all functions. NULL: the program has to do with no interpreter's lock. */
struct gil_gaps *gil_gaps_find(void *owner, const struct contexts *contexts);

/* Does the function make such a call? Not if `gaps` is NULL. */
bool gil_gaps_has(const struct gil_gaps *gaps, fn_id fn);

/* The first call between `from` and `to`, as in cfg_op_between(), that runs Python code: by the
 * models, or on every way through what it calls. ID_NONE: there is none, or `gaps` is NULL. */
op_id gil_gap_between(const struct gil_gaps *gaps, fn_id fn, op_id from, op_id to);
