/* sharing.h - do two accesses certainly mean one object? */
#pragma once

#include "program/accessmap.h"

/* One certain object of the whole program; a local of one function, used by the threads that it was
 * handed to; what a thread got as its argument, used by the function that started it; or a new
 * object that its maker has stored in the variable by which the other one comes to it. */
bool sharing_is_certain(const struct contexts *contexts, const struct access *a,
                        const struct access *b);
