/* look.h - what of the program a place in a document is about. */
#pragma once

#include "lsp/snapshot.h"

/* The word at a place of an open document. */
struct look_word {
    const struct document *document;
    const char *text; /* owned by who asked */
    uint32_t line;    /* from 1 */
    struct position start;
    struct position end;
};

/* Reads params.textDocument and params.position. False: no such document is open, or no word is
 * there. */
bool look_at(void *owner, const struct snapshot *snapshot, const json_t *params,
             struct look_word *ret);

/* params.textDocument as an open document; NULL: it is none. */
const struct document *look_document(const struct snapshot *snapshot, const json_t *params);

/* The function that is called so: this file's own before others'. FN_NONE: there is none. */
fn_id look_fn(const struct snapshot *snapshot, const char *name, const char *path);

/* Variables whose last member, or which themselves, are called so: those that are used on the
 * word's line, else those of this name at all. */
struct look_variables {
    VEC(const struct variable *) v;
};
struct look_variables look_variables(void *owner, const struct snapshot *snapshot,
                                     const struct look_word *word);

/* The nodes of the lock graph that are called so, by number. */
struct look_locks {
    VEC(uint32_t) v;
};
struct look_locks look_locks(void *owner, const struct snapshot *snapshot, const char *word);

/* Does the phase's context come to the function, and what does it hold on entry on every way? NULL:
 * it does not come there. */
const struct lockset *look_entry(const struct snapshot *snapshot, phase_id phase, fn_id fn);

/* Titles of the contexts that run the function, in their order. */
struct look_titles {
    VEC(const char *) v;
};
struct look_titles look_contexts(void *owner, const struct snapshot *snapshot, fn_id fn);
