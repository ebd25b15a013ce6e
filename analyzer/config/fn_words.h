/* fn_words.h - a line of `fn` → what the engine sees of it. */
#pragma once

#include "config/keys_read.h"

/* A line that says nothing. */
struct fn_words fn_words_new(void);

/* The `lock` table of a file: the lock that a call without an argument means. */
struct singleton {
    const char *name; /* NULL: the file has none */
    int kind;         /* enum lock_kind */
};

/* Turns what was read into line->fn. False and the reader's err when the words of the line, which
 * `node` holds, contradict each other. */
bool fn_words_finish(const struct key_reader *reader, const yaml_node *node,
                     const struct singleton *singleton, struct fn_words *line);
