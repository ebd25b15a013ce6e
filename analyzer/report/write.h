/* write.h - what the writers of report/ share; report.c picks one of them. */
#pragma once

#include "report/report.h"
#include "report/source.h"

#include <stdio.h>

/* Each writes the whole report; false when `out` did not take it. `sources` is for excerpts and
 * columns. */
typedef bool report_writer(const struct report *report, struct sources *sources, FILE *out);
#define FORMAT(NAME, name) report_writer name##_write;
#include "report/formats.def"
#undef FORMAT

/* "low", "medium" or "high". */
const char *level_name(enum level level);

/* The file of a problem; NULL: none. (`where.file` may point into a copy that is gone.) */
const char *problem_file(const struct err *problem);
