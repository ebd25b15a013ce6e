/* scan.h - C source text without a lexer: blanks, comments, quotes and brackets, which is enough
 * to find the parts of something in brackets. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct scan {
    const char *text; /* `size` bytes */
    size_t size;
    size_t at;
};

/* A part of the text, without blanks and comments around it; begin == end: nothing. */
struct scan_part {
    size_t begin;
    size_t end;
};

/* Past blanks, comments and line continuations. */
void scan_blank(struct scan *scan);

/* Past a string or character literal that begins here. */
void scan_quoted(struct scan *scan);

/* Past the comment that begins here; false: none does. */
bool scan_comment(struct scan *scan);

/* Past the identifier that begins here; false: none does. */
bool scan_word(struct scan *scan, struct scan_part *ret_word);

/* Past `c` and what is blank before it; false: something else comes. */
bool scan_char(struct scan *scan, char c);

/* Reads up to and past the first of the characters `ends` that is in no brackets or quotes, and
 * says which it was; '\0': the text ended before. */
char scan_to(struct scan *scan, const char *ends, struct scan_part *ret_part);

/* The arguments of what looks like a call, from its opening bracket on: up to `max` parts. False:
 * no bracket, or none that closes it. `f()` has no arguments. */
bool scan_arguments(struct scan *scan, struct scan_part *ret_parts, unsigned max, unsigned *ret_n);
