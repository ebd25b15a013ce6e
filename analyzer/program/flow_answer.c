#include "program/flow_answer.h"

#include <string.h>

/* ---- to and fro ------------------------------------------------------------------------------ */

struct answer answer_of(const struct fn_flow *flow)
{
    return (struct answer){.outcomes = {flow->outcomes.v, flow->outcomes.n},
                           .acquisitions = {flow->acquisitions.v, flow->acquisitions.n},
                           .wants = {flow->wants.v, flow->wants.n},
                           .givings = {flow->givings.v, flow->givings.n},
                           .returns = flow->returns,
                           .returned = flow->returned,
                           .fresh = flow->fresh,
                           .capped = flow->capped};
}

void answer_put(struct fn_flow *flow, const struct answer *answer)
{
    flow->outcomes.v = answer->outcomes.v;
    flow->outcomes.n = answer->outcomes.n;
    flow->acquisitions.v = answer->acquisitions.v;
    flow->acquisitions.n = answer->acquisitions.n;
    flow->wants.v = answer->wants.v;
    flow->wants.n = answer->wants.n;
    flow->givings.v = answer->givings.v;
    flow->givings.n = answer->givings.n;
    flow->returns = answer->returns;
    flow->returned = answer->returned;
    flow->fresh = answer->fresh;
    flow->capped = answer->capped;
}

/* NULL for an empty list. */
static void *copy_list(void *owner, const void *v, size_t size, size_t n)
{
    return n == 0 ? NULL : memcpy(mem_grow(owner, NULL, size, n), v, n * size);
}

struct answer *answer_copy(void *owner, const struct fn_flow *flow)
{
    struct answer *copy = mem_new(owner, struct answer);

    *copy = answer_of(flow);
    copy->outcomes.v =
        copy_list(copy, copy->outcomes.v, sizeof *copy->outcomes.v, copy->outcomes.n);
    copy->acquisitions.v =
        copy_list(copy, copy->acquisitions.v, sizeof *copy->acquisitions.v, copy->acquisitions.n);
    copy->wants.v = copy_list(copy, copy->wants.v, sizeof *copy->wants.v, copy->wants.n);
    copy->givings.v = copy_list(copy, copy->givings.v, sizeof *copy->givings.v, copy->givings.n);
    return copy;
}

void answer_put_unknown(void *owner, const struct flows *flows, struct fn_flow *flow)
{
    const struct lockset *nothing = lockset_empty(flows->pool);
    struct answer unknown = {.returns = true, .returned = PATH_NONE};

    vec_push(owner, &unknown.outcomes,
             (struct outcome){.result = RESULT_ANY,
                              .held = nothing,
                              .gone = nothing,
                              .freed = nothing,
                              .missed = nothing});
    answer_put(flow, &unknown);
}

void answer_free_lists(struct answer *answer)
{
    talloc_free(answer->outcomes.v);
    talloc_free(answer->acquisitions.v);
    talloc_free(answer->wants.v);
    talloc_free(answer->givings.v);
}

/* ---- is it the same? -------------------------------------------------------------------------
 */

static bool same_facts(const struct fact *a, uint32_t n_a, const struct fact *b, uint32_t n_b)
{
    bool same = n_a == n_b;

    for (uint32_t i = 0; i < n_a && same; i++) {
        same = fact_is(&a[i], &b[i]);
    }
    return same;
}

static bool same_outcome(const struct outcome *a, const struct outcome *b)
{
    return a->result == b->result && a->held == b->held && a->gone == b->gone &&
           a->constant == b->constant && (!a->constant || a->value == b->value) &&
           a->freed == b->freed && a->missed == b->missed &&
           same_facts(a->when, a->n_when, b->when, b->n_when);
}

static bool same_acquisition(const struct acquisition *a, const struct acquisition *b)
{
    return path_eq(a->lock, b->lock) && a->mode == b->mode && a->waits == b->waits &&
           a->recursive == b->recursive && a->held == b->held && a->gone == b->gone &&
           a->inner == b->inner && a->inner_fn.i == b->inner_fn.i;
}

static bool same_want(const struct want *a, const struct want *b)
{
    return path_eq(a->lock, b->lock) && a->mode == b->mode && a->sure == b->sure &&
           a->by_choice == b->by_choice && a->inner == b->inner && a->inner_fn.i == b->inner_fn.i &&
           same_facts(a->when, a->n_when, b->when, b->n_when) &&
           same_facts(a->tests, a->n_tests, b->tests, b->n_tests);
}

/* Only callers' locks are looked at by callers: `before` is told of others. */
static bool same_giving(const struct giving *a, const struct giving *b)
{
    return path_eq(a->lock, b->lock) && a->how == b->how && a->inner == b->inner &&
           a->inner_fn.i == b->inner_fn.i && a->standby == b->standby && a->partly == b->partly &&
           a->merged == b->merged;
}

static bool same_locking(const struct answer *before, const struct fn_flow *flow)
{
    bool same = before->acquisitions.n == flow->acquisitions.n &&
                before->wants.n == flow->wants.n && before->givings.n == flow->givings.n;

    for (size_t i = 0; same && i < flow->acquisitions.n; i++) {
        same = same_acquisition(before->acquisitions.v[i], flow->acquisitions.v[i]);
    }
    for (size_t i = 0; same && i < flow->wants.n; i++) {
        same = same_want(before->wants.v[i], flow->wants.v[i]);
    }
    for (size_t i = 0; same && i < flow->givings.n; i++) {
        same = same_giving(before->givings.v[i], flow->givings.v[i]);
    }
    return same;
}

static bool same_answer(const struct answer *before, const struct fn_flow *flow)
{
    bool same = before->returns == flow->returns && before->fresh == flow->fresh &&
                before->capped == flow->capped && path_eq(before->returned, flow->returned) &&
                before->outcomes.n == flow->outcomes.n && same_locking(before, flow);

    for (size_t i = 0; i < flow->outcomes.n && same; i++) {
        same = same_outcome(&before->outcomes.v[i], &flow->outcomes.v[i]);
    }
    return same;
}

/* The old one says what the new one does, and takes its place. */
#define TAKE_PLACE(old, new)                                                                       \
    do {                                                                                           \
        if ((old) != (new)) {                                                                      \
            *(old) = *(new);                                                                       \
            talloc_free(new);                                                                      \
            (new) = (old);                                                                         \
        }                                                                                          \
    } while (0)

bool answer_adopt(const struct answer *before, struct fn_flow *flow)
{
    if (!same_answer(before, flow)) {
        return false;
    }
    for (size_t i = 0; i < flow->acquisitions.n; i++) {
        TAKE_PLACE(before->acquisitions.v[i], flow->acquisitions.v[i]);
    }
    for (size_t i = 0; i < flow->wants.n; i++) {
        TAKE_PLACE(before->wants.v[i], flow->wants.v[i]);
    }
    for (size_t i = 0; i < flow->givings.n; i++) {
        TAKE_PLACE(before->givings.v[i], flow->givings.v[i]);
    }
    return true;
}
