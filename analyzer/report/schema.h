/* schema.h - the JSON Schema of .snarl.yml, for editors that complete and check YAML by one.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

/* Made of the tables that the settings are read by (config/keys.h): draft 7, which YAML's language
 * servers read. `rules` are the ids of all rules, and NULL. False when `out` did not take it. */
bool schema_write(const char *const *rules, FILE *out);
