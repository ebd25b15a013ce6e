/* relink.h - a unit that was lowered again takes its old place in a linked program.
 *
 * Numbers stay: symbols that are gone keep theirs, new ones get new ones, and functions are the
 * same in the same order. (Findings do not depend on the order of symbols and paths, but on that of
 * functions.)
 */
#pragma once

#include "program/link.h"

/* Puts `unit` in the place of unit number `index`, which says the same but for what stands in
 * functions and initialisers: the same functions, types, files and attributes. False: it says more
 * than that, and nothing has changed. Bodies that another unit has, too, are dropped from `unit` as
 * they were before. changed[fn]: the body is not what it was, places aside; else its ops, values
 * and so on have the numbers they had. The old unit is not needed any more. */
bool linked_replace(struct linked *linked, uint32_t index, struct ir_unit *unit, bool *changed);
