/* keys_read.h - a YAML tree, read along the tables of keys.h. */
#pragma once

#include "config/keys.h"
#include "config/yaml.h"

/* What reading needs at every step. */
struct key_reader {
    const struct yaml_text *text;
    struct intern *names;
    void *owner; /* of lists */
    struct err *err;
};

/* Checks the map `node` against `keys` and fills `object` (NULL: only checks). False and the
 * reader's err for an unknown, misused or missing key. */
bool keys_read(const struct key_reader *reader, const yaml_node *node, const struct key *keys,
               void *object);

/* The same for the value of a single key. */
bool keys_read_value(const struct key_reader *reader, const yaml_node *node, const struct key *key,
                     void *object);

/* A scalar that is one of `words`; NULL and the reader's err if not. */
const struct word *keys_read_word(const struct key_reader *reader, const yaml_node *node,
                                  const struct word *words);

/* A scalar as interned text; NULL and the reader's err if not one. */
const char *keys_read_text(const struct key_reader *reader, const yaml_node *node);

/* "unknown key", with the nearest one of `keys` or `more` (may be NULL). Always false. */
bool keys_unknown(const struct key_reader *reader, const yaml_node *name, const struct key *keys,
                  const struct key *more);
