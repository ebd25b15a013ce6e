/* flow_answer.h - what callers go by of a function's flow, while flows are built and brought up to
 * date: the members of a cycle go by each other's first answers.
 */
#pragma once

#include "program/flow.h"

struct answer {
    VEC(struct outcome) outcomes;
    VEC(struct acquisition *) acquisitions;
    VEC(struct want *) wants;
    VEC(struct giving *) givings;
    bool returns;
    path_id returned;
    bool fresh;
    bool capped;
};

/* The flow's answer; lists are shared. */
struct answer answer_of(const struct fn_flow *flow);

/* A copy with lists of its own, of the same acquisitions, wants and givings. Owned by `owner`. */
struct answer *answer_copy(void *owner, const struct fn_flow *flow);

/* Makes it the flow's answer; lists are shared, those of before are left alone. */
void answer_put(struct fn_flow *flow, const struct answer *answer);

/* Takes for true of the function what is true of most, until it is analysed. The list is `owner`'s,
 * those of before are left alone. */
void answer_put_unknown(void *owner, const struct flows *flows, struct fn_flow *flow);

/* Is the flow's answer for callers the same as `before`? If so, its acquisitions, wants and givings
 * become those of `before`, to which callers point, brought up to date. */
bool answer_adopt(const struct answer *before, struct fn_flow *flow);

/* Frees the lists. */
void answer_free_lists(struct answer *answer);
