/* holds.h - what is held at one line of the source, for each context that comes there. */
#pragma once

#include "program/prog.h"

#include <stdio.h>

/* A line, as the program's files are called. */
struct holds_place {
    const char *file;
    uint32_t line;
};

/* Does anything happen on this line, in some function? `*ret_near` is the nearest line of the file
 * where something does; 0: none. */
bool holds_has_code(const struct prog *prog, struct holds_place place, uint32_t *ret_near);

/* False when `out` did not take it. */
bool holds_write(const struct prog *prog, struct holds_place place, FILE *out);
bool holds_write_json(const struct prog *prog, struct holds_place place, FILE *out);
