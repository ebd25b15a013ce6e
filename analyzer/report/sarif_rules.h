/* sarif_rules.h - the rule list of a SARIF log (3.19.23, 3.49: reportingDescriptor). */
#pragma once

#include "report/report.h"
#include "report/tree.h"

/* One descriptor for each of report->rules, in their order. */
json_t *sarif_rules(const struct report *report);

/* Position of the rule in that list; false when it isn't there. */
bool sarif_rule_index(const struct report *report, const struct rule *rule, size_t *ret_index);
