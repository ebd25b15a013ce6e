/* utf8.h - bytes of unknown origin (source lines, file names, string literals) as valid UTF-8.
 *
 * An invalid sequence becomes one U+FFFD for each maximal subpart, as the Unicode Standard, chapter
 * 3.9, "U+FFFD Substitution of Maximal Subparts", recommends.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* U+FFFD, what invalid bytes turn into. */
#define UTF8_REPLACEMENT "\xEF\xBF\xBD"

/* Length in bytes of the code point, or of the invalid sequence, that `text` starts with; 0 only
 * when `n` is 0. `*ret_valid` says which of the two it is. */
size_t utf8_next(const char *text, size_t n, bool *ret_valid);

/* `text` with its invalid sequences replaced, owned by `owner`. Never NULL. */
char *utf8_clean(void *owner, const char *text);

/* The same for one line on a terminal: control characters (newlines and escape sequences that
 * somebody put into a file name among them) are replaced, too. */
char *utf8_printable(void *owner, const char *text);

/* How many code points are in the first `n` bytes of `text`; an invalid sequence counts as one. */
size_t utf8_count(const char *text, size_t n);
