/* check_then_act.h - the forms of check-then-act. Each is found by a file of its own, and all are
 * told under the one rule id.
 */
#pragma once

#include "program/effects.h"
#include "rules/rule.h"

/* What the forms share. */
struct forms {
    const struct effects *effects;
    VEC(struct site) told; /* reads that a finding is about: one is enough of each */
};

bool forms_have_told(const struct forms *forms, struct site read);

/* The variable that was tested is changed: `if (left > 0) left--`. */
void check_decisions(struct rule_run *run, struct forms *forms);

/* What was read is written back, used as an index or a size, or decides about something else. */
void check_reliances(struct rule_run *run, struct forms *forms);
