/* class_ops.h - which variables that outlive it each function reads and writes, itself and in what
 * it calls. By class: "some object of that type" (path.h).
 */
#pragma once

#include "program/accessmap.h"
#include "program/depends.h"

/* One op of a function on such a variable. */
struct class_op {
    op_id op;
    path_id path; /* in the function's terms */
    path_id class;
};

struct class_op_list {
    struct class_op *v;
    size_t n;
};

struct class_ops; /* keeps what it has found out */

struct class_ops *class_ops_new(void *owner, const struct accessmap *map);

/* The function's own reads and writes, in the order of its ops. */
const struct class_op_list *class_ops_of(struct class_ops *known, fn_id fn);

/* Its used at `op`; NULL: none. */
const struct class_op *class_ops_at(struct class_ops *known, fn_id fn, op_id op);

/* Does the function write (or read) a variable of the class, itself or in what it calls? */
bool class_ops_writes(struct class_ops *known, fn_id fn, path_id class);
bool class_ops_reads(struct class_ops *known, fn_id fn, path_id class);

/* Does what the call runs write it? */
bool class_ops_call_writes(struct class_ops *known, const struct call *call, path_id class);

/* Does the branch of block `b` depend on a variable of the class, by a read or by what a called
 * function found? */
bool class_ops_tested_at(struct class_ops *known, fn_id fn, uint32_t b, path_id class);
/* The same on every way to `op`, or of what `op` itself has found. */
bool class_ops_tested_before(struct class_ops *known, fn_id fn, op_id op, path_id class);

/* What the condition of a block depends on. */
const struct op_list *class_ops_depends(struct class_ops *known, fn_id fn, uint32_t block);
