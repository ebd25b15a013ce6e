/* stall_story.h - what blocking-under-lock and lock-in-loop say of a stall: how bad it is, how
 * sure, who does what.
 */
#pragma once

#include "rules/cost.h"

/* A stall and one of those who need the lock meanwhile, as a finding tells them. */
struct stall_case {
    const struct stall *stall;
    const struct wanter *wanter;
    struct cost cost;
    enum level confidence;
    const char *doubt; /* why it is no more; NULL: nothing against it */
};

struct stall_cases {
    struct stall_case *v;
    size_t n;
};

/* The stalls that a rule tells of: those with a wanter in a loop, or with any. Nearest to certain
 * and worst first. What a callback waits for itself is told by blocking-in-callback, whoever needs
 * its locks. Owned by `owner`. */
struct stall_cases stall_cases_of(void *owner, struct rule_run *run, bool in_loop);

/* A case before it that agrees with it in two of: lock, function that takes it, wait. Mending one
 * most likely mends the other, or is at least thought of then. NULL: there is none. */
const struct stall_case *stall_told_before(const struct stall_cases *cases, size_t i);

/* "state.mu". Owned by `owner`. */
const char *stall_lock_name(void *owner, const struct prog *prog, const struct stall_case *c);

/* Where the wait is. */
struct loc stall_wait_loc(const struct prog *prog, const struct stall_case *c);
/* Where the other one waits for the lock. */
struct loc stall_want_loc(const struct prog *prog, const struct stall_case *c);

/* Adds both contexts to the story, the doubt or certainty, and says which locks and places the
 * finding is about. */
void stall_tell(struct rule_run *run, struct finding *finding, const struct stall_case *c);
