/* claims.h - the claim that denies what a finding assumes, as an edit of the settings file.
 */
#pragma once

#include "lsp/snapshot.h"

/* The settings file with one claim more. */
struct claim_edit {
    const char *path;
    const char *uri;
    bool is_new;        /* the file has to be made */
    const char *before; /* what it holds; "" */
    size_t at;          /* where `text` comes in, in bytes of `before` */
    const char *text;
};

/* How `claim` ("entry: { function: f, many: false }") comes into the file that holds `before`: as
 * an item of the list that is there, or behind all. Gives the text to put in, and *ret_at; NULL:
 * the key is there in a form that a person has to change. Owned by `owner`. */
const char *claim_text(void *owner, const char *before, const char *claim, size_t *ret_at);

/* What is proposed. False: nothing can be. Strings owned by `owner`. */
bool claim_edit_of(void *owner, const struct snapshot *snapshot,
                   const struct finding_assumption *assumption, struct claim_edit *ret);

/* The file's text with the edit made. Owned by `owner`. */
char *claim_applied(void *owner, const struct claim_edit *edit);
