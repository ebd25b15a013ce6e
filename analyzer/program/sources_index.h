/* sources_index.h - the cells that numbers are kept in, and an index of who writes them; for
 * sources.c and sources_index.c only.
 */
#pragma once

#include "program/sources.h"

/* Where a number is kept. */
enum cell_kind {
    CELL_LOCAL,   /* a: function, b: local */
    CELL_VAR,     /* a: program symbol */
    CELL_FIELD,   /* a: program field */
    CELL_RESULT,  /* a: function */
    CELL_BEHIND,  /* a: function, b: parameter, a pointer: what it points to; or a local that has
                     got new memory */
    CELL_WRITTEN, /* the same, as far as the function itself and its callees write it */
};

struct cell {
    enum cell_kind kind;
    uint32_t a;
    uint32_t b;
    uint32_t item; /* element of an array; ID_NONE: any, or it is none */
};

/* A function is registered as a callback. */
struct registered {
    uint32_t fn;
    uint32_t call;     /* calls.v */
    uint32_t callback; /* of its model */
};

/* A call hands data to a function that runs later: as its last parameter. */
struct handed {
    uint32_t fn;
    uint32_t call; /* calls.v */
    int arg;
};

/* The ops that can change a variable or member: writes, and calls that get its address. */
struct touch {
    uint32_t what; /* symbol or field */
    uint32_t fn;   /* of static initialisers: the unit, with `init` set */
    uint32_t op;
    bool init;
};

struct sources {
    const struct flows *flows;
    VEC(struct touch) vars;   /* sorted by `what` */
    VEC(struct touch) fields; /* ... */
    uint32_t *first_caller;   /* by fn: into `callers`; one more at the end */
    uint32_t *callers;        /* calls.v */
    VEC(struct registered) registered;
    VEC(struct handed) handed; /* by threads' starts and by registrations */
};

/* The cell of a place of `fn` (number `fn_index`; UINT32_MAX: a static initialiser); false: a place
 * that nothing is kept of. */
bool sources_cell_of_place(const struct sources *s, const struct prog_fn *fn, uint32_t fn_index,
                           place_id place, struct cell *ret);

/* The same for what a local, a pointer, points to. */
bool sources_cell_behind(const struct sources *s, const struct prog_fn *fn, uint32_t fn_index,
                         uint32_t local, struct cell *ret);
