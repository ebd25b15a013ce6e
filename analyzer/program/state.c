#include "program/state.h"

#include <string.h>

void state_copy(struct state *to, const struct state *from)
{
    to->held = from->held;
    to->gone = from->gone;
    to->freed = from->freed;
    to->missed = from->missed;
    to->blurred = from->blurred;
    to->n_facts = from->n_facts;
    memcpy(to->facts, from->facts, from->n_facts * sizeof from->facts[0]);
}

struct state state_at_entry(const struct lockset_pool *pool)
{
    const struct lockset *nothing = lockset_empty(pool);

    return (struct state){nothing, nothing, nothing, nothing, nothing, .n_facts = 0};
}

void states_copy(struct state_list *to, const struct state_list *from)
{
    to->n = from->n;
    to->merged = from->merged;
    for (uint32_t i = 0; i < from->n; i++) {
        state_copy(&to->v[i], &from->v[i]);
    }
}

void states_clear(struct state_list *list)
{
    list->n = 0;
    list->merged = false;
}

static bool same_subject(const struct fact *a, const struct fact *b)
{
    return a->about == b->about && a->id == b->id;
}

bool fact_is(const struct fact *a, const struct fact *b)
{
    return same_subject(a, b) && a->equal == b->equal && a->value == b->value && a->mask == b->mask;
}

bool fact_denies(const struct fact *fact, int64_t number)
{
    int64_t bits = fact->mask == 0 ? number : number & fact->mask;

    return (bits == fact->value) != fact->equal;
}

/* Does it say all of its subject? */
static bool is_whole(const struct fact *fact)
{
    return fact->equal && fact->mask == 0;
}

/* Neither of the only two numbers that it can be? */
static bool leaves_none(const struct fact *a, const struct fact *b)
{
    return (a->only_two || b->only_two) && !a->equal && !b->equal && a->value != b->value &&
           a->mask == 0 && b->mask == 0;
}

bool fact_contradicts(const struct fact *a, const struct fact *b)
{
    if (!same_subject(a, b)) {
        return false;
    }
    if (leaves_none(a, b)) {
        return true;
    }
    if (is_whole(a) || is_whole(b)) {
        return is_whole(a) ? fact_denies(b, a->value) : fact_denies(a, b->value);
    }
    if (a->mask != b->mask) {
        return false;
    }
    return a->equal && b->equal ? a->value != b->value
                                : a->equal != b->equal && a->value == b->value;
}

void state_drop(struct state *state, uint32_t i)
{
    memmove(&state->facts[i], &state->facts[i + 1],
            (state->n_facts - i - 1) * sizeof state->facts[0]);
    state->n_facts--;
}

static bool knows(const struct state *state, const struct fact *fact)
{
    for (uint32_t i = 0; i < state->n_facts; i++) {
        if (fact_is(&state->facts[i], fact)) {
            return true;
        }
    }
    return false;
}

/* The oldest fact about memory, which others can change, or else the oldest one. */
static uint32_t least_useful(const struct state *state)
{
    for (uint32_t i = 0; i < state->n_facts; i++) {
        if (state->facts[i].about == FACT_PATH) {
            return i;
        }
    }
    return 0;
}

/* A lock call that was taken to succeed has failed. */
static void take_back(struct state *state, struct lockset_pool *pool, path_id lock)
{
    state->held = lockset_remove(pool, state->held, lock);
    if (lockset_find(state->held, lock) == NULL) {
        struct token missed = {lock, TOKEN_EXCLUSIVE, 1, SITE_NONE};
        state->missed = lockset_add(pool, lockset_drop(pool, state->missed, lock), missed);
    }
}

bool state_learn(struct state *state, struct lockset_pool *pool, struct fact fact)
{
    for (uint32_t i = 0; i < state->n_facts;) {
        if (!fact_contradicts(&state->facts[i], &fact)) {
            i++;
            continue;
        }
        if (path_is_none(state->facts[i].assumes)) {
            return false;
        }
        take_back(state, pool, state->facts[i].assumes);
        state_drop(state, i);
    }
    if (knows(state, &fact)) {
        return true;
    }
    if (state->n_facts == MAX_FACTS) {
        state_drop(state, least_useful(state));
    }
    state->facts[state->n_facts++] = fact;
    return true;
}

