/* separation.h - what keeps moments apart that contexts and locks would let meet: settings, helpers
 * that work while their giver waits, fields that have one value while a thread runs. Each is looked
 * for in all of the program, and only when the first question comes.
 */
#pragma once

#include "program/errands.h"
#include "program/kept.h"
#include "program/settled.h"

struct separation;

/* Owned by `owner`. */
struct separation *separation_new(void *owner, const struct accessmap *map);

/* What they have found; none of them asks for another one. NULL for `separation` NULL. */
const struct settled *separation_settled(struct separation *separation);
const struct kept *separation_kept(struct separation *separation);
const struct errands *separation_errands(struct separation *separation);
