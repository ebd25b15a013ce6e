/* said.h - what the settings say of the program as a whole: where else it starts running code, and
 * which functions never run at the same time. Believed, not checked; what names no function, or
 * changes nothing, is told.
 */
#pragma once

#include "base/err.h"
#include "base/wire.h"
#include "config/models.h"

#include <stdbool.h>

struct contexts;
struct moment;
struct said;

/* The claims, none of which has been of use yet. Owned by `owner`; both others have to stay. */
struct said *said_new(void *owner, const struct contexts *contexts,
                      const struct model_claims *claims);

/* Adds the contexts that are claimed, or says how many of known ones run; the callbacks of loops
 * come first, before it is known who runs them. */
void said_add_callbacks(struct contexts *contexts, struct said *said);
void said_add_entries(struct contexts *contexts, struct said *said);

/* Do the settings say that these are never at the same time? One is in one of two functions or in
 * what its context only gets to through it, the other in the other one. To be asked last: a claim
 * that keeps nothing apart that could meet is of no use. */
bool said_apart(struct said *said, const struct contexts *contexts, struct moment a,
                struct moment b);

/* The claims that have kept something apart so far, as a wire writes them; reading: as another
 * process has seen it, added to what is known here. */
void said_wire_used(struct wire *wire, struct said *said);

/* What is wrong with a claim. */
struct said_problem {
    struct loc where;
    const char *text;
};

struct said_problems {
    VEC(struct said_problem) v;
};

/* Claims that name no function, and with `unused`, when all rules have run, those that change
 * nothing. Owned by `owner`. */
struct said_problems *said_problems(void *owner, const struct said *said, bool unused);
