/* flow_pass.h - the parts of the pass over one function (flow.c) that stand in files of their own.
 */
#pragma once

#include "program/branch.h"
#include "program/flow.h"
#include "program/state.h"
#include "program/written.h"

/* What a callee gave back, in the terms of its caller. */
struct given_back {
    const struct call *call;
    const struct lockset *gone; /* in the callee's terms; NULL: free */
    const struct lockset *result;
};
enum { N_GIVEN_BACK = 64 };

/* The pass over one function. */
struct pass {
    struct flows *flows;
    fn_id fn;
    const struct prog_fn *body;
    struct branch branch; /* what its values tell */
    struct fn_flow *out;
    struct state_list *in;                      /* by block */
    bool recording;                             /* the fixpoint is reached: write down what holds */
    struct given_back given_back[N_GIVEN_BACK]; /* a cache, by call and locks */
};

/* flow_calls.c: the states behind a call, added to `out`; `before` is the state in front of it. */
void pass_call(struct pass *pass, const struct state *before, const struct call *call,
               struct state_list *out);

/* flow_forget.c: facts about memory that no longer hold, because... */
void pass_forget_written(struct pass *pass, struct state *state,
                         path_id written); /* it was written */
void pass_forget_called(struct pass *pass, struct state *state,
                        const struct call *call); /* a callee can write it */
void pass_forget_looped(struct pass *pass, struct state *state,
                        uint32_t head);       /* others can, while this loop turns */
void pass_forget_memory(struct state *state); /* others can, while no lock is held */
