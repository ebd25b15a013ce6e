/* allowed.h - findings that a person has looked at: `// snarl: allow(rule) reason`. */
#pragma once

#include "program/prog.h"
#include "rules/finding.h"

struct allowed; /* the comments of all files, by file and line */

struct allowed *allowed_read(void *owner, const struct linked *linked);

/* Does a comment on the finding's line, or alone right above it, allow its rule, and say why? A
 * comment without a reason allows nothing. */
bool allowed_covers(const struct allowed *allowed, const struct finding *finding);
