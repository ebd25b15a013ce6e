/* resolve.h - from a function's own places and values to program-wide paths.
 *
 * A local that is written once stands for what was written (`struct conn *c = arg;` makes c->fd a
 * path about the parameter); a parameter that is never written stands for the argument. Other
 * locals are roots of their own.
 */
#pragma once

#include "program/link.h"
#include "program/path.h"

struct resolver; /* of one function; caches */

/* What a callee returns, in terms of this function (a getter's `return &table[i].lock`): the path
 * of the object the returned pointer points to. PATH_NONE: not known. */
typedef path_id resolve_call_fn(void *user, fn_id fn, op_id call);

struct resolver *resolver_new(void *owner, const struct linked *linked, struct paths *paths,
                              fn_id fn, resolve_call_fn *resolve_call, void *user);
/* The same for a unit's static initialisers. */
struct resolver *resolver_new_init(void *owner, const struct linked *linked, struct paths *paths,
                                   uint32_t unit);

/* Is it of this body? Not where another one has taken its place (relink.h). */
bool resolver_is_of(const struct resolver *resolver, const struct ir_fn *ir);

/* Path of the object a place is. PATH_NONE: not known. */
path_id resolve_place(struct resolver *resolver, place_id place);

/* Path of the object that a pointer value points to. PATH_NONE: not known. */
path_id resolve_pointee(struct resolver *resolver, value_id value);

/* The value that a local with one write stands for; ID_NONE: none, or more than one. */
value_id resolve_single_def(const struct resolver *resolver, uint32_t local);

/* The op from which on the object that the local, a pointer, points to is not any more where it was
 * read from: the second write of `item = queue; queue = item->next;`. Such a local stands for
 * itself. ID_NONE: it is none. */
op_id resolve_taken_out(const struct resolver *resolver, uint32_t local);

/* Is the local a parameter that keeps the value it was called with? */
bool resolve_is_argument(const struct resolver *resolver, uint32_t local);

/* Follows locals with one write to the value behind `value`. */
value_id resolve_value(const struct resolver *resolver, value_id value);

/* Is the place a plain local (no steps)? Then *ret_local is which. */
bool place_is_local(const struct ir_fn *fn, place_id place, uint32_t *ret_local);
