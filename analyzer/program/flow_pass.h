/* flow_pass.h - the parts of the pass over one function (flow.c) that stand in files of their own.
 */
#pragma once

#include "program/branch.h"
#include "program/flow.h"
#include "program/state.h"
#include "program/written.h"

/* One way a call can end, in the terms of the function that calls. */
struct effect {
    const struct lockset *held;  /* tokens it gets, taken at the call */
    const struct lockset *gone;  /* tokens it loses */
    const struct lockset *freed; /* tokens that surely nobody holds behind it, as in struct state */
    const struct lockset *missed; /* ... */
    bool tells;                   /* `told` holds of what the call returned */
    struct fact told;
    uint32_t n_when; /* only when these hold of the arguments */
    struct fact when[MAX_WHEN];
};

/* All ways that a call can end: each once, though hundreds of functions may be behind a pointer. */
struct call_effects {
    bool known;
    VEC(struct effect) v;
    path_id pointees[MAX_PARAMS]; /* flow_pointees() of the call */
    size_t n_pointees;
};

/* The pass over one function. */
struct pass {
    struct flows *flows;
    fn_id fn;
    const struct prog_fn *body;
    struct branch branch; /* what its values tell */
    struct fn_flow *out;
    struct state_list *in;         /* by block */
    bool recording;                /* the fixpoint is reached: write down what holds */
    void *scratch;                 /* what dies with the pass */
    VEC(struct outcome) endings;   /* found while recording; they become out->outcomes at its end */
    struct call_effects **effects; /* by call of the function, made when asked for */
};

/* flow_effects.c: the ways the call, which has callees and no model, can end. */
const struct call_effects *effects_of(struct pass *pass, const struct call *call);

/* flow_calls.c: the states behind a call, added to `out`; `before` is the state in front of it. */
void pass_call(struct pass *pass, const struct state *before, const struct call *call,
               struct state_list *out);

/* flow_held.c: writes down what all states in front of block `b` say of the arguments... */
void pass_record_need(struct pass *pass, uint32_t b, const struct state_list *states);
/* ... and what holds before an op. */
void pass_record_held(struct pass *pass, uint32_t op, const struct state_list *states);

/* flow_waits.c: notes what the call waits for: locks that its states hold already, and locks that
 * callers may hold. */
void pass_note_waits(struct pass *pass, const struct state_list *states, const struct call *call);
/* The last touch, when all ops and outcomes are known. */
void pass_finish_waits(struct pass *pass);

/* flow_givings.c: the state behind a call that gives the lock back, here or in a callee... */
void pass_release(struct pass *pass, struct state *state, const struct call *call, path_id lock);
/* ... that takes it... */
void pass_hold(struct pass *pass, struct state *state, struct token token);
/* ... that tries in vain to take it... */
void pass_miss(struct pass *pass, struct state *state, const struct call *call, path_id lock);
/* ... that leaves locks unlocked which are not known to be held. */
void pass_not_held_behind(struct pass *pass, struct state *state, const struct effect *effect);
/* Notes the ways out that have locks in hand: at the end of block `b`, or at the call `op`. */
void pass_note_leavings(struct pass *pass, uint32_t b, op_id op, const struct state_list *states);
/* The last touch, when all givings are known. */
void pass_finish_givings(struct pass *pass);

/* flow.c: what a state says of parameters that still have the value the caller gave them; gives
 * the number of facts. */
uint32_t pass_conditions(const struct pass *pass, const struct state *state,
                         struct fact ret[MAX_WHEN]);
/* Keeps the conditions that both lists have. */
void pass_meet_conditions(struct fact *when, uint32_t *n_when, const struct fact *other,
                          uint32_t n_other);
/* flow_calls.c: can these hold of a callee's parameters, given the constants among the arguments?
 */
bool pass_can_be(const struct pass *pass, const struct state *state, const struct call *call,
                 const struct fact *when, uint32_t n_when);

/* flow.c: makes a function ready to be analysed: nothing is known of it... */
void flow_prepare(struct flows *flows, fn_id fn);
/* ... analyses it; a cycle's members twice, so that all go by some answer of each other... */
void flow_analyse(struct flows *flows, fn_id fn);
/* ... and the last touch, when all are analysed. */
void flow_finish(struct flows *flows);

/* flow_forget.c: can the callee, which this function calls, write variables of the class? */
bool pass_callee_writes(struct pass *pass, fn_id callee, path_id class);

/* flow_lost.c: locks that are held under a name that now means another object, because... */
void pass_lose_written(struct pass *pass, struct state *state, path_id written); /* of a write */
void pass_lose_called(struct pass *pass, struct state *state, const struct call *call);
/* Can a lock that is held (perhaps lost) be the one of this name? */
bool pass_may_be(const struct pass *pass, path_id held, path_id lock);

/* flow_forget.c: facts about memory that no longer hold, because... */
void pass_forget_written(struct pass *pass, struct state *state,
                         path_id written); /* it was written */
void pass_forget_called(struct pass *pass, struct state *state,
                        const struct call *call); /* a callee can write it */
void pass_forget_looped(struct pass *pass, struct state *state,
                        uint32_t head); /* others can, while this loop turns */
/* Others can, while no lock is held; but nobody takes away the pointer to a lock that is. */
void pass_forget_memory(struct pass *pass, struct state *state);
