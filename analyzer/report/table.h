/* table.h - rows and columns to bytes: aligned for people, CSV and JSON for programs. */
#pragma once

#include "base/table.h"

#include <stdio.h>

enum table_format {
    TABLE_TEXT, /* a heading, aligned columns, numbers to the right */
    TABLE_CSV,  /* RFC 4180, but lines end as lines do here; NULL is empty, an empty text is "" */
    TABLE_JSON, /* an array with an object a row; a column's second namesake is called NAME_2 */
};

/* False when `out` did not take it. */
bool table_write(enum table_format format, const struct table *table, FILE *out);
