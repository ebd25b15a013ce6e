#include "program/flow_pass.h"

/* Locks that the callee leaves unlocked, in this function's terms. */
static const struct lockset *not_held(struct pass *pass, const struct call *call,
                                      const struct lockset *set, const struct call_effects *effects)
{
    struct flows *flows = pass->flows;
    const struct lockset *found = lockset_empty(flows->pool);

    for (uint32_t i = 0; i < set->n; i++) {
        struct token token = set->v[i];
        token.lock =
            flow_substitute(flows, call, token.lock, effects->pointees, effects->n_pointees);
        token.taken = (struct site){pass->fn.i, call->op.i};
        if (flow_is_one_lock(flows->paths, token.lock) && lockset_find(found, token.lock) == NULL) {
            found = lockset_add(flows->pool, found, token);
        }
    }
    return found;
}

/* The way the outcome of a callee looks from this function. */
static struct effect effect_of(struct pass *pass, const struct call *call,
                               const struct fn_flow *callee, const struct outcome *outcome,
                               const struct call_effects *effects)
{
    struct flows *flows = pass->flows;
    struct effect effect = {.held = lockset_empty(flows->pool),
                            .gone = lockset_empty(flows->pool),
                            .freed = not_held(pass, call, outcome->freed, effects),
                            .missed = not_held(pass, call, outcome->missed, effects),
                            .n_when = outcome->n_when};

    for (uint32_t i = 0; i < outcome->gone->n; i++) {
        path_id lock = flow_substitute(flows, call, outcome->gone->v[i].lock, effects->pointees,
                                       effects->n_pointees);
        struct token token = {lock, TOKEN_EXCLUSIVE, 1, SITE_NONE};
        if (!path_is_none(lock) && lockset_find(effect.gone, lock) == NULL) {
            effect.gone = lockset_add(flows->pool, effect.gone, token);
        }
    }
    for (uint32_t i = 0; i < outcome->held->n; i++) {
        struct token token = outcome->held->v[i];
        token.lock =
            flow_substitute(flows, call, token.lock, effects->pointees, effects->n_pointees);
        token.taken = (struct site){pass->fn.i, call->op.i};
        if (!path_is_none(token.lock)) {
            effect.held = lockset_add(flows->pool, effect.held, token);
        }
    }
    effect.tells = callee->outcomes.n > 1 && outcome->result != RESULT_ANY;
    if (effect.tells) {
        effect.told = (struct fact){.about = FACT_CALL,
                                    .id = call->op.i,
                                    .equal = outcome->constant || outcome->result == RESULT_ZERO,
                                    .value = outcome->constant ? outcome->value : 0,
                                    .assumes = PATH_NONE};
    }
    for (uint32_t i = 0; i < outcome->n_when; i++) {
        effect.when[i] = outcome->when[i];
    }
    return effect;
}

static bool same_effect(const struct effect *a, const struct effect *b)
{
    bool same = a->held == b->held && a->gone == b->gone && a->freed == b->freed &&
                a->missed == b->missed && a->tells == b->tells && a->n_when == b->n_when &&
                (!a->tells || fact_is(&a->told, &b->told));

    for (uint32_t i = 0; i < a->n_when && same; i++) {
        same = fact_is(&a->when[i], &b->when[i]);
    }
    return same;
}

static void add_effect(struct pass *pass, struct call_effects *effects, struct effect effect)
{
    for (size_t i = 0; i < effects->v.n; i++) {
        if (same_effect(&effects->v.v[i], &effect)) {
            return;
        }
    }
    vec_push(pass->scratch, &effects->v, effect);
}

/* Is anything that the callees do about what the arguments point to? Mostly not. */
static bool needs_pointees(const struct flows *flows, const struct call *call)
{
    for (size_t c = 0; c < call->callees.n; c++) {
        const struct fn_flow *callee = &flows->v[call->callees.v[c].i];
        for (size_t i = 0; i < callee->outcomes.n; i++) {
            const struct outcome *outcome = &callee->outcomes.v[i];
            if (outcome->held->n + outcome->gone->n + outcome->freed->n + outcome->missed->n > 0) {
                return true;
            }
        }
        if (callee->acquisitions.n > 0) {
            return true;
        }
    }
    return false;
}

static void find_effects(struct pass *pass, const struct call *call, struct call_effects *effects)
{
    effects->v.n = 0;
    effects->n_pointees = 0;
    if (needs_pointees(pass->flows, call)) {
        effects->n_pointees = flow_pointees(pass->flows, call, effects->pointees);
    }
    for (size_t c = 0; c < call->callees.n; c++) {
        const struct fn_flow *callee = &pass->flows->v[call->callees.v[c].i];
        for (size_t i = 0; i < callee->outcomes.n; i++) {
            const struct outcome *outcome = &callee->outcomes.v[i];
            add_effect(pass, effects, effect_of(pass, call, callee, outcome, effects));
        }
    }
    effects->known = true;
}

const struct call_effects *effects_of(struct pass *pass, const struct call *call)
{
    const struct calls *calls = pass->flows->calls;
    uint32_t first = calls->first[pass->fn.i];
    struct call_effects **slot;

    if (pass->effects == NULL) {
        pass->effects =
            mem_array(pass->scratch, struct call_effects *, calls->first[pass->fn.i + 1] - first);
    }
    slot = &pass->effects[(size_t)(call - calls->v.v) - first];
    if (*slot == NULL) {
        *slot = mem_new(pass->scratch, struct call_effects);
    }
    if (!(*slot)->known) {
        find_effects(pass, call, *slot);
    }
    return *slot;
}
