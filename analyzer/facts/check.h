/* check.h - does a unit keep the promises of ir.h? (private to facts/) */
#pragma once

#include "ir/ir.h"

/* NULL when `unit` can be walked without a second look: every function has an entry block, each
 * terminator the successors it needs, values depend on earlier values only. Otherwise what is
 * wrong. Takes for granted that ids lie in their arrays (the codec has seen to that). */
const char *check_unit(const struct ir_unit *unit);
