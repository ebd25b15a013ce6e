/* fd_sets.h - descriptors that are put into an fd_set. FD_SET is a macro and no call: glibc's is
 * `set.fds_bits[fd / 64] |= 1 << fd % 64`.
 */
#pragma once

#include "program/link.h"

/* Does the op put a descriptor into an fd_set? */
bool fd_set_is_add(const struct linked *linked, const struct prog_fn *fn, const struct ir_op *op);

/* The descriptor that such an op adds, a value that is read from somewhere; ID_NONE: not known. */
value_id fd_set_added(const struct ir_fn *ir, const struct ir_op *op);
