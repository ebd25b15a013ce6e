#include "program/lockset.h"

#include "base/map.h"

#include <string.h>

enum { MAX_DEPTH = 3 }; /* of one lock taken again; a bound, for loops */

struct entry {
    UT_hash_handle hh;
    struct lockset *set;
};

struct lockset_pool {
    struct entry *sets;
    const struct lockset *empty;
};

/* A set under construction, on talloc because real programs hold few locks but no bound is known.
 */
struct draft {
    VEC(struct token) tokens;
};

static int forget_sets(struct lockset_pool *pool)
{
    HASH_CLEAR(hh, pool->sets);
    return 0;
}

static const struct lockset *intern(struct lockset_pool *pool, const struct token *v, size_t n)
{
    struct entry *entry = NULL;
    size_t size = n * sizeof *v;

    if (n == 0 && pool->empty != NULL) {
        return pool->empty;
    }
    HASH_FIND(hh, pool->sets, v, size, entry);
    if (entry == NULL) {
        entry = mem_new(pool, struct entry);
        entry->set = mem_checked(talloc_zero_size(entry, sizeof *entry->set + size));
        entry->set->n = (uint32_t)n;
        if (n > 0) {
            memcpy(entry->set->v, v, size);
        }
        HASH_ADD_KEYPTR(hh, pool->sets, entry->set->v, size, entry);
    }
    return entry->set;
}

static const struct lockset *finish(struct lockset_pool *pool, struct draft *draft)
{
    const struct lockset *set = intern(pool, draft->tokens.v, draft->tokens.n);

    talloc_free(draft);
    return set;
}

struct lockset_pool *lockset_pool_new(void *owner)
{
    struct lockset_pool *pool = mem_new(owner, struct lockset_pool);
    static const struct token nothing;

    talloc_set_destructor(pool, forget_sets);
    pool->empty = intern(pool, &nothing, 0);
    return pool;
}

const struct lockset *lockset_empty(const struct lockset_pool *pool)
{
    return pool->empty;
}

bool site_eq(struct site a, struct site b)
{
    return a.fn == b.fn && a.op == b.op;
}

const struct token *lockset_find(const struct lockset *set, path_id lock)
{
    for (uint32_t i = 0; i < set->n; i++) {
        if (path_eq(set->v[i].lock, lock)) {
            return &set->v[i];
        }
    }
    return NULL;
}

/* Hashing compares bytes: no padding may differ. */
static struct token clean(struct token token)
{
    struct token copy;

    memset(&copy, 0, sizeof copy);
    copy.lock = token.lock;
    copy.mode = token.mode;
    copy.depth = token.depth;
    copy.taken = token.taken;
    return copy;
}

const struct lockset *lockset_add(struct lockset_pool *pool, const struct lockset *set,
                                  struct token token)
{
    struct draft *draft = mem_new(NULL, struct draft);
    bool placed = false;

    for (uint32_t i = 0; i < set->n; i++) {
        struct token mine = set->v[i];
        if (path_eq(mine.lock, token.lock)) {
            mine.depth = mine.depth < MAX_DEPTH ? mine.depth + 1 : mine.depth;
            mine.mode = mine.mode > token.mode ? mine.mode : token.mode;
            placed = true;
        } else if (!placed && mine.lock.i > token.lock.i) {
            vec_push(draft, &draft->tokens, clean(token));
            placed = true;
        }
        vec_push(draft, &draft->tokens, clean(mine));
    }
    if (!placed) {
        vec_push(draft, &draft->tokens, clean(token));
    }
    return finish(pool, draft);
}

static const struct lockset *without(struct lockset_pool *pool, const struct lockset *set,
                                     path_id lock, bool one_level)
{
    struct draft *draft = mem_new(NULL, struct draft);

    for (uint32_t i = 0; i < set->n; i++) {
        struct token mine = set->v[i];
        if (path_eq(mine.lock, lock)) {
            if (!one_level || mine.depth <= 1) {
                continue;
            }
            mine.depth--;
        }
        vec_push(draft, &draft->tokens, clean(mine));
    }
    return finish(pool, draft);
}

const struct lockset *lockset_remove(struct lockset_pool *pool, const struct lockset *set,
                                     path_id lock)
{
    return lockset_find(set, lock) == NULL ? set : without(pool, set, lock, true);
}

const struct lockset *lockset_drop(struct lockset_pool *pool, const struct lockset *set,
                                   path_id lock)
{
    return lockset_find(set, lock) == NULL ? set : without(pool, set, lock, false);
}

/* One lock held on both sides, in the weaker (meet) or stronger (join) form. */
static struct token merged(struct token a, struct token b, bool weaker)
{
    bool a_first = weaker ? a.mode < b.mode : a.mode > b.mode;

    a.mode = a_first ? a.mode : b.mode;
    a.depth = weaker == (a.depth < b.depth) ? a.depth : b.depth;
    if (!site_eq(a.taken, b.taken)) {
        a.taken = SITE_NONE;
    }
    return a;
}

const struct lockset *lockset_meet(struct lockset_pool *pool, const struct lockset *a,
                                   const struct lockset *b)
{
    if (a == b) {
        return a;
    }
    struct draft *draft = mem_new(NULL, struct draft);
    for (uint32_t i = 0; i < a->n; i++) {
        const struct token *other = lockset_find(b, a->v[i].lock);
        if (other != NULL) {
            vec_push(draft, &draft->tokens, clean(merged(a->v[i], *other, true)));
        }
    }
    return finish(pool, draft);
}

const struct lockset *lockset_join(struct lockset_pool *pool, const struct lockset *a,
                                   const struct lockset *b)
{
    if (a == b || b->n == 0) {
        return a;
    }
    if (a->n == 0) {
        return b;
    }
    struct draft *draft = mem_new(NULL, struct draft);
    uint32_t i = 0;
    uint32_t j = 0;
    while (i < a->n || j < b->n) {
        if (j >= b->n || (i < a->n && a->v[i].lock.i < b->v[j].lock.i)) {
            vec_push(draft, &draft->tokens, a->v[i++]);
        } else if (i >= a->n || b->v[j].lock.i < a->v[i].lock.i) {
            vec_push(draft, &draft->tokens, b->v[j++]);
        } else {
            vec_push(draft, &draft->tokens, clean(merged(a->v[i++], b->v[j++], false)));
        }
    }
    return finish(pool, draft);
}

const struct lockset *lockset_minus(struct lockset_pool *pool, const struct lockset *a,
                                    const struct lockset *b)
{
    if (b->n == 0 || a->n == 0) {
        return a;
    }
    struct draft *draft = mem_new(NULL, struct draft);
    for (uint32_t i = 0; i < a->n; i++) {
        if (lockset_find(b, a->v[i].lock) == NULL) {
            vec_push(draft, &draft->tokens, clean(a->v[i]));
        }
    }
    return finish(pool, draft);
}
