/* link.h - units joined to one program: whose symbol, field and function is whose.
 *
 * Symbols join by their key (ir_sym.key), records by theirs, fields by record and name. A body that
 * several units carry (a static inline of a header) is kept once. The linked program points into
 * the units and must not outlive them.
 */
#pragma once

#include "base/err.h"
#include "ir/cfg.h"
#include "ir/ir.h"

typedef struct {
    uint32_t i; /* linked.fns */
} fn_id;

#define FN_NONE ((fn_id){UINT32_MAX})

/* A function or variable of the program. */
struct prog_sym {
    const struct ir_sym *ir; /* the definition if a unit has one, else a declaration */
    uint32_t unit;           /* whose `ir` it is; ID_NONE: no unit mentions it any more */
    uint32_t flags;          /* of all units, or-ed */
    VEC(fn_id)
    bodies;                  /* IR_SYM_FN: more than one when the database holds several programs;
                                those in units without a main first */
    bool claims_nonblocking; /* by an attribute: it never waits */
    bool claims_blocking;    /* ... it can wait */
    uint32_t n_shared;       /* how many of them stand in units without a main */
};

struct prog_record {
    const char *name;
    const char *key;
    uint32_t first; /* its fields, linked.fields, each with the number of the next; ID_NONE */
    uint32_t last;
};

struct prog_field {
    uint32_t record; /* linked.records */
    const char *name;
    const char *type;
    uint32_t flags; /* enum ir_field_flag */
    uint32_t unit;  /* the first of the neighbouring bit-fields that it is one of, which are one
                       memory location (C11 3.14); ID_NONE: it is no bit-field */
    uint32_t next;  /* of the same record; ID_NONE */
};

/* A function with a body. */
struct prog_fn {
    const struct ir_unit *unit;
    uint32_t unit_index;
    const struct ir_fn *ir;
    struct cfg *cfg;
    uint32_t sym; /* linked.syms; ID_NONE for a unit's static initialisers */
    const char *name;
};

/* What a unit's own numbers are in the program. */
struct unit_map {
    uint32_t *syms;
    uint32_t *fields;
};

struct linked {
    const struct ir_unit **units;
    size_t n_units;
    struct unit_map *maps; /* by unit */
    uint64_t *programs;    /* by unit: bit i: the i-th main's program needs it (see programs.h) */
    bool *has_main;        /* by unit */
    VEC(struct prog_sym) syms;
    VEC(struct prog_record) records;
    VEC(struct prog_field) fields;
    VEC(struct prog_fn) fns;
    VEC(struct prog_fn) inits; /* one a unit: its static initialisers */
};

/* Joins `units` (which must stay). Owned by `owner`. */
struct linked *link_units(void *owner, const struct ir_unit *const *units, size_t n_units);

/* Gathers what all units say of each symbol, by the numbers in their maps; `ir` of one that no unit
 * mentions is NULL. For link.c and relink.c. */
void linked_join_syms(struct linked *linked);

/* The program's number of a symbol or field that `fn`'s unit calls so. */
uint32_t linked_sym(const struct linked *linked, const struct prog_fn *fn, uint32_t unit_sym);
uint32_t linked_field(const struct linked *linked, const struct prog_fn *fn, uint32_t unit_field);

/* "handler.run", or "run" where the type has no name. Owned by `owner`. */
char *linked_field_name(void *owner, const struct linked *linked, uint32_t field);

/* Where the op stands in the source; .file is NULL: not known. */
struct loc linked_loc(const struct prog_fn *fn, uint32_t op);

/* A static initialiser: an op of inits.v[unit]. */
struct init_site {
    uint32_t unit; /* ID_NONE: none */
    uint32_t op;
};
#define INIT_SITE_NONE ((struct init_site){ID_NONE, ID_NONE})

/* Where it stands; .file is NULL: there is none. */
struct loc linked_init_loc(const struct linked *linked, struct init_site site);

/* A few bodies; none: only a declaration is known. */
struct bodies {
    const fn_id *v; /* belongs to the linked program */
    size_t n;
};

/* The bodies a use of `sym` in unit `unit_index` can mean: that unit's own if it has one; else
 * those that can be linked with it. Several when that cannot be told. */
struct bodies linked_bodies(const struct linked *linked, uint32_t sym, uint32_t unit_index);
