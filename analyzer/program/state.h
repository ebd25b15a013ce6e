/* state.h - one way a function can have come to a point: tokens held, and what branches told.
 *
 * States that hold different tokens are kept apart, with the branch facts that tell them apart;
 * states that hold the same are merged (property simulation: Das, Lerner, Seigle, "ESP", PLDI
 * 2002). So `if (b) lock(); ... if (b) unlock();` and `if (trylock() == 0)` need no special care.
 */
#pragma once

#include "ir/ir.h"
#include "program/lockset.h"

enum { MAX_FACTS = 16, MAX_STATES = 8 };

enum fact_about {
    FACT_LOCAL, /* id: a local */
    FACT_CALL,  /* id: the op of a call; what it returned */
    FACT_PATH,  /* id: a path: a flag in a variable or field */
};

/* "subject == value" or "subject != value", or the same of some bits of the subject. */
struct fact {
    enum fact_about about;
    uint32_t id;
    bool equal;
    int64_t value;
    int64_t mask;    /* the bits of the subject that it is about (`flags & 4`); 0: all of them */
    path_id assumes; /* the lock that is held only if this holds (a lock call that was not
                        checked); PATH_NONE: none */
    bool only_two;   /* if not equal, it is one other number, whichever: a try that did not get the
                        lock says so in one way */
};

struct state {
    const struct lockset *held; /* taken in this function (or its callees) and not given back */
    const struct lockset *gone; /* the caller's locks that were given back */
    /* Locks that the thread surely does not hold, each by one certain name: merging keeps what both
     * say, for they tell no ways apart. `taken` is the place in question. */
    const struct lockset *freed;  /* given back there */
    const struct lockset *missed; /* tried for in vain there; SITE_NONE: in more places than one, or
                                     a lock call that was looked at and had failed */
    const struct lockset *blurred; /* locks that some ways held which were merged into this one
                                      although they held different ones */
    uint32_t n_facts;
    struct fact facts[MAX_FACTS]; /* oldest first; facts about memory give way first */
};

/* The states at one point. */
struct state_list {
    uint32_t n;
    bool merged; /* there were too many: v[0] stands for all that came and will come */
    struct state v[MAX_STATES];
};

enum truth {
    TRUTH_UNKNOWN,
    TRUTH_FALSE,
    TRUTH_TRUE,
};

/* Copies a state, or a list of them: only the parts that are in use, which are small. */
void state_copy(struct state *to, const struct state *from);
void states_copy(struct state_list *to, const struct state_list *from);
void states_clear(struct state_list *list);

/* Are the two one and the same, whatever they assume? */
bool fact_is(const struct fact *a, const struct fact *b);

/* Can the two not both hold? */
bool fact_contradicts(const struct fact *a, const struct fact *b);

/* Is the fact false of a subject that is `number`? */
bool fact_denies(const struct fact *fact, int64_t number);

/* The state of a function that has just been called. */
struct state state_at_entry(const struct lockset_pool *pool);

/* Adds what a branch told. False: it contradicts what is known, so this way is impossible. A fact
 * that was only assumed (see fact.assumes) gives way instead, and its lock with it. */
bool state_learn(struct state *state, struct lockset_pool *pool, struct fact fact);

/* Forgets fact number `i`. */
void state_drop(struct state *state, uint32_t i);

/* Forgets all about a subject. */
void state_forget(struct state *state, enum fact_about about, uint32_t id);

/* Is the subject equal to `value`, as far as is known? */
enum truth state_equals(const struct state *state, enum fact_about about, uint32_t id,
                        int64_t value);

/* What is known of one subject is known of another now (an assignment). */
void state_copy_facts(struct state *state, enum fact_about from, uint32_t from_id,
                      enum fact_about to, uint32_t to_id);

/* Adds a state to the list, merging it with one that holds the same. True: the list changed. When
 * there are too many, all are merged into one that holds what all hold; *ret_capped is then set. */
bool states_add(struct state_list *list, struct lockset_pool *pool, const struct state *state,
                bool *ret_capped);
