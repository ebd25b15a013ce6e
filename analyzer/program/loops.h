/* loops.h - the event loops of the program, told apart by who makes them: a call that returns or
 * stores a new one, the loop that a library has anyway, an object of the program with a name. Which
 * of them a pointer means is a matter of points-to (see pointsto.h, tags).
 */
#pragma once

#include "program/calls.h"

/* Bit i: the i-th loop. */
typedef uint64_t loop_set;
#define LOOPS_ANY UINT64_MAX

struct loops;

struct loops *loops_new(void *owner, const struct linked *linked, struct paths *paths,
                        struct pointsto *pointsto);

/* Tells points-to of the loop that the call makes, as its model says. True: the call's result is a
 * loop. */
bool loops_read_call(struct loops *loops, const struct call *call);

/* The loops that argument `arg` of the call can be. ARG_SINGLETON, or NULL as the argument: the
 * default one of the call's library. LOOPS_ANY: it can't be told. */
loop_set loops_of(struct loops *loops, const struct call *call, int arg);
