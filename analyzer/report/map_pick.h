/* map_pick.h - which variables a map shows, and what map.c and map_structs.c both say of one. */
#pragma once

#include "report/map.h"

/* A variable that is shown. */
struct map_item {
    const char *name;
    const struct variable *variable;
};

/* Sorted by name. */
struct map_items {
    struct map_item *v;
    size_t n;
};

/* The variables that `options` ask for, owned by `owner`. */
struct map_items map_pick(void *owner, const struct prog *prog, const struct map_options *options);

/* Is every access atomic? Then no guard is needed. */
bool map_is_atomic(const struct variable *variable);

/* "" for 1, else "s". */
const char *map_plural(size_t n);
