#include "program/flow_pass.h"

#include "program/resolve.h"

#include <string.h>

/* ---- writing down ---------------------------------------------------------------------------- */

static bool same_need(const struct need *a, const struct need *b)
{
    bool same = a->n_when == b->n_when;

    for (uint32_t i = 0; i < a->n_when && same; i++) {
        same = fact_is(&a->when[i], &b->when[i]);
    }
    return same;
}

/* The need of block `b`: that of the block that dominates it, where they are the same. */
static struct need *keep_need(struct need **needs, const struct cfg *cfg, uint32_t b,
                              const struct need *need)
{
    struct need *up = cfg->idom[b] == ID_NONE ? NULL : needs[cfg->idom[b]];

    if (up != NULL && same_need(up, need)) {
        return up;
    }
    struct need *kept = mem_new(needs, struct need);
    *kept = *need;
    return kept;
}

void pass_record_need(struct pass *pass, uint32_t b, const struct state_list *states)
{
    struct fn_flow *out = pass->out;
    struct need need = {.n_when = 0};
    struct fact other[MAX_WHEN];

    if (states->n == 0) {
        return;
    }
    need.n_when = pass_conditions(pass, &states->v[0], need.when);
    for (uint32_t s = 1; s < states->n; s++) {
        uint32_t n = pass_conditions(pass, &states->v[s], other);
        pass_meet_conditions(need.when, &need.n_when, other, n);
    }
    if (need.n_when > 0) {
        out->needs = out->needs != NULL
                         ? out->needs
                         : mem_array(pass->flows, struct need *, pass->body->cfg->n + 1);
        out->needs[b] = keep_need(out->needs, pass->body->cfg, b, &need);
    }
}

/* `if (!locked) lock();`: what is held, by what the arguments are. Gives how many cases there are;
 * none where arguments make no difference. */
static uint32_t find_cases(struct pass *pass, const struct state_list *states,
                           struct held_case cases[MAX_STATES])
{
    bool differ = false;

    for (uint32_t i = 0; i < states->n; i++) {
        const struct state *state = &states->v[i];
        const struct lockset *gone = lockset_minus(pass->flows->pool, state->gone, state->held);
        cases[i] = (struct held_case){.held = state->held, .gone = gone};
        cases[i].need.n_when = pass_conditions(pass, state, cases[i].need.when);
        differ = differ || cases[i].need.n_when > 0;
    }
    return states->n > 1 && differ ? states->n : 0;
}

static bool same_cases(const struct held *a, const struct held *b)
{
    bool same = a->n_cases == b->n_cases;

    for (uint32_t i = 0; i < a->n_cases && same; i++) {
        const struct held_case *x = &a->cases[i];
        const struct held_case *y = &b->cases[i];
        same = x->held == y->held && x->gone == y->gone && same_need(&x->need, &y->need);
    }
    return same;
}

static const struct held_case *keep_cases(void *owner, const struct held_case *cases, uint32_t n)
{
    if (n == 0) {
        return NULL;
    }
    struct held_case *kept = mem_array(owner, struct held_case, n);
    memcpy(kept, cases, n * sizeof *kept);
    return kept;
}

/* Locks that are no objects, as an interpreter's: few, so that the sets of most ops stay alike. */
static const struct lockset *without_address(struct pass *pass, const struct lockset *set)
{
    for (uint32_t i = set->n; i-- > 0;) {
        if (path_get(pass->flows->paths, set->v[i].lock)->kind != ROOT_NAMED) {
            set = lockset_drop(pass->flows->pool, set, set->v[i].lock);
        }
    }
    return set;
}

void pass_record_held(struct pass *pass, uint32_t op, const struct state_list *states)
{
    struct lockset_pool *pool = pass->flows->pool;
    struct held held = {.must = states->v[0].held,
                        .may = states->v[0].held,
                        .gone = lockset_empty(pool),
                        .free = without_address(pass, states->v[0].freed)};
    struct fn_flow *out = pass->out;
    struct held_case cases[MAX_STATES];

    for (uint32_t i = 0; i < states->n; i++) {
        const struct state *state = &states->v[i];
        held.must = lockset_meet(pool, held.must, state->held);
        held.may = lockset_join(pool, held.may, state->held);
        held.gone = lockset_join(pool, held.gone, lockset_minus(pool, state->gone, state->held));
        held.free = lockset_meet(pool, held.free, state->freed);
    }
    held.cases = cases;
    held.n_cases = find_cases(pass, states, cases);
    for (size_t i = out->helds.n; i-- > 0;) {
        const struct held *known = &out->helds.v[i];
        if (known->must == held.must && known->may == held.may && known->gone == held.gone &&
            known->free == held.free && same_cases(known, &held)) {
            out->held_at[op] = (uint32_t)i;
            return;
        }
    }
    held.cases = keep_cases(pass->flows, cases, held.n_cases);
    out->held_at[op] = (uint32_t)out->helds.n;
    vec_push(pass->flows, &out->helds, held);
}

/* ---- asking ---------------------------------------------------------------------------------- */

const struct held *flow_held_at(const struct flows *flows, fn_id fn, op_id op)
{
    const struct fn_flow *flow = &flows->v[fn.i];
    uint32_t at = flow->held_at[op.i];

    return at == ID_NONE ? NULL : &flow->helds.v[at];
}

const struct need *flow_need_of(const struct flows *flows, fn_id fn, op_id op)
{
    const struct fn_flow *flow = &flows->v[fn.i];

    return flow->needs == NULL ? NULL
                               : flow->needs[cfg_block_of(flows->linked->fns.v[fn.i].cfg, op)];
}

bool flow_can_meet(const struct flows *flows, const struct call *call, const struct need *need)
{
    const struct ir_fn *ir = flows->linked->fns.v[call->fn.i].ir;

    for (uint32_t i = 0; i < need->n_when; i++) {
        value_id value = call_arg(flows->linked, call, (int)need->when[i].id + 1);
        value = resolve_value(flows->v[call->fn.i].resolver, value);
        const struct ir_value *v = value.i == ID_NONE ? NULL : &ir->values.v[value.i];
        if (v != NULL && v->kind == IR_VALUE_INT && fact_denies(&need->when[i], v->u.number)) {
            return false;
        }
    }
    return true;
}
