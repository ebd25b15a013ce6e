/* patterns.h - lists of names in models, in which "PyThread_*" stands for all that begin so. */
#pragma once

#include "base/mem.h"

struct patterns {
    VEC(const char *) v;
};

/* Is it one of the names, or does it begin as one that ends in '*'? */
bool patterns_match(const struct patterns *patterns, const char *name);
