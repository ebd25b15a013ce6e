/* intern.h - one copy of every name, so that == compares them. */
#pragma once

#include <stddef.h>

struct intern; /* owns the copies it hands out */

/* An empty table owned by `owner`. */
struct intern *intern_new(void *owner);

/* The table's copy of `text` (of its first `n` bytes). NULL gives NULL. Valid as long as the table.
 */
const char *intern_str(struct intern *table, const char *text);
const char *intern_strn(struct intern *table, const char *text, size_t n);
