/* tree.h - JSON values for json.c and sarif.c: made or, when memory runs out, not returned from.
 *
 * Values are jansson's and counted by it; tree_put() and tree_push() take over the reference.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

json_t *tree_object(void);
json_t *tree_array(void);
json_t *tree_number(uint64_t number);
json_t *tree_integer(int64_t number);
json_t *tree_real(double number); /* JSON's null for what is no number there: infinity */

/* A string, invalid UTF-8 replaced (see utf8.h); JSON's null for NULL. */
json_t *tree_text(const char *text);

/* Adds `value` to an object, or at the end of an array, and gives it back for further filling. */
json_t *tree_put(json_t *object, const char *key, json_t *value);
json_t *tree_push(json_t *array, json_t *value);

/* {"text": text}: SARIF's message objects (3.11) in their simplest form. */
json_t *tree_message(const char *text);

/* Writes `root`, indented, keys in the order they were put, and a newline; frees it. False when
 * `out` did not take it. */
bool tree_write(json_t *root, FILE *out);
