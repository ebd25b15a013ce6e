/* handover.h - order by a flag: one context does its work and sets the flag, the other one looks at
 * the flag and only then begins (release and acquire, C11 5.1.2.4; or a flag under a lock, with or
 * without a condition).
 */
#pragma once

#include "program/accessmap.h"

struct handover;

struct handover *handover_new(void *owner, const struct contexts *contexts);

/* Is one of the two always over before the other begins, as a flag tells? */
bool handover_orders(struct handover *handover, const struct access *a, const struct access *b);
