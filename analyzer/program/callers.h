/* callers.h - who calls a function: the calls of the program by their callees. */
#pragma once

#include "program/calls.h"

struct callers {
    const struct call **v; /* by callee, then in the order of calls.v */
    uint32_t *first;       /* by fn: its first caller; one more entry at the end */
};

/* All calls as they are now. Owned by `owner`. */
struct callers *callers_build(void *owner, const struct calls *calls);
