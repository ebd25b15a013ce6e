/* settings.h - the settings in force, for people and for scripts. */
#pragma once

#include "config/config.h"

#include <stdio.h>

/* As a .snarl.yml that says the same, with a comment on each line that tells where it is from.
 * `path` is the settings file's name; NULL: there is none. False when `out` did not take it. */
bool settings_write_text(const struct config_lines *lines, const char *path, FILE *out);

/* As one JSON object. */
bool settings_write_json(const struct config_lines *lines, const char *path, FILE *out);