void state_forget(struct state *state, enum fact_about about, uint32_t id)
{
    for (uint32_t i = 0; i < state->n_facts;) {
        if (state->facts[i].about == about && state->facts[i].id == id) {
            state_drop(state, i);
        } else {
            i++;
        }
    }
}

enum truth state_equals(const struct state *state, enum fact_about about, uint32_t id,
                        int64_t value)
{
    const struct fact yes = {.about = about, .id = id, .equal = true, .value = value};

    for (uint32_t i = 0; i < state->n_facts; i++) {
        const struct fact *mine = &state->facts[i];
        if (fact_contradicts(mine, &yes)) {
            return TRUTH_FALSE;
        }
        if (fact_is(mine, &yes)) {
            return TRUTH_TRUE;
        }
    }
    return TRUTH_UNKNOWN;
}

void state_copy_facts(struct state *state, enum fact_about from, uint32_t from_id,
                      enum fact_about to, uint32_t to_id)
{
    uint32_t n = state->n_facts;

    for (uint32_t i = 0; i < n && state->n_facts < MAX_FACTS; i++) {
        if (state->facts[i].about == from && state->facts[i].id == from_id) {
            struct fact copy = state->facts[i];
            copy.about = to;
            copy.id = to_id;
            state->facts[state->n_facts++] = copy;
        }
    }
}

/* Does the state know the fact, or one that says more (== 5 says != 0, and & 4)? */
static bool implies(const struct state *state, const struct fact *fact)
{
    for (uint32_t i = 0; i < state->n_facts; i++) {
        const struct fact *mine = &state->facts[i];
        if (same_subject(mine, fact) && is_whole(mine) && !fact_denies(fact, mine->value)) {
            return true;
        }
    }
    return knows(state, fact) ||
           (!fact->equal && fact->mask == 0 &&
            state_equals(state, fact->about, fact->id, fact->value) == TRUTH_FALSE);
}

/* Keeps in `into` only the facts that both know; of two different values other than 0 at least
 * that (return -1; ... return -2;). True: it lost some. */
static bool meet_facts(struct state *into, const struct state *other)
{
    bool changed = false;

    for (uint32_t i = 0; i < into->n_facts;) {
        struct fact weaker = into->facts[i];
        if (implies(other, &weaker)) {
            i++;
            continue;
        }
        bool nonzero = weaker.equal && weaker.value != 0; /* its bits or the whole */
        changed = true;
        state_drop(into, i);
        weaker.equal = false;
        weaker.value = 0;
        weaker.mask = 0;
        if (nonzero && implies(other, &weaker) && !knows(into, &weaker)) {
            into->facts[into->n_facts++] = weaker;
        }
    }
    return changed;
}

/* A lock of the caller's that `state` gave back and took again, and that `other` never touched:
 * after either the caller has it. */
static bool is_back(const struct state *state, const struct state *other, path_id lock)
{
    return lockset_find(state->gone, lock) != NULL && lockset_find(state->held, lock) != NULL &&
           lockset_find(other->gone, lock) == NULL && lockset_find(other->held, lock) == NULL;
}

static void forget_back(struct state *state, struct lockset_pool *pool, const struct state *other)
{
    for (uint32_t i = 0; i < state->held->n;) { /* few; `gone` can be many */
        path_id lock = state->held->v[i].lock;
        if (is_back(state, other, lock)) {
            state->gone = lockset_drop(pool, state->gone, lock);
            state->held = lockset_drop(pool, state->held, lock);
        } else {
            i++;
        }
    }
}

