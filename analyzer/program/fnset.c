#include "program/fnset.h"

#include <string.h>

enum {
    FIRST_SLOTS = 256,
    N_REMEMBERED = 4096, /* a power of two */
};

/* An answer given before: most joins are asked again and again. */
struct joined {
    const struct fnset *a;
    const struct fnset *b;
    const struct fnset *both;
};

struct fnset_pool {
    const struct fnset **slots; /* open addressing, at most half full; NULL: free */
    size_t n_slots;             /* a power of two */
    size_t n;
    struct joined joins[N_REMEMBERED]; /* a new one takes the place of an old one */
    uint64_t *draft;                   /* a set under construction; grows */
    uint32_t n_draft;
};

struct fnset_pool *fnset_pool_new(void *owner)
{
    struct fnset_pool *pool = mem_new(owner, struct fnset_pool);

    pool->n_slots = FIRST_SLOTS;
    pool->slots = mem_array(pool, const struct fnset *, pool->n_slots);
    return pool;
}

static uint32_t hash_of(const uint64_t *bits, uint32_t n_words)
{
    uint64_t hash = n_words;

    for (uint32_t i = 0; i < n_words; i++) {
        hash = (hash ^ bits[i]) * 0x9e3779b97f4a7c15u; /* Fibonacci hashing */
        hash ^= hash >> 32;
    }
    return (uint32_t)hash;
}

static const struct fnset **slot_of(const struct fnset_pool *pool, const uint64_t *bits,
                                    uint32_t n_words, uint32_t hash)
{
    for (size_t i = hash;; i++) {
        const struct fnset **slot = &pool->slots[i & (pool->n_slots - 1)];
        if (*slot == NULL || ((*slot)->hash == hash && (*slot)->n_words == n_words &&
                              memcmp((*slot)->bits, bits, n_words * sizeof *bits) == 0)) {
            return slot;
        }
    }
}

static void grow(struct fnset_pool *pool)
{
    const struct fnset **old = pool->slots;
    size_t n_old = pool->n_slots;

    pool->n_slots *= 2;
    pool->slots = mem_array(pool, const struct fnset *, pool->n_slots);
    for (size_t i = 0; i < n_old; i++) {
        if (old[i] != NULL) {
            *slot_of(pool, old[i]->bits, old[i]->n_words, old[i]->hash) = old[i];
        }
    }
    talloc_free(old);
}

/* The set in the draft. */
static const struct fnset *intern(struct fnset_pool *pool, uint32_t n_words)
{
    uint32_t hash = hash_of(pool->draft, n_words);
    const struct fnset **slot = slot_of(pool, pool->draft, n_words, hash);

    if (*slot != NULL) {
        return *slot;
    }
    size_t size = n_words * sizeof *pool->draft;
    struct fnset *set = mem_checked(talloc_size(pool, sizeof *set + size));
    *set = (struct fnset){.n_words = n_words, .hash = hash};
    memcpy(set->bits, pool->draft, size);
    for (uint32_t i = 0; i < n_words; i++) {
        set->n += (uint32_t)__builtin_popcountll(set->bits[i]);
    }
    *slot = set;
    pool->n++;
    if (pool->n * 2 > pool->n_slots) {
        grow(pool);
    }
    return set;
}

/* Puts a copy of `set` into the draft, made up to `n_words` with zeros. */
static void begin(struct fnset_pool *pool, const struct fnset *set, uint32_t n_words)
{
    uint32_t n = set == NULL ? 0 : set->n_words;

    if (n_words > pool->n_draft) {
        pool->draft = mem_grow(pool, pool->draft, sizeof *pool->draft, n_words * 2u);
        pool->n_draft = n_words * 2;
    }
    if (set != NULL) {
        memcpy(pool->draft, set->bits, n * sizeof *pool->draft);
    }
    memset(pool->draft + n, 0, (n_words - n) * sizeof *pool->draft);
}

const struct fnset *fnset_with(struct fnset_pool *pool, const struct fnset *set, uint32_t number)
{
    uint32_t word = number / 64;
    uint32_t n_words = set != NULL && set->n_words > word ? set->n_words : word + 1;

    begin(pool, set, n_words);
    pool->draft[word] |= 1ull << number % 64;
    return intern(pool, n_words);
}

static struct joined *answer_to(struct fnset_pool *pool, const struct fnset *a,
                                const struct fnset *b)
{
    uint64_t mixed = (uint64_t)a->hash << 32 | b->hash;

    return &pool->joins[(mixed * 0x9e3779b97f4a7c15u) >> 52 & (N_REMEMBERED - 1)];
}

const struct fnset *fnset_join(struct fnset_pool *pool, const struct fnset *a,
                               const struct fnset *b)
{
    if (a == b || b == NULL) {
        return a;
    }
    if (a == NULL) {
        return b;
    }
    struct joined *answer = answer_to(pool, a, b);
    if (answer->a == a && answer->b == b) {
        return answer->both;
    }
    uint32_t n_words = a->n_words > b->n_words ? a->n_words : b->n_words;
    begin(pool, a, n_words);
    for (uint32_t i = 0; i < b->n_words; i++) {
        pool->draft[i] |= b->bits[i];
    }
    *answer = (struct joined){a, b, intern(pool, n_words)};
    return answer->both;
}
