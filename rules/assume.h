/* assume.h - what a finding about two threads rests on that the source does not settle, and the
 * claim (docs/config.md) by which people who know better answer it.
 */
#pragma once

#include "rules/rule.h"

/* Notes what has to be so for these two threads of the story to be there at once. What a claim says
 * already is no assumption. */
void assume_together(struct rule_run *run, struct finding *finding, size_t a, size_t b);
