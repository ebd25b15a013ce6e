/* macro_use.h - the text of a macro's definition with what a use of it has for its parameters, one
 * level deep. For what libclang hides; no preprocessor.
 */
#pragma once

#include "frontend/lower.h"
#include "frontend/scan.h"

enum { MACRO_USE_MAX = 8 };

/* A macro's parameters, and what a use of it has for them. */
struct macro_use {
    const char *params; /* the text that holds `names` */
    const char *args;   /* the text that holds `values` */
    struct scan_part names[MACRO_USE_MAX];
    struct scan_part values[MACRO_USE_MAX];
    unsigned n_names;
    unsigned n_values;
};

/* Reads "#define NAME(params)" around the spelling of `where`, and "NAME(args)" at its expansion;
 * false: it is from no such macro. */
bool macro_use_read(struct lower *lower, CXSourceLocation where, struct macro_use *use);

/* The part of the text with parameters replaced and blanks made one, owned by `owner`; `use` may be
 * NULL. */
char *macro_use_text(void *owner, const char *from, struct scan_part part,
                     const struct macro_use *use);
