/* errand_modes.h - variables that keep one value while helpers are on an errand (errands.h). */
#pragma once

#include "program/errand_flags.h"

enum { MAX_MODE_VALUES = 8 };

struct errand_mode {
    path_id variable;
    uint32_t n;
    int64_t values[MAX_MODE_VALUES]; /* that it has while helpers are away */
    VEC(struct site) writes;         /* all of the program */
    bool *asks;                      /* by fn: reads it, and does not write it */
};

struct errand_modes {
    VEC(struct errand_mode) v;
};

/* Candidates: variables that every giver of the flag sets to a constant before. Whether somebody
 * else writes them meanwhile is not looked at. Owned by `owner`. */
struct errand_modes errand_modes_find(void *owner, const struct errand_flags *flags,
                                      const struct errand_flag *flag);

/* Do the modes rule out that `op` is run on an errand? `inside`: all of the function would be; else
 * only what comes after its own look at the flag. */
bool errand_modes_exclude(const struct errand_modes *modes, const struct errand_flags *flags,
                          const struct errand_flag *flag, fn_id fn, op_id op, bool inside);
