#include "config/patterns.h"

#include <string.h>

static bool matches(const char *pattern, const char *name)
{
    size_t n = strcspn(pattern, "*");

    return pattern[n] == '*' ? strncmp(pattern, name, n) == 0 : strcmp(pattern, name) == 0;
}

bool patterns_match(const struct patterns *patterns, const char *name)
{
    for (size_t i = 0; i < patterns->v.n; i++) {
        if (matches(patterns->v.v[i], name)) {
            return true;
        }
    }
    return false;
}
