/* check_then_act.h - the forms of check-then-act. Each is found by a file of its own, and all are
 * told under the one rule id.
 */
#pragma once

#include "program/decisions.h"
#include "program/frees.h"
#include "program/gil_gaps.h"
#include "program/reliances.h"
#include "rules/rule.h"

/* A read of a variable, and the finding that is about it. */
struct told_read {
    struct site read;
    path_id path;
    struct finding *finding;
};

/* What the forms share. */
struct forms {
    const struct accessmap *map;
    struct effects *effects;
    const struct frees *frees;
    const struct gil_gaps *gaps;  /* NULL: no interpreter's lock */
    struct decisions **decisions; /* by fn; NULL: nobody has asked forms_decisions() */
    struct reliances *reliances;
    VEC(struct told_read) told;
};

/* Where the function decides. Kept with `forms`. */
const struct decisions *forms_decisions(struct forms *forms, fn_id fn);

/* The finding that is about this read already: one is enough. NULL: none. */
struct finding *forms_told_of(const struct forms *forms, struct site read, path_id path);

/* The variable that was tested is changed: `if (left > 0) left--`. */
void check_decisions(struct rule_run *run, struct forms *forms);

/* What was read is written back, used as an index or a size, or decides about something else. */
void check_reliances(struct rule_run *run, struct forms *forms);

/* What a pointer points to is freed between its lookup and its use: `c = find(id); c->x = 1`. */
void check_stale_pointers(struct rule_run *run, struct forms *forms);

/* An object is freed because its count of references was read: `if (o->refs == 1) free(o)`. */
void check_counts(struct rule_run *run, const struct forms *forms);

/* Tested in one turn of an event loop, changed in a later one. */
void check_turns(struct rule_run *run);

/* An atomic variable is used in two steps: `x = x + 1`, `if (a != 0 && n / a > 3)`. */
void check_halves(struct rule_run *run, struct forms *forms);
