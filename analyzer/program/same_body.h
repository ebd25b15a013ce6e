/* same_body.h - is a function's body what it was before its unit was lowered again? */
#pragma once

#include "ir/ir.h"

/* A body and what its unit's symbols are in the program. */
struct body {
    const struct ir_fn *fn;
    const uint32_t *syms; /* by the unit's number */
};

/* Do both say the same, with the same numbers for all but the unit's symbols? Lines and columns do
 * not count; files and macros do. The units have the same files, records and fields. */
bool same_body(const struct body *a, const struct body *b);
