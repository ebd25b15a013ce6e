#include "base/wire.h"

#include <string.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define EACH_ARRAY_ALONE 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) /* gcc's way to say the same */
#define EACH_ARRAY_ALONE 1
#endif

enum {
    WIRE_START = 1 << 12,     /* first size of the output buffer, bytes */
    WIRE_VARINT_MAX = 10,     /* bytes of the longest varint */
    WIRE_FIRST_SLOTS = 1024,  /* of the hash of strings */
    WIRE_ARRAY_MAX = 1 << 27, /* bytes; talloc gives up at twice that, and we with it */
};

struct wire wire_writer(void *owner)
{
    struct wire wire = {.owner = owner};

    wire.capacity = WIRE_START;
    wire.out = mem_array(owner, uint8_t, WIRE_START);
    wire.n_slots = WIRE_FIRST_SLOTS;
    wire.slots = mem_array(owner, uint32_t, WIRE_FIRST_SLOTS);
    return wire;
}

struct wire wire_reader(void *owner, struct intern *names, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;

    return (struct wire){.reading = true,
                         .owner = owner,
                         .names = names,
                         .at = at,
                         .end = size > 0 ? at + size : at};
}

void wire_fail(struct wire *wire)
{
    wire->bad = true;
    wire->at = wire->end;
}

static void make_room(struct wire *wire, size_t n)
{
    size_t capacity = wire->capacity;

    while (capacity - wire->size < n) {
        capacity *= 2;
    }
    if (capacity != wire->capacity) {
        wire->out = mem_grow(wire->owner, wire->out, 1, capacity);
        wire->capacity = capacity;
    }
}

void wire_put_slow(struct wire *wire, uint64_t n)
{
    make_room(wire, WIRE_VARINT_MAX);
    for (; n >= 0x80; n >>= 7) {
        wire->out[wire->size++] = (uint8_t)(n | 0x80);
    }
    wire->out[wire->size++] = (uint8_t)n;
}

uint64_t wire_get_slow(struct wire *wire)
{
    uint64_t n = 0;

    for (unsigned shift = 0; shift < 64 && wire->at < wire->end; shift += 7) {
        uint64_t byte = *wire->at++;
        n |= (byte & 0x7f) << shift;
        if (byte < 0x80) {
            return n;
        }
    }
    wire_fail(wire);
    return 0;
}

void wire_i64(struct wire *wire, int64_t *n)
{
    uint64_t bits = (uint64_t)*n;
    uint64_t folded = (bits << 1) ^ (0u - (bits >> 63));

    wire_u64(wire, &folded);
    *n = (int64_t)((folded >> 1) ^ (0u - (folded & 1)));
}

void wire_bool(struct wire *wire, bool *flag)
{
    uint32_t n = *flag ? 1 : 0;

    wire_below(wire, &n, 2);
    *flag = n != 0;
}

/* ---- strings --------------------------------------------------------------------------------- */

static void remember(struct wire *wire, const char *text)
{
    if (wire->n_strings == wire->max_strings) {
        wire->max_strings = wire->max_strings == 0 ? 256 : wire->max_strings * 2;
        wire->strings =
            mem_grow(wire->owner, wire->strings, sizeof *wire->strings, wire->max_strings);
    }
    wire->strings[wire->n_strings++] = text;
}

/* The slot that holds `text` (compared by address: strings are interned), or a free one for it. */
static uint32_t *slot_of(const struct wire *wire, const char *text)
{
    uint64_t mixed = (uint64_t)(uintptr_t)text * 0x9e3779b97f4a7c15u; /* Fibonacci hashing */
    size_t i = (size_t)(mixed >> 32);

    for (;; i++) {
        uint32_t *slot = &wire->slots[i & (wire->n_slots - 1)];
        if (*slot == 0 || wire->strings[*slot - 1] == text) {
            return slot;
        }
    }
}

static void grow_slots(struct wire *wire)
{
    talloc_free(wire->slots);
    wire->n_slots *= 2;
    wire->slots = mem_array(wire->owner, uint32_t, wire->n_slots);
    for (size_t i = 0; i < wire->n_strings; i++) {
        *slot_of(wire, wire->strings[i]) = (uint32_t)i + 1;
    }
}

static void put_bytes(struct wire *wire, const char *text)
{
    size_t n = strlen(text);

    wire_put_slow(wire, n);
    make_room(wire, n);
    memcpy(wire->out + wire->size, text, n);
    wire->size += n;
}

static void put_str(struct wire *wire, const char *text)
{
    if (text == NULL) {
        wire_put_slow(wire, 0);
        return;
    }
    uint32_t *slot = slot_of(wire, text);
    if (*slot != 0) {
        wire_put_slow(wire, *slot);
        return;
    }
    remember(wire, text);
    *slot = (uint32_t)wire->n_strings;
    wire_put_slow(wire, wire->n_strings);
    put_bytes(wire, text);
    if (wire->n_strings * 2 > wire->n_slots) {
        grow_slots(wire);
    }
}

static const char *get_new_str(struct wire *wire)
{
    uint64_t n = 0;

    wire_u64(wire, &n);
    if (wire->bad || n > (size_t)(wire->end - wire->at) || memchr(wire->at, '\0', n) != NULL) {
        wire_fail(wire);
        return NULL;
    }
    const char *text = intern_strn(wire->names, (const char *)wire->at, n);
    wire->at += n;
    remember(wire, text);
    return text;
}

static const char *get_str(struct wire *wire)
{
    uint64_t number = 0;

    wire_u64(wire, &number);
    if (number == 0) {
        return NULL;
    }
    if (number <= wire->n_strings) {
        return wire->strings[number - 1];
    }
    if (number == wire->n_strings + 1) {
        return get_new_str(wire);
    }
    wire_fail(wire);
    return NULL;
}

void wire_str(struct wire *wire, const char **text)
{
    if (wire->reading) {
        *text = get_str(wire);
    } else {
        put_str(wire, *text);
    }
}

/* ---- arrays ---------------------------------------------------------------------------------- */

void wire_room(struct wire *wire, void *owner, size_t size)
{
#ifdef EACH_ARRAY_ALONE
    size = 0;
#endif
    wire->room_left = size;
    wire->room = size == 0 ? NULL : mem_checked(talloc_zero_size(owner, size));
}

/* Zeroed memory of an array that is read. */
static void *array_memory(struct wire *wire, void *owner, size_t size)
{
    size_t rounded = (size + WIRE_ALIGN - 1) / WIRE_ALIGN * WIRE_ALIGN;

    if (rounded > wire->room_left) {
        return mem_checked(talloc_zero_size(owner, size));
    }
    void *memory = wire->room;
    wire->room += rounded;
    wire->room_left -= rounded;
    return memory;
}

void *wire_array(struct wire *wire, void *owner, void *v, size_t *n, size_t size)
{
    uint64_t count = *n;

    wire_u64(wire, &count);
    if (!wire->reading) {
        return v;
    }
    size_t left = (size_t)(wire->end - wire->at);
    if (wire->promised > left || count > left - wire->promised || count > WIRE_ARRAY_MAX / size) {
        wire_fail(wire);
        count = 0;
    }
    wire->promised += count;
    *n = count;
    return count == 0 ? NULL : array_memory(wire, owner, count * size);
}

void wire_promise_none(struct wire *wire)
{
    wire->promised = 0;
}
