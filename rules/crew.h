/* crew.h - rules at work in several processes, each of which takes the next one that nobody has
 * begun.
 */
#pragma once

#include "rules/rule.h"

/* The work of one rule, of all those that there are. */
typedef struct finding_list crew_fn(void *owner, const struct prog *prog,
                                    const struct config *config, size_t rule);

/* In which order `n_rules` rules are begun. */
struct crew_plan {
    const size_t *order;
    size_t n_rules;
    size_t n_own; /* the first so many are done in this process: each knows what those before it
                     have found out on their way, and all of it stays */
};

/* Has each rule of the plan do its work, in up to `n_processes` processes, this one among them.
 * What they find is the same, however many there are; a rule whose process ends before its time is
 * done here. Lists by rule, owned by `owner` as all that is in them. */
struct finding_list *crew_run(void *owner, const struct prog *prog, const struct config *config,
                              crew_fn *work, const struct crew_plan *plan, unsigned n_processes);
