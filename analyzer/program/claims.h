/* claims.h - what the source says of its own locking, and where the program breaks it.
 *
 * A claim is one of Clang's thread-safety attributes, or a comment on the line of a declaration or
 * above it: `int balance; // snarl: guarded_by(mu)`. Claims are checked, not trusted: the analysis
 * does not take them for true.
 */
#pragma once

#include "program/accessmap.h"

enum claim_kind {
    CLAIM_GUARDED_BY, /* of a variable or field: only touched with the lock held */
    CLAIM_REQUIRES,   /* of a function: only called with the lock held */
    CLAIM_EXCLUDES,   /* of a function: never called with the lock held */
    CLAIM_INIT_ONLY,  /* of a variable or field: written before other threads can see it, only */
    CLAIM_RUNS_ON,    /* of a function: only run by this thread */
};

struct claim {
    enum claim_kind kind;
    uint32_t subject; /* a field for claims of fields, else a symbol */
    bool of_field;    /* `subject` is a number of linked.fields, else of linked.syms */
    path_id lock;     /* ROOT_VAR: a global one; ROOT_OBJECT: in the object that the field is in;
                         ROOT_PARAM: by an argument. PATH_NONE where the kind needs no lock */
    bool shared_is_enough; /* to read, or for requires_shared: a reader's lock will do */
    const char *text;      /* what stands between the brackets; never NULL */
};

/* One place that does not keep a claim. */
struct broken_claim {
    const struct claim *claim;
    phase_id phase; /* of the context that does it */
    fn_id fn;
    op_id op; /* the access, or the call; for CLAIM_RUNS_ON with no call (a thread's start routine)
                 ID_NONE */
    const struct lockset *held; /* there, in absolute terms */
};

/* A comment that is no claim. */
struct claim_problem {
    struct loc where;
    const char *text; /* one sentence that says what to do */
};

struct claims {
    VEC(struct claim) v;
    VEC(uint32_t)
    exempt;                             /* functions (linked.syms) that nobody wants checked:
                                           no_thread_safety_analysis */
    VEC(struct claim_problem) problems; /* of comments */
    size_t n_unknown; /* attributes that were not understood; they can be meant for others */
};

/* The claims of all units, each once. Owned by `owner`. */
struct claims *claims_find(void *owner, const struct flows *flows);

/* Places that break claims: sorted by claim, function, op; each place once. Owned by `owner`. */
struct broken_claims {
    VEC(struct broken_claim) v;
};
struct broken_claims *claims_check(void *owner, const struct claims *claims,
                                   const struct accessmap *map);
