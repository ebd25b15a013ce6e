/* mem.h - who owns what: every object hangs on an owner (a talloc context) and dies with it.
 *
 * The only header that includes talloc.h; the rest of snarl reaches talloc through it. Running out
 * of memory ends the process with exit status 4 and a message: no caller can do better.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <talloc.h>

/* `ptr` if it is not NULL; otherwise ends the process (exit status 4). */
void *mem_checked(void *ptr);

/* A zeroed object, or array of `n` of them, owned by `owner` (NULL: by nobody, free it yourself).
 * Never NULL. */
#define mem_new(owner, type) ((type *)mem_checked(talloc_zero(owner, type)))
#define mem_array(owner, type, n)                                                                  \
    ((type *)mem_checked(talloc_zero_array(owner, type, (unsigned)(n))))

/* An owner without content, named for leak reports. */
void *mem_owner(void *parent, const char *name);

/* A copy of `text`, or a formatted string, owned by `owner`. Never NULL. */
char *mem_strdup(void *owner, const char *text);
char *mem_strndup(void *owner, const char *text, size_t n);
char *mem_printf(void *owner, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Appends to `*text` (which must be owned by talloc, or NULL: then made under `owner`). */
void mem_append(void *owner, char **text, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A growing array: declare it as `struct { T *v; size_t n; }`, zeroed at the start. Capacity is the
 * next power of two of n (at least 4), so that no member has to keep it. */
#define VEC(type)                                                                                  \
    struct {                                                                                       \
        type *v;                                                                                   \
        size_t n;                                                                                  \
    }

#define vec_push(owner, vec, ...)                                                                  \
    do {                                                                                           \
        if ((vec)->n == 0 || ((vec)->n >= 4 && ((vec)->n & ((vec)->n - 1)) == 0)) {                \
            (vec)->v =                                                                             \
                mem_grow((owner), (vec)->v, sizeof *(vec)->v, (vec)->n < 4 ? 4 : (vec)->n * 2);    \
        }                                                                                          \
        (vec)->v[(vec)->n++] = (__VA_ARGS__);                                                      \
    } while (0)

/* Makes `owner` the owner of `item`, which it gives. */
void *mem_steal(void *owner, void *item);

/* The array `v` (NULL: a new one under `owner`) with room for `n` items of `size` bytes. */
void *mem_grow(void *owner, void *v, size_t size, size_t n);
