/* results.h - what a run found out, as tables for people who ask in SQL (see facts/schema.sql). */
#pragma once

#include "rules/rule.h"
#include "run/run.h"

/* Replaces the result tables. False and `*err` when the database cannot be written. */
bool results_store(const struct run *run, const struct finding_list *all, struct err *err);
