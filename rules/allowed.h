/* allowed.h - findings that a person has looked at: `// snarl: allow(rule) reason`. */
#pragma once

#include "program/prog.h"
#include "rules/finding.h"

struct allowed; /* the comments of all files, by file and line */

struct allowed *allowed_read(void *owner, const struct linked *linked);

/* The reason that a comment on the finding's line, or alone right above it, gives to allow its
 * rule; NULL: none does. A comment without a reason allows nothing. */
const char *allowed_reason(const struct allowed *allowed, const struct finding *finding);
