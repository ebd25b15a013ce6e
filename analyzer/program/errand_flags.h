/* errand_flags.h - flags by which one thread sends others on an errand and sees them come back:
 *
 *     giver                                    helper
 *     give work; flag[i] = 1;                  while (flag[i] == 0) ;
 *     ... while (flag[i] != 0) ;               do the work; flag[i] = 0;
 *
 * Here is what the functions show of that, each by itself; errands.h puts it together.
 */
#pragma once

#include "program/accessmap.h"

enum touch_kind {
    TOUCH_LOOK,  /* reads the flag, or calls a function whose result is the flag */
    TOUCH_GIVE,  /* stores what is perhaps not 0, or hands that to a function that stores it */
    TOUCH_RESET, /* stores 0, or hands that to a function that stores it */
};

struct touch {
    fn_id fn;
    op_id op;
    enum touch_kind kind;
    path_id path; /* in terms of `fn` */
};

/* What is known of a function with touches, by block. */
struct errand_fn {
    bool *open; /* on entry to the block: may an errand that the function has given be going on? */
    bool *away; /* on entry: has the function always seen the flag set, and not reset it since? */
    bool waits; /* every way out of it after giving waits for all helpers */
};

struct errand_flag {
    const struct variable *variable;
    VEC(struct touch) touches; /* sorted by function, op */
    struct errand_fn **fns;    /* by fn; NULL: no touches */
    bool *resets;              /* by fn: it, or a function it calls, may reset the flag */
};

/* The flags of the program that are given and reset, and that nothing else is done to. All accesses
 * are atomic with an order, or hold one lock. Owned by `owner`. */
struct errand_flags {
    const struct accessmap *map;
    VEC(struct errand_flag) v;
};
struct errand_flags *errand_flags_find(void *owner, const struct accessmap *map);

/* Does every function that gives wait for all helpers before it returns? */
bool errand_flag_is_waited_for(const struct errand_flag *flag);

/* What `op` of `fn` does to the flag; NULL: nothing. */
const struct touch *errand_flag_touch(const struct errand_flag *flag, fn_id fn, op_id op);

/* The parameter whose value a stored value is, unchanged; ID_NONE. */
uint32_t errand_stored_param(const struct flows *flows, fn_id fn, value_id value);

/* Is the function certainly on an errand before `op`, by its own looks at the flag? */
bool errand_flag_away(const struct errand_flags *flags, const struct errand_flag *flag, fn_id fn,
                      op_id op);

/* May an errand that the function itself has given be going on before, or in, `op`? */
bool errand_flag_open(const struct errand_flags *flags, const struct errand_flag *flag, fn_id fn,
                      op_id op);

/* ---- between the two files that fill this in --------------------------------------------------
 */

struct depends;

/* What the function shows. Owned by `owner`. */
struct errand_fn *errand_fn_new(void *owner, const struct flows *flows,
                                const struct errand_flag *flag, fn_id fn);

bool errand_is_zero(const struct ir_fn *ir, value_id value);
bool errand_is_look(const struct errand_flag *flag, fn_id fn, op_id op);

/* Does what the block decides, or returns, depend on looks at the flag and on nothing else? */
bool errand_tells_only(const struct errand_flag *flag, fn_id fn, struct depends *depends,
                       uint32_t block);

/* May one of the functions that the call runs reset the flag? */
bool errand_call_resets(const struct errand_flag *flag, const struct call *call);
