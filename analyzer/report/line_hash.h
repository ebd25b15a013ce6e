/* line_hash.h - the hash by which GitHub's code scanning knows the line of an alert again.
 *
 * In SARIF it is the partial fingerprint "primaryLocationLineHash". GitHub's upload action defines
 * it: the hash of a line is that of the 100 characters from its first one on, without blanks, with
 * every line end as one newline; then comes which of the lines with this hash it is.
 */
#pragma once

#include "report/source.h"

struct line_hashes; /* those of one file at a time */

/* Owned by `owner`. */
struct line_hashes *line_hashes_new(void *owner, struct sources *sources);

/* "HASH:N", owned by `owner`; NULL: there is no such line, or the file can't be read. Quick while
 * the file stays the same. */
char *line_hash(void *owner, struct line_hashes *hashes, struct loc where);
