#include "base/intern.h"

#include "base/mem.h"

#include <string.h>

enum { FIRST_SLOTS = 1024 };

struct name {
    uint32_t hash;
    uint32_t n;
    char text[];
};

/* A hash table of names, open addressing, at most half full. Reading a program's facts interns
 * millions of names, mostly long ones that begin alike: it is a good part of a run's time. */
struct intern {
    struct name **slots; /* NULL: free */
    size_t n_slots;      /* a power of two */
    size_t n;
};

/* Eight bytes at a time. */
static uint32_t hash_of(const char *text, size_t n)
{
    uint64_t hash = n;
    uint64_t word = 0;

    for (; n >= sizeof word; n -= sizeof word, text += sizeof word) {
        memcpy(&word, text, sizeof word);
        hash = (hash ^ word) * 0x9e3779b97f4a7c15u; /* Fibonacci hashing */
        hash ^= hash >> 32;
    }
    word = 0;
    memcpy(&word, text, n);
    hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
    return (uint32_t)(hash >> 32);
}

struct intern *intern_new(void *owner)
{
    struct intern *table = mem_new(owner, struct intern);

    table->n_slots = FIRST_SLOTS;
    table->slots = mem_array(table, struct name *, table->n_slots);
    return table;
}

/* The slot that holds the name, or a free one for it. */
static struct name **slot_of(const struct intern *table, const char *text, size_t n, uint32_t hash)
{
    for (size_t i = hash;; i++) {
        struct name **slot = &table->slots[i & (table->n_slots - 1)];
        if (*slot == NULL ||
            ((*slot)->hash == hash && (*slot)->n == n && memcmp((*slot)->text, text, n) == 0)) {
            return slot;
        }
    }
}

static void grow(struct intern *table)
{
    struct name **old = table->slots;
    size_t n_old = table->n_slots;

    table->n_slots *= 2;
    table->slots = mem_array(table, struct name *, table->n_slots);
    for (size_t i = 0; i < n_old; i++) {
        if (old[i] != NULL) {
            *slot_of(table, old[i]->text, old[i]->n, old[i]->hash) = old[i];
        }
    }
    talloc_free(old);
}

const char *intern_strn(struct intern *table, const char *text, size_t n)
{
    uint32_t hash = hash_of(text, n);
    struct name **slot = slot_of(table, text, n, hash);

    if (*slot != NULL) {
        return (*slot)->text;
    }
    struct name *name = mem_checked(talloc_size(table, sizeof *name + n + 1));
    name->hash = hash;
    name->n = (uint32_t)n;
    memcpy(name->text, text, n);
    name->text[n] = '\0';
    *slot = name;
    table->n++;
    if (table->n * 2 > table->n_slots) {
        grow(table);
    }
    return name->text;
}

const char *intern_str(struct intern *table, const char *text)
{
    return text == NULL ? NULL : intern_strn(table, text, strlen(text));
}
