/* finding.h - what a rule found, as a story: who is where, what it holds, what the other one does.
 */
#pragma once

#include "base/err.h"
#include "base/mem.h"
#include "config/config.h"

/* One line of the table in rules.def. */
struct rule {
    const char *id;      /* "check-then-act" */
    const char *summary; /* one line */
    int cwe;
    const char *level; /* SARIF level: "error", "warning", "note" */
};

/* One thing that happens, in the order of its thread. */
struct finding_step {
    struct loc where;
    const char *text; /* "reads 'balance' (the decision)", no final full stop */
    const char *held; /* tokens held after this step, "a.mu, b.mu"; "" none; NULL: not said */
    unsigned depth;   /* how many calls below the context's entry */
    unsigned order;   /* counts all steps of the finding, in the order in which they happen */
};

/* One context of the story. */
struct finding_thread {
    const char *title; /* "thread 'clerk', started in a loop at x.c:12" */
    uint32_t context;  /* number among the program's contexts; UINT32_MAX: none, or not said */
    const char *entry; /* the function that it starts in; NULL: not said */
    VEC(struct finding_step) steps;
};

/* What the finding rests on, and what to write into .snarl.yml if it is not so. */
struct finding_assumption {
    const char *text;  /* "several of 'worker' run at once: started in a loop at x.c:12" */
    const char *claim; /* "entry: { function: worker, many: false }" */
};

/* Another place that the finding is about. */
struct finding_place {
    struct loc where;
    const char *text; /* "reads it, holding nothing" */
};

/* A variable at a place. A finding of a more special rule covers those that it explains: what a
 * less special one has to say of the same is not shown beside it. */
struct finding_cover {
    struct loc where;
    const char *variable;
};

/* What a baseline says of a finding. */
enum baseline_state {
    BASELINE_NONE, /* none was given */
    BASELINE_NEW,
    BASELINE_UNCHANGED,
};

/* How much of the program a cure changes: the more local, the cheaper. */
enum cure_reach {
    CURE_LINE,     /* one place: a call added there, another one used, a declaration changed */
    CURE_FUNCTION, /* one function: a lock held longer, what is read or done moved */
    CURE_PLACES,   /* several functions, which have to agree */
    CURE_DESIGN,   /* which thread does the work, and when; also where no cure is named */
};

/* Owned by the run; all strings too. */
struct finding {
    const struct rule *rule;
    struct loc where;    /* primary: the line to look at first */
    const char *message; /* one sentence, names the variable or locks */
    enum level severity;
    bool severity_is_set; /* by the settings, not by the rule */
    enum level confidence;
    VEC(const char *) reasons; /* why this confidence */
    VEC(struct finding_assumption) assumptions;
    VEC(struct finding_thread) threads;
    unsigned n_steps; /* of all threads */
    VEC(struct finding_place) related;
    const char *variable; /* that it is about, by class; NULL: not one that others could cover */
    VEC(struct finding_cover) covers;
    const char *cure; /* the shortest one; NULL: none to name */
    enum cure_reach reach;
    const char *subject;  /* the variable, lock or call that it is about; NULL: not said */
    const char *identity; /* survives moved lines: rule, functions, variables, locks */
    char fingerprint[33]; /* hex of a hash of `identity` */
    const char *allowed;  /* the reason of the comment that allows it; NULL: none does */
    enum baseline_state baseline;
};

/* A finding in the order in which people read them (triage/rank.h). */
struct ranked_finding {
    const struct finding *finding;
    const struct finding *like; /* of one rule about the same subject in the same file, told before
                                 * it in one row; NULL: it begins a row */
};

struct finding_list {
    struct finding **v;
    size_t n;
    const struct allowed *allowed; /* the comments that allow findings (rules/allowed.h) */
};
