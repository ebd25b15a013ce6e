/* story.h - a finding's story on a terminal: what each context does, one under the other, or, where
 * the terminal is wide enough and two contexts come between each other's steps, in two columns, a
 * step a line, in the order in which they happen.
 */
#pragma once

#include "report/report.h"

#include <stdio.h>

/* `width` is the terminal's, in columns; 0: contexts one under the other. Paths below `root` are
 * shown relative to it. Steps that `like` (NULL: none) begins with, too, are not told again. */
void story_write(FILE *out, const char *root, unsigned width, const struct finding *finding,
                 const struct finding *like);

/* "file:line", with ":column" on request; "" for no place. Owned by `owner`. */
char *story_place(void *owner, const char *root, struct loc where, bool with_column);
