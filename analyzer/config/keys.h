/* keys.h - the grammar of models and settings: which keys a table may have, and what each value
 * fills.
 *
 * The tables are data (keys.c, settings.c); keys_read.c walks a YAML tree along them, so that a key
 * is checked and read by the same line. `snarl config` and the JSON schema are made of them, too.
 */
#pragma once

#include "config/words.h"

#include <stddef.h>

enum key_shape {
    KEY_ARG,       /* int: 0, 1, 2, ... or `ret`; also one of `words` when it has any */
    KEY_ARGS,      /* int: an argument, or a list of them, of which the first is taken */
    KEY_FLAG,      /* bool: true or false */
    KEY_TEXT,      /* const char *, interned */
    KEY_WORD,      /* int (or an enum): the value of one of `words` */
    KEY_NAMES,     /* struct name_list: a list of texts, or one text */
    KEY_MAP,       /* `keys`, which fill the same object */
    KEY_CALLBACKS, /* of a struct fn_words: a list of maps of `keys`, or one */
    KEY_PATHS,     /* of a struct fn_words: a list of maps of `keys`, or one */
    KEY_TABLE,     /* checked only: name -> map of `keys` */
    KEY_FLAGS,     /* checked only: name -> flag */
    KEY_TEXTS,     /* name -> text; this one and the next ones are read by who knows the table */
    KEY_WORDS,     /* name -> one of `words` */
    KEY_LISTS,     /* one of `words` -> names */
    KEY_RULES,     /* id of a rule -> one of `words` */
    KEY_ENTRIES,   /* a list of maps of `keys`, or one; read by claims_read.c, as the next one */
    KEY_PAIRS,     /* a list of pairs of texts, or one */
};

#define KEY_CHECKED SIZE_MAX /* `member` of a key whose value is checked and dropped */

/* One key of a map. A table of them ends with a NULL name. */
struct key {
    const char *name;
    enum key_shape shape;
    size_t member; /* offset in the object that the table fills, or KEY_CHECKED */
    const struct key *keys;
    const struct word *words;
    bool needed;       /* the map is an error without it */
    const char *about; /* settings: what it is for, in one line; else NULL */
};

/* A line of `fn`, as written: what the engine sees of it is `fn` once fn_words_finish() ran. */
struct fn_words {
    struct model_fn fn;
    int kind;   /* enum lock_kind; KIND_UNSAID */
    int blocks; /* enum blocks_what; KIND_UNSAID */
    int mode;   /* bool: shared */
    int exits;  /* bool: process */
    int forks;  /* bool */
    int makes_nonblocking;
    int makes_blocking;
    int guard; /* value that gives the lock back when it goes out of scope; ARG_NONE */
    int gil;   /* bool: needs */
    bool scope_guard;
    bool suspends; /* a critical section: the macro that ends it does not name it */
    bool returns_lock;
    bool sure;
    const char *ok;
    const char *is; /* blocks_if */
    const char *is_not;
    const char *has;
    const char *lacks;
    const char *above;
};
#define KIND_UNSAID (-1)

extern const struct key keys_fn[];      /* fill a struct fn_words */
extern const struct key keys_builtin[]; /* also */
extern const struct key keys_field[];   /* fill a struct model_callback */

/* An entry of `static_init`, `declares`, `lock`. */
struct init_words {
    int kind; /* enum lock_kind; KIND_UNSAID */
    bool recursive;
    bool checks; /* error-checking */
    bool is_flag;
    int value; /* lock_type; ARG_NONE: not said */
};
extern const struct key keys_static_init[];
extern const struct key keys_lock_type[];
extern const struct key keys_lock[];

extern const struct key keys_loop[]; /* fill a struct model_loop */

/* Tables of nothing but lists of names. */
extern const struct key keys_gil[];
extern const struct key keys_names[];
extern const struct key keys_not_blocking[];

/* All tables of a model file. */
extern const struct key keys_models[];

/* The key of this name; NULL: not in the table. */
const struct key *keys_find(const struct key *keys, const char *name);
