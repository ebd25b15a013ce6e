/* check_then_act.h - the forms of check-then-act. Each is found by a file of its own, and all are
 * told under the one rule id.
 */
#pragma once

#include "program/effects.h"
#include "rules/rule.h"

/* The variable that was tested is changed: `if (left > 0) left--`. */
void check_decisions(struct rule_run *run, const struct effects *effects);
