/* words.h - the words that may stand for a value in the models, and what they mean to the engine.
 */
#pragma once

#include "config/models.h"

/* A list of these ends with a NULL text. */
struct word {
    const char *text;
    int value;
};

extern const struct word words_lock_kind[]; /* enum lock_kind */
extern const struct word words_mode[];      /* bool: shared */
extern const struct word words_runs[];      /* enum runs_where */
extern const struct word words_blocks[];    /* enum blocks_what */
extern const struct word words_file_deed[]; /* enum file_deed */
extern const struct word words_place[];     /* an enum file_place, or PLACE_VARIABLE */
extern const struct word words_nesting[];   /* enum loop_nesting */
extern const struct word words_exits[];     /* bool: the process ends */
extern const struct word words_atomic_op[]; /* the atomic_op of struct model_fn */
extern const struct word words_fd_kind[];   /* enum fd_kind */
extern const struct word words_fork[];      /* bool: the child goes on beside its parent */
extern const struct word words_gil[];       /* no meaning yet, only checked; so is the next one */
extern const struct word words_disables[];

/* A variable of the environment that names a directory which everybody may use. */
enum {
    PLACE_VARIABLE = -1,
};

/* Types that are synchronisation objects: enum lock_kind, or TYPE_NOT_SYNC for those that only
 * have to do with threads (a thread's handle; sig_atomic_t, which threads may not share). */
enum {
    TYPE_NOT_SYNC = -1,
};
extern const struct word words_type[];

/* The result that says that a lock is held: a constant whose value is 0 counts as "zero", any
 * other one as "nonzero". */
enum ok_when words_ok_when(const char *constant);

/* The word for `text`; NULL: not in the list. */
const struct word *words_find(const struct word *words, const char *text);

/* ": did you mean 'x'?", or ": use a, b or c" when nothing is near; owned by `owner`. */
const char *words_advice(void *owner, const struct word *words, const char *text);
