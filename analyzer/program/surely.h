/* surely.h - which functions a context surely gets to: by calls that mean few functions and that
 * its callers' arguments do not rule out.
 *
 * A write that gives up the interpreter's lock only `if (gil_held)` does not give it up in a signal
 * handler that comes there by `write_impl(fd, text, n, 0)` alone.
 */
#pragma once

#include "program/contexts.h"

/* Can a call that means these functions be taken to run each of them? */
bool surely_few(const struct call *call, struct fn_list callees);

/* Fills in `sure` of what every phase reaches. Where only one context gets to a function behind a
 * pointer with many meanings, it is that one that runs it (the jobs of a pool). main's phases are
 * left as they are: main runs all that it gets to. The contexts must be explored. */
void surely_find(struct contexts *contexts);
