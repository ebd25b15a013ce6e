#include "frontend/idmap.h"

#include "base/map.h"

struct entry {
    const void *key;
    uint32_t id;
    UT_hash_handle hh;
};

struct idmap {
    struct entry *entries; /* uthash, keyed by key */
};

static int forget_entries(struct idmap *map)
{
    HASH_CLEAR(hh, map->entries);
    return 0;
}

struct idmap *idmap_new(void *owner)
{
    struct idmap *map = mem_new(owner, struct idmap);

    talloc_set_destructor(map, forget_entries);
    return map;
}

bool idmap_get(const struct idmap *map, const void *key, uint32_t *ret_id)
{
    struct entry *entry = NULL;

    HASH_FIND_PTR(map->entries, &key, entry);
    if (entry == NULL) {
        return false;
    }
    *ret_id = entry->id;
    return true;
}

void idmap_put(struct idmap *map, const void *key, uint32_t id)
{
    struct entry *entry = mem_new(map, struct entry);

    entry->key = key;
    entry->id = id;
    HASH_ADD_PTR(map->entries, key, entry);
}
