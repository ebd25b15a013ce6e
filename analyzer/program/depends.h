/* depends.h - which reads and calls a condition or another value was made from, through locals. */
#pragma once

#include "program/link.h"

/* Ops of one function, without duplicates. */
struct op_list {
    op_id *v;
    size_t n;
};

struct depends; /* of one function; keeps what it has found out */

struct depends *depends_new(void *owner, const struct prog_fn *fn);

/* Ops (IR_READ, IR_RMW of anything but plain locals; IR_CALL) that the condition, or returned
 * value, of a block depends on. Locals are followed to the writes that reach them. */
const struct op_list *depends_of_block(struct depends *depends, uint32_t block);

/* The same for any value: what is stored, an argument, an index. Good until the next such call. */
const struct op_list *depends_of_value(struct depends *depends, value_id value);
