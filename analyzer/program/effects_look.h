/* effects_look.h - between the files that find out effects: one function while it is looked at, and
 * what is kept of that.
 */
#pragma once

#include "program/effects.h"
#include "program/out_params.h"

struct memo;

struct effects {
    const struct accessmap *map;
    const struct flows *flows;
    const struct fn_effects **v; /* by fn; NULL: none; valid where they have been... */
    bool *found;                 /* by fn ...found out */
    struct out_params *out_params;
    uint32_t *component; /* by fn */
    uint32_t *first;     /* by component: of its functions bottom-up; one more at the end */
    uint32_t *news_in;   /* by fn, while a component is looked at: see look_at_component() */
    struct memo **memos; /* by fn; NULL: it has not been looked at */
    uint32_t edition;    /* of the program, from 1 */
};

/* Functions that call each other in a circle, or one that is none. */
struct component {
    const fn_id *fns;
    uint32_t n;
};

/* Classes of variables that the branch of a block depends on. */
struct tested {
    bool known;
    VEC(path_id) classes;
    bool asked;
    bool on_all_ways; /* no way through the function leaves the block out */
};

/* What one op does to shared variables. */
struct deed_of_op {
    path_id own;                   /* it reads or writes this one itself; PATH_NONE */
    const struct fn_effects *call; /* the effects of the call that it is; NULL: none */
};

/* One function while it is looked at. */
struct look {
    struct effects *effects;
    fn_id fn;
    const struct prog_fn *body;
    const struct deed_of_op *ops; /* by op */
    bool looked_for_known;        /* are they listed? */
    VEC(path_id) looked_for; /* classes of what it reads, or calls tell of; look_at() frees it */
    struct depends *depends; /* NULL: not asked for yet */
    struct tested *tested;   /* by block, owned by `depends` */
    struct fn_effects found;
};

/* effects.c: the effects of a function; NULL: none. */
const struct fn_effects *effects_of_fn(struct effects *effects, fn_id fn);

/* effects.c: what the conditions and values of the function depend on. */
struct depends *look_depends(struct look *look);

/* effects.c: can a caller say which variable it is, is it one that is shared, and is it near
 * enough? */
bool look_is_worth_it(const struct look *look, const struct effect *effect);

bool look_is_atomic(const struct look *look, op_id op);

/* effects_told.c: what the answers of the function tell of. */
void look_find_told(struct look *look);

/* effects_changed.c: what the function changes without a test of its own before. */
void look_find_changed(struct look *look);

/* ---- effects_sets.c ------------------------------------------------------------------------- */

/* Adds it, in place of the farthest one where there is no room. */
void effects_add(uint32_t *n, struct effect *effects, struct effect effect);

/* Adds `from` of a callee in terms of its caller. */
void effects_lift(struct paths *paths, uint32_t n, const struct effect *from,
                  const path_id *pointees, size_t n_pointees, uint32_t *ret_n, struct effect *ret);

/* Of two bodies: what both do; where they are few what one does as well. Two bodies without a
 * pointer are those of two programs, of which each is surely meant in its own. */
void effects_unite(uint32_t *n, struct effect *effects, uint32_t n_other,
                   const struct effect *others, bool few, bool indirect);

/* What is known of a function (NULL: nothing) when `found` (NULL: none) has been found out as well:
 * one of the two. */
const struct fn_effects *effects_join(const struct fn_effects *known,
                                      const struct fn_effects *found);

/* ---- effects_memo.c: what went in, and what came out, in the edition before ------------------ */

enum { MAX_ROUNDS = 4 }; /* through functions that call each other in a circle */

/* Before the members of a component are looked at. */
void memo_begin(struct effects *effects, const struct component *component);

/* Has the function been looked at in this round before, and does nothing new go into it now? What
 * was found then stays: *ret_found (NULL: no effects). */
bool memo_recall(struct effects *effects, fn_id fn, uint32_t round,
                 const struct fn_effects **ret_found);

/* Keeps what was found in this round; NULL: no effects. Gives what is kept. */
const struct fn_effects *memo_put(struct effects *effects, fn_id fn, uint32_t round,
                                  const struct fn_effects *found);

/* The round is over for the function, whether it was looked at or not. */
void memo_passed(struct effects *effects, fn_id fn, uint32_t round);

/* All rounds are. */
void memo_end(struct effects *effects, const struct component *component);

/* What kind of variable is it for the function, as it looks at it? */
enum standing {
    STANDING_NONE,    /* not shared, or not known */
    STANDING_SHARED,  /* without a guard */
    STANDING_GUARDED, /* shared */
};
enum standing memo_standing(const struct effects *effects, fn_id fn, path_id path);

/* The functions of which this holds are others than in the edition before; a new one begins. */
void memo_touch(struct effects *effects, const bool *touched);
