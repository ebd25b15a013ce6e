/* depends.h - which reads and calls a value was made from, through locals. */
#pragma once

#include "program/link.h"

/* Ops (IR_READ, IR_RMW of anything but plain locals; IR_CALL) that `value` depends on, appended to
 * *ret without duplicates; owned by `owner`. Locals are followed to the writes that reach them. */
struct op_list {
    op_id *v;
    size_t n;
};
void depends_on(void *owner, const struct prog_fn *fn, value_id value, struct op_list *ret);
