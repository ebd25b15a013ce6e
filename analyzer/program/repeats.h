/* repeats.h - bodies that several units carry. */
#pragma once

#include "ir/ir.h"

/* Frees the bodies of `units` that link_units() leaves out anyway, because an earlier unit has the
 * same function from the same line of the same file: of a program in C that is every other one, for
 * headers are full of static inlines. Names are interned; each unit owns its functions. */
void repeats_drop(struct ir_unit *const *units, size_t n_units);
