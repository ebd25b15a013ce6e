/* exports.h - the functions of a library that any thread may call.
 *
 * A library without main does not say who calls it. But a function that takes a lock has been
 * written for several threads: so the functions that others can call, that nobody here calls, and
 * that take a lock somewhere, are contexts, each of them many times over. The others are left
 * alone: `lib_init()` is called once, before there are threads.
 */
#pragma once

#include "program/contexts.h"

/* Adds those contexts, if no unit has a main. */
void exports_find(struct contexts *contexts, const struct flows *flows);
