/* cures.h - edits of the open document that cure a finding, by its text: proposals, which recheck.h
 * has to bear out before anybody sees them.
 */
#pragma once

#include "lsp/snapshot.h"

/* `text` in the place of bytes [begin, end) of the document. */
struct cure_edit {
    size_t begin;
    size_t end;
    const char *text;
};

struct cure {
    const char *title;           /* "wait in a 'while'" */
    VEC(struct cure_edit) edits; /* in the order of the text, apart from each other */
};

struct cures {
    VEC(struct cure) v;
};

/* What is proposed for a finding whose place is in `document`. Owned by `owner`. */
struct cures cures_of(void *owner, const struct snapshot *snapshot, const struct document *document,
                      const struct finding *finding);

/* The document's text with the edits made. Owned by `owner`. */
char *cure_applied(void *owner, const struct document *document, const struct cure *cure);
