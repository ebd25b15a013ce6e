/* results.h - what a run found out, as tables for people who ask in SQL (see facts/schema.sql). */
#pragma once

#include "facts/facts.h"
#include "rules/rule.h"

/* Replaces the result tables. False and `*err` when the database cannot be written. */
bool results_store(struct facts *facts, const struct prog *prog, const struct finding_list *all,
                   struct err *err);
