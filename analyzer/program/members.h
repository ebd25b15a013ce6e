/* members.h - functions stored in members of structs that a library calls them from, as the models'
 * `field` tables name them: sa_handler, GSourceFuncs.dispatch.
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
