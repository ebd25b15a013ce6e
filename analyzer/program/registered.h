/* registered.h - how function pointers get into the members and tables that an event loop calls
 * them from.
 *
 * A slot is a member of a struct type, or a global table. Functions are put into it where they are
 * stored by name, or where a function that stores its parameter there is called with them
 * (aeCreateFileEvent(loop, fd, mask, proc, data)), perhaps through wrappers.
 */
#pragma once

#include "program/callers.h"
#include "program/contexts.h"

typedef struct {
    uint32_t i; /* a field of the program; behind them, a global variable */
} slot_id;
#define SLOT_NONE ((slot_id){ID_NONE})

/* One way that a function got into a slot. */
struct registration_of {
    fn_id fn;
    struct site site;      /* the call or the write; SITE_NONE: a static initialiser... */
    struct init_site init; /* ... this one */
    const char *by;        /* the function that was called, or the member: "handler.run" */
};

struct registered;

/* Looks at all writes of the program. Owned by `owner`; the texts that it hands out, by `contexts`.
 */
struct registered *registered_build(void *owner, struct contexts *contexts,
                                    const struct callers *callers);

/* The slot that a place is; SLOT_NONE: it is neither a member nor an element of a global. */
slot_id registered_slot(const struct linked *linked, const struct prog_fn *fn, place_id place);

/* The record a slot is a member of; ID_NONE: it is a global table. */
uint32_t registered_record(const struct linked *linked, slot_id slot);

/* Does a function store one of its parameters there: is there a call to register with? */
bool registered_by_call(struct registered *registered, slot_id slot);

/* Where `fn` got into the slot, the first place in the source. Where that can't be told, any place
 * that mentions the function. NULL: none. */
const struct registration_of *registered_where(struct registered *registered, slot_id slot,
                                               fn_id fn);
