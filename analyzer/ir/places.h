/* places.h - where things stand in the source, apart from what they are: the same code, lines
 * further down.
 */
#pragma once

#include "ir/ir.h"

/* Takes all lines and columns out of the unit, and what the front end complained of: what is left
 * is the same for texts that differ in blanks, line breaks and comments only. Files, and the macros
 * that things come from, stay; so do the texts of `snarl:` comments. */
void ir_forget_places(struct ir_unit *unit);

/* Are the keys (of symbols, or of records) the same but for places in them? */
bool ir_is_same_key(const char *a, const char *b);

/* `to` gets the lines and columns of `from`, which says the same (as above). `to` may lack
 * functions. */
void ir_take_places(struct ir_unit *to, const struct ir_unit *from);
