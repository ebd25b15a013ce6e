/* containers.h - where pointers to objects are kept: the variables and fields that a pointer was
 * read from, in the function and by chains of them.
 */
#pragma once

#include "program/accessmap.h"
#include "program/depends.h"

enum { MAX_CONTAINERS = 12 };

/* Classes of variables and fields. */
struct containers {
    uint32_t n;
    path_id v[MAX_CONTAINERS];
    bool rooted; /* one of them is reached from a variable of the program */
};

bool containers_have(const struct containers *set, path_id class);
bool containers_meet(const struct containers *a, const struct containers *b);
void containers_add(struct containers *set, path_id class);
void containers_join(struct containers *set, const struct containers *more);

/* The class of a place of `fn`, or those that a pointer to pointers goes over: `*pp = c->next`
 * where `pp` is `&head` or `&c->next`. Adds to *set. */
void containers_of_place(const struct contexts *contexts, fn_id fn, place_id place,
                         struct containers *set);

/* Where the pointer that IR_READ `read` yields was kept, a pointer to `record` (ID_NONE: of no
 * struct): a list's next member leads back to where the list is kept. Adds to *set. */
void containers_of_read(const struct contexts *contexts, struct depends *depends, fn_id fn,
                        op_id read, const char *type, struct containers *set);
