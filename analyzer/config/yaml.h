/* yaml.h - one YAML text as a tree of nodes that know their line and column.
 *
 * A thin reader over libyaml's documents, for this folder only. Nodes belong to their text.
 */
#pragma once

#include "base/err.h"

#include <stddef.h>
#include <yaml.h>

struct yaml_text; /* one parsed document */
typedef yaml_node_t yaml_node;

/* Parses `size` bytes of `text`, which must outlive the result; `path` is for messages. NULL and
 * `*err` (ERR_CONFIG) for anything but one YAML document whose keys are plain words, each written
 * once in its map. */
struct yaml_text *yaml_read(void *owner, const char *path, const char *text, size_t size,
                            struct err *err);

/* The outermost node; NULL: the text is empty. */
const yaml_node *yaml_root(const struct yaml_text *text);

/* Where `node` begins. */
struct loc yaml_loc(const struct yaml_text *text, const yaml_node *node);

/* The text of a scalar; NULL: not a scalar. */
const char *yaml_scalar(const yaml_node *node);

bool yaml_is_map(const yaml_node *node);
bool yaml_is_list(const yaml_node *node);

/* Number of pairs of a map or items of a list; 0 for scalars. */
size_t yaml_count(const yaml_node *node);

/* Key and value of pair `i` of a map; the value of key `key` (NULL: not there). */
const yaml_node *yaml_key(const struct yaml_text *text, const yaml_node *map, size_t i);
const yaml_node *yaml_value(const struct yaml_text *text, const yaml_node *map, size_t i);
const yaml_node *yaml_get(const struct yaml_text *text, const yaml_node *map, const char *key);

/* Item `i` of a list. */
const yaml_node *yaml_item(const struct yaml_text *text, const yaml_node *list, size_t i);

/* A node, all below it too, as YAML in one line that means the same; owned by `owner`. Only of
 * trees that were read along keys.h: others may hold themselves. */
const char *yaml_flow(void *owner, const struct yaml_text *text, const yaml_node *node);

/* A text as a scalar of that: itself, or in quotes. */
const char *yaml_flow_text(void *owner, const char *text);

/* err_set() with the place of `node`. Always false, to be returned. */
bool yaml_fail(const struct yaml_text *text, const yaml_node *node, struct err *err,
               const char *format, ...) __attribute__((format(printf, 4, 5)));
