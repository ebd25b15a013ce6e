/* Sets of effects: added to, taken to a caller, put together, compared. */
#include "program/effects_look.h"

static bool is_same(const struct effect *a, const struct effect *b)
{
    return path_eq(a->path, b->path) && a->slot == b->slot && a->field == b->field;
}

void effects_add(uint32_t *n, struct effect *effects, struct effect effect)
{
    uint32_t farthest = 0;

    for (uint32_t i = 0; i < *n; i++) {
        if (is_same(&effects[i], &effect)) {
            effects[i].depth = effect.depth < effects[i].depth ? effect.depth : effects[i].depth;
            effects[i].counts = effects[i].counts && effect.counts;
            effects[i].sets = effects[i].sets && effect.sets;
            effects[i].shift = effects[i].shift == effect.shift ? effect.shift : 0;
            effects[i].perhaps = effects[i].perhaps && effect.perhaps;
            effects[i].at_times = effects[i].at_times && effect.at_times;
            return;
        }
        farthest = effects[i].depth >= effects[farthest].depth ? i : farthest;
    }
    if (*n < MAX_EFFECTS) {
        effects[(*n)++] = effect;
    } else if (effect.depth < effects[farthest].depth) {
        effects[farthest] = effect;
    }
}

enum effect_doubt effect_doubt(const struct effect *changed)
{
    bool far = changed->depth > 1;

    return changed->perhaps           ? DOUBT_PERHAPS
           : far && changed->counts   ? DOUBT_COUNTS
           : far && changed->sets     ? DOUBT_SETS
           : far && changed->at_times ? DOUBT_AT_TIMES
                                      : DOUBT_NONE;
}

static const struct effect *find_effect(uint32_t n, const struct effect *effects,
                                        const struct effect *effect)
{
    for (uint32_t i = 0; i < n; i++) {
        if (is_same(&effects[i], effect)) {
            return &effects[i];
        }
    }
    return NULL;
}

void effects_lift(struct paths *paths, uint32_t n, const struct effect *from,
                  const path_id *pointees, size_t n_pointees, uint32_t *ret_n, struct effect *ret)
{
    for (uint32_t i = 0; i < n; i++) {
        struct effect effect = from[i];
        effect.path = path_substitute(paths, effect.path, pointees, n_pointees);
        effect.depth++;
        if (!path_is_none(effect.path)) {
            effects_add(ret_n, ret, effect);
        }
    }
}

void effects_unite(uint32_t *n, struct effect *effects, uint32_t n_other,
                   const struct effect *others, bool few, bool indirect)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < *n; i++) {
        const struct effect *other = find_effect(n_other, others, &effects[i]);
        if (other != NULL || few) {
            effects[kept] = effects[i];
            effects[kept].perhaps = effects[i].perhaps || (indirect && other == NULL) ||
                                    (other != NULL && other->perhaps);
            effects[kept].counts = effects[i].counts && (other == NULL || other->counts);
            effects[kept].sets = effects[i].sets && (other == NULL || other->sets);
            effects[kept].shift =
                other == NULL || other->shift == effects[i].shift ? effects[i].shift : 0;
            kept++;
        }
    }
    *n = kept;
    for (uint32_t i = 0; i < n_other && few; i++) {
        if (find_effect(*n, effects, &others[i]) == NULL) {
            struct effect only_there = others[i];
            only_there.perhaps = only_there.perhaps || indirect;
            effects_add(n, effects, only_there);
        }
    }
}

static bool is_equal(const struct fn_effects *a, const struct fn_effects *b)
{
    bool equal = a->n_told == b->n_told && a->n_changed == b->n_changed;

    for (uint32_t i = 0; equal && i < a->n_told; i++) {
        equal = is_same(&a->told[i], &b->told[i]) && a->told[i].depth == b->told[i].depth;
    }
    for (uint32_t i = 0; equal && i < a->n_changed; i++) {
        equal =
            is_same(&a->changed[i], &b->changed[i]) && a->changed[i].depth == b->changed[i].depth;
    }
    return equal;
}

const struct fn_effects *effects_join(const struct fn_effects *known,
                                      const struct fn_effects *found)
{
    return found == NULL || (known != NULL && is_equal(known, found)) ? known : found;
}
