/* init.h - between init.c and designator.c: the object that a braced list gives values to. */
#pragma once

#include "frontend/body.h"

/* An array or record whose members are given values one after the other. */
struct object {
    place_id place;
    CXType type;      /* canonical */
    record_id record; /* ID_NONE: an array, or a scalar in braces */
    int64_t next;     /* index of the next element or field */
};

/* The initialisers of one pair of braces. */
struct list {
    const struct kids *kids;
    unsigned at;
    bool quiet; /* inside a macro that was written as a whole: only functions and addresses */
};

struct object object_of(struct builder *b, place_id place, CXType type);

/* The place and type of member `next`; false: there is none left. */
bool object_member(struct builder *b, struct object *object, place_id *ret_place, CXType *ret_type);

/* On to the next member; a union has but one. */
void object_step(const struct builder *b, struct object *object);

/* Takes initialisers from the list until the object is full; `braces`: the list is the object's
 * own, so designators are meant for it. */
void init_fill(struct builder *b, struct object *object, struct list *list, bool braces);

/* Gives the value of `init` to a place. */
void init_give(struct builder *b, place_id place, CXType type, CXCursor init, bool quiet);

/* Gives `.a.b[2] = value`, and what follows it in the list, as far as it belongs to `.a`. */
void init_designated(struct builder *b, struct object *object, struct list *list, CXCursor init);
