/* frees.h - which calls give back the memory of which objects: by a deallocator, or in a function
 * that hands a parameter of its own to one (`conn_close(c)`).
 */
#pragma once

#include "program/flow.h"

enum { MAX_FREE_DEPTH = 5 }; /* calls between a pointer's owner and the deallocator */

/* A call that frees what one of its arguments points to. */
struct free_event {
    fn_id fn;
    op_id op;
    value_id value;   /* the pointer, a value of `fn` */
    const char *type; /* of the pointer, without typedefs: "struct conn *"; NULL: not known */
    struct site at;   /* the deallocator's call, at or below `op` */
    unsigned depth;   /* calls from `op` down to it */
};

struct frees {
    const struct flows *flows;
    VEC(struct free_event) v; /* those of a known type, by type, function and op */
    uint32_t *params;         /* by fn: bit k: may free what parameter k points to */
};

/* Owned by `owner`. */
struct frees *frees_build(void *owner, const struct flows *flows);

/* The events about pointers of this type: v[*ret_first] and the ones behind it. Gives their
 * number. */
size_t frees_of_type(const struct frees *frees, const char *type, size_t *ret_first);

/* The type of the pointer that a place holds, without typedefs; NULL: not known, or it tells
 * nothing (`void *`). */
const char *frees_type_of_place(const struct flows *flows, fn_id fn, place_id place);

/* The same of a value. */
const char *frees_pointer_type(const struct flows *flows, fn_id fn, value_id value);

/* The parameter that a value is, also with an offset; ID_NONE: it is none. */
uint32_t frees_param_of(const struct flows *flows, fn_id fn, value_id value);
