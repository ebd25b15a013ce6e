#include "facts/hash.h"

#include "base/embed.h"
#include "base/mem.h"
#include "facts/facts.h"

#include <string.h>
#include <xxhash.h>

extern const struct embedded_file facts_embedded[];

static struct facts_hash from_xxh(XXH128_hash_t hash)
{
    return (struct facts_hash){.low = hash.low64, .high = hash.high64};
}

struct facts_hash facts_hash_bytes(const void *bytes, size_t n)
{
    return from_xxh(XXH3_128bits(bytes, n));
}

struct facts_hash facts_hash_strings(const char *const *strings)
{
    XXH3_state_t *state = mem_checked(XXH3_createState());

    (void)XXH3_128bits_reset(state);
    for (; *strings != NULL; strings++) {
        (void)XXH3_128bits_update(state, *strings, strlen(*strings) + 1);
    }
    struct facts_hash hash = from_xxh(XXH3_128bits_digest(state));
    (void)XXH3_freeState(state);
    return hash;
}

char *facts_hash_text(void *owner, struct facts_hash hash)
{
    return mem_printf(owner, "%016llx%016llx", (unsigned long long)hash.high,
                      (unsigned long long)hash.low);
}

int32_t facts_format(void)
{
    uint64_t hash = 0;

    for (const struct embedded_file *file = facts_embedded; file->name != NULL; file++) {
        hash = XXH3_64bits_withSeed(file->text, file->size, hash);
    }
    return (int32_t)(hash & 0x7fffffff) | 1; /* SQLite's user_version is a signed 32-bit number */
}

uint64_t facts_seal(const void *bytes, size_t n)
{
    return XXH3_64bits_withSeed(bytes, n, (uint64_t)facts_format());
}
