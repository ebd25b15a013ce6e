/* output.h - where a run's reports go, and in which formats: `-o FORMAT:FILE`, several at once. */
#pragma once

#include "base/err.h"
#include "report/report.h"

#include <stdio.h>

/* One report. */
struct output {
    enum report_format format;
    const char *path; /* NULL: standard output */
};

/* The format of this name. False: there is none. */
bool output_format(const char *name, enum report_format *ret);

/* All formats' names with spaces between; in static memory. */
const char *output_format_words(void);

/* What `-o text` asks for: "FORMAT:FILE", or "FILE" in `format`; "-" is standard output. Points
 * into `text`. */
struct output output_of(const char *text, enum report_format format);

/* Are colours wanted there? Only on a terminal, and where NO_COLOR is not set. */
bool output_has_colour(const struct output *output);

/* The terminal's width in columns, by COLUMNS or by itself; 0: the output is none. */
unsigned output_width(const struct output *output);

/* Writes the report to its place. False and `*err`: the disk is full, say. */
bool output_write(const struct output *output, const struct report *report, struct err *err);

/* Puts bytes there: an answer that was kept. */
bool output_put(const struct output *output, const char *bytes, size_t n, struct err *err);
