/* sources.h - where a number comes from: what a variable, member or parameter of integer (or plain
 * pointer) type can have been given anywhere in the program, back to the calls and constants.
 *
 * Flow-insensitive: all writes count, whenever they happen. Members are those of all objects of the
 * type. Arguments come from all callers, and from who starts the thread or registers the callback
 * (`pthread_create(&t, NULL, work, &fd)`); results from all returns, and what is stored through a
 * pointer parameter reaches the callers that hand over an address (`pipe(ends)`, `get(&fd)`).
 */
#pragma once

#include "program/flow.h"

enum source_kind {
    SOURCE_CALL,     /* what a call returned that no body tells of */
    SOURCE_STORED,   /* what such a call has stored through its argument `arg` */
    SOURCE_CALLBACK, /* what a library hands to a callback; the call registers it */
    SOURCE_NUMBER,   /* a constant */
    SOURCE_COMPUTED, /* by an operator: `value` itself, or (`at` is an IR_RMW) with `value` */
    SOURCE_VARIABLE, /* a variable or parameter that nobody is seen to set */
};

struct source {
    enum source_kind kind;
    fn_id fn;
    uint32_t at;    /* SOURCE_CALL, STORED, CALLBACK: the op; COMPUTED: the op that stores or hands
                       it over, ID_NONE; VARIABLE: the parameter, or the program's symbol */
    uint32_t arg;   /* SOURCE_STORED: from 1; SOURCE_CALLBACK: 1 if it is a descriptor that does not
                       block; SOURCE_VARIABLE: 1 for a symbol */
    uint32_t item;  /* SOURCE_STORED: which element of the array; ID_NONE: not known, or none */
    int64_t number; /* SOURCE_NUMBER */
    value_id value; /* SOURCE_NUMBER, COMPUTED */
};

/* Every source of a value; unique. */
struct source_list {
    VEC(struct source) v;
    bool complete; /* false: there are more that are not known, or too many */
};

struct sources;

struct sources *sources_build(void *owner, const struct flows *flows);

/* Owned by `owner`. */
struct source_list sources_of(struct sources *sources, void *owner, fn_id fn, value_id value);

/* The same for what a pointer value points to: `&on` in ioctl(fd, FIONBIO, &on). */
struct source_list sources_behind(struct sources *sources, void *owner, fn_id fn, value_id pointer);

/* The same for what a member of all objects of a type can be. */
struct source_list sources_of_field(struct sources *sources, void *owner, uint32_t field);

/* Calls of a function that hand over its arguments: how many, and their numbers in calls.v. */
size_t sources_n_callers(const struct sources *sources, fn_id fn);
uint32_t sources_caller(const struct sources *sources, fn_id fn, size_t i);

bool source_eq(const struct source *a, const struct source *b);
