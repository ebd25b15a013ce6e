/* written.h - which variables a function can write, itself or in what it calls.
 *
 * A variable is a class of paths (see path.h), so that a callee's answer holds for its callers.
 */
#pragma once

#include "program/calls.h"

struct written;

/* `order`: callees first. */
struct written *written_build(void *owner, const struct linked *linked, struct paths *paths,
                              const struct calls *calls, const struct bottom_up *order);

/* Do both say the same of the function? */
bool written_same(const struct written *a, const struct written *b, fn_id fn);

/* Can running `fn` change variables of this class? */
bool written_by(const struct written *written, fn_id fn, path_id class);
