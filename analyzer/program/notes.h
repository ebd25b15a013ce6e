/* notes.h - `// snarl: word(arguments) reason`: what a comment says to snarl, in its parts. */
#pragma once

#include "ir/ir.h"

struct note_parts {
    const char *word;   /* "guarded_by"; "" when the comment begins with something else */
    const char *args;   /* "mu"; "" without brackets */
    const char *reason; /* what follows; "" without */
};

/* The parts of a note's text; strings owned by `owner`. */
struct note_parts note_parts(void *owner, const struct ir_note *note);

/* Is something that stands on `line` of the note's file what the note is about: the line it ends,
 * or where it stands alone one of the next `below` lines? */
bool note_is_about(const struct ir_note *note, uint32_t line, uint32_t below);
