/* position.h - places in a text, in the terms of the protocol and in ours.
 *
 * The protocol counts lines from 0 and characters in bytes of UTF-8 or in units of UTF-16, as
 * client and server agree (LSP 3.17, "Position"); snarl counts lines and bytes from 1.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A place by the protocol. */
struct position {
    uint32_t line;
    uint32_t character;
};

/* A text, its length in bytes, and how characters are counted in it. */
struct position_text {
    const char *bytes;
    size_t n;
    bool utf16;
};

/* The byte offset of a position; one behind its line's end stands for that end, one behind the
 * text's end for that. */
size_t position_offset(const struct position_text *text, struct position position);

/* The position of a byte offset. */
struct position position_at(const struct position_text *text, size_t offset);

/* The position of a line and column of ours (from 1; column 0: the line's beginning). */
struct position position_of(const struct position_text *text, uint32_t line, uint32_t column);

/* Where a word that begins at `position` ends: identifiers as a whole, else one character. */
struct position position_word_end(const struct position_text *text, struct position position);

/* Can the character be part of an identifier? */
bool position_is_word(char c);

/* The offset at which line `line` (from 0) begins; the text's length if there are fewer. */
size_t position_line_start(const struct position_text *text, uint32_t line);
