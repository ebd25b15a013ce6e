#include "report/line_hash.h"

#include "base/mem.h"
#include "report/utf8.h"

#include <inttypes.h>
#include <string.h>

enum {
    WINDOW = 100, /* characters that a hash is made of */
    BASE = 37,
    END_OF_FILE = 0xFFFF,
};

struct line_hashes {
    struct sources *sources;
    const char *file; /* whose lines they are; NULL: none yet */
    VEC(uint64_t) lines;
};

/* A file as the hash sees it: UTF-16 without blanks. */
struct characters {
    VEC(uint16_t) v;    /* ends with END_OF_FILE and WINDOW zeros */
    VEC(size_t) starts; /* of each line */
    bool is_line_start;
    bool after_return; /* a newline that follows belongs to it */
};

static void add_character(void *owner, struct characters *characters, uint32_t c)
{
    bool is_rest = characters->after_return && c == '\n';

    characters->after_return = c == '\r';
    if (c == ' ' || c == '\t' || is_rest) {
        return;
    }
    c = c == '\r' ? '\n' : c;
    if (characters->is_line_start) {
        vec_push(owner, &characters->starts, characters->v.n);
    }
    characters->is_line_start = c == '\n';
    if (c > 0xFFFF) { /* a surrogate pair */
        vec_push(owner, &characters->v, (uint16_t)(0xD800 + ((c - 0x10000) >> 10)));
        c = 0xDC00 + ((c - 0x10000) & 0x3FF);
    }
    vec_push(owner, &characters->v, (uint16_t)c);
}

/* The code point that the first `n` bytes of `text` are valid UTF-8 for. */
static uint32_t code_point(const char *text, size_t n)
{
    static const unsigned char first_bits[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    uint32_t c = (unsigned char)text[0] & first_bits[n];

    for (size_t i = 1; i < n; i++) {
        c = c << 6 | ((unsigned char)text[i] & 0x3F);
    }
    return c;
}

static void read_characters(void *owner, const char *text, size_t n, struct characters *ret)
{
    enum { REPLACEMENT = 0xFFFD }; /* for what is no UTF-8 */

    *ret = (struct characters){.is_line_start = true};
    for (size_t at = 0, length; at < n; at += length) {
        bool valid;
        length = utf8_next(text + at, n - at, &valid);
        add_character(owner, ret, valid ? code_point(text + at, length) : REPLACEMENT);
    }
    add_character(owner, ret, END_OF_FILE);
    for (size_t i = 0; i < WINDOW; i++) {
        vec_push(owner, &ret->v, 0);
    }
}

/* The hash of the WINDOW characters from `at` on: a number in base 37, of which 64 bits count. */
static uint64_t hash_at(const struct characters *characters, size_t at)
{
    uint64_t hash = 0;

    for (size_t i = 0; i < WINDOW; i++) {
        hash = hash * BASE + characters->v.v[at + i];
    }
    return hash;
}

/* Fills in the hashes of a file's lines; none when it can't be read. */
static void read_lines(struct line_hashes *hashes, const char *file)
{
    struct characters characters;
    size_t n;
    const char *text = sources_text(hashes->sources, file, &n);

    talloc_free(hashes->lines.v);
    hashes->lines.v = NULL;
    hashes->lines.n = 0;
    hashes->file = file;
    if (text == NULL) {
        return;
    }
    void *scratch = mem_owner(NULL, "characters");
    read_characters(scratch, text, n, &characters);
    for (size_t i = 0; i < characters.starts.n; i++) {
        vec_push(hashes, &hashes->lines, hash_at(&characters, characters.starts.v[i]));
    }
    talloc_free(scratch);
}

struct line_hashes *line_hashes_new(void *owner, struct sources *sources)
{
    struct line_hashes *hashes = mem_new(owner, struct line_hashes);

    hashes->sources = sources;
    return hashes;
}

char *line_hash(void *owner, struct line_hashes *hashes, struct loc where)
{
    unsigned same = 1;

    if (where.file == NULL || where.line == 0) {
        return NULL;
    }
    if (hashes->file == NULL || strcmp(hashes->file, where.file) != 0) {
        read_lines(hashes, where.file);
    }
    if (where.line > hashes->lines.n) {
        return NULL;
    }
    uint64_t hash = hashes->lines.v[where.line - 1];
    for (size_t i = 0; i + 1 < where.line; i++) {
        same += hashes->lines.v[i] == hash;
    }
    return mem_printf(owner, "%" PRIx64 ":%u", hash, same);
}
