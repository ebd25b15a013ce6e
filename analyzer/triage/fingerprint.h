/* fingerprint.h - what a finding is known by from one run to the next, though lines move. */
#pragma once

#include "rules/rule.h"

/* Fills each finding's `fingerprint`: a hash of its rule and identity. Findings of one identity are
 * numbered in the order of the list. */
void fingerprint_all(struct finding_list *all);
