/* wire.h - numbers and strings as bytes, and back, by the same calls.
 *
 * A wire either writes or reads. Each wire_X(wire, &x) appends x when writing and sets x when
 * reading, so one routine per struct says its form once. Numbers are varints of 7 bits a byte,
 * least first, as in DWARF 4, 7.6; signed ones are folded so that small magnitudes stay short. A
 * string is written in full where it first occurs and is a number from then on.
 *
 * Reading survives any bytes: after the first thing that makes no sense `bad` is set, nothing is
 * left to read, and every further value is 0.
 */
#pragma once

#include "base/intern.h"
#include "base/mem.h"

struct wire {
    bool reading;
    bool bad;    /* reading: the bytes were not written by a wire; writing: an id out of range */
    void *owner; /* of the buffers below */

    uint8_t *out; /* writing */
    size_t size;
    size_t capacity;

    const uint8_t *at; /* reading; `end` is one past the last byte */
    const uint8_t *end;
    struct intern *names;
    size_t promised; /* elements announced by wire_array() since wire_promise_none() */
    uint8_t *room;   /* zeroed memory for arrays, see wire_room() */
    size_t room_left;

    const char **strings; /* those seen so far; number k of the stream is strings[k - 1] */
    size_t n_strings;
    size_t max_strings;
    uint32_t *slots; /* writing: open hash of `strings` by address; 0: free */
    size_t n_slots;  /* a power of two */
};

/* A wire that writes; its bytes are out[0..size), owned by `owner`. */
struct wire wire_writer(void *owner);

/* A wire that reads `bytes`; strings come from `names`, `owner` holds its bookkeeping. */
struct wire wire_reader(void *owner, struct intern *names, const void *bytes, size_t size);

/* Reading: these bytes make no sense. Writing: what is written is no unit. */
void wire_fail(struct wire *wire);

/* Slow halves of wire_u64(). */
void wire_put_slow(struct wire *wire, uint64_t n);
uint64_t wire_get_slow(struct wire *wire);

static inline void wire_u64(struct wire *wire, uint64_t *n)
{
    if (!wire->reading) {
        if (*n < 0x80 && wire->size < wire->capacity) {
            wire->out[wire->size++] = (uint8_t)*n;
        } else {
            wire_put_slow(wire, *n);
        }
    } else if (wire->at < wire->end && *wire->at < 0x80) {
        *n = *wire->at++;
    } else {
        *n = wire_get_slow(wire);
    }
}

static inline void wire_u32(struct wire *wire, uint32_t *n)
{
    uint64_t wide = *n;

    wire_u64(wire, &wide);
    if (wide > UINT32_MAX) {
        wire_fail(wire);
        wide = 0;
    }
    *n = (uint32_t)wide;
}

/* A number below `limit`. */
static inline void wire_below(struct wire *wire, uint32_t *n, size_t limit)
{
    wire_u32(wire, n);
    if (*n >= limit) {
        wire_fail(wire);
        *n = 0;
    }
}

/* An id below `limit`, or ID_NONE (written as 0). */
static inline void wire_id(struct wire *wire, uint32_t *id, size_t limit)
{
    uint32_t next = *id + 1; /* wraps: ID_NONE is UINT32_MAX */

    wire_u32(wire, &next);
    *id = next - 1;
    if (next > limit) {
        wire_fail(wire);
        *id = UINT32_MAX;
    }
}

/* A number that is likely close to `guess`; any uint32_t. */
static inline void wire_near(struct wire *wire, uint32_t *n, uint32_t guess)
{
    uint32_t diff = *n - guess; /* modulo 2^32, then folded: 0, -1, 1, -2, ... */
    uint32_t folded = (diff << 1) ^ (0u - (diff >> 31));

    wire_u32(wire, &folded);
    *n = guess + ((folded >> 1) ^ (0u - (folded & 1)));
}

/* The same for an id below `limit`, or (wire_near_id) ID_NONE. */
static inline void wire_near_below(struct wire *wire, uint32_t *n, uint32_t guess, size_t limit)
{
    wire_near(wire, n, guess);
    if (*n >= limit) {
        wire_fail(wire);
        *n = 0;
    }
}

static inline void wire_near_id(struct wire *wire, uint32_t *id, uint32_t guess, size_t limit)
{
    wire_near(wire, id, guess);
    if (*id >= limit && *id != UINT32_MAX) {
        wire_fail(wire);
        *id = UINT32_MAX;
    }
}

void wire_i64(struct wire *wire, int64_t *n);
void wire_bool(struct wire *wire, bool *flag);
/* NULL is a string of its own. Strings hold no NUL. */
void wire_str(struct wire *wire, const char **text);

/* An enum constant; `last` is the greatest one (the least is 0). */
#define WIRE_ENUM(wire, member, last)                                                              \
    do {                                                                                           \
        uint32_t number_ = (uint32_t)(member);                                                     \
        wire_below((wire), &number_, (size_t)(last) + 1);                                          \
        (member) = number_;                                                                        \
    } while (0)

/* The number of elements of an array (`*n`, each of `size` bytes in memory). Reading: returns room
 * for them, zeroed and owned by `owner`; NULL for none, and when fewer bytes are left than the
 * elements that were announced (each costs at least one). Writing: returns `v`. */
void *wire_array(struct wire *wire, void *owner, void *v, size_t *n, size_t size);

/* Announced elements have been read, or belong to an array that is read later. */
void wire_promise_none(struct wire *wire);

/* Reading: the arrays that are announced next are cut from one piece of `size` zeroed bytes, which
 * `owner` owns, as long as they fit, each from a multiple of WIRE_ALIGN on: memory management costs
 * more than the contents of most arrays. They are never changed, so nobody can write beyond one
 * into the next. Builds with AddressSanitizer, which is to see each array, make no such piece. */
enum { WIRE_ALIGN = 8 };
void wire_room(struct wire *wire, void *owner, size_t size);

/* The length of a VEC; reading: makes room for exactly as many elements. A decoded array is thus
 * shorter than vec_push() takes for granted: what was read is read-only. */
#define WIRE_LENGTH(wire, owner, vec)                                                              \
    ((vec)->v = wire_array((wire), (owner), (vec)->v, &(vec)->n, sizeof *(vec)->v))

/* The elements of a VEC, each by code(context, &element). */
#define WIRE_EACH(context, wire, vec, code)                                                        \
    for (size_t i_ = 0; i_ < (vec)->n && !(wire)->bad; i_++) {                                     \
        code((context), &(vec)->v[i_]);                                                            \
    }
