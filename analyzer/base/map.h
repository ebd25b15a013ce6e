/* map.h - typed hash tables: uthash, with our out-of-memory rule. The only header that includes it.
 *
 * An entry is a struct with a `UT_hash_handle hh` member and belongs to whoever allocated it. The
 * table's own buckets come from malloc: clear a table (HASH_CLEAR) in its owner's destructor.
 */
#pragma once

#include "base/mem.h"

#include <stdlib.h>

#define uthash_malloc(size) mem_checked(malloc(size))
#include <uthash.h>
