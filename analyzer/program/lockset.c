#include "program/lockset.h"

#include "base/map.h"

#include <string.h>

enum {
    MAX_DEPTH = 3,       /* of one lock taken again; a bound, for loops */
    N_REMEMBERED = 4096, /* a power of two */
};

struct entry {
    UT_hash_handle hh;
    struct lockset *set;
};

enum operation {
    OP_NONE,
    OP_ADD,
    OP_REMOVE,
    OP_DROP,
    OP_MEET,
    OP_JOIN,
    OP_MINUS,
};

/* What can be asked of the pool; one byte sequence a question. */
struct question {
    const struct lockset *a;
    const struct lockset *b; /* NULL where `token` stands in its place */
    struct token token;
    enum operation operation;
};

struct answer {
    struct question question;
    const struct lockset *set;
};

struct lockset_pool {
    struct entry *sets;
    const struct lockset *empty;
    struct answer answers[N_REMEMBERED]; /* of the last questions: the same few are asked again
                                            and again; a new one takes the place of an old one */
    struct token *draft;                 /* a set under construction; grows */
    size_t n_draft;
    size_t capacity;
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

/* ---- questions asked before ------------------------------------------------------------------ */

static struct question ask(enum operation operation, const struct lockset *a,
                           const struct lockset *b)
{
    struct question question;

    memset(&question, 0, sizeof question); /* compared as bytes: no padding may differ */
    question.operation = operation;
    question.a = a;
    question.b = b;
    return question;
}

static struct question ask_token(enum operation operation, const struct lockset *a,
                                 struct token token)
{
    struct question question = ask(operation, a, NULL);

    question.token.lock = token.lock;
    question.token.mode = token.mode;
    question.token.depth = token.depth;
    question.token.taken = token.taken;
    return question;
}

/* Where the answer is, or will be. */
static struct answer *answer_to(struct lockset_pool *pool, const struct question *question)
{
    unsigned hash;

    HASH_VALUE(question, sizeof *question, hash);
    return &pool->answers[hash & (N_REMEMBERED - 1)];
}

static bool is_answered(const struct answer *answer, const struct question *question)
{
    return memcmp(&answer->question, question, sizeof *question) == 0;
}

/* ---- sets under construction ----------------------------------------------------------------- */

static void draft_begin(struct lockset_pool *pool, size_t capacity)
{
    if (capacity > pool->capacity) {
        pool->draft = mem_grow(pool, pool->draft, sizeof *pool->draft, capacity * 2);
        pool->capacity = capacity * 2;
    }
    pool->n_draft = 0;
}

static void draft_put(struct lockset_pool *pool, struct token token)
{
    struct token *to = &pool->draft[pool->n_draft++];

    memset(to, 0, sizeof *to); /* hashing compares bytes: no padding may differ */
    to->lock = token.lock;
    to->mode = token.mode;
    to->depth = token.depth;
    to->taken = token.taken;
}

/* The set in the draft, which answers `question`. */
static const struct lockset *draft_end(struct lockset_pool *pool, struct answer *answer,
                                       const struct question *question)
{
    answer->question = *question;
    answer->set = intern(pool, pool->draft, pool->n_draft);
    return answer->set;
}

/* ---- the operations -------------------------------------------------------------------------- */

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

const struct lockset *lockset_add(struct lockset_pool *pool, const struct lockset *set,
                                  struct token token)
{
    struct question question = ask_token(OP_ADD, set, token);
    struct answer *answer = answer_to(pool, &question);
    bool placed = false;

    if (is_answered(answer, &question)) {
        return answer->set;
    }
    draft_begin(pool, set->n + 1);
    for (uint32_t i = 0; i < set->n; i++) {
        struct token mine = set->v[i];
        if (path_eq(mine.lock, token.lock)) {
            mine.depth = mine.depth < MAX_DEPTH ? mine.depth + 1 : mine.depth;
            mine.mode = mine.mode > token.mode ? mine.mode : token.mode;
            placed = true;
        } else if (!placed && mine.lock.i > token.lock.i) {
            draft_put(pool, token);
            placed = true;
        }
        draft_put(pool, mine);
    }
    if (!placed) {
        draft_put(pool, token);
    }
    return draft_end(pool, answer, &question);
}

static const struct lockset *without(struct lockset_pool *pool, const struct lockset *set,
                                     path_id lock, bool one_level)
{
    struct question question =
        ask_token(one_level ? OP_REMOVE : OP_DROP, set, (struct token){.lock = lock});
    struct answer *answer = answer_to(pool, &question);

    if (is_answered(answer, &question)) {
        return answer->set;
    }
    draft_begin(pool, set->n);
    for (uint32_t i = 0; i < set->n; i++) {
        struct token mine = set->v[i];
        if (path_eq(mine.lock, lock)) {
            if (!one_level || mine.depth <= 1) {
                continue;
            }
            mine.depth--;
        }
        draft_put(pool, mine);
    }
    return draft_end(pool, answer, &question);
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
    if (a == b || a->n == 0) {
        return a;
    }
    struct question question = ask(OP_MEET, a, b);
    struct answer *answer = answer_to(pool, &question);
    if (is_answered(answer, &question)) {
        return answer->set;
    }
    draft_begin(pool, a->n);
    for (uint32_t i = 0; i < a->n; i++) {
        const struct token *other = lockset_find(b, a->v[i].lock);
        if (other != NULL) {
            draft_put(pool, merged(a->v[i], *other, true));
        }
    }
    return draft_end(pool, answer, &question);
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
    struct question question = ask(OP_JOIN, a, b);
    struct answer *answer = answer_to(pool, &question);
    if (is_answered(answer, &question)) {
        return answer->set;
    }
    draft_begin(pool, a->n + b->n);
    uint32_t i = 0;
    uint32_t j = 0;
    while (i < a->n || j < b->n) {
        if (j >= b->n || (i < a->n && a->v[i].lock.i < b->v[j].lock.i)) {
            draft_put(pool, a->v[i++]);
        } else if (i >= a->n || b->v[j].lock.i < a->v[i].lock.i) {
            draft_put(pool, b->v[j++]);
        } else {
            draft_put(pool, merged(a->v[i++], b->v[j++], false));
        }
    }
    return draft_end(pool, answer, &question);
}

const struct lockset *lockset_minus(struct lockset_pool *pool, const struct lockset *a,
                                    const struct lockset *b)
{
    if (b->n == 0 || a->n == 0) {
        return a;
    }
    struct question question = ask(OP_MINUS, a, b);
    struct answer *answer = answer_to(pool, &question);
    if (is_answered(answer, &question)) {
        return answer->set;
    }
    draft_begin(pool, a->n);
    for (uint32_t i = 0; i < a->n; i++) {
        if (lockset_find(b, a->v[i].lock) == NULL) {
            draft_put(pool, a->v[i]);
        }
    }
    return draft_end(pool, answer, &question);
}
