/* instances.h - how many of a context can run at once, in which program, and beside which others
 * (see contexts_overlap() and contexts_meet()).
 */
#pragma once

#include "program/contexts.h"

/* Fills `many`, `many_site` and `programs` of all contexts, whose phases are known. */
void instances_count(struct contexts *contexts);
