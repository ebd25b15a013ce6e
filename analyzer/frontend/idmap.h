/* idmap.h - a map from addresses to dense numbers: what libclang's pointers are in the IR. */
#pragma once

#include "base/mem.h"

struct idmap; /* opaque */

/* An empty map owned by `owner`. */
struct idmap *idmap_new(void *owner);

/* True, and the number in `*ret_id`, when `key` is in the map. */
bool idmap_get(const struct idmap *map, const void *key, uint32_t *ret_id);

/* Maps `key`, which must not be in the map yet, to `id`. */
void idmap_put(struct idmap *map, const void *key, uint32_t id);
