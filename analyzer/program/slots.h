/* slots.h - functions that a library calls on any of the program's threads, because they stand in a
 * table that was given to it, are handed to it, or have a name that it looks for: the methods of a
 * Python extension (PyMethodDef.ml_meth), slots of its types, destructors of capsules, PyInit_NAME.
 */
#pragma once

#include "program/contexts.h"

/* Adds one context for each library with such functions, many times over, in which all of them
 * start, holding what the models say that the library holds then; and one for those that run once,
 * while the module is loaded. Where the library's own source is among the files, its calls say
 * better who runs what, and nothing is added. */
void slots_find(struct contexts *contexts, const struct flows *flows);
