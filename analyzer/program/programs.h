/* programs.h - one compile database, several programs: which units are linked together.
 *
 * The database does not say. A unit that defines main belongs to that main's program and to no
 * other; what a program needs beyond it is what a linker would pull out of an archive: units that
 * define what it uses, and what those use.
 */
#pragma once

#include "program/link.h"

/* Fills linked->programs and linked->has_main, and puts bodies in units without a main first. */
void programs_find(struct linked *linked);
