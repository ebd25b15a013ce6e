/* claims_read.h - `entry` and `never_together` of a settings file. */
#pragma once

#include "config/keys_read.h"

/* An `entry` on its way. */
struct entry_words {
    const char *function;
    enum runs_where runs;
    bool many;
};

/* Adds what `node`, the value of `key` (KEY_ENTRIES, KEY_PAIRS), says to the models' claims. `root`
 * is the file's outermost node, `path` its name, interned. False and the reader's err: no good. */
bool claims_read(const struct key_reader *at, const struct key *key, const yaml_node *node,
                 const yaml_node *root, const char *path, struct models *models);
