#include "program/pairs.h"

#include "base/mem.h"

#include <string.h>

#define NO_PAIR UINT64_MAX

static uint64_t *slot_of(const struct pair_set *set, uint64_t pair)
{
    size_t i = (size_t)((pair * 0x9e3779b97f4a7c15u) >> 32); /* Fibonacci hashing */

    while (set->slots[i & (set->n_slots - 1)] != pair &&
           set->slots[i & (set->n_slots - 1)] != NO_PAIR) {
        i++;
    }
    return &set->slots[i & (set->n_slots - 1)];
}

static void resize(void *owner, struct pair_set *set, size_t n_slots)
{
    struct pair_set old = *set;

    set->slots = mem_array(owner, uint64_t, n_slots);
    set->n_slots = n_slots;
    memset(set->slots, 0xff, n_slots * sizeof *set->slots);
    for (size_t i = 0; i < old.n_slots; i++) {
        if (old.slots[i] != NO_PAIR) {
            *slot_of(set, old.slots[i]) = old.slots[i];
        }
    }
    talloc_free(old.slots);
}

bool pair_set_add(void *owner, struct pair_set *set, uint32_t a, uint32_t b)
{
    uint64_t pair = (uint64_t)a << 32 | b;

    if (set->n * 2 >= set->n_slots) {
        resize(owner, set, set->n_slots == 0 ? 1024 : set->n_slots * 2);
    }
    uint64_t *slot = slot_of(set, pair);
    if (*slot == pair) {
        return false;
    }
    *slot = pair;
    set->n++;
    return true;
}
