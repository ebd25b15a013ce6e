/* members.h - members of structs that a library shares with the program: those that it calls
 * functions from, as the models' `field` tables name them (sa_handler, GSourceFuncs.dispatch), and
 * those that it has filled with functions to call, as lines of `fn` do (AvahiPoll.watch_new).
 */
#pragma once

#include "config/models.h"
#include "program/link.h"

/* A member that functions are stored in. */
struct member {
    const struct model_callback *callback; /* who calls what is stored there */
    const char *library;
    uint32_t field; /* linked.fields */
};

/* Does the op of `fn` store a value in such a member? A member of a type without a name is known by
 * the names on the way from the type that has one, too: "struct sd_bus_vtable.x.method.handler". */
bool member_stored(const struct models *models, const struct linked *linked,
                   const struct prog_fn *fn, const struct ir_op *op, struct member *ret);

/* What the models say of a call (`op` of `fn`) of the function in a member of a struct; NULL:
 * nothing.
 */
const struct model_fn *member_called(const struct models *models, const struct linked *linked,
                                     const struct prog_fn *fn, const struct ir_op *op);
