/* print_fold.h - which ops a dump need not number (private to ir/). */
#pragma once

#include "ir/ir.h"

/* What a dump wants to know of each op of a function. */
struct fold {
    bool *used;   /* some op or terminator depends on what this op yielded */
    bool *folded; /* a read of a local that can be shown by the local's name where it is used */
};

/* Arrays owned by `owner`, fn->ops.n long. */
struct fold fold_of(void *owner, const struct ir_fn *fn);
