/* calls.h - every call of the program, whom it calls, and what the models say of it.
 *
 * Calls through pointers are resolved by inclusion-based points-to analysis (Andersen, 1994),
 * field-based: one cell for a field of all objects of a struct type (Heintze, PLDI 2001).
 */
#pragma once

#include "config/models.h"
#include "program/link.h"
#include "program/path.h"

struct fn_list {
    fn_id *v;
    size_t n;
};

/* One call. */
struct call {
    fn_id fn; /* the caller */
    op_id op;
    const char *name;             /* of the function called; for a pointer what it is read from */
    const struct model_fn *model; /* what the models say of it; NULL: nothing, or a body says it */
    const struct model_fn *named; /* ask calls_model() */
    bool indirect;                /* through a pointer */
    bool by_macro; /* `name` and `model` are the macro's that it comes from: so are the arguments */
    struct fn_list callees; /* bodies that run before the call returns; sorted, unique */
};

struct calls {
    const struct linked *linked;
    VEC(struct call) v;  /* sorted by caller, then op */
    uint32_t *first;     /* by fn: its first call; one more entry at the end */
    uint32_t *first_op;  /* by fn: of its first op, in... */
    uint32_t *by_op;     /* ... which call an op is: index into v; ID_NONE: none */
    uint64_t *digest;    /* by fn: calls_digest() when calls_build() was done */
    fn_id *callees;      /* of all calls, one after the other */
    size_t n_unresolved; /* indirect calls for which no body was found */
    struct pointsto *pointsto;
    struct loops *loops;
    struct bottom_up *order; /* answer of calls_bottom_up(); NULL: not asked for */
};

/* All calls of `linked`. Adds the variables it meets to `paths`. `before`: those of the same
 * program before some bodies were replaced, of which it may take parts over; NULL: there are none.
 */
struct calls *calls_build(void *owner, const struct linked *linked, struct paths *paths,
                          const struct models *models, struct calls *before);

/* Of all that is known of the function's calls now; the same numbers mean the same in another
 * program of which this one is a newer edition. */
uint64_t calls_digest(const struct calls *calls, fn_id fn);

/* The call an IR_CALL op is. Never NULL. */
const struct call *calls_at(const struct calls *calls, fn_id fn, op_id op);

/* What the models say of the function called, even where the program brings its body; NULL:
 * nothing. */
const struct model_fn *calls_model(const struct call *call);

/* Bodies that a value of `fn` can point to; sorted; owned by `owner`. */
struct fn_list calls_functions_of(const struct calls *calls, void *owner, fn_id fn, value_id value);

/* The value of argument number `arg` (from 1) of a call, or of its macro where that is what it is
 * known by; ID_NONE when it has fewer. */
value_id call_arg(const struct linked *linked, const struct call *call, int arg);

/* `path` with a parameter or local pointer at its start replaced by the one object it always points
 * to, when points-to knows exactly one; else `path`. An element of an array that is not told apart
 * from its neighbours replaces no pointer whose members are named. */
path_id calls_sharpen(const struct calls *calls, struct paths *paths, fn_id fn, path_id path);

/* Does a condition, or anything else in the function, look at what the call `op` returned? */
bool calls_uses_result(const struct ir_fn *ir, op_id op);

/* Adds a body that runs inside this call (a callback that the callee calls back). */
void calls_add_callee(struct calls *calls, struct call *call, fn_id callee);

/* Functions in bottom-up order of the call graph, callees before callers; the functions of one
 * cycle (strongly connected component: Tarjan, 1972) follow each other; component[i] numbers the
 * component of order[i]. It stays as it is when callees are added: ask again. */
struct bottom_up {
    fn_id *order;
    uint32_t *component;
    size_t n;
};
const struct bottom_up *calls_bottom_up(struct calls *calls);

/* The end of the component that begins at order[i]. */
size_t bottom_up_end(const struct bottom_up *order, size_t i);
