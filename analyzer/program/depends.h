/* depends.h - which reads and calls a condition or another value was made from, through locals. */
#pragma once

#include "program/reaching.h"

#define SLOT_RESULT UINT32_MAX

/* What was used of what an op yields: of a read or a call's result, or of what a call has put where
 * one of its arguments points: `get(&n)`, `stats_get(&st); if (st.used < MAX)`. */
struct part {
    op_id op;
    uint32_t slot;  /* number of the argument, from 0; SLOT_RESULT */
    uint32_t field; /* the unit's number of the struct member; ID_NONE: all of it */
};

/* Ops of one function, without duplicates. */
struct op_list {
    op_id *v;
    size_t n;
    VEC(struct part) parts; /* the same in detail, and calls that only filled in a local */
};

struct depends; /* of one function; keeps what it has found out */

struct depends *depends_new(void *owner, const struct prog_fn *fn);

/* Ops (IR_READ, IR_RMW of anything but plain locals; IR_CALL) that the condition, or returned
 * value, of a block depends on. Locals, and members of local structs, are followed to the writes
 * that reach them. */
const struct op_list *depends_of_block(struct depends *depends, uint32_t block);

/* The same for any value: what is stored, an argument, an index. Good until the next such call. */
const struct op_list *depends_of_value(struct depends *depends, value_id value);

/* The same for one member of a value that is a struct. `field` is the unit's number. */
const struct op_list *depends_of_member(struct depends *depends, value_id value, uint32_t field);
