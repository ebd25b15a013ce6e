/* pairs.h - sets of pairs of numbers. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Open addressing, at most half full. Empty when it is all 0; its slots are freed by who owns it.
 */
struct pair_set {
    uint64_t *slots; /* UINT64_MAX: free */
    size_t n_slots;  /* a power of two */
    size_t n;
};

/* Adds a pair; `owner` owns the slots. False: it was there. */
bool pair_set_add(void *owner, struct pair_set *set, uint32_t a, uint32_t b);
