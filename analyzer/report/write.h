/* write.h - what the writers of report/ share; report.c picks one of them. */
#pragma once

#include "report/report.h"
#include "report/source.h"

#include <stdio.h>

/* Each writes the whole report; false when `out` did not take it. `sources` is for excerpts and
 * columns. */
bool text_write(const struct report *report, struct sources *sources, FILE *out);
bool json_write(const struct report *report, FILE *out);
bool sarif_write(const struct report *report, struct sources *sources, FILE *out);

/* "low", "medium" or "high". */
const char *level_name(enum level level);

/* The file of a problem; NULL: none. (`where.file` may point into a copy that is gone.) */
const char *problem_file(const struct err *problem);
