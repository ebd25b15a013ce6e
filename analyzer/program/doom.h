/* doom.h - code that only runs while the process (or thread) is being ended: error paths that call
 * exit, abort, a panic function. What is done there is not worth a warning. What a process does
 * until its event loop has ended is no such code, even if it ends after that.
 */
#pragma once

#include "program/flow.h"

struct doom;

struct doom *doom_build(void *owner, const struct flows *flows);

/* Do all ways on from `op` end before the function returns or loops? False in functions that all
 * ways through end so (main with its exit()): there it would say nothing. */
bool doom_at(const struct doom *doom, fn_id fn, op_id op);
