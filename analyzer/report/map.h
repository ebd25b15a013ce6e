/* map.h - maps for people: who reads and writes which variable, holding what; the event loops. */
#pragma once

#include "program/prog.h"

#include <stdio.h>

struct map_options {
    const char *const *names; /* only these variables: whole names, else parts of names */
    size_t n_names;           /* 0: all of them */
    bool all;                 /* variables that are not shared, too */
};

/* Writes a block for each variable, sorted by name: its guard, what each context does to it and
 * holds meanwhile, and places that go without the guard; then a summary. A variable named in full
 * is shown even if it is not shared. False when `out` did not take it. */
bool map_write(const struct prog *prog, const struct map_options *options, FILE *out);

/* The same by record: the lock that guards most of its fields, and the fields that differ. A global
 * variable that is no struct stands for itself. */
bool map_write_structs(const struct prog *prog, const struct map_options *options, FILE *out);

/* The event loops: each one, how it is known, on which threads it runs, its callbacks and where
 * they are registered; loops of the program's own first, then those of libraries; then a summary.
 */
bool map_write_loops(const struct prog *prog, FILE *out);

/* The first of options->names that no variable answers to; NULL: each has one. */
const char *map_unknown_name(const struct prog *prog, const struct map_options *options);
