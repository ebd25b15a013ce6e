/* allowed.h - findings that a person has looked at: `// snarl: allow(rule) reason` on their line or
 * alone right above it, `NOLINT(snarl-rule) reason` on it, `NOLINTNEXTLINE(snarl-rule) reason`
 * above.
 *
 * A comment without a reason allows nothing, so that nobody has to guess later.
 */
#pragma once

#include "program/prog.h"
#include "rules/finding.h"

struct allowed; /* the comments of all files, by file and line */

struct allowed *allowed_read(void *owner, const struct linked *linked);

/* The reason that a comment gives to allow the finding; NULL: none does. Comments that allow
 * something are in use from then on. */
const char *allowed_reason(struct allowed *allowed, const struct finding *finding);

/* A comment that is no good. */
struct allowed_problem {
    struct loc where;
    const char *text; /* one sentence that says what to do */
};

struct allowed_problems {
    VEC(struct allowed_problem) v; /* sorted by file and line */
};

/* Comments without a reason, that name rules which do not exist, and, when `unused`, that allow
 * nothing though their rule is not among `off` (ids). Owned by `owner`. */
struct allowed_problems *allowed_problems(void *owner, const struct allowed *allowed, bool unused,
                                          const struct config *config);
