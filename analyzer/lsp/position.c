#include "lsp/position.h"

#include <ctype.h>
#include <string.h>

size_t position_line_start(const struct position_text *text, uint32_t line)
{
    size_t at = 0;

    while (line > 0) {
        const char *end = at < text->n ? memchr(text->bytes + at, '\n', text->n - at) : NULL;
        if (end == NULL) {
            return text->n;
        }
        at = (size_t)(end - text->bytes) + 1;
        line--;
    }
    return at;
}

/* Where the line that begins at `start` ends, without its line break. */
static size_t line_end(const struct position_text *text, size_t start)
{
    const char *end = start < text->n ? memchr(text->bytes + start, '\n', text->n - start) : NULL;
    size_t at = end == NULL ? text->n : (size_t)(end - text->bytes);

    return at > start && text->bytes[at - 1] == '\r' ? at - 1 : at;
}

/* How many bytes the character at `at` has, if it is well-formed UTF-8 as far as `end`; else 1. */
static size_t character_bytes(const struct position_text *text, size_t at, size_t end)
{
    unsigned char first = (unsigned char)text->bytes[at];
    size_t n = first < 0xC2 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 1;

    for (size_t i = 1; i < n; i++) {
        if (at + i >= end || ((unsigned char)text->bytes[at + i] & 0xC0) != 0x80) {
            return 1;
        }
    }
    return n;
}

/* How many units it counts for: UTF-16 has two for what lies outside the basic plane. */
static uint32_t character_units(const struct position_text *text, size_t n_bytes)
{
    return !text->utf16 ? (uint32_t)n_bytes : n_bytes == 4 ? 2 : 1;
}

size_t position_offset(const struct position_text *text, struct position position)
{
    size_t at = position_line_start(text, position.line);
    size_t end = line_end(text, at);
    uint32_t units = 0;

    while (at < end && units < position.character) {
        size_t n = character_bytes(text, at, end);
        units += character_units(text, n);
        at += n;
    }
    return at;
}

/* The position of a byte offset in the line that begins at `start`. */
static struct position in_line(const struct position_text *text, uint32_t line, size_t start,
                               size_t offset)
{
    struct position position = {line, 0};
    size_t end = line_end(text, start);

    for (size_t at = start; at < offset && at < end;) {
        size_t n = character_bytes(text, at, end);
        position.character += character_units(text, n);
        at += n;
    }
    return position;
}

struct position position_at(const struct position_text *text, size_t offset)
{
    uint32_t line = 0;
    size_t start = 0;

    offset = offset > text->n ? text->n : offset;
    for (size_t i = 0; i < offset; i++) {
        if (text->bytes[i] == '\n') {
            line++;
            start = i + 1;
        }
    }
    return in_line(text, line, start, offset);
}

struct position position_of(const struct position_text *text, uint32_t line, uint32_t column)
{
    uint32_t from_zero = line == 0 ? 0 : line - 1;
    size_t start = position_line_start(text, from_zero);

    return in_line(text, from_zero, start, start + (column == 0 ? 0 : column - 1));
}

bool position_is_word(char c)
{
    return isalnum((unsigned char)c) != 0 || c == '_';
}

struct position position_word_end(const struct position_text *text, struct position position)
{
    size_t start = position_line_start(text, position.line);
    size_t at = position_offset(text, position);
    size_t end = line_end(text, start);

    if (at < end && !position_is_word(text->bytes[at])) {
        at += character_bytes(text, at, end);
        return in_line(text, position.line, start, at);
    }
    while (at < end && position_is_word(text->bytes[at])) {
        at++;
    }
    return in_line(text, position.line, start, at);
}
