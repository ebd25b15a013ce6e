/* over.h - a run over other texts than those on disk (private to run/). */
#pragma once

#include "run/run.h"

/* What was is kept beside what is: the key of such facts, by the unit's own. */
struct facts_hash over_key(struct facts_hash key);

/* Leaves out the sources that are not to be there. */
void over_drop_absent(struct run *run);

/* Lets the facts be those of the overlay. False and `*err`: the database can't be written. */
bool over_facts(struct run *run, struct err *err);
