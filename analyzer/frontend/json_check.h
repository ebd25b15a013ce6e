/* json_check.h - is this text JSON, and if not, where does it go wrong?
 *
 * libclang reads compile databases with a YAML parser, which takes a file that was cut off in the
 * middle for a good one and says nothing useful of a bad one. So the text is looked over first.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct json_mistake {
    const char *what; /* a constant, e.g. "this string has no end" */
    uint32_t line;    /* from 1 */
    uint32_t column;  /* from 1, in bytes */
};

/* NULL in `.what` when `text` (n bytes) is one JSON array. A comma before a closing bracket is let
 * through, as libclang does: tools that write these files with a shell loop leave one. */
struct json_mistake json_check_array(const char *text, size_t n);
