/* meetings.h - can two functions run at the same time, and what keeps them apart?
 *
 * An answer for each pair of contexts that come to them. A function is looked at where it begins a
 * block and where it comes to hold something else, not at every op.
 */
#pragma once

#include "program/contexts.h"

/* Why two functions are not at work at once; the first that holds is told. */
enum apart {
    APART_NOT,         /* they can be */
    APART_INTERRUPTS,  /* nor beside each other: one is a handler that can come in anywhere */
    APART_LOCK,        /* whenever they could be, both hold the same lock */
    APART_ONE_THREAD,  /* one thread runs both */
    APART_PROGRAMS,    /* they are never linked together */
    APART_LOADED,      /* one runs while a module is loaded, before anybody else */
    APART_NOT_RUNNING, /* the thread of one is not there yet, or any more */
    APART_BARRIER,     /* a barrier stands between them */
    APART_SETTINGS,    /* no run does both: settings decide */
    APART_ERRANDS,     /* one works when the other waits for it */
    APART_SAID,        /* `never_together` in .snarl.yml says so */
};

/* One function in one of its contexts. */
struct meeting_side {
    context_id context;
    struct moment at;           /* APART_NOT, APART_LOCK: where it can be while the other is at its
                                   own; else where it begins */
    const struct lockset *held; /* there */
};

struct meeting {
    enum apart apart;
    struct meeting_side a;
    struct meeting_side b;
    const struct lockset *always; /* locks that both hold at all places where they could meet;
                                     NULL: there are none */
    const struct lockset *common; /* locks that both hold at some of these places */
    const struct lockset *alike;  /* APART_NOT: locks that both hold at the places told: each can be
                                     one of many, and so may be the same or not */
};

/* Those with the least to keep them apart first. */
struct meetings {
    VEC(struct meeting) v;
};

/* Owned by `owner`. Empty: nobody is seen to come to one of them. */
struct meetings *meetings_of(void *owner, const struct contexts *contexts, fn_id a, fn_id b);
