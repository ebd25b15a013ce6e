/* why.h - can two functions run at the same time: the answer, with the ways that lead there. */
#pragma once

#include "program/meetings.h"
#include "program/prog.h"

#include <stdio.h>

struct why {
    const struct prog *prog;
    fn_id a;
    fn_id b;
    const struct meetings *meetings;
    size_t max; /* pairs of contexts that text tells; 0: all */
};

/* False when `out` did not take it. */
bool why_write(const struct why *why, FILE *out);
bool why_write_json(const struct why *why, FILE *out);
