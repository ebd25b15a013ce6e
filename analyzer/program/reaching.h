/* reaching.h - reaching definitions (Aho, Lam, Sethi, Ullman, "Compilers", 9.2.4): which writes of
 * a function can have put there what is read.
 *
 * Most are found by going back from the read; a local that is read again and again in a function of
 * many blocks is worked out for all blocks at once.
 */
#pragma once

#include "program/link.h"

struct reaching; /* of one function; keeps what it has found out */

struct reaching *reaching_new(void *owner, const struct prog_fn *fn);

/* What is looked for: a local, a member of a local struct, or a place behind a local pointer. */
struct wanted {
    place_id place; /* ID_NONE: it is a local */
    uint32_t local;
    uint32_t field; /* the unit's number of a member; ID_NONE: the local itself */
};

struct defs {
    op_id *v; /* in their order */
    size_t n;
};

/* Adds the writes, and the calls that may write, which reach op `use`; owned by `owner`. */
void reaching_defs(struct reaching *reaching, void *owner, uint32_t use, struct wanted wanted,
                   struct defs *defs);

/* Is there any op that writes what is wanted? */
bool reaching_any(const struct reaching *reaching, struct wanted wanted);

/* Is the place a local, or a member or element of one? *ret_field is the last member's number on
 * the way; ID_NONE: there is none. */
bool place_in_local(const struct ir_fn *fn, place_id place, uint32_t *ret_local,
                    uint32_t *ret_field);

/* Does the call hand over the address of a local, or of a member of one, as argument `i`? */
bool call_fills_local(const struct ir_fn *fn, const struct ir_op *call, uint32_t i,
                      uint32_t *ret_local, uint32_t *ret_field);