/* Keeps in `into` only what both say of locks that are not held. True: it says less now. */
static bool meet_not_held(struct state *into, struct lockset_pool *pool, const struct state *other)
{
    const struct lockset *freed = lockset_meet(pool, into->freed, other->freed);
    const struct lockset *missed = lockset_meet(pool, into->missed, other->missed);
    const struct lockset *blurred =
        lockset_join(pool, into->blurred, lockset_minus(pool, other->blurred, into->blurred));
    bool changed = freed != into->freed || missed != into->missed || blurred != into->blurred;

    into->freed = freed;
    into->missed = missed;
    into->blurred = blurred;
    return changed;
}

/* Adds to the blurred locks of `into` those that only one of the two holds. */
static void blur(struct state *into, struct lockset_pool *pool, const struct state *a,
                 const struct state *b)
{
    const struct lockset *only = lockset_join(pool, lockset_minus(pool, a->held, b->held),
                                              lockset_minus(pool, b->held, a->held));

    into->blurred = lockset_join(pool, into->blurred, lockset_minus(pool, only, into->blurred));
}

/* `into` becomes what both rely on. True: it changed. */
static bool merge_into(struct state *into, struct lockset_pool *pool, const struct state *state)
{
    struct state merged;
    struct state other;

    state_copy(&merged, into);
    state_copy(&other, state);
    forget_back(&merged, pool, state);
    forget_back(&other, pool, into);
    blur(&merged, pool, &merged, &other);
    merged.held = lockset_meet(pool, merged.held, other.held);
    merged.gone = lockset_join(pool, merged.gone, other.gone);
    bool changed =
        merged.held != into->held || merged.gone != into->gone || merged.blurred != into->blurred;
    changed |= meet_not_held(&merged, pool, state);
    changed |= meet_facts(&merged, state);
    state_copy(into, &merged);
    return changed;
}

/* Do the two hold the same locks, taken in different places? */
static bool differ_in_places(const struct state *a, const struct state *b)
{
    bool same = a->gone == b->gone && a->held->n == b->held->n;

    for (uint32_t i = 0; i < a->held->n && same; i++) {
        const struct token *x = &a->held->v[i];
        const struct token *y = &b->held->v[i];
        same = path_eq(x->lock, y->lock) && x->mode == y->mode && x->depth == y->depth;
    }
    return same;
}

/* Is all that `state` says said by `known`, which has forgotten where locks were taken? */
static bool covers(struct lockset_pool *pool, const struct state *known, const struct state *state)
{
    return differ_in_places(known, state) &&
           lockset_meet(pool, known->held, state->held) == known->held;
}

/* Makes room by forgetting where locks were taken. False: no two states differ in that only. */
static bool merge_places(struct state_list *list, struct lockset_pool *pool)
{
    for (uint32_t i = 0; i < list->n; i++) {
        for (uint32_t j = i + 1; j < list->n; j++) {
            if (differ_in_places(&list->v[i], &list->v[j])) {
                (void)merge_into(&list->v[i], pool, &list->v[j]);
                list->n--;
                if (j < list->n) {
                    state_copy(&list->v[j], &list->v[list->n]);
                }
                return true;
            }
        }
    }
    return false;
}

bool states_add(struct state_list *list, struct lockset_pool *pool, const struct state *state,
                bool *ret_capped)
{
    if (list->merged) {
        return merge_into(&list->v[0], pool, state);
    }
    for (uint32_t i = 0; i < list->n; i++) {
        bool same = list->v[i].held == state->held && list->v[i].gone == state->gone;
        if (same || covers(pool, &list->v[i], state)) {
            bool changed = meet_not_held(&list->v[i], pool, state);
            return meet_facts(&list->v[i], state) || changed;
        }
    }
    if (list->n == MAX_STATES && !merge_places(list, pool)) {
        *ret_capped = true;
        list->merged = true;
        for (uint32_t i = 1; i < list->n; i++) {
            (void)merge_into(&list->v[0], pool, &list->v[i]);
        }
        list->n = 1;
        (void)merge_into(&list->v[0], pool, state);
        return true;
    }
    state_copy(&list->v[list->n++], state);
    return true;
}
