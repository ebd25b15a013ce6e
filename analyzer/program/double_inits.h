/* double_inits.h - the parts of double_checks.c. */
#pragma once

#include "program/depends.h"
#include "program/double_checks.h"

struct double_calls {
    const struct call **v;
    size_t n;
};

struct double_pass {
    void *owner; /* scratch */
    const struct accessmap *map;
    const struct flows *flows;
    struct depends **depends;     /* by fn; NULL: not asked for yet */
    struct double_calls *callers; /* by fn; NULL: not asked for yet */
    struct double_checks *out;
};

const struct op_list *double_deciding(struct double_pass *pass, fn_id fn, uint32_t block);

/* The direct calls of a function, but its own. */
const struct double_calls *double_callers(struct double_pass *pass, fn_id fn);

/* Finds out->inits: tests and stores of shared variables in one critical section. */
void double_inits_find(struct double_pass *pass);

/* Who finds the variable set at `check`, and so does not take side `slow_side` of `branch`: does he
 * use what it stands for, without the lock (in absolute terms) and before any fence? Fills in what
 * that is. */
bool double_find_use(struct double_pass *pass, struct double_check *check, uint32_t branch,
                     uint32_t slow_side, path_id lock);

/* Is it a call that orders memory accesses? */
bool double_is_fence(const struct double_pass *pass, fn_id fn, op_id op);
