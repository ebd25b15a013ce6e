/* loops.h - the event loops of the program, told apart by who makes them: a call that returns or
 * stores a new one, the loop that a library has anyway, an object of the program with a name. Which
 * of them a pointer means is a matter of points-to (see pointsto.h, tags).
 */
#pragma once

#include "program/calls.h"
#include "program/lockset.h"

/* Bit i: the i-th loop. */
typedef uint64_t loop_set;
#define LOOPS_ANY UINT64_MAX

struct loops;

struct loops *loops_new(void *owner, const struct linked *linked, struct paths *paths,
                        struct pointsto *pointsto);

/* Tells points-to of the loop that the call makes, as its model says. True: the call's result is a
 * loop. */
bool loops_read_call(struct loops *loops, const struct call *call);

/* Where a loop comes from: one of the members is set. */
struct loop_origin {
    const char *library; /* it is the default loop of this library; else NULL */
    struct site made;    /* this call makes it; else SITE_NONE */
    path_id object;      /* it is a named object, or a member of all objects of a type */
};

/* The loops that were told apart so far, by the bits of a loop_set. */
size_t loops_count(const struct loops *loops);
struct loop_origin loops_origin(const struct loops *loops, size_t i);

/* The loops that argument `arg` of the call can be. ARG_SINGLETON, or NULL as the argument: the
 * default one of the call's library. LOOPS_ANY: it can't be told. */
loop_set loops_of(struct loops *loops, const struct call *call, int arg);
